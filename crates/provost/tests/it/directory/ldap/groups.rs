//! Groups from an LDAP server, with who is in them.

use super::{directory, people, provost, told};
use crate::support::{Account, id};
use provost_testkit::{
    Slapd,
    slapd::{ADMIN, PASSWORD, SUFFIX},
};
use serde_json::{Value, json};

const GROUPS: [&str; 2] = ["--group-base", SUFFIX];
/// Long before any run.
const LONG_AGO: &str = "modifyTimestamp: 20200102030405Z\n";

/// A group of names, one of unique names that is in it, and one of POSIX. One member of the first is nobody, and one of the last.
fn groups() -> String {
    format!(
        "dn: cn=Sales,{SUFFIX}\nobjectClass: groupOfNames\ncn: Sales\nmember: uid=u1,{SUFFIX}\nmember: UID=u2, {SUFFIX}\n\
         member: uid=gone,{SUFFIX}\nmember: cn=Inner,{SUFFIX}\n\n\
         dn: cn=Inner,{SUFFIX}\nobjectClass: groupOfUniqueNames\ncn: Inner\nuniqueMember: uid=u3,{SUFFIX}\n{LONG_AGO}\n\
         dn: cn=Ops,{SUFFIX}\nobjectClass: posixGroup\ncn: Ops\ngidNumber: 100\nmemberUid: u4\nmemberUid: nobody\n{LONG_AGO}\n"
    )
}

/// The id of the group of this name.
fn group(account: &Account, name: &str) -> String {
    let filter = crate::support::encoded(&format!("displayName eq \"{name}\""));
    let found = account.api("GET", &format!("/groups?filter={filter}"), Value::Null).expect(200).json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{name}: {found}");
    id(&found["items"][0])
}

/// The names of the users in a group, sorted.
fn members(account: &Account, name: &str) -> Vec<String> {
    let group = group(account, name);
    let found = account.api("GET", &format!("/groups/{group}/members"), Value::Null).expect(200).json();
    let users = found["items"].as_array().expect("a list").iter().filter(|member| member["type"] == json!("User"));
    let mut names: Vec<String> =
        users.map(|user| account.shown(&id(user))["user_name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

fn change(name: &str, what: &str) -> String {
    format!("dn: cn={name},{SUFFIX}\nchangetype: modify\n{what}\n\n")
}

#[test]
fn groups_come_with_their_members_and_then_by_what_has_changed() {
    let (contoso, ldap) = (directory(), Slapd::start(&(people(5) + &groups())));
    let preview = told(&contoso, &ldap.url(), &[&GROUPS[..], &["--dry-run"]].concat(), 0);
    let all = json!({ "created": 3, "members added": 5, "members left out": 2 });
    assert_eq!((&preview["groups"], &preview["counts"]["created"]), (&all, &json!(5)), "{preview}");
    assert_eq!(contoso.api("GET", "/groups", Value::Null).json()["items"], json!([]), "a dry run makes none");

    let first = told(&contoso, &ldap.url(), &GROUPS, 0);
    assert_eq!(first["groups"], all, "{first}");
    assert_eq!(members(&contoso, "Sales"), ["u1", "u2"]);
    assert_eq!((members(&contoso, "Inner"), members(&contoso, "Ops")), (vec!["u3".to_owned()], vec!["u4".to_owned()]));
    assert!(contoso.members_of(&group(&contoso, "Sales")).contains(&group(&contoso, "Inner")));
    let shown = contoso.api("GET", &format!("/groups/{}", group(&contoso, "Sales")), Value::Null).json();
    assert_eq!((&shown["source"], shown["external_id"].is_string()), (&json!("ldap"), true));

    ldap.change(&change(
        "Sales",
        &format!("delete: member\nmember: uid=u1,{SUFFIX}\n-\nadd: member\nmember: uid=u5,{SUFFIX}"),
    ));
    let sales = group(&contoso, "Sales");
    let second = told(&contoso, &ldap.url(), &GROUPS, 0);
    let counts = json!({ "unchanged": 1, "members added": 1, "members removed": 1, "members left out": 1 });
    assert_eq!((&second["counts"], &second["groups"]), (&json!({}), &counts), "the others were not read");
    assert_eq!(members(&contoso, "Sales"), ["u2", "u5"]);

    ldap.change(&format!("dn: cn=Sales,{SUFFIX}\nchangetype: modrdn\nnewrdn: cn=Selling\ndeleteoldrdn: 1\n\n"));
    ldap.change(&change("Ops", "add: memberUid\nmemberUid: u1"));
    assert_eq!(told(&contoso, &ldap.url(), &GROUPS, 0)["groups"]["updated"], json!(1));
    assert_eq!(group(&contoso, "Selling"), sales, "known by its entryUUID");
    assert_eq!(members(&contoso, "Ops"), ["u1", "u4"]);
    let again = told(&contoso, &ldap.url(), &[&GROUPS[..], &["--full"]].concat(), 0);
    assert_eq!(again["groups"], json!({ "unchanged": 3, "members left out": 2 }));
    assert_eq!(again["counts"], json!({ "unchanged": 5 }));
}

#[test]
fn a_group_that_is_gone_is_deleted_only_when_asked_and_within_the_limit() {
    let (contoso, ldap) = (directory(), Slapd::start(&(people(5) + &groups())));
    contoso.api("POST", "/groups", json!({ "display_name": "By hand" })).expect(201);
    told(&contoso, &ldap.url(), &GROUPS, 0);
    ldap.change(&format!("dn: cn=Ops,{SUFFIX}\nchangetype: delete\n\ndn: uid=u5,{SUFFIX}\nchangetype: delete\n\n"));
    let there = || contoso.api("GET", "/groups", Value::Null).expect(200).json()["items"].as_array().map(Vec::len);
    told(&contoso, &ldap.url(), &[&GROUPS[..], &["--full"]].concat(), 0);
    assert_eq!(there(), Some(4));
    let delete = |most: &'static str| [&GROUPS[..], &["--delete-missing", "--max-deletes", most]].concat();
    let few = told(&contoso, &ldap.url(), &delete("1"), 3);
    assert!(few["problem"].to_string().contains("2 of its users and groups"), "{few}");
    assert_eq!(told(&contoso, &ldap.url(), &delete("2"), 0)["deleted"].as_array().map(Vec::len), Some(2));
    assert_eq!(there(), Some(3), "one by hand stays");
}

#[test]
fn members_that_the_server_hides_are_not_taken_for_gone() {
    let contoso = directory();
    let reader =
        format!("dn: cn=reader,{SUFFIX}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: {PASSWORD}\n\n");
    let rules = "access to attrs=userPassword by anonymous auth by * none\n\
                 access to attrs=member by * none\naccess to * by * read";
    let ldap = Slapd::start_with(&(people(4) + &groups() + &reader), rules, |_| [String::new(), String::new()]);
    let url = ldap.url();
    let as_anybody = |who: &str, more: &[&str]| -> Value {
        let asked = [
            &["user", "import", "--json", "--ldap", &url, "--base", SUFFIX, "--filter", "(uid=*)", "--full"],
            &GROUPS[..],
            &["--bind-dn", who, "--bind-password", PASSWORD],
            more,
        ]
        .concat();
        let ran = provost(&contoso, &asked);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ran.stdout, ran.stderr))
    };
    as_anybody(ADMIN, &[]);
    assert_eq!(members(&contoso, "Sales"), ["u1", "u2"]);
    let version = || contoso.api("GET", "/sources/ldap", Value::Null).expect(200).json()["version"].clone();
    let before = version();
    let hidden = as_anybody(&format!("cn=reader,{SUFFIX}"), &["--delete-missing", "--max-deletes", "1000"]);
    let refused = hidden["items"].as_array().expect("a list").iter().find(|item| item["outcome"] == json!("refused"));
    let said = refused.expect("the group is named")["detail"].as_str().expect("a sentence").to_owned();
    assert!(said.contains("the server shows none of its members"), "{said}");
    assert!(hidden["problem"].to_string().contains("Nobody is deleted"), "{hidden}");
    assert_eq!((members(&contoso, "Sales"), version()), (vec!["u1".to_owned(), "u2".to_owned()], before));
}

#[test]
fn groups_of_one_name_and_of_other_hands_are_told_apart() {
    let contoso = directory();
    let by_hand = id(&contoso.api("POST", "/groups", json!({ "display_name": "Sales" })).expect(201).json());
    let known =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Ops", "externalId": "x" });
    let known = id(&contoso.scim("POST", "/Groups", known).expect(201).json());
    let more = format!(
        "dn: ou=far,{SUFFIX}\nobjectClass: organizationalUnit\nou: far\n\n\
         dn: cn=Inner,ou=far,{SUFFIX}\nobjectClass: posixGroup\ncn: Inner\ngidNumber: 101\n\n"
    );
    let ldap = Slapd::start(&(people(5) + &groups() + &more));
    let first = told(&contoso, &ldap.url(), &GROUPS, 0);
    assert_eq!((&first["groups"]["created"], &first["groups"]["updated"]), (&json!(3), &json!(1)), "{first}");
    assert_eq!(group(&contoso, "Sales"), by_hand, "one without an id is taken over");
    let listed = contoso.api("GET", "/groups", Value::Null).expect(200).json();
    let named = |name: &str| {
        listed["items"].as_array().into_iter().flatten().filter(|one| one["display_name"] == json!(name)).count()
    };
    assert_eq!((named("Ops"), named("Inner")), (2, 2), "names are shared, ids are not");
    let other = contoso.api("GET", &format!("/groups/{known}"), Value::Null).expect(200).json();
    assert_eq!((&other["external_id"], &other["source"]), (&json!("x"), &Value::Null));
    let again = told(&contoso, &ldap.url(), &[&GROUPS[..], &["--source", "second"]].concat(), 3);
    let items = again["items"].as_array().expect("a list");
    let details: Vec<&str> = items.iter().filter_map(|item| item["detail"].as_str()).collect();
    assert!(details.iter().all(|detail| detail.contains("comes from source `ldap`")), "{details:?}");
    assert_eq!(details.iter().filter(|detail| detail.starts_with("group ")).count(), 4, "{details:?}");
}
