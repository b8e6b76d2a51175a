//! The migration of users who are there already.

use super::{apart, by_hand, read};
use crate::{
    process::run_with,
    support::{Account, id},
};
use serde_json::{Value, json};

/// The outcomes, each with the name that it is about.
fn outcomes(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().expect("a list");
    items.iter().map(|item| format!("{} {}", item["user_name"], item["outcome"]).replace('"', "")).collect()
}

/// Twenty users by hand, and the identities of fifteen of them and of five others.
fn twenty(account: &Account) -> (Vec<String>, Vec<Value>) {
    let users = (0..20).map(|number| by_hand(account, &format!("user{number}@a.com"))).collect();
    let identity = |number: usize| {
        let (name, email) = (format!("idp{number}"), format!("USER{number}@a.com"));
        json!({ "user_name": name, "external_id": format!("x{number}"), "email": email })
    };
    let identities = (0..15).chain(100..105).map(identity).collect();
    (users, identities)
}

#[test]
fn u_17_whoever_sets_scim_up_is_warned_of_duplicates_and_shown_the_way() {
    let account = apart();
    assert_eq!(read(&account, "/users/migration")["warning"], Value::Null, "nobody is there");
    (0..20).for_each(|number| drop(by_hand(&account, &format!("user{number}@a.com"))));
    let made = account.api("POST", "/admin-apps", json!({ "name": "Okta" })).expect(201).json();
    let warning = made["warning"].as_str().expect("a warning");
    assert!(warning.starts_with("20 users") && warning.contains("a second time"), "{warning}");
    assert!(warning.contains("users.existing") && warning.contains("provost user migrate"), "{warning}");
    let state = read(&account, "/users/migration");
    assert_eq!((&state["unmanaged"], &state["managed"]), (&json!(20), &json!(0)));
    assert_eq!(state["warning"], made["warning"]);
}

#[test]
fn u_18_users_who_match_become_managed_under_their_ids_and_the_next_cycle_makes_no_duplicates() {
    let account = apart();
    let (users, identities) = twenty(&account);
    let request = |apply: bool| json!({ "admin_app": account.app, "users": identities, "apply": apply });
    let before = read(&account, "/audit/verify");
    let dry = account.api("POST", "/users/migration", request(false)).expect(200).json();
    assert_eq!(dry["counts"], json!({ "linked": 15, "nobody": 5 }));
    assert_eq!((&dry["applied"], &dry["unmanaged"]), (&json!(false), &json!(5)));
    assert_eq!((&dry["items"][3]["user"], &dry["items"][3]["by"]), (&json!(users[3]), &json!("email")));
    assert_eq!(read(&account, "/audit/verify"), before, "a dry run changes nothing");

    let done = account.api("POST", "/users/migration", request(true)).expect(200).json();
    assert_eq!((&done["counts"], &outcomes(&done)), (&dry["counts"], &outcomes(&dry)));
    for (number, user) in users.iter().enumerate() {
        let shown = account.shown(user);
        assert_eq!(shown["managed"], json!(number < 15), "{shown}");
        assert_eq!(shown["user_name"], json!(format!("user{number}@a.com")), "the sign-in name is what it was");
    }
    assert_eq!(
        account.get(&users[3]).expect(200).json()["externalId"],
        json!("x3"),
        "SCIM sees it, with the id of the client"
    );
    let entries =
        account.audit().into_iter().filter(|entry| entry["action"] == "user.migrate" && entry["outcome"] == "success");
    assert_eq!(entries.count(), 15, "each is an audited change");

    // The next cycle looks everybody up by its own id and makes only those whom it does not find.
    for identity in &identities {
        let external_id = identity["external_id"].as_str().expect("a text");
        let found = account.find(&format!("externalId eq \"{external_id}\""));
        if found["totalResults"] == json!(0) {
            account.create(json!({ "userName": identity["user_name"], "externalId": external_id }));
        }
    }
    assert_eq!(
        read(&account, "/users?limit=200")["items"].as_array().map(Vec::len),
        Some(25),
        "5 are new, none is double"
    );

    let again = account.api("POST", "/users/migration", request(true)).expect(200).json();
    assert_eq!(again["counts"], json!({ "managed": 20 }), "it can be done again");
}

#[test]
fn u_18_what_is_not_clear_is_left_to_an_administrator() {
    let account = apart();
    let (one, two) = (by_hand(&account, "one@a.com"), by_hand(&account, "two@a.com"));
    let taken = id(&account.create(json!({ "userName": "one@a.com" })));
    let long = "x".repeat(1_001);
    let identities = json!([
        { "user_name": "two@a.com" },
        { "user_name": "somebody", "email": "two@a.com" },
        { "user_name": "one@a.com" },
        { "user_name": "nobody@a.com" },
    ]);
    let request = |users: &Value| json!({ "admin_app": account.app, "users": users, "apply": true });
    let answer = account.api("POST", "/users/migration", request(&identities)).expect(200).json();
    assert_eq!(
        outcomes(&answer),
        ["two@a.com linked", "somebody ambiguous", "one@a.com refused", "nobody@a.com nobody"]
    );
    assert!(answer["items"][2]["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer}");
    assert_eq!((&account.shown(&two)["managed"], &account.shown(&one)["managed"]), (&json!(true), &json!(false)));
    let refused = json!([{ "user_name": "one@a.com", "external_id": long }]);
    let answer = account.api("POST", "/users/migration", request(&refused)).expect(200).json();
    assert_eq!(outcomes(&answer), ["one@a.com refused"]);
    account.scim("DELETE", &format!("/Users/{taken}"), Value::Null).expect(204);

    let many: Vec<Value> = (0..1_001).map(|number| json!({ "user_name": number.to_string() })).collect();
    for (body, said) in [
        (json!({ "admin_app": account.app, "users": many }), "1000 identities"),
        (json!({ "admin_app": "01890000-0000-7000-8000-000000000000", "users": [] }), "/admin_app"),
        (json!({ "admin_app": account.app, "users": [{ "email": "x" }] }), "user_name"),
        (json!({ "admin_app": account.app, "users": [{ "user_name": "x", "shoe": 43 }] }), "shoe"),
    ] {
        let refused = account.api("POST", "/users/migration", body).expect(400).json();
        assert!(refused["detail"].as_str().expect("a sentence").contains(said), "{refused}");
    }
}

#[test]
fn u_18_more_users_than_are_read_at_once_are_compared() {
    let account = apart();
    let operations: Vec<Value> = (0..1_000)
        .map(|number| {
            let user =
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("u{number}") });
            json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": user })
        })
        .collect();
    let early = by_hand(&account, "early@a.com");
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
    account.scim("POST", "/Bulk", bulk).expect(200);
    let late = by_hand(&account, "late@a.com");
    let identities = json!([{ "user_name": "late@a.com" }, { "user_name": "early@a.com" }, { "user_name": "u7" }]);
    let request = json!({ "admin_app": account.app, "users": identities });
    let answer = account.api("POST", "/users/migration", request).expect(200).json();
    assert_eq!(outcomes(&answer), ["late@a.com linked", "early@a.com linked", "u7 managed"]);
    assert_eq!((&answer["items"][0]["user"], &answer["items"][1]["user"]), (&json!(late), &json!(early)));
}

#[test]
fn u_18_on_the_command_line_a_file_names_the_people() {
    let account = apart();
    let (users, _) = twenty(&account);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("people.csv");
    let lines: String = (0..16).map(|number| format!("idp{number},x{number},\"user{number}@a.com\"\r\n")).collect();
    std::fs::write(&path, format!("userName,externalId,email\r\n{lines}")).expect("the file can be written");
    let path = path.to_str().expect("a temporary path is text");
    let run = |arguments: &[&str]| {
        let environment = [
            ("PROVOST_URL", account.base.as_str()),
            ("PROVOST_TOKEN", &account.operator_key),
            ("PROVOST_ACCOUNT", &account.id),
        ];
        run_with(arguments, &environment)
    };
    let warned = run(&["user", "migrate"]).exits(0).stdout;
    assert!(warned.contains("20") && warned.contains("a second time"), "{warned}");
    let migrate = ["user", "migrate", "--admin-app", "SCIM Entra", "--file", path];
    let dry = run(&migrate).exits(0).stdout;
    assert!(dry.contains("16 linked. Nothing was changed: add --apply to do it."), "{dry}");
    assert_eq!(account.shown(&users[15])["managed"], json!(false));
    let done = run(&[&migrate[..], &["--apply", "--json"]].concat()).json();
    assert_eq!((&done["counts"], &done["unmanaged"]), (&json!({ "linked": 16 }), &json!(4)));
    assert_eq!(account.shown(&users[15])["managed"], json!(true));

    let release = ["user", "release", "user3@a.com", "--reason", "a mistake", "--json"];
    assert_eq!(run(&release).json()["managed"], json!(false));
    let adopt = ["user", "adopt", "user3@a.com", "--admin-app", "SCIM Entra", "--reason", "none", "--json"];
    assert_eq!(run(&adopt).json()["managed"], json!(true));
    run(&["user", "migrate", "--apply"]).exits(2);
    run(&["user", "adopt", "user3@a.com", "--admin-app", "SCIM Entra"]).exits(2);
}
