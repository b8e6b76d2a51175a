//! Which client speaks, by what it calls itself and the shapes that it sends.

use crate::fixture::Fixture;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::fingerprint::{Client, Fingerprint, Flag};
use serde_json::json;

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

#[test]
fn a_client_is_known_by_its_name_or_by_shapes_that_only_entra_sends() {
    for (name, agent, query, repairs, client, flag) in [
        ("nothing tells", None, None, &[][..], None, None),
        ("Okta", Some("Okta SCIM Client 1.0.0"), None, &["op-case"], Some(Client::Okta), None),
        ("OneLogin", Some("OneLogin"), Some("count=1"), &[], Some(Client::OneLogin), None),
        ("an unknown one", Some("curl/8.0"), None, &["empty-text"], None, None),
        (
            "Entra's flag in the query",
            None,
            Some("filter=x&aadOptscim062020"),
            &[],
            Some(Client::Entra),
            Some(Flag::On),
        ),
        ("its shapes with the flag", None, None, &["path-in-key"], Some(Client::Entra), Some(Flag::On)),
        ("its shapes without", None, None, &["boolean-text", "op-case"], Some(Client::Entra), Some(Flag::Off)),
        ("both at once", None, Some("aadOptscim062020=1"), &["op-case"], Some(Client::Entra), Some(Flag::Off)),
    ] {
        let mut seen = Fingerprint::default();
        seen.request(agent, query, at(1));
        seen.repaired(repairs, at(1));
        assert_eq!((seen.client(), seen.flag()), (client, flag), "{name}");
        let kept: Fingerprint = serde_json::from_str(&serde_json::to_string(&seen).unwrap()).unwrap();
        assert_eq!(kept, seen, "{name}: as it is kept");
    }
}

#[test]
fn what_was_seen_last_counts_and_counts_are_added_up() {
    let mut seen = Fingerprint::default();
    seen.repaired(&["op-case", "boolean-text"], at(1));
    let mut later = Fingerprint::default();
    later.repaired(&["op-case"], at(2));
    later.repaired(&["path-in-key"], at(3));
    seen.merge(&later);
    assert_eq!((seen.repairs["op-case"].count, seen.repairs["op-case"].last), (2, at(2)));
    assert_eq!(seen.flag(), Some(Flag::On), "somebody put the flag there");
    seen.repaired(&["op-case"], at(4));
    assert_eq!(seen.flag(), Some(Flag::Off), "and took it away again");
}

#[test]
fn what_does_not_go_together_with_the_policy_is_said() {
    let mut entra = Fingerprint::default();
    entra.repaired(&["op-case"], at(1));
    let mut okta = Fingerprint::default();
    okta.request(Some("Okta SCIM Client 1.0.0"), None, at(1));
    for (policy, seen, words) in [
        (json!("dsm"), &entra, &["roles that are taken away there will not be removed"][..]),
        (json!("directory"), &entra, &["values of lists that are taken away", "`patch.no_match`"]),
        (json!("dsm"), &okta, &["`clients.verified`"]),
        (json!({ "preset": "fulcrum", "credentials": { "kind": "both" } }), &okta, &[]),
        (json!("dsm"), &Fingerprint::default(), &[]),
        (
            json!({ "preset": "dsm", "clients": { "user_agent": "required" } }),
            &entra,
            &["roles that are taken away", "`clients.user_agent`"],
        ),
    ] {
        let advice = seen.advice(&Fixture::new(policy.clone()).config());
        assert_eq!(advice.len(), words.len(), "{policy}: {advice:?}");
        for (advice, word) in advice.iter().zip(words) {
            assert!(advice.contains(word), "{policy}: {advice}");
        }
    }
}
