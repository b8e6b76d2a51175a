//! Names in other scripts and equivalent forms (I18).

use super::{Case, USER, check, get, id_of, make_user, standard};
use crate::support::Server;
use serde_json::{Value, json};

/// Pairs of names: the second is refused as taken, or is another user.
#[test]
fn i18_01_names_that_are_the_same_and_names_that_are_not() {
    let server = Server::start();
    for (name, one, other, same) in [
        ("I18-01 by case", "Juliet", "juliet", true),
        ("I18-01 composed and decomposed", "\u{c5}ke", "A\u{30a}ke", true),
        ("I18-01 full width", "\u{ff4a}uliet", "juliet", true),
        ("I18-07 sharp s is not ss", "stra\u{df}e", "strasse", false),
        ("I18-07 final sigma", "\u{3c2}", "\u{3c3}", false),
        ("I18-07 dotless i", "d\u{131}yar", "diyar", false),
        ("T13 a zero-width space", "ann", "an\u{200b}n", true),
        ("T13 marks of direction", "ann", "\u{202e}ann\u{202c}", true),
        ("T13 a soft hyphen and a byte order mark", "ann", "a\u{ad}nn\u{feff}", true),
        ("T13 a Kelvin sign", "kim", "\u{212a}im", true),
        ("T13 a capital I is an i in every locale", "ID", "id", true),
        ("T13 a capital I with a dot is another letter", "\u{130}d", "id", false),
        ("T13 Cyrillic looks alike and is another script", "ann", "\u{430}nn", false),
        ("I18-07 in Greek", "\u{39f}\u{394}\u{39f}", "\u{3bf}\u{3b4}\u{3bf}", true),
    ] {
        let account = standard(&server);
        let user = make_user(&account, json!({ "userName": one }));
        let expected = if same { "409 uniqueness" } else { "201" };
        let body = json!({ "schemas": [USER], "userName": other });
        let case: Case<'static> = (name, "POST /Users".to_owned(), body, expected);
        check(&account, [case]);
        let shown = get(&account, &format!("/Users/{}", id_of(&user)));
        assert_eq!(shown["userName"], json!(one), "I18-04 {name}: kept as sent");
        let found = account.find(&format!("userName eq {}", Value::from(other)));
        let expected = if same { user["id"].clone() } else { json!(id_of(&found["Resources"][0])) };
        assert_eq!(found["totalResults"], 1, "I18-01 FLT-37 {name}");
        assert_eq!(found["Resources"][0]["id"], expected, "I18-01 {name}");
    }
}

#[test]
fn i18_03_names_with_spaces_are_taken() {
    let server = Server::start();
    let account = standard(&server);
    make_user(&account, json!({ "userName": "Barbara Jensen" }));
    for filter in ["userName eq \"barbara jensen\"", "userName sw \"BARBARA J\""] {
        assert_eq!(account.find(filter)["totalResults"], 1, "I18-03 {filter}");
    }
    let again = json!({ "schemas": [USER], "userName": "BARBARA JENSEN" });
    check(&account, [("I18-03 one name", "POST /Users".to_owned(), again, "409 uniqueness")]);
}

#[test]
fn i18_08_order_is_that_of_unicode() {
    let server = Server::start();
    let account = standard(&server);
    for name in ["z", "\u{e4}", "Z", "a", "\u{f6}", "\u{131}"] {
        make_user(&account, json!({ "title": name }));
    }
    let sorted = super::column(&get(&account, "/Users?sortBy=title"), "title");
    let folded: Vec<String> = sorted.iter().map(|title| title.to_lowercase()).collect();
    assert_eq!(folded, ["a", "z", "z", "\u{e4}", "\u{f6}", "\u{131}"], "I18-08 SRT-07 whatever the locale");
}
