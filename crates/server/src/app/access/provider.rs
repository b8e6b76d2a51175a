//! The account's identity provider as an OpenID client sees it: its metadata, its token endpoint, and whether it knows us.

use crate::app::{App, Failure};
use provost_accounts::{Refused, sign_in::Provider};
use provost_change::AccountId;
use provost_client::{ClientSecret, TargetAnswer, TargetBody, TargetError};
use serde::Deserialize;
use serde_json::Value;

/// Longest that a message of the identity provider is shown, in characters.
const SAID_MAX: usize = 200;

/// What is needed of a provider's metadata (OpenID Connect Discovery 1.0 §3).
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// What is exchanged for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).
pub(crate) struct Grant<'g> {
    /// The authorization code.
    pub code: &'g str,
    /// Where the person was led back to.
    pub redirect_uri: &'g str,
    /// The verifier of PKCE.
    pub verifier: &'g str,
}

/// Whether a provider takes us for the client that it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It refused a code that it never gave, and not the client.
    Yes,
    /// It refused the client: its id or its secret is wrong.
    No,
    /// Its answer does not say.
    Unsure,
}

/// What a try of a provider showed.
pub(crate) struct Tried {
    /// Its metadata.
    pub metadata: Metadata,
    /// Keys by which it signs.
    pub keys: usize,
    /// Whether it knows us.
    pub client: Known,
}

impl App {
    /// The provider's metadata (OpenID Connect Discovery 1.0 §4).
    ///
    /// # Errors
    /// 502 where there are none that can be used.
    pub(crate) async fn discover(&self, provider: &Provider) -> Result<Metadata, Failure> {
        let url = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
        let metadata = serde_json::from_value::<Metadata>(document(self.outbound().read(&url).await)?);
        let metadata = metadata.map_err(|error| odd(&format!("its metadata cannot be used: {error}")))?;
        if metadata.issuer != provider.issuer {
            return Err(odd(&format!("its metadata name `{}` as the issuer", metadata.issuer)));
        }
        Ok(metadata)
    }

    /// The client secret of a provider of the account; `None` for a client without one.
    ///
    /// # Errors
    /// 409 for one that was sealed under another operator's key.
    pub(crate) fn client_secret(&self, account: AccountId, provider: &Provider) -> Result<Option<String>, Failure> {
        let Some(sealed) = &provider.client_secret else { return Ok(None) };
        let secret = self.opened_client_secret(account, sealed).ok_or_else(|| {
            Refused::status(
                409,
                "the operator's key is not the one that the client secret was given under: give it again",
            )
        })?;
        Ok(Some(secret))
    }

    /// What the token endpoint answers to a code.
    ///
    /// # Errors
    /// A provider that does not answer.
    pub(crate) async fn exchange(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        secret: Option<&str>,
        grant: &Grant<'_>,
    ) -> Result<TargetAnswer, TargetError> {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", grant.code),
            ("redirect_uri", grant.redirect_uri),
            ("code_verifier", grant.verifier),
        ];
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let takes_basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
        let basic = secret.filter(|_| takes_basic).map(|secret| ClientSecret { id: &provider.client_id, secret });
        if basic.is_none() {
            fields.push(("client_id", &provider.client_id));
            fields.extend(secret.map(|secret| ("client_secret", secret)));
        }
        self.outbound().post_form(&metadata.token_endpoint, &fields, basic).await
    }

    /// Tries a provider without a person: reads its metadata and keys, and shows it a code that it never gave. Whoever knows us refuses
    /// the code, and whoever does not refuses the client (RFC 6749 §5.2).
    ///
    /// # Errors
    /// 502 where the provider cannot be used, with the reason.
    pub(crate) async fn try_provider(
        &self,
        provider: &Provider,
        secret: Option<&str>,
        redirect_uri: &str,
    ) -> Result<Tried, Failure> {
        let metadata = self.discover(provider).await?;
        let keys = document(self.outbound().read(&metadata.jwks_uri).await)?;
        let keys = keys.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
        if keys == 0 {
            return Err(odd("its `jwks_uri` leads to no keys, so no ID token of it could be checked"));
        }
        let grant = Grant {
            code: "provost-tries-the-client",
            redirect_uri,
            verifier: "provost-tries-the-client-without-a-person-there",
        };
        let client = match self.exchange(provider, &metadata, secret, &grant).await {
            Ok(TargetAnswer { status, body: TargetBody::Json(said), .. }) => {
                match (status, said.get("error").and_then(Value::as_str)) {
                    (_, Some("invalid_grant")) => Known::Yes,
                    (401, _) | (_, Some("invalid_client" | "unauthorized_client")) => Known::No,
                    (_, _) => Known::Unsure,
                }
            }
            Ok(TargetAnswer { status: 401, .. }) => Known::No,
            Ok(_) => Known::Unsure,
            Err(error) => return Err(odd(&error.to_string())),
        };
        Ok(Tried { metadata, keys, client })
    }
}

/// The JSON of a good answer.
///
/// # Errors
/// 502 for any other, with what the provider says of it.
pub(crate) fn document(answered: Result<TargetAnswer, TargetError>) -> Result<Value, Failure> {
    match answered {
        Ok(TargetAnswer { status: 200, body: TargetBody::Json(document), .. }) => Ok(document),
        Ok(TargetAnswer { status, body, .. }) => {
            let said = match &body {
                TargetBody::Json(said) => {
                    said.get("error_description").or_else(|| said.get("error")).and_then(Value::as_str)
                }
                TargetBody::Other(said) => Some(said.as_str()),
                TargetBody::Empty | TargetBody::TooLong => None,
            };
            let said: String = said.unwrap_or_default().chars().filter(|c| !c.is_control()).take(SAID_MAX).collect();
            Err(odd(&format!("it answered with status {status}: {said}")))
        }
        Err(error) => Err(odd(&error.to_string())),
    }
}

/// That a provider cannot be used, and why.
pub(crate) fn odd(what: &str) -> Failure {
    Refused::status(502, format!("the identity provider could not be used: {what}")).into()
}
