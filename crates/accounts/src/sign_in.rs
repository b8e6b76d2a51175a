//! How people sign in to an account's console: how long sessions last, whether one factor is enough, and at which identity provider.
//!
//! One record of the account, beside its policy: what it says is about people at the console and never about SCIM.

use crate::{
    Call, Configuration, Corrupt, Decided, Refused,
    account::put,
    audit::{self, Entry},
};
use jiff::SignedDuration;
use provost_change::{AccountId, ChangeSet, Expect, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// Minutes without a request after which a session ends.
pub const IDLE_MINUTES: RangeInclusive<u16> = 1..=1_440;
/// Hours after which a session ends.
pub const SESSION_HOURS: RangeInclusive<u16> = 1..=168;
/// Longest issuer and client id, in bytes.
pub const PROVIDER_TEXT_MAX: usize = 1_024;

/// The rules of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInRules {
    /// Whether a password alone is enough.
    pub second_factor: SecondFactor,
    /// Who may sign in with a password.
    pub passwords: Passwords,
    /// See [`IDLE_MINUTES`].
    pub idle_minutes: u16,
    /// See [`SESSION_HOURS`].
    pub session_hours: u16,
    /// Where people may sign in instead of with a password here.
    pub provider: Option<Provider>,
}

/// Whether a password alone is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// It is, for those who have set up nothing else.
    #[default]
    Optional,
    /// It is not: whoever has no second factor sets one up at the next sign-in. A sign-in at the identity provider is its affair.
    Required,
}

/// Who may sign in with a password. Passkeys and the provider are for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passwords {
    /// Everybody who has set one.
    #[default]
    Everybody,
    /// Those only who may do everything in the account, for the day on which the provider is not there.
    Administrators,
    /// No one.
    Nobody,
}

/// An OpenID provider at which this installation is a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provider {
    /// Its issuer identifier: what its metadata are found below, and what its tokens must name.
    pub issuer: String,
    /// By what it knows us.
    pub client_id: String,
    /// The client secret, sealed; `None` for a client without one.
    pub client_secret: Option<String>,
    /// What of its assertion names the user here.
    pub claim: Claim,
}

/// What of an identity provider's assertion names the user: it must be the user's `userName` or `externalId`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The address, unless the provider says that it is not verified.
    #[default]
    Email,
    /// The name that the person signs in with there.
    PreferredUsername,
    /// The provider's own id of the person.
    Sub,
    /// The object id, as Entra has it.
    Oid,
}

impl Claim {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PreferredUsername => "preferred_username",
            Self::Sub => "sub",
            Self::Oid => "oid",
        }
    }
}

impl Default for SignInRules {
    fn default() -> Self {
        let (second_factor, passwords) = (SecondFactor::default(), Passwords::default());
        Self { second_factor, passwords, idle_minutes: 30, session_hours: 8, provider: None }
    }
}

impl SignInRules {
    /// How long a session lasts without a request.
    pub fn idle(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.idle_minutes))
    }

    /// How long a session lasts.
    pub fn lifetime(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.session_hours))
    }

    /// Whether somebody may sign in with a password; `everything` says that the person may do everything in the account.
    pub fn lets_by_password(&self, everything: bool) -> bool {
        match self.passwords {
            Passwords::Everybody => true,
            Passwords::Administrators => everything,
            Passwords::Nobody => false,
        }
    }

    /// Reads the stored rules; an account that has none has the usual ones.
    ///
    /// # Errors
    /// When the database was changed by something else.
    pub fn read(account: AccountId, record: Option<&Record>) -> Result<Self, Corrupt> {
        let Some(record) = record else { return Ok(Self::default()) };
        serde_json::from_str(&record.doc).map_err(|error| Corrupt {
            account,
            kind: Kind::SIGN_IN,
            id: record.id,
            cause: error.to_string(),
        })
    }
}

/// Puts other rules in force. Sessions that there are end by the new ones. `before` is the record in force.
///
/// # Errors
/// 400 for a number out of its range, for a provider that cannot be one, and where neither a password nor a provider lets people in.
pub fn change(
    config: &Configuration,
    call: &Call,
    before: Option<&Record>,
    rules: SignInRules,
) -> Result<Decided<SignInRules>, Refused> {
    let within = |name: &str, value: u16, range: RangeInclusive<u16>| match range.contains(&value) {
        true => Ok(()),
        false => Err(Refused::invalid(format!("`{name}` is a number from {} to {}", range.start(), range.end()))),
    };
    within("idle_minutes", rules.idle_minutes, IDLE_MINUTES)?;
    within("session_hours", rules.session_hours, SESSION_HOURS)?;
    if let Some(provider) = &rules.provider {
        check(provider)?;
    }
    if rules.provider.is_none() && rules.passwords != Passwords::Everybody {
        return Err(Refused::invalid(
            "`passwords` is `everybody` where there is no identity provider: people could not sign in otherwise",
        ));
    }
    let old = SignInRules::read(config.id, before).unwrap_or_default();
    let mut entry = Entry::done("sign_in.update").about(&Kind::ACCOUNT, config.account_record(), &config.account.name);
    for (name, old, new) in crate::account::difference(&shown(&old), &shown(&rules)) {
        entry = entry.changed(&name, old, new);
    }
    let expect = before.map_or(Expect::Absent, |record| Expect::Version(record.version));
    let mut put = put(Kind::SIGN_IN, config.account_record(), call, &rules, expect);
    put.record.created = before.map_or(call.now, |record| record.created);
    let change = ChangeSet {
        config: Some(config.version),
        puts: vec![put],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: rules })
}

fn check(provider: &Provider) -> Result<(), Refused> {
    let fits = |text: &str| (1..=PROVIDER_TEXT_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    if !fits(&provider.client_id) {
        return Err(Refused::invalid(format!("`client_id` is one line of 1 to {PROVIDER_TEXT_MAX} bytes")));
    }
    let is_url = provider.issuer.starts_with("https://") || provider.issuer.starts_with("http://");
    if !fits(&provider.issuer) || !is_url || provider.issuer.contains(['?', '#', ' ']) {
        return Err(Refused::invalid(
            "`issuer` is the URL that the provider calls itself by, such as https://login.example.com/acme, without query or fragment",
        ));
    }
    Ok(())
}

/// For the audit log: everything but the secret.
fn shown(rules: &SignInRules) -> Value {
    let mut shown = json!(rules);
    if let Some(provider) = shown.pointer_mut("/provider").and_then(Value::as_object_mut) {
        let has = provider.get("client_secret").is_some_and(|secret| !secret.is_null());
        provider.insert("client_secret".to_owned(), json!(if has { Some("[sealed]") } else { None }));
    }
    shown
}
