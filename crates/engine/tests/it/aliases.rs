//! Source attributes by Entra's names and as SCIM paths.

use crate::fixtures::{babs, group, id, schemas, user, with_role};
use expect_test::expect;
use provost_engine::{Objects, SourceObject, aliases};
use serde_json::json;

fn shown(object: &SourceObject, name: &str) -> String {
    match schemas().names(object.of).find(name) {
        Ok(attribute) => format!("{}", object.value(&attribute, true).to_json()),
        Err(problem) => format!("error: {problem}"),
    }
}

fn all(object: &SourceObject) -> String {
    let names = aliases(object.of).iter().map(|alias| alias.name.as_str());
    names.map(|name| format!("{name} = {}\n", shown(object, name))).collect()
}

#[test]
fn every_name_of_entra_has_its_value() {
    let mut babs = user(babs());
    babs.assigned = vec![with_role(2, Some(9)), with_role(1, None), with_role(2, None)];
    expect![[r#"
        objectId = "00000000-0000-0000-0000-000000000001"
        userPrincipalName = "bjensen@contoso.com"
        originalUserPrincipalName = "bjensen@contoso.com"
        displayName = "Babs Jensen"
        givenName = "Barbara"
        surname = "Jensen"
        middleName = null
        mail = "bjensen@contoso.com"
        mailNickname = "bjensen"
        otherMails = ["babs@home.example"]
        proxyAddresses = ["SMTP:bjensen@contoso.com","smtp:babs@home.example"]
        jobTitle = "Tour Guide"
        department = "Tours"
        companyName = "Universal Studios"
        division = "Theme Park"
        costCenter = "4130"
        employeeId = "701984"
        employeeType = "Employee"
        manager = "00000000-0000-0000-0000-000000000002"
        physicalDeliveryOfficeName = "18/2111"
        streetAddress = "100 Universal City Plaza"
        city = "Hollywood"
        state = "CA"
        postalCode = "91608"
        country = "USA"
        telephoneNumber = "555-555-5555"
        mobile = "555-555-4444"
        facsimileTelephoneNumber = "555-555-3333"
        homePhone = null
        pager = null
        preferredLanguage = "en-US"
        usageLocation = "GB"
        userType = "Employee"
        accountEnabled = true
        IsSoftDeleted = true
        appRoleAssignments = ["Admin","User"]
    "#]]
    .assert_eq(&all(&babs));
    expect![[r#"
        objectId = "00000000-0000-0000-0000-000000000001"
        displayName = "Sales & Co. (EMEA)"
        mailNickname = "SalesCo.EMEA"
        securityEnabled = true
        mailEnabled = false
        members = null
        IsSoftDeleted = true
    "#]]
    .assert_eq(&all(&group(json!({ "displayName": "Sales & Co. (EMEA)" }))));
}

#[test]
fn an_empty_user_has_no_values_but_may_sign_in() {
    let empty = user(json!({}));
    let with_value: Vec<String> = aliases(Objects::Users)
        .iter()
        .map(|alias| format!("{} = {}", alias.name, shown(&empty, &alias.name)))
        .filter(|line| !line.ends_with("= null") && !line.ends_with("= []"))
        .collect();
    expect![[r#"
        objectId = "00000000-0000-0000-0000-000000000001"
        accountEnabled = true
        IsSoftDeleted = true"#]]
    .assert_eq(&with_value.join("\n"));
}

#[test]
fn scim_paths_are_names_too() {
    let babs = user(babs());
    let cases = [
        "name.givenName",
        "NAME.GIVENNAME",
        "id",
        "emails",
        "emails.value",
        "emails[type eq \"home\"].value",
        "emails[type eq \"HOME\"]",
        "emails[primary eq true].value",
        "emails[primary eq true and type eq \"home\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "urn:ietf:params:scim:schemas:core:2.0:User:title",
        "nickName",
        "name",
        "password",
        "groups",
        "meta.created",
        "emails[type co \"h\"].value",
        "emails[type eq \"work\"].size",
        "userprincipalnam",
        "extension_12_shoeSize",
        "urn:example:schema:User:shoe",
        "]",
        "",
    ];
    let shown: String = cases.iter().map(|name| format!("{name}\n  {}\n", shown(&babs, name))).collect();
    expect![[r#"
        name.givenName
          "Barbara"
        NAME.GIVENNAME
          "Barbara"
        id
          "00000000-0000-0000-0000-000000000001"
        emails
          ["babs@home.example","bjensen@contoso.com"]
        emails.value
          ["babs@home.example","bjensen@contoso.com"]
        emails[type eq "home"].value
          "babs@home.example"
        emails[type eq "HOME"]
          "babs@home.example"
        emails[primary eq true].value
          "bjensen@contoso.com"
        emails[primary eq true and type eq "home"].value
          null
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter
          "4130"
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager
          "00000000-0000-0000-0000-000000000002"
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value
          "00000000-0000-0000-0000-000000000002"
        urn:ietf:params:scim:schemas:core:2.0:User:title
          "Tour Guide"
        nickName
          null
        name
          error: `name` has sub-attributes; name one of them
        password
          error: `password` is never shown, so it cannot be sent
        groups
          error: `groups` cannot be mapped
        meta.created
          error: `meta.created` cannot be mapped
        emails[type co "h"].value
          error: a value filter of a mapping says which element is meant: only `eq` and `and` do that
        emails[type eq "work"].size
          error: the source has no attribute `emails[type eq "work"].size`
        userprincipalnam
          error: the source has no attribute `userprincipalnam`; did you mean `userPrincipalName`?
        extension_12_shoeSize
          error: the source has no attribute `extension_12_shoeSize`
        urn:example:schema:User:shoe
          error: the source has no attribute `urn:example:schema:User:shoe`
        ]
          error: the source has no attribute `]`

          error: the source has no attribute ``
    "#]]
    .assert_eq(&shown);
}

#[test]
fn mail_is_the_primary_address_else_the_work_address_else_the_first() {
    let cases = [
        json!([{ "value": "a" }, { "value": "b", "type": "work" }, { "value": "c", "primary": true }]),
        json!([{ "value": "a" }, { "value": "b", "type": "Work" }]),
        json!([{ "type": "work" }, { "value": "a", "type": "home" }]),
        json!([]),
    ];
    let mails: Vec<String> = cases.iter().map(|emails| shown(&user(json!({ "emails": emails })), "mail")).collect();
    assert_eq!(mails, ["\"c\"", "\"b\"", "\"a\"", "null"]);
}

#[test]
fn a_guest_is_known_by_the_address_at_home() {
    let guest = user(json!({ "userName": "ada_lovelace_fabrikam.com#EXT#@contoso.com" }));
    assert_eq!(shown(&guest, "userPrincipalName"), "\"ada_lovelace@fabrikam.com\"");
    assert_eq!(shown(&guest, "originalUserPrincipalName"), "\"ada_lovelace_fabrikam.com#EXT#@contoso.com\"");
    assert_eq!(shown(&guest, "mailNickname"), "\"ada_lovelace\"");
}

#[test]
fn a_manager_leads_to_a_user_by_either_name() {
    let babs = user(babs());
    for name in ["manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"] {
        let attribute = schemas().names(Objects::Users).find(name).expect("it is an attribute");
        assert!(attribute.is_reference(), "{name}");
        assert_eq!(babs.reference(&attribute), Some(id(2)), "{name}");
    }
}

#[test]
fn roles_are_those_held_directly_first_each_once_and_none_that_is_disabled() {
    let mut babs = user(babs());
    let mut disabled = with_role(3, None);
    disabled.role.as_mut().expect("it has one").1.enabled = false;
    babs.assigned =
        vec![with_role(2, Some(9)), disabled, with_role(1, None), with_role(2, None), with_role(1, Some(8))];
    let roles: Vec<String> = babs.app_roles().into_iter().map(|role| role.value).collect();
    assert_eq!(roles, ["Admin", "User"]);
}
