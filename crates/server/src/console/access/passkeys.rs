//! Passkeys in the browser. Pages carry what `navigator.credentials` is to be asked for; a script puts the answer into a field of a form
//! and sends it. Whoever has no script signs in otherwise.

use super::{
    cookies,
    second_factor::refused,
    sign_in::{entered, form, sentence},
    visit::{Answer, Visit},
};
use crate::app::Failure;
use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use provost_accounts::{
    Call, Configuration,
    credentials::{
        self, Person,
        passkey::{ALGORITHMS, Assertion, Ceremony, Passkey, PasskeyError, Registration},
    },
    sessions::Factor,
};
use provost_change::{AccountId, ChangeSet, ResourceId};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How long a browser may take, in milliseconds.
const TIMEOUT_MS: u32 = 300_000;

/// A challenge that is tied to what only this browser holds, and to what it is for.
pub(super) fn challenge(purpose: &[u8], cookie: &str) -> Vec<u8> {
    Sha256::new().chain_update(b"provost passkey 1").chain_update(purpose).chain_update(cookie).finalize().to_vec()
}

/// What the browser is asked for to use a passkey: one of the person's, or any of this site.
pub(super) fn request(visit: &Visit, person: Option<&Person>, challenge: &[u8]) -> String {
    let known = person.map(|person| person.credentials.passkeys.as_slice()).unwrap_or_default();
    let allowed: Vec<_> = known.iter().map(|passkey| json!({ "type": "public-key", "id": passkey.id })).collect();
    json!({
        "challenge": BASE64_URL_SAFE_NO_PAD.encode(challenge),
        "rpId": host(visit),
        "userVerification": "required",
        "timeout": TIMEOUT_MS,
        "allowCredentials": allowed,
    })
    .to_string()
}

/// What the browser is asked for to make a passkey of a person.
pub(super) fn creation(visit: &Visit, (config, person): (&Configuration, &Person), challenge: &[u8]) -> String {
    let known: Vec<_> =
        person.credentials.passkeys.iter().map(|passkey| json!({ "type": "public-key", "id": passkey.id })).collect();
    let kinds: Vec<_> = ALGORITHMS.iter().map(|number| json!({ "type": "public-key", "alg": number })).collect();
    let name = person.user.user_name();
    json!({
        "challenge": BASE64_URL_SAFE_NO_PAD.encode(challenge),
        "rp": { "id": host(visit), "name": format!("Provost {}", config.account.name) },
        "user": { "id": handle(config.id, person.user.id()), "name": name, "displayName": name },
        "pubKeyCredParams": kinds,
        "excludeCredentials": known,
        "authenticatorSelection": { "residentKey": "required", "requireResidentKey": true, "userVerification": "required" },
        "attestation": "none",
        "timeout": TIMEOUT_MS,
    })
    .to_string()
}

/// The host that passkeys are for: without a port.
fn host(visit: &Visit) -> String {
    let host = visit.host().split('/').next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => host.to_owned(),
    }
}

/// What a passkey says of whose it is: account and user, so that nobody has to type a name.
fn handle(account: AccountId, user: ResourceId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode([account.as_bytes().as_slice(), user.as_bytes()].concat())
}

fn holder(handle: &str) -> Option<(AccountId, ResourceId)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(handle.trim_end_matches('=')).ok()?;
    let (account, user) = bytes.split_at_checked(16)?;
    Some((AccountId::new(Uuid::from_slice(account).ok()?), ResourceId::new(Uuid::from_slice(user).ok()?)))
}

/// A passkey's answer, with what it was asked.
pub(super) struct Answered {
    assertion: Assertion,
    challenge: Vec<u8>,
    origin: String,
    host: String,
}

impl Answered {
    /// What a form carries.
    ///
    /// # Errors
    /// 401 for what no browser sends.
    pub fn read(visit: &Visit, challenge: Vec<u8>) -> Result<Self, Failure> {
        let assertion = serde_json::from_str(visit.form.get("assertion"));
        let assertion = assertion.map_err(|_| refused(&PasskeyError::Form.to_string()))?;
        Ok(Self { assertion, challenge, origin: visit.origin(), host: host(visit) })
    }

    /// What notes the use of the person's passkey.
    ///
    /// # Errors
    /// 401 where it is not the person's, or the answer is to something else.
    pub fn prove(&self, config: &Configuration, call: &Call, person: &Person) -> Result<ChangeSet, Failure> {
        let ceremony = Ceremony { challenge: &self.challenge, origin: &self.origin, host: &self.host };
        let found = person.credentials.passkeys.iter().find(|passkey| passkey.id == self.assertion.id);
        let passkey = found.ok_or_else(|| refused("this passkey belongs to nobody here: it may have been removed"))?;
        let used = ceremony.verify(passkey, &self.assertion, call.now).map_err(|error| refused(&error.to_string()))?;
        Ok(credentials::use_passkey(config, call, person, &used))
    }
}

/// Signs somebody in by a passkey alone: it has proved possession and a person.
pub(super) async fn sign_in(visit: Visit) -> Answer {
    visit.check_form()?;
    visit.app.check_attempts(&visit.caller)?;
    let cookie = visit.cookie(cookies::FORM).unwrap_or_default();
    let answered = Answered::read(&visit, challenge(b"sign-in", &cookie));
    let user = answered.as_ref().ok().and_then(|answer| holder(answer.assertion.user_handle.as_deref()?));
    let (Ok(answered), Some(user)) = (answered, user) else {
        return form(&visit, StatusCode::FORBIDDEN, Some("The passkey was not read: try again, or use your password."))
            .await;
    };
    let prove = |config: &Configuration, call: &Call, person: &Person| answered.prove(config, call, person);
    match visit.app.open_session(&visit.caller, user, &[Factor::Passkey], prove).await {
        Ok(opened) => Ok(entered(&visit.caller, &visit.next(), opened.token.reveal())),
        Err(Failure::NoAccount) => {
            unknown(&visit, "This passkey belongs to nobody here: it may have been removed.").await
        }
        Err(Failure::Refused(error)) if error.error.status == 401 => {
            unknown(&visit, &sentence(&error.error.detail)).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn unknown(visit: &Visit, problem: &str) -> Answer {
    visit.app.wrong_credential(&visit.caller);
    form(visit, StatusCode::FORBIDDEN, Some(problem)).await
}

/// The passkey that a form brings.
///
/// # Errors
/// 400 where the browser's answer is not what was asked.
pub(super) fn made(visit: &Visit, challenge: &[u8]) -> Result<Passkey, Failure> {
    let bad = |error: PasskeyError| Failure::from(provost_accounts::Refused::status(400, error.to_string()));
    let answer: Registration =
        serde_json::from_str(visit.form.get("registration")).map_err(|_| bad(PasskeyError::Form))?;
    let (origin, host) = (visit.origin(), host(visit));
    let ceremony = Ceremony { challenge, origin: &origin, host: &host };
    ceremony.register(&answer, visit.form.get("name"), visit.app.now()).map_err(bad)
}
