//! Which acts want a fresh proof of who is there: what cannot be undone, what hands out a secret, and what decides who comes in.
//!
//! This table is the only place that says so. [`door`](super::door) asks it for every request to a screen, and the pages about one's own
//! sign-in do the same.

use axum::http::Method;
use provost_console::address;

/// An act.
pub(super) struct Dangerous {
    /// What it is, for people.
    pub act: &'static str,
    /// The path that its form is sent to.
    pub sent_to: &'static str,
    /// Whether the page at that path wants the proof, too: it asks for this act and for nothing else.
    pub asks: bool,
}

const fn asked(act: &'static str, sent_to: &'static str) -> Dangerous {
    Dangerous { act, sent_to, asks: true }
}

const fn sent(act: &'static str, sent_to: &'static str) -> Dangerous {
    Dangerous { act, sent_to, asks: false }
}

/// Every act.
pub(super) const ACTS: &[Dangerous] = &[
    asked("Delete a user", "/console/accounts/{account}/users/{user}/delete"),
    asked("Disable several users", "/console/accounts/{account}/users/disable"),
    asked("Delete a group", "/console/accounts/{account}/groups/{group}/delete"),
    asked("Delete a role", "/console/accounts/{account}/roles/{role}/delete"),
    asked("Forget what somebody signs in with", "/console/accounts/{account}/users/{user}/second-factors/forget"),
    asked("Show a link to set a password", "/console/accounts/{account}/users/{user}/invitation/link"),
    sent("Add an administrative app, and view its key", "/console/accounts/{account}/settings/admin-apps"),
    asked("View a key", "/console/accounts/{account}/settings/admin-apps/{app}/key"),
    asked("Rotate a key", "/console/accounts/{account}/settings/admin-apps/{app}/key/rotate"),
    asked("Revoke a key", "/console/accounts/{account}/settings/admin-apps/{app}/key/revoke"),
    asked("Remove an administrative app", "/console/accounts/{account}/settings/admin-apps/{app}/remove"),
    asked("Hand over a token", "/console/accounts/{account}/settings/admin-apps/{app}/owner"),
    sent("Migrate users", "/console/accounts/{account}/settings/admin-apps/{app}/migrate"),
    sent("Make a token", "/console/accounts/{account}/settings/api"),
    sent("Change the provisioning policy", "/console/accounts/{account}/settings/policy/save"),
    asked("Revert the provisioning policy", "/console/accounts/{account}/settings/policy/history/{version}/revert"),
    sent("Change the quorum policy", "/console/accounts/{account}/settings/quorum/account"),
    asked("Remove the quorum policy", "/console/accounts/{account}/settings/quorum/account/remove"),
    sent("Change the quorum policy of a group", "/console/accounts/{account}/settings/quorum/groups/{group}"),
    asked("Remove the quorum policy of a group", "/console/accounts/{account}/settings/quorum/groups/{group}/remove"),
    asked("Change how people sign in", "/console/accounts/{account}/settings/sign-in/edit"),
    asked("Set an identity provider", "/console/accounts/{account}/settings/sign-in/provider"),
    asked("Remove an identity provider", "/console/accounts/{account}/settings/sign-in/provider/remove"),
    asked("Delete an enterprise application", "/console/accounts/{account}/enterprise-apps/{app}/delete"),
    asked("Restart provisioning", "/console/accounts/{account}/enterprise-apps/{app}/provisioning/restart"),
    asked("Allow held deletions", "/console/accounts/{account}/enterprise-apps/{app}/provisioning/allow"),
    asked("Undo a cycle", "/console/accounts/{account}/enterprise-apps/{app}/provisioning/undo/{cycle}"),
    asked("Set up your authenticator app", "/console/you/authenticator"),
    sent("Remove your authenticator app", "/console/you/authenticator/remove"),
    sent("Make new recovery codes", "/console/you/recovery-codes"),
    sent("Add a passkey of yours", "/console/you/passkeys"),
    sent("Remove a passkey of yours", "/console/you/passkeys/remove"),
];

/// The act that a request to the path of a route is about, where it wants a fresh proof of who is there.
pub(super) fn act(method: &Method, path: &str) -> Option<&'static Dangerous> {
    let is_form = *method == Method::POST;
    ACTS.iter().find(|act| act.sent_to == path && (is_form || act.asks))
}

/// The page that wants the proof, and leads to `next` then. It says what for.
pub(super) fn confirm(act: &Dangerous, next: &str) -> String {
    let number = ACTS.iter().position(|one| one.sent_to == act.sent_to).map_or_else(String::new, |at| at.to_string());
    address("/console/confirm", &[("act", &number), ("next", next)])
}

/// What the proof is for, as a page was told by [`confirm`].
pub(super) fn named(number: &str) -> Option<&'static str> {
    number.parse::<usize>().ok().and_then(|at| ACTS.get(at)).map(|act| act.act)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_sent_to_a_path_that_there_is_and_is_documented() {
        let paths = crate::console::paths();
        let documented = include_str!("../../../../docs/access.md");
        for one in ACTS {
            assert!(paths.iter().any(|path| path == one.sent_to), "{}: no such path", one.sent_to);
            assert!(documented.contains(&format!("- {}\n", one.act)), "{} is not in docs/access.md", one.act);
            assert_eq!(act(&Method::POST, one.sent_to).map(|found| found.act), Some(one.act));
            assert_eq!(act(&Method::GET, one.sent_to).is_some(), one.asks);
        }
        let named: std::collections::BTreeSet<_> = ACTS.iter().map(|one| one.sent_to).collect();
        assert_eq!(named.len(), ACTS.len(), "no path stands there twice");
    }

    #[test]
    fn what_removes_something_is_asked_for_with_a_proof_or_can_be_made_again() {
        // Made again within a minute, by whoever removed it, with nothing lost.
        const MENDED: [&str; 7] = [
            "/mappings/{objects}/delete",
            "/mappings/{objects}/attributes/remove",
            "/assignments/{assignment}/remove",
            "/app-roles/{role}/delete",
            "/members/remove",
            "/indexes/{index}/remove",
            "/stream/remove",
        ];
        let removes = |path: &&String| ["/delete", "/remove", "/revoke"].iter().any(|end| path.ends_with(end));
        let is_mended = |path: &&String| MENDED.iter().any(|end| path.ends_with(end));
        for path in crate::console::paths().iter().filter(removes).filter(|path| !is_mended(path)) {
            assert!(act(&Method::POST, path).is_some(), "{path} removes something, and wants no proof");
        }
    }

    #[test]
    fn a_page_is_told_what_the_proof_is_for() {
        let at = confirm(&ACTS[0], "/console/you?a=b");
        assert_eq!(at, "/console/confirm?act=0&next=%2Fconsole%2Fyou%3Fa%3Db");
        assert_eq!((named("0"), named("9999"), named("x")), (Some(ACTS[0].act), None, None));
    }
}
