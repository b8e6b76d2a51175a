//! Filters and index paging (S-4, S-6).

use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};
use std::{collections::BTreeSet, thread};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One of the hundred known users.
struct Known {
    number: usize,
    user_name: String,
    family: &'static str,
    active: bool,
    title: Option<&'static str>,
    department: Option<&'static str>,
    /// `type`, `value`, `primary`.
    emails: Vec<(&'static str, String, bool)>,
}

fn known(number: usize) -> Known {
    let mut emails = Vec::new();
    if number.is_multiple_of(2) {
        emails.push(("work", format!("user{number:03}@work.example"), true));
    }
    if number.is_multiple_of(3) {
        emails.push(("home", format!("USER{number:03}@home.example"), false));
    }
    Known {
        number,
        user_name: format!("User{number:03}@{}.example", if number < 50 { "a" } else { "b" }),
        family: ["Jensen", "jensen", "O'Malley", "de la Cruz", "Ødegård"][number % 5],
        active: !number.is_multiple_of(4),
        title: number.is_multiple_of(10).then_some("Vice President"),
        department: [None, Some("Sales"), Some("Sales & \"Ops\"")][number % 3],
        emails,
    }
}

impl Known {
    fn body(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": self.user_name,
            "externalId": format!("Ext-{}", self.number),
            "name": { "familyName": self.family, "givenName": format!("G{}", self.number) },
            "active": self.active,
        });
        if let Some(title) = self.title {
            body["title"] = json!(title);
        }
        if let Some(department) = self.department {
            body["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
            body[ENTERPRISE] = json!({ "department": department });
        }
        if !self.emails.is_empty() {
            let element = |(kind, value, primary): &(&str, String, bool)| json!({ "type": kind, "value": value, "primary": primary });
            body["emails"] = self.emails.iter().map(element).collect();
        }
        body
    }

    fn email(&self, test: impl Fn(&str, &str) -> bool) -> bool {
        self.emails.iter().any(|(kind, value, _)| test(kind, &value.to_lowercase()))
    }

    fn family(&self) -> String {
        self.family.to_lowercase()
    }
}

type Expected = fn(&Known) -> bool;

fn table() -> Vec<(&'static str, Expected)> {
    vec![
        (r#"userName eq "User007@a.example""#, |user| user.number == 7),
        (r#"USERNAME EQ "user007@A.example""#, |user| user.number == 7),
        (r#"userName ne "user007@a.example""#, |user| user.number != 7),
        (r#"userName co "@B.""#, |user| user.number >= 50),
        (r#"userName sw "user09""#, |user| user.number >= 90),
        (r#"userName ew "a.EXAMPLE""#, |user| user.number < 50),
        (r#"userName gt "user089@b.example""#, |user| user.number > 89),
        (r#"userName ge "user089@b.example""#, |user| user.number >= 89),
        (r#"userName lt "user010@a.example""#, |user| user.number < 10),
        (r#"userName le "user010@a.example""#, |user| user.number <= 10),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "user00""#, |user| user.number < 10),
        (r#"externalId eq "Ext-42""#, |user| user.number == 42),
        (r#"externalId eq "ext-42""#, |_| false),
        (r#"externalId sw "Ext-1""#, |user| user.number.to_string().starts_with('1')),
        (r#"name.familyName eq "JENSEN""#, |user| user.family() == "jensen"),
        (r#"name.familyName eq "o'malley""#, |user| user.number % 5 == 2),
        (r#"name.familyName eq "ødegård""#, |user| user.number % 5 == 4),
        (r#"name.familyName co "la c""#, |user| user.number % 5 == 3),
        (r#"name[familyName eq "jensen" and givenName eq "G1"]"#, |user| user.number == 1),
        ("name.formatted pr", |_| false),
        ("active eq true", |user| user.active),
        ("active eq false", |user| !user.active),
        (r#"active eq "False""#, |user| !user.active),
        ("active ne true", |user| !user.active),
        ("not (active eq true)", |user| !user.active),
        ("title pr", |user| user.title.is_some()),
        ("not (title pr)", |user| user.title.is_none()),
        ("title eq null", |user| user.title.is_none()),
        (r#"title ne "Vice President""#, |user| user.title.is_none()),
        (r#"title pr and active eq true"#, |user| user.title.is_some() && user.active),
        (r#"title pr or name.familyName eq "jensen""#, |user| user.title.is_some() || user.family() == "jensen"),
        (r#"title pr and active eq true or userName eq "user001@a.example""#, |user| {
            user.title.is_some() && user.active || user.number == 1
        }),
        (r#"title pr and (active eq false or userName eq "user010@a.example")"#, |user| {
            user.title.is_some() && (!user.active || user.number == 10)
        }),
        (r#"emails eq "user012@work.example""#, |user| user.email(|_, value| value == "user012@work.example")),
        (r#"emails.value eq "user009@HOME.example""#, |user| user.number == 9),
        (r#"emails.type eq "home""#, |user| user.email(|kind, _| kind == "home")),
        (r#"emails[type eq "work" and value co "05"]"#, |user| {
            user.email(|kind, value| kind == "work" && value.contains("05"))
        }),
        (r#"emails[type eq "work"].value eq "user012@work.example""#, |user| user.number == 12),
        (r#"emails[type eq "home" and value ew "@work.example"]"#, |_| false),
        (r#"emails.type eq "home" and emails.value ew "@work.example""#, |user| user.emails.len() == 2),
        (r#"emails[not (type eq "work")]"#, |user| user.email(|kind, _| kind != "work")),
        ("emails pr", |user| !user.emails.is_empty()),
        ("not (emails pr)", |user| user.emails.is_empty()),
        (r#"emails[primary eq true]"#, |user| user.emails.iter().any(|(_, _, primary)| *primary)),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "sales""#, |user| {
            user.department == Some("Sales")
        }),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Sales & \"Ops\"""#, |user| {
            user.number % 3 == 2
        }),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr"#, |user| {
            user.department.is_some()
        }),
        (r#"meta.created gt "2011-05-13T04:42:34Z""#, |_| true),
        (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, |_| false),
        (
            r#"userName eq "user001@a.example" or externalId eq "Ext-2" or emails.value eq "user004@work.example""#,
            |user| [1, 2, 4].contains(&user.number),
        ),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, |user| {
            user.department.is_some()
        }),
    ]
}

fn numbers(list: &Value) -> Vec<usize> {
    let number = |user: &Value| {
        let name = user["externalId"].as_str().expect("known users have an externalId");
        name["Ext-".len()..].parse().expect("it ends in the user's number")
    };
    list["Resources"].as_array().expect("a list").iter().map(number).collect()
}

#[test]
fn s_4_filters_find_exactly_the_expected_users() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let users: Vec<Known> = (0..100).map(known).collect();
    for user in &users {
        account.create(user.body());
    }
    let table = table();
    assert!(table.len() >= 40);
    for (filter, expected) in table {
        let found = account.find(filter);
        let wanted: Vec<usize> = users.iter().filter(|user| expected(user)).map(|user| user.number).collect();
        assert_eq!(numbers(&found), wanted, "{filter}");
        assert_eq!(found["totalResults"], json!(wanted.len()), "{filter}");
    }
    let seven = account.find(r#"externalId eq "Ext-7""#)["Resources"][0]["id"].clone();
    assert_eq!(numbers(&account.find(&format!("id eq {seven}"))), [7]);
}

#[test]
fn s_4_a_filter_that_is_not_understood_is_invalid_filter() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for filter in [
        "userName like \"x\"",
        "userName",
        "userName eq",
        "eq \"x\"",
        "userName eq x",
        "userName eq 'x'",
        "userName eq \"x",
        "userName eq \"x\" and",
        "userName eq \"x\" xor title pr",
        "(userName pr",
        "userName pr)",
        "not userName pr",
        "emails[type eq \"work\"",
        "emails[]",
        "emails[type eq \"work\"].",
        "active gt true",
        "active eq \"perhaps\"",
        "active co \"t\"",
        "userName gt 7",
        "meta.created gt \"yesterday\"",
        "nonsense eq \"x\"",
        "name.nonsense eq \"x\"",
        "name eq \"x\"",
        "password eq \"x\"",
        "urn:example:x:userName eq \"x\"",
        "userName eq \"\\u12\"",
        "",
        " ",
        "userName  eq \"x\" \u{1}",
    ] {
        let error = account.scim("GET", &format!("/Users?filter={}", encoded(filter)), Value::Null).error(400);
        assert_eq!(error["scimType"], "invalidFilter", "{filter}: {error}");
    }
}

const USERS: usize = 2_501;

fn fill(account: &Account) {
    const CLIENTS: usize = 16;
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                for number in (client..USERS).step_by(CLIENTS) {
                    account.create(json!({ "userName": format!("{number}@a.example") }));
                }
            });
        }
    });
}

/// All ids, page by page; every page must show the same total.
fn walk(account: &Account, query: &str, total: usize) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    loop {
        let path = format!("/Users?startIndex={}&count=100{query}", ids.len() + 1);
        let page = account.scim("GET", &path, Value::Null).expect(200).json();
        assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(total), &json!(ids.len() + 1)));
        let resources = page["Resources"].as_array().expect("a list");
        assert_eq!(page["itemsPerPage"], json!(resources.len()));
        if resources.is_empty() {
            return ids;
        }
        ids.extend(resources.iter().map(|user| user["id"].as_str().expect("an id").to_owned()));
    }
}

#[test]
fn s_6_pages_joined_are_the_whole() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    fill(&account);
    let ids = walk(&account, "", USERS);
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (USERS, USERS), "each appears exactly once");
    assert_eq!(walk(&account, "", USERS), ids, "the order is stable");
    let filter = format!("&filter={}", encoded("userName ew \"7@a.example\""));
    let sevens = walk(&account, &filter, (0..USERS).filter(|number| number % 10 == 7).count());
    assert_eq!(sevens.iter().collect::<BTreeSet<_>>().len(), sevens.len());

    let list = |query: &str| account.scim("GET", &format!("/Users?{query}"), Value::Null).expect(200).json();
    for (query, start_index, size) in [
        ("count=0", 1, 0),
        ("count=-5", 1, 0),
        ("startIndex=0&count=3", 1, 3),
        ("startIndex=-7&count=3", 1, 3),
        ("startIndex=2501", 2501, 1),
        ("startIndex=2502", 2502, 0),
        ("startIndex=99999999999999999999&count=99999999999999999999", u64::MAX, 0),
        ("count=1000000000", 1, 200),
        ("", 1, 200),
    ] {
        let page = list(query);
        let found = page["Resources"].as_array().map_or(0, Vec::len);
        assert_eq!((&page["totalResults"], found), (&json!(USERS), size), "{query}");
        assert_eq!(page["startIndex"], json!(start_index), "{query}");
    }
    for query in ["count=x", "startIndex=1.5", "count=", "startIndex=%20"] {
        let error = account.scim("GET", &format!("/Users?{query}"), Value::Null).error(400);
        assert_eq!(error["scimType"], "invalidValue", "{query}");
    }
}
