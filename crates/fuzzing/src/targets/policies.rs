//! Policy documents.

use provost_accounts::policy::{check, from_document};
use provost_scim::json::{Limits, parse};

pub(super) fn policy(bytes: &[u8]) {
    let Ok(document) = parse(bytes, &Limits::default()) else { return };
    let Ok(policy) = from_document(&document) else { return };
    assert!(check(&policy).is_ok(), "what is taken makes sense");
    let written = serde_json::to_value(&policy).expect("a policy is JSON");
    let read = from_document(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(read, policy, "{written}");
    assert_eq!(serde_json::to_value(&read).expect("a policy is JSON"), written, "written twice");
}
