//! Which client speaks through an admin app, and how: known by what it calls itself and by the shapes that it sends, and held against the
//! policy.

use crate::{
    Configuration,
    policy::{PatchNoMatch, RoleMeaning, UserAgent},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of the client of an admin app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fingerprint {
    /// What it called itself last that we know.
    pub named: Option<Client>,
    /// When a request carried Entra's flag in its query last.
    pub flagged: Option<Timestamp>,
    /// What was repaired, by the code of the quirk.
    pub repairs: BTreeMap<String, Repaired>,
}

/// How often a quirk was repaired, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Repaired {
    /// How often.
    pub count: u64,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    pub last: Timestamp,
}

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// Google Workspace.
    Google,
    /// OneLogin.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// Ping Identity.
    Ping,
    /// Provost, as an identity provider.
    Provost,
}

/// Whether Entra speaks with `aadOptscim062020`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// It does.
    On,
    /// It does not.
    Off,
}

/// Quirks of Entra without its flag and with it, by the codes of their repairs.
const WITHOUT_FLAG: &str = "op-case";
const WITH_FLAG: &str = "path-in-key";
/// What the flag is called in a query.
const FLAG: &str = "aadoptscim062020";

/// What clients are known by in `User-Agent`, folded. Entra sends none.
const AGENTS: [(&str, Client); 8] = [
    ("okta", Client::Okta),
    ("google", Client::Google),
    ("onelogin", Client::OneLogin),
    ("jumpcloud", Client::JumpCloud),
    ("ping", Client::Ping),
    ("provost", Client::Provost),
    ("azure", Client::Entra),
    ("entra", Client::Entra),
];

impl Client {
    /// As it is named in the policy and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::Okta => "Okta",
            Self::Google => "Google Workspace",
            Self::OneLogin => "OneLogin",
            Self::JumpCloud => "JumpCloud",
            Self::Ping => "Ping Identity",
            Self::Provost => "Provost",
        }
    }

    /// The client that a `User-Agent` names.
    pub fn of_agent(agent: &str) -> Option<Self> {
        let agent = agent.to_lowercase();
        AGENTS.into_iter().find(|(word, _)| agent.contains(word)).map(|(_, client)| client)
    }
}

/// What a repair means, for people; the code itself for one that is not known here.
pub fn meaning(code: &str) -> &str {
    match code {
        "op-case" => "`op` in capitals, such as `Replace`",
        "path-in-key" => "paths as names of members, such as `name.givenName`",
        "boolean-text" => "booleans as texts, such as `\"False\"`",
        "remove-with-value" => "what is to be removed given as a value instead of in the path",
        "reference-filter" => "a filter where there is one value",
        "reference-text" | "reference-array" | "empty-reference" => "a reference that is no object with a `value`",
        "extension-path" => "a path into an extension without the extension's URN",
        "extension-schemas" => "`schemas` inside of an extension",
        "display-name" => "`displayName` of an element that has a `display`",
        "empty-path" => "an empty path",
        "empty-text" => "an empty text for nothing",
        "empty-operations" => "a PATCH without operations",
        "key-case" => "names of members in another case",
        other => other,
    }
}

impl Fingerprint {
    /// Takes in a request.
    pub fn request(&mut self, agent: Option<&str>, query: Option<&str>, at: Timestamp) {
        self.named = agent.and_then(Client::of_agent).or(self.named);
        let is_flag = |pair: &str| pair.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case(FLAG));
        if query.is_some_and(|query| query.split('&').any(is_flag)) {
            self.flagged = Some(at);
        }
    }

    /// Takes in what was repaired of one.
    pub fn repaired(&mut self, codes: &[&str], at: Timestamp) {
        for code in codes {
            let seen = self.repairs.entry((*code).to_owned()).or_insert(Repaired { count: 0, last: at });
            seen.count += 1;
            seen.last = at;
        }
    }

    /// Takes in what was seen later, elsewhere.
    pub fn merge(&mut self, later: &Self) {
        self.named = later.named.or(self.named);
        self.flagged = later.flagged.max(self.flagged);
        for (code, seen) in &later.repairs {
            let known = self.repairs.entry(code.clone()).or_insert(Repaired { count: 0, last: seen.last });
            known.count += seen.count;
            known.last = known.last.max(seen.last);
        }
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn last(&self, code: &str) -> Option<Timestamp> {
        self.repairs.get(code).map(|seen| seen.last)
    }

    /// Who it is: by its name, or else by shapes that only Entra sends.
    pub fn client(&self) -> Option<Client> {
        let is_entra = self.flagged.is_some() || self.last(WITHOUT_FLAG).is_some() || self.last(WITH_FLAG).is_some();
        self.named.or(is_entra.then_some(Client::Entra))
    }

    /// How Entra speaks: what was seen last counts. `None` for another client, and as long as nothing tells.
    pub fn flag(&self) -> Option<Flag> {
        let on = self.flagged.max(self.last(WITH_FLAG));
        let off = self.last(WITHOUT_FLAG);
        if self.client() != Some(Client::Entra) {
            return None;
        }
        match (on, off) {
            (None, None) => None,
            (on, off) if on > off => Some(Flag::On),
            _ => Some(Flag::Off),
        }
    }

    /// What does not go together with the policy, and what to do: a sentence each.
    pub fn advice(&self, config: &Configuration) -> Vec<String> {
        let (policy, mut advice) = (&config.policy, Vec::new());
        let Some(client) = self.client() else { return advice };
        if self.flag() == Some(Flag::Off) {
            let roles = if policy.roles.meaning == RoleMeaning::Grant { "roles" } else { "values of lists" };
            advice.push(format!(
                "Entra speaks without its flag: {roles} that are taken away there will not be removed here. Put `?aadOptscim062020` behind \
                 the tenant URL and restart provisioning."
            ));
        }
        if client == Client::Entra && policy.patch.no_match == PatchNoMatch::NoTarget {
            advice.push(
                "Entra counts on an element being made that a filter does not find: set `patch.no_match` to `create`, or some of its \
                 updates are refused."
                    .to_owned(),
            );
        }
        if client == Client::Entra && policy.clients.user_agent == UserAgent::Required {
            advice.push(
                "Entra sends no `User-Agent`, which `clients.user_agent` demands: its requests are refused.".to_owned(),
            );
        }
        let verified = &policy.clients.verified;
        if !verified.is_empty() && !verified.iter().any(|name| name == client.name()) {
            advice.push(format!(
                "{} is not among the clients that were verified with this application (`clients.verified`).",
                client.name()
            ));
        }
        advice
    }
}
