//! Tries an identity provider before people depend on it.

use super::{
    Answer,
    access::{NewProvider, check, may_decide, provider_of},
    asked::InAccount,
    ok,
};
use crate::app::{About, Failure, Target, access::provider::Known};
use axum::body::Body;
use provost_accounts::Refused;
use provost_change::Kind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which provider to try.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSignInTest {
    /// The provider; the one in force where it is left out.
    #[serde(default)]
    provider: Option<NewProvider>,
}

/// What a try of a provider showed.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInTestView {
    /// Whether people could sign in there, as far as it can be seen without one.
    works: bool,
    /// What is wrong, and what to do; null where nothing is.
    problem: Option<String>,
    /// Where people would be sent.
    authorization_endpoint: Option<String>,
    /// How many keys it signs with.
    keys: Option<usize>,
    /// Whether it takes the client id and the secret: `accepted`, `refused`, or `unknown` where its answer does not say.
    client: Option<&'static str>,
}

pub(super) async fn test(asked: InAccount, body: Body) -> Answer {
    let target = Some(Target::Record(Kind::ACCOUNT, asked.config.account_record()));
    let about = About { action: "sign_in.test", target };
    let NewSignInTest { provider } = asked.body_or_default(&about, body).await?;
    asked.or_recorded(&about, may_decide(&asked)).await?;
    let checked = provider.as_ref().map_or(Ok(()), |new| check(&asked, new));
    asked.or_recorded(&about, checked).await?;
    let (app, account) = (&asked.request.app, asked.account());
    let (rules, _) = app.sign_in_rules(account).await?;
    let provider = match &provider {
        Some(new) => Some(provider_of(app, account, new, rules.provider)),
        None => rules.provider,
    };
    let provider = provider.ok_or_else(|| Refused::status(409, "this account has no identity provider to try"))?;
    let secret = app.client_secret(account, &provider)?;
    let redirect_uri = app.redirect_uri(&asked.request.caller);
    let tried = match app.try_provider(&provider, secret.as_deref(), &redirect_uri).await {
        Ok(tried) => tried,
        Err(Failure::Refused(refused)) => {
            let problem = Some(refused.error.detail);
            return ok(&SignInTestView {
                works: false,
                problem,
                authorization_endpoint: None,
                keys: None,
                client: None,
            });
        }
        Err(other) => return Err(other.into()),
    };
    let (client, problem) = match tried.client {
        Known::Yes => ("accepted", None),
        Known::Unsure => ("unknown", None),
        Known::No => (
            "refused",
            Some("the identity provider refuses the client: look at the client id and the secret".to_owned()),
        ),
    };
    ok(&SignInTestView {
        works: problem.is_none(),
        problem,
        authorization_endpoint: Some(tried.metadata.authorization_endpoint),
        keys: Some(tried.keys),
        client: Some(client),
    })
}
