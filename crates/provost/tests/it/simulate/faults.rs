//! Servers that are broken on purpose: each client says what of it concerns him, and what he would do.

use super::{for_entra, for_everybody, plain, simulate};
use crate::support::shared;
use expect_test::expect;
use provost_testkit::{Fault, Faulty};

/// What a client notices: how many steps failed, and how many have a warning.
#[test]
fn every_fault_that_concerns_a_client_is_found() {
    let server = shared();
    let mut table = String::new();
    for fault in Fault::ALL {
        let faulty = Faulty::start(server.base.trim_start_matches("http://"), fault);
        let mut told = Vec::new();
        for client in ["entra", "entra-legacy", "okta", "google"] {
            let account = for_everybody();
            let simulated = simulate(&[client], &format!("{}/scim/v2", faulty.base()), &account.key);
            let (failed, warnings) =
                (simulated.count("failed") + simulated.count("unsettled"), simulated.count("warnings"));
            assert_eq!(simulated.ran.code == 1, failed > 0, "{}", simulated.ran.stdout);
            assert_eq!(simulated.left_behind().is_empty(), fault != Fault::KeepsDeleted, "{fault:?}: {client}");
            if failed + warnings > 0 {
                told.push(format!("{client} {failed}+{warnings}"));
            }
        }
        table.push_str(&format!("{fault:?}: {}\n", told.join(", ")));
    }
    expect![[r#"
        NoLocation: 
        NumericStatus: entra 0+1, entra-legacy 0+1
        WrongContentType: entra 0+1, entra-legacy 0+1
        IgnoresFilter: entra 3+1, entra-legacy 3+1, okta 3+1, google 3+1
        CreatedIs200: entra 3+0, entra-legacy 3+0, okta 3+0, google 3+0
        LosesRemove: entra 1+0, entra-legacy 1+0, okta 1+0
        AllowsDuplicates: entra 1+0, entra-legacy 1+0, okta 1+0, google 1+0
        IgnoresStartIndex: 
        ErrorWithoutSchemas: okta 0+1
        HidesDisabled: entra 2+1, entra-legacy 2+1, okta 2+1, google 2+1
        EmptyListIs404: entra 5+0, entra-legacy 5+0, okta 2+0, google 3+0
        EmptiesGroups: entra 1+0
        KeepsDeleted: entra 2+0, entra-legacy 2+0, google 1+0
        IgnoresIfMatch: 
        IgnoresProjection: entra 0+1, entra-legacy 0+1
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_fault_is_told_with_what_the_client_does_then() {
    let server = shared();
    let account = for_entra();
    let faulty = Faulty::start(server.base.trim_start_matches("http://"), Fault::EmptiesGroups);
    let simulated = simulate(&["entra"], &format!("{}/scim/v2", faulty.base()), &account.key);
    expect![[r#"
        failed: Incremental cycle: the group changes: Ann is still in the team, and Ben is not (RFC 7644 §3.5.2.2)
          `/members` should have 1 of them, and is missing
          `/members/0/value` should be "ID", and is missing
        passed: 39
        failed: 1
    "#]]
    .assert_eq(&plain(&simulated.findings()));
    let told = simulated.ran.stdout.split("Removing what was made.\n").nth(1).expect("it is told again at the end");
    assert!(told.contains("  then: where the group is empty now, everybody has lost what it gives"), "{told}");
    assert!(told.contains("  written: RFC 7644 §3.5.2.2\n"), "{told}");
}
