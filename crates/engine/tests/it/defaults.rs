//! What an app begins with.

use crate::fixtures::{app, compiled};
use expect_test::expect;
use provost_engine::{Gives, Mappings, Objects};

fn table(of: Objects) -> String {
    let mappings = Mappings::default();
    let rows = mappings.of(of).attributes.iter();
    rows.map(|row| {
        let from = match &row.gives {
            Gives::Source(name) | Gives::Expression(name) => name.clone(),
            Gives::Constant(value) => value.to_string(),
            Gives::None(_) => "none".to_owned(),
        };
        let matching = row.matching.map_or_else(String::new, |precedence| format!(" (matching {precedence})"));
        format!("{from} -> {}{matching}\n", row.target)
    })
    .collect()
}

#[test]
fn s_101_the_default_mappings_are_those_of_entra() {
    expect![[r#"
        userPrincipalName -> userName (matching 1)
        Switch([IsSoftDeleted], , "False", "True", "True", "False") -> active
        displayName -> displayName
        jobTitle -> title
        mail -> emails[type eq "work"].value
        preferredLanguage -> preferredLanguage
        givenName -> name.givenName
        surname -> name.familyName
        Join(" ", [givenName], [surname]) -> name.formatted
        physicalDeliveryOfficeName -> addresses[type eq "work"].formatted
        streetAddress -> addresses[type eq "work"].streetAddress
        city -> addresses[type eq "work"].locality
        state -> addresses[type eq "work"].region
        postalCode -> addresses[type eq "work"].postalCode
        country -> addresses[type eq "work"].country
        telephoneNumber -> phoneNumbers[type eq "work"].value
        mobile -> phoneNumbers[type eq "mobile"].value
        facsimileTelephoneNumber -> phoneNumbers[type eq "fax"].value
        mailNickname -> externalId
        employeeId -> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber
        department -> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department
        manager -> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager
    "#]]
    .assert_eq(&table(Objects::Users));
    expect![[r#"
        displayName -> displayName (matching 1)
        objectId -> externalId
        members -> members
    "#]]
    .assert_eq(&table(Objects::Groups));
}

#[test]
fn a_new_app_has_nothing_wrong_and_sends_nothing_yet() {
    let app = app();
    let compiled = compiled(&app);
    assert!(!app.started && app.secret_token.is_none());
    assert_eq!(app.interval, 40 * 60);
    assert!(compiled.users.disables() && !compiled.groups.disables());
    assert_eq!(compiled.groups.members().map(|path| path.as_str()), Some("members"));
    assert_eq!(compiled.users.members(), None);
}

#[test]
fn an_app_is_read_as_it_is_written() {
    let app = app();
    let text = serde_json::to_string(&app).expect("an app is JSON");
    assert_eq!(serde_json::from_str::<provost_engine::EnterpriseApp>(&text).expect("it is read"), app);
    let mut without: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    without.as_object_mut().expect("an object").remove("compatibility");
    assert_eq!(serde_json::from_value::<provost_engine::EnterpriseApp>(without).expect("it is read"), app);
}
