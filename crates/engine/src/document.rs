//! Documents of records.

use serde::Serialize;

/// Room for most documents: what grows on the way is copied as often as it does.
const ROOM: usize = 2_048;

/// A value as it is stored.
pub(crate) fn document(value: &impl Serialize) -> String {
    let mut text = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut text, value).expect("what is stored is made of texts, numbers and JSON values");
    String::from_utf8(text).expect("JSON is UTF-8")
}
