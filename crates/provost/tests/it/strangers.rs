//! The life of users and groups at other people's SCIM servers.
//!
//! A probe finds what each of them needs, as named settings; what is done then is the same for all.

mod direct;
pub mod driver;
pub mod server;
mod through;

use driver::Driver;
use expect_test::{Expect, expect};
use provost_engine::{Compatibility, probe::Report};
use serde_json::Value;
use server::{Stranger, TOKEN};

/// Probes a server, holds what is found to what is expected, and lives two lives there with it: one driven by the engine's own functions,
/// and one through `provost serve`.
fn check(stranger: &Stranger, expected: &Expect) {
    let driver = Driver::new(&stranger.tenant_url, TOKEN);
    let report = driver.probe(&stranger.tenant_url);
    expected.assert_eq(&summary(&report));
    direct::life(&driver, &stranger.tenant_url, &report);
    through::life(&driver, &stranger.tenant_url);
}

/// What differs from what Entra sends, what the server does not keep, and what stands in the way.
fn summary(report: &Report) -> String {
    let settings = |compatibility| match serde_json::to_value(compatibility) {
        Ok(Value::Object(settings)) => settings,
        Ok(_) | Err(_) => panic!("settings are an object"),
    };
    let usual = settings(Compatibility::default());
    let mut lines = vec![format!("dialect: {:?}", report.dialect)];
    for (name, form) in settings(report.compatibility).into_iter().filter(|(name, form)| usual[name] != *form) {
        lines.push(format!("{name}: {}", form.as_str().unwrap_or_default()));
    }
    for one in report.attributes.iter().filter(|one| !one.on_create || !one.on_change) {
        let kept = if one.on_create { "kept on creation only" } else { "not kept" };
        lines.push(format!("{:?}: {}: {kept}", one.of, one.target));
    }
    lines.extend(report.obstacles.iter().map(|obstacle| format!("obstacle: {obstacle}")));
    lines.extend(report.left_behind.iter().map(|path| format!("left behind: {path}")));
    lines.join("\n") + "\n"
}

#[test]
fn scim2_server() {
    check(
        &Stranger::scim2_server(),
        &expect![[r#"
        dialect: Legacy
        manager: object
        schemas: present
        members: plain
        elements: standard
        bulk: offered
        searches: together
    "#]],
    );
}

#[test]
fn scimmy_routers() {
    check(
        &Stranger::scimmy_routers(),
        &expect![[r#"
        dialect: Legacy
        booleans: plain
        manager: object
        elements: standard
        bulk: offered
        searches: together
    "#]],
    );
}

#[test]
fn django_scim2() {
    check(
        &Stranger::django_scim2(),
        &expect![[r#"
        dialect: Legacy
        booleans: plain
        searches: together
        Users: displayName: not kept
        Users: title: not kept
        Users: emails[type eq "work"].value: not kept
        Users: preferredLanguage: not kept
        Users: name.formatted: not kept
        Users: addresses[type eq "work"].formatted: not kept
        Users: addresses[type eq "work"].streetAddress: not kept
        Users: addresses[type eq "work"].locality: not kept
        Users: addresses[type eq "work"].region: not kept
        Users: addresses[type eq "work"].postalCode: not kept
        Users: addresses[type eq "work"].country: not kept
        Users: phoneNumbers[type eq "work"].value: not kept
        Users: phoneNumbers[type eq "mobile"].value: not kept
        Users: externalId: kept on creation only
        Users: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber: not kept
        Users: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: not kept
        Users: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: not kept
        Users: phoneNumbers[type eq "fax"].value: not kept
        Groups: displayName: kept on creation only
        Groups: externalId: kept on creation only
    "#]],
    );
}
