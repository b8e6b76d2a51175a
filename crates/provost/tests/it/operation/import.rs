//! S-107: a full import over Bulk, and lookups that cost the same however many users there are.

use crate::{
    crowd,
    support::{Account, Server},
};
use serde_json::{Value, json};
use std::thread;

/// Users, unless the environment names another number in `PROVOST_TEST_USERS`: more than a filter without an index may look at.
const USERS: usize = 20_000;
/// Operations in one request: as many as its body takes with users of this size.
const OPERATIONS: usize = 1_000;
/// Requests under way at once.
const REQUESTS: usize = 8;
/// Lookups of each kind.
const LOOKUPS: usize = 100;

fn user(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("User{number}@a.example"),
        "externalId": format!("ext-{number}"),
        "name": { "givenName": "Given", "familyName": format!("Family{number}") },
        "emails": [{ "type": "work", "value": format!("User{number}@a.example") }],
        "title": format!("title-{number}"),
    })
}

fn import(account: &Account, count: usize) {
    let numbers: Vec<usize> = (0..count).collect();
    let requests: Vec<&[usize]> = numbers.chunks(OPERATIONS).collect();
    for together in requests.chunks(REQUESTS) {
        thread::scope(|scope| {
            for numbers in together {
                scope.spawn(move || {
                    let post = |number: &usize| {
                        json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": user(*number) })
                    };
                    let answer = crowd::bulk(account, numbers.iter().map(post).collect()).expect(200).json();
                    let results = answer["Operations"].as_array().expect("a bulk request has results");
                    assert_eq!(results.len(), numbers.len());
                    results.iter().for_each(|result| assert_eq!(result["status"], "201", "{result}"));
                });
            }
        });
    }
}

#[test]
fn s_107_lookups_by_user_name_and_external_id_use_the_index_among_many_users() {
    let count = std::env::var("PROVOST_TEST_USERS").ok().and_then(|count| count.parse().ok()).unwrap_or(USERS);
    let server = Server::start();
    let account = server.account(json!("standard"));
    import(&account, count);
    let shown = account.api("GET", "", Value::Null).expect(200).json();
    assert_eq!(shown["counts"]["users"], json!(count));

    // What no index serves would have to look at every user, and is refused for that.
    for filter in ["title eq \"title-1\"", "name.familyName sw \"Family1\"", "userName co \"er1@\""] {
        let path = format!("/Users?filter={}", crate::support::encoded(filter));
        assert_eq!(account.scim("GET", &path, Value::Null).error(400)["scimType"], "tooMany", "{filter}");
    }
    // What an index serves is answered all the same, so it looks at what it finds and nothing else.
    for turn in 0..LOOKUPS {
        let number = turn * 7_919 % count;
        for filter in [
            format!("userName eq \"uSER{number}@A.EXAMPLE\""),
            format!("externalId eq \"ext-{number}\""),
            format!("emails.value eq \"user{number}@a.example\""),
            format!("userName eq \"user{number}@a.example\" and title eq \"title-{number}\""),
        ] {
            let found = account.find(&filter);
            assert_eq!(found["totalResults"], 1, "{filter}");
            assert_eq!(found["Resources"][0]["externalId"], json!(format!("ext-{number}")), "{filter}");
        }
    }
    for filter in
        ["userName eq \"nobody@a.example\"", "externalId eq \"EXT-1\"", "externalId eq \"ext-1\" and active eq false"]
    {
        assert_eq!(account.find(filter)["totalResults"], 0, "{filter}");
    }
    // The last page is as complete as the first.
    let path = format!("/Users?startIndex={}&count=5", count - 4);
    let last = account.scim("GET", &path, Value::Null).expect(200).json();
    assert_eq!((last["totalResults"].as_u64(), last["itemsPerPage"].as_u64()), (Some(count as u64), Some(5)));
    let again = account.scim("POST", "/Users", user(count / 2)).error(409);
    assert_eq!(again["scimType"], "uniqueness");
}
