//! Cursors of pages.

use crate::{
    Choices,
    serving::{Service, runtime},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The first byte says whether the rest stands for changes of a real cursor or for a text of its own.
pub(super) fn cursor(bytes: &[u8]) {
    runtime().block_on(async {
        let service = Service::new().await;
        let [key, other] = &service.keys;
        let first = service.ask(key, "GET", "/scim/v2/Users?count=1&cursor=", Value::Null).await;
        let given = first.body["nextCursor"].as_str().expect("three users have more than one page").to_owned();
        let Some(sent) = tampered(&given, bytes) else { return };
        let encoded = utf8_percent_encode(&sent, NON_ALPHANUMERIC);
        let question = format!("/scim/v2/Users?count=1&cursor={encoded}");
        let answer = service.ask(key, "GET", &question, Value::Null).await;
        if sent == given || sent.is_empty() {
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.body["Resources"].as_array().map(Vec::len), Some(1), "a page of one");
        } else {
            assert_eq!(answer.status, 400, "{sent} of {given}: {}", answer.body);
            assert_eq!(answer.body["scimType"], "invalidCursor", "{sent} of {given}: {}", answer.body);
        }
        if !sent.is_empty() {
            let asked_otherwise = format!("/scim/v2/Users?count=1&filter=active%20pr&cursor={encoded}");
            for (key, question) in [(other, question), (key, asked_otherwise)] {
                let answer = service.ask(key, "GET", &question, Value::Null).await;
                assert_eq!(answer.status, 400, "another caller or question: {}", answer.body);
            }
        }
    });
}

fn tampered(given: &str, bytes: &[u8]) -> Option<String> {
    let (first, rest) = bytes.split_first()?;
    if first % 2 == 1 {
        return std::str::from_utf8(rest).ok().map(str::to_owned);
    }
    let mut choices = Choices::new(rest);
    let mut text = given.as_bytes().to_vec();
    for _ in 0..choices.below(4) {
        let at = choices.below(text.len().max(1));
        let byte = *choices.pick(b"ABZaz019-_=+/. %\0");
        match choices.below(5) {
            0 if at < text.len() => text[at] = byte,
            1 if at < text.len() => _ = text.remove(at),
            2 => text.insert(at, byte),
            3 => text.truncate(at),
            _ => text.push(byte),
        }
    }
    String::from_utf8(text).ok()
}
