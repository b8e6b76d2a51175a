//! What stands around every screen: sign-in, tokens, headers, colours, troubles.

use super::Visitor;
use crate::support::{Server, shared};
use serde_json::{Value, json};

#[test]
fn the_operator_signs_in_and_out() {
    let server = shared();
    let visitor = Visitor::new(&server);
    let page = visitor.open("/").expect(200);
    assert_eq!(page.at, "/console/sign-in");
    let wrong = visitor.send(&page, "/console/sign-in", &[("key", "prvop_wrong")]).expect(403);
    wrong.says("You are not signed in").says("This is not the operator's key.");
    let inside = visitor.send(&wrong, "/console/sign-in", &[("key", &server.operator_key)]).expect(200);
    assert_eq!(inside.at, "/console/accounts");
    let outside = visitor.send(&inside, "/console/sign-out", &[]).expect(200);
    assert_eq!(outside.at, "/console/sign-in?notice=signed-out");
    assert_eq!(visitor.open("/console/accounts").at, "/console/sign-in?next=%2Fconsole%2Faccounts");
}

#[test]
fn s_67_a_form_from_elsewhere_does_nothing() {
    let lodger = crate::support::shared();
    let account = lodger.account(json!("standard"));
    let visitor = Visitor::operator(&lodger);
    let place = format!("/console/accounts/{}/users", account.id);
    let form = visitor.open(&format!("{place}/new")).expect(200).form(&place);
    let typed = |csrf: Option<&str>| {
        let mut pairs = vec![("email".to_owned(), "eve@example.com".to_owned())];
        pairs.extend(csrf.map(|csrf| ("csrf".to_owned(), csrf.to_owned())));
        pairs
    };
    let good = form.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.clone()).unwrap();
    for (case, pairs, headers, status) in [
        ("no token", typed(None), &[][..], 403),
        ("another token", typed(Some("x")), &[], 403),
        ("another site", typed(Some(&good)), &[("sec-fetch-site", "cross-site")], 403),
        ("a sibling site", typed(Some(&good)), &[("sec-fetch-site", "same-site")], 403),
    ] {
        assert_eq!(visitor.post(&place, &pairs, headers).status, status, "{case}");
    }
    let users = account.api("GET", "/users", Value::Null).expect(200).json();
    assert_eq!(users["items"], json!([]), "nobody was made");
    let headers = [("sec-fetch-site", "same-origin")];
    visitor.post(&place, &typed(Some(&good)), &headers).expect(200).says("User added");
}

#[test]
fn a_page_loads_nothing_from_elsewhere_and_nobody_keeps_or_frames_it() {
    let server = shared();
    let page = Visitor::operator(&server).open("/console/_components").expect(200);
    let header = |name: &str| page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self'; script-src 'self'"));
    assert_eq!((header("cache-control"), header("x-frame-options")), ("no-store".to_owned(), "DENY".to_owned()));
    for forbidden in ["style=\"", "<style", "onclick", "javascript:", "data:", "http://", "https://fonts"] {
        let found = page.html.matches(forbidden).count();
        assert_eq!(found, 0, "{forbidden}");
    }
}

#[test]
fn the_chosen_colours_stay() {
    let server = shared();
    let visitor = Visitor::operator(&server);
    let page = visitor.open("/console/accounts").expect(200);
    assert!(!page.html.contains("data-theme"));
    let dark = visitor.send(&page, "/console/theme", &[("theme", "dark")]).expect(200);
    assert_eq!(dark.at, "/console/accounts");
    assert!(dark.html.contains("<html lang=\"en\" data-theme=\"dark\">"));
    let away = visitor.send(&dark, "/console/theme", &[("theme", "system"), ("back", "//evil.example")]).expect(200);
    assert_eq!(away.at, "/console/accounts", "the way back leads nowhere else");
}

#[test]
fn s_115_what_is_not_there_says_so_with_a_reference() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    for path in [
        "/console/nothing".to_owned(),
        "/console/accounts/00000000-0000-4000-8000-000000000000".to_owned(),
        "/console/accounts/odd".to_owned(),
        format!("/console/accounts/{}/users/00000000-0000-4000-8000-000000000000", account.id),
        format!("/console/accounts/{}/audit/999999", account.id),
    ] {
        visitor.open(&path).expect(404).says("Not found").says("Reference");
    }
}

#[test]
fn s_48_an_account_is_added_and_its_overview_counts_only_its_own() {
    let server = Server::start();
    let visitor = Visitor::operator(&server);
    let list = visitor.open("/console/accounts").expect(200);
    list.says("No accounts yet");
    let form = visitor.open(&list.link("Add account")).expect(200);
    let again = visitor.send(&form, "/console/accounts", &[("name", "  ")]).expect(400);
    again.says("The account was not added");
    let overview =
        visitor.send(&again, "/console/accounts", &[("name", "Larkfield <b>"), ("policy", "dsm")]).expect(200);
    overview.says("Larkfield <b>").says("Account added").says("No administrative apps yet");
    assert!(!overview.html.contains("Larkfield <b>"), "a name is never markup");
    server.account(json!("standard"));
    visitor.open("/console/accounts").expect(200).says("Larkfield <b>").says("Acme");
}
