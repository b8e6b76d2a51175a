//! What a server says that it can do (RFC 7643 §5).

use super::{Plan, Scenario};
use provost_scim::urn;
use serde_json::Value;

/// The part of `ServiceProviderConfig` that decides which scenarios make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    patch: bool,
    filter: bool,
    bulk: bool,
    bulk_operations_max: Option<u64>,
}

impl Abilities {
    /// Reads a `ServiceProviderConfig`; `None` when it is none. What it leaves out is not there.
    pub fn read(body: &[u8]) -> Option<Self> {
        let config: Value = serde_json::from_slice(body).ok()?;
        let is_ours = |schema: &Value| schema.as_str().is_some_and(|one| one == urn::SERVICE_PROVIDER_CONFIG);
        let listed = config.get("schemas").and_then(Value::as_array)?.iter().any(is_ours);
        let can = |feature: &str| config[feature]["supported"] == true;
        listed.then(|| Self {
            patch: can("patch"),
            filter: can("filter"),
            bulk: can("bulk"),
            bulk_operations_max: config["bulk"]["maxOperations"].as_u64(),
        })
    }

    /// Why a scenario cannot be run, by what the server says of itself.
    pub fn lacks(self, scenario: Scenario, plan: &Plan) -> Option<String> {
        let no = |what: &str| Some(format!("the server has no {what}, says its ServiceProviderConfig"));
        match scenario {
            Scenario::Create | Scenario::Read | Scenario::Page => None,
            Scenario::Filter if !self.filter => no("filters"),
            Scenario::Patch | Scenario::Group if !self.patch => no("PATCH"),
            Scenario::Bulk if !self.bulk => no("Bulk"),
            Scenario::Bulk => {
                let max = self.bulk_operations_max.filter(|max| plan.operations as u64 > *max)?;
                Some(format!("the server takes at most {max} operations in a bulk request: ask for fewer"))
            }
            Scenario::Filter | Scenario::Patch | Scenario::Group => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Plan, Abilities, Scenario};
    use crate::load::Pace;
    use expect_test::{Expect, expect};
    use std::time::Duration;

    #[track_caller]
    fn check(features: &str, expected: Expect) {
        let config =
            format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]{features}}}"#);
        let abilities = Abilities::read(config.as_bytes()).unwrap();
        let plan = Plan {
            mixes: Vec::new(),
            pace: Pace::Max,
            connections: 1,
            duration: Duration::ZERO,
            warm_up: Duration::ZERO,
            users: 1,
            members: 0,
            operations: 100,
            seed: 0,
            keep: false,
        };
        let lacks = |scenario| Some(format!("{scenario}: {}\n", abilities.lacks(scenario, &plan)?));
        expected.assert_eq(&Scenario::ALL.into_iter().filter_map(lacks).collect::<String>());
    }

    #[test]
    fn what_a_server_does_not_claim_is_not_asked_of_it() {
        check(
            "",
            expect![[r#"
                filter: the server has no filters, says its ServiceProviderConfig
                patch: the server has no PATCH, says its ServiceProviderConfig
                group: the server has no PATCH, says its ServiceProviderConfig
                bulk: the server has no Bulk, says its ServiceProviderConfig
            "#]],
        );
        let all =
            r#","patch":{"supported":true},"filter":{"supported":true},"bulk":{"supported":true,"maxOperations":"#;
        check(&format!("{all}100}}"), expect![""]);
        check(
            &format!("{all}99}}"),
            expect![[r#"
                bulk: the server takes at most 99 operations in a bulk request: ask for fewer
            "#]],
        );
    }

    #[test]
    fn another_document_is_none() {
        for text in ["", "<html>", "{}", r#"{"schemas":["x"]}"#, "[]"] {
            assert_eq!(Abilities::read(text.as_bytes()), None);
        }
    }
}
