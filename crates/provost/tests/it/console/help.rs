//! Help: every refusal has a page with its cause and its remedy; the questions of the seeds are answered.

use super::Visitor;
use crate::support::{id, shared};
use serde_json::{Value, json};

#[test]
fn s_75_every_error_leads_to_its_cause_and_remedy() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let visitor = Visitor::operator(&server);
    let anybody = Visitor::new(&server);
    // Every keyword of RFC 7644 §3.12 and RFC 9865, every status and every code of the management API.
    for code in [
        "policy",
        "name-taken",
        "invalid-filter",
        "too-many",
        "invalid-syntax",
        "invalid-value",
        "invalid-path",
        "no-target",
        "mutability",
        "invalid-vers",
        "sensitive",
        "invalid-cursor",
        "expired-cursor",
        "invalid-count",
        "400",
        "401",
        "403",
        "404",
        "405",
        "409",
        "412",
        "413",
        "415",
        "429",
        "500",
        "501",
        "503",
    ] {
        anybody.open(&format!("/problems/{code}")).expect(200).says("Why.").says("What to do.");
    }
    anybody.open("/problems/unheard-of").expect(404);
    let refused = account.api("GET", "/users?filter=userName%20eq", Value::Null).expect(400).json();
    let link = refused["type"].as_str().unwrap();
    anybody.open(link).expect(200).says("The filter cannot be read");

    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com" });
    let user = id(&account.scim("POST", "/Users", user).expect(201).json());
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "displayName", "value": "Ann" }],
    });
    account.scim("PATCH", &format!("/Users/{user}"), patch).expect(400);
    let log = visitor.open(&format!("/console/accounts/{}/audit?outcome=failure", account.id)).expect(200);
    let entry = visitor.open(&log.link("Update refused")).expect(200);
    entry.says("Policy field");
    let remedy = visitor.open(&entry.link("What can cause this: The account’s policy refuses it")).expect(200);
    remedy.says("Provisioning policy");
}

#[test]
fn f_9_0_3_f_9_0_4_f_9_0_7_f_9_0_8_f_9_0_9_f_9_0_10_f_9_0_11_f_9_0_12_the_questions_are_answered() {
    let server = shared();
    let help = Visitor::new(&server).open("/console/help").expect(200);
    for said in [
        "Some older systems still send SCIM 1.1",
        "SAML and OpenID Connect are about authentication, OAuth about authorisation",
        "They complement each other",
        "SCIM keeps the data of users current",
        "LDAP is a protocol for querying a directory, mostly one in your own network",
        "Use SCIM for automated provisioning into cloud services, and LDAP where programs in your own network look people up",
        "SCIM is a standard and easier to integrate",
        "It is one component, user provisioning, of a strategy for identity and access management",
        "It is possible, and not commonly recommended",
        "audit trails and compliance then span two systems",
    ] {
        help.says(said);
    }
}

#[test]
fn f_9_0_6_only_an_account_with_groups_promises_them() {
    let server = shared();
    let visitor = Visitor::operator(&server);
    for (policy, promised) in [("dsm", false), ("standard", true)] {
        let account = server.account(json!(policy));
        let help = visitor.open(&format!("/console/accounts/{}/help", account.id)).expect(200);
        assert_eq!(help.text().contains("groups and their members"), promised, "{policy}");
        assert_eq!(help.text().to_lowercase().contains("groups provisioned"), promised, "{policy}");
    }
}
