//! Which client speaks through an admin app, how, and whether that goes together with the policy.

use super::{Answer, asked::InAccount, ok};
use jiff::Timestamp;
use provost_accounts::{
    Refused,
    fingerprint::{self, Client, Flag},
};
use provost_change::Kind;
use serde::Serialize;
use utoipa::ToSchema;

/// How the client of an admin app speaks.
#[derive(Serialize, ToSchema)]
pub(super) struct DialectView {
    /// Which client it is; null as long as nothing tells.
    client: Option<Client>,
    /// Its name.
    client_name: Option<&'static str>,
    /// Whether Entra speaks with `aadOptscim062020`; null for other clients, and as long as nothing tells.
    flag: Option<Flag>,
    /// What was repaired in its requests, most often first.
    repairs: Vec<RepairView>,
    /// What does not go together with the policy, and what to do.
    advice: Vec<String>,
}

/// A quirk that was repaired.
#[derive(Serialize, ToSchema)]
pub(super) struct RepairView {
    /// Its code, as in the audit log.
    code: String,
    /// What the client sends.
    meaning: String,
    /// How often.
    count: u64,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    last: Timestamp,
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let id = asked.id(&Kind::ADMIN_APP)?;
    asked.config.app(id).ok_or_else(|| Refused::not_found("admin app"))?;
    let seen = asked.request.app.fingerprint(asked.account(), id).await?;
    let view = |(code, repaired): (&String, &fingerprint::Repaired)| RepairView {
        code: code.clone(),
        meaning: fingerprint::meaning(code).to_owned(),
        count: repaired.count,
        last: repaired.last,
    };
    let mut repairs: Vec<RepairView> = seen.repairs.iter().map(view).collect();
    repairs.sort_by_key(|repair| std::cmp::Reverse(repair.count));
    ok(&DialectView {
        client: seen.client(),
        client_name: seen.client().map(Client::name),
        flag: seen.flag(),
        repairs,
        advice: seen.advice(&asked.config),
    })
}
