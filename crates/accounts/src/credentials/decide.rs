//! What changes of a person's credentials, and who may change it.

use super::{Credentials, Password, Person, Totp, passkey::Passkey, password::PasswordHash, recovery};
use crate::{
    Actor, Call, Configuration, Decided, Refused, User,
    account::put,
    audit::{self, Entry},
    mail::{self, Post},
    token::{NewToken, PresentedToken, Purpose},
    users,
    verification::Proof,
};
use jiff::{SignedDuration, Timestamp};
use provost_change::{ChangeSet, Expect, Kind};
use serde_json::{Value, json};

/// Where links point to, below what links begin with.
pub const PATH: &str = "/console/password/";
/// How long a link works.
pub const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// Whoever has forgotten a password gets one mail in this time.
const FORGOT_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Passkeys of one user.
const PASSKEYS_MAX: usize = 20;

const NO_MAIL: &str = "this installation sends no mail, so no link to set a password goes out";

/// A link to set a password, which is out.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// To which address it went; `None` where it did not go by mail.
    pub to: Option<String>,
    /// The link, for the operator who asked to see it.
    pub link: Option<String>,
    /// Until when it works.
    pub expires: Timestamp,
}

/// Lets a user set a password by a link that works once; the one before is dead. With `shown_below`, which only the operator may ask
/// for, no mail goes out: the link is shown, and begins like that.
///
/// # Errors
/// 403 where the caller may not act for somebody with these roles, or is to be shown the link; 409 for a user who may not sign in or
/// cannot be reached.
pub fn invite(
    config: &Configuration,
    call: &Call,
    person: &Person,
    shown_below: Option<&str>,
) -> Result<Decided<Invitation>, Refused> {
    users::may_administer(config, call, &person.user)?;
    if !person.user.is_active() {
        return Err(Refused::status(409, "the user is disabled: enable it before it is to sign in"));
    }
    let Some(base) = shown_below else {
        return mailed(config, call, person, "user.invite").map_err(|why| Refused::status(409, why));
    };
    if call.actor != Actor::Operator {
        return Err(Refused::status(
            403,
            "only the operator is shown a link; it goes to everybody else's address by mail",
        ));
    }
    let (token, proof) = link(config, call, person, String::new());
    let url = format!("{}{PATH}{}", base.trim_end_matches('/'), token.reveal());
    let expires = proof.expires;
    let credentials = Credentials { link: Some(proof), ..person.credentials.clone() };
    let entry = about("user.invite", person).changed("link shown until", Value::Null, json!(expires));
    let change = change(config, call, person, &credentials, entry);
    Ok(Decided { change, outcome: Invitation { to: None, link: Some(url), expires } })
}

/// Takes back the link that is out to set a password.
///
/// # Errors
/// 403 where the caller may not act for somebody with these roles; 404 where no link is out. One that has expired is out, too.
pub fn withdraw(config: &Configuration, call: &Call, person: &Person) -> Result<Decided<Person>, Refused> {
    users::may_administer(config, call, &person.user)?;
    if person.credentials.link.is_none() {
        return Err(Refused::not_found("invitation"));
    }
    let credentials = Credentials { link: None, ..person.credentials.clone() };
    Ok(done(config, call, person, credentials, about("user.withdraw_invitation", person)))
}

/// What is done for somebody who says to have forgotten the password; `None` where no mail can go out, or one went out just now.
pub fn forgot(config: &Configuration, call: &Call, person: &Person) -> Option<Decided<Invitation>> {
    let again = person.credentials.link.as_ref().and_then(|link| sent(link).checked_add(FORGOT_EVERY).ok());
    if !person.user.is_active() || again.is_some_and(|again| call.now < again) {
        return None;
    }
    mailed(config, call, person, "user.forgot_password").ok()
}

fn mailed(
    config: &Configuration,
    call: &Call,
    person: &Person,
    action: &'static str,
) -> Result<Decided<Invitation>, &'static str> {
    let links = call.mail_links.as_ref().ok_or(NO_MAIL)?;
    let address = mail::address(&person.user.resource);
    let address = address.ok_or("the user has no mail address, so no link to set a password goes out")?;
    let (token, proof) = link(config, call, person, address.to_owned());
    let url = format!("{}{PATH}{}", links.trim_end_matches('/'), token.reveal());
    let link = mail::Link { user: person.user.id(), to: address, url: &url, expires: proof.expires };
    let post = Post::of(mail::invitation(config, call, &link));
    let outcome = Invitation { to: Some(address.to_owned()), link: None, expires: proof.expires };
    let credentials = Credentials { link: Some(proof), ..person.credentials.clone() };
    let mut change = change(config, call, person, &credentials, about(action, person));
    post.queue(call, &mut change);
    Ok(Decided { change, outcome })
}

fn link(config: &Configuration, call: &Call, person: &Person, address: String) -> (NewToken, Proof) {
    let token = NewToken::make(Purpose::Password, config.id, person.user.id(), call.secret);
    let expires = call.now.saturating_add(LINK_LIFETIME).unwrap_or(Timestamp::MAX);
    let proof = Proof { hash: token.hash(), address, expires };
    (token, proof)
}

/// When a link went out.
pub fn sent(link: &Proof) -> Timestamp {
    link.expires.checked_sub(LINK_LIFETIME).unwrap_or(Timestamp::MIN)
}

/// Whether a link to set a password is good: known, not used, not expired, and its user is there.
pub fn is_good(person: &Person, link: &PresentedToken, now: Timestamp) -> bool {
    person.credentials.link.as_ref().is_some_and(|proof| link.is(&proof.hash) && works(proof, &person.user, now))
}

/// Whether a link that is out would let its user set a password: it has not expired, the user is enabled and has the address that it
/// went to.
pub fn works(proof: &Proof, user: &User, now: Timestamp) -> bool {
    let at_home = proof.address.is_empty() || mail::address(&user.resource) == Some(proof.address.as_str());
    now < proof.expires && at_home && user.is_active()
}

/// Sets a password by a link, which is used up and has proved the address that it went to. `None` for a link that is not good. The
/// sessions of the user are to end in the same change set. The user is who did it, in the audit log.
pub fn take_link(
    config: &Configuration,
    call: &Call,
    person: &Person,
    link: &PresentedToken,
    hash: PasswordHash,
) -> Option<Decided<Person>> {
    if !is_good(person, link, call.now) {
        return None;
    }
    let call = &call.by_link(&person.user);
    let by_mail = person.credentials.link.as_ref().is_some_and(|proof| !proof.address.is_empty());
    let mut decided = set_password(config, call, person, hash);
    if by_mail && !person.user.state.verified {
        let state = users::UserState { verified: true, proof: None, ..person.user.state.clone() };
        let proved = users::restate(config, call, &person.user, state, "user.verify");
        decided.change.puts.extend(proved.change.puts);
        decided.change.counts.extend(proved.change.counts);
        decided.change.log.extend(proved.change.log);
        decided.outcome.user = proved.outcome;
    }
    Some(decided)
}

/// Sets a password that was [checked](super::password::check). A link that is out is dead. The other sessions of the user are to end in
/// the same change set.
pub fn set_password(config: &Configuration, call: &Call, person: &Person, hash: PasswordHash) -> Decided<Person> {
    let password = Some(Password { hash, set: call.now });
    let credentials = Credentials { password, link: None, ..person.credentials.clone() };
    done(config, call, person, credentials, about("user.set_password", person))
}

/// Takes an authenticator app on that has shown a good code, in place of the one before, with fresh recovery codes.
pub fn add_totp(
    config: &Configuration,
    call: &Call,
    person: &Person,
    (sealed, used): (String, i64),
    codes: &[String],
) -> Decided<Person> {
    let totp = Some(Totp { sealed, since: call.now, used });
    let recovery = hashes(person, codes);
    let credentials = Credentials { totp, recovery, ..person.credentials.clone() };
    done(config, call, person, credentials, about("user.add_totp", person))
}

/// Fresh recovery codes in place of those that there were.
pub fn renew_recovery(config: &Configuration, call: &Call, person: &Person, codes: &[String]) -> Decided<Person> {
    let credentials = Credentials { recovery: hashes(person, codes), ..person.credentials.clone() };
    done(config, call, person, credentials, about("user.renew_recovery_codes", person))
}

fn hashes(person: &Person, codes: &[String]) -> Vec<String> {
    codes.iter().filter_map(|code| recovery::hash(person.user.id(), code)).collect()
}

/// Lets the authenticator app go. The recovery codes go too where no passkey is left that they stand in for.
pub fn remove_totp(config: &Configuration, call: &Call, person: &Person) -> Decided<Person> {
    let recovery =
        if person.credentials.passkeys.is_empty() { Vec::new() } else { person.credentials.recovery.clone() };
    let credentials = Credentials { totp: None, recovery, ..person.credentials.clone() };
    done(config, call, person, credentials, about("user.remove_totp", person))
}

/// Notes that the code of a step was taken, which is therefore not taken again. Says nothing in the log: the sign-in does.
pub fn use_totp(config: &Configuration, call: &Call, person: &Person, step: i64) -> ChangeSet {
    let totp = person.credentials.totp.clone().map(|totp| Totp { used: step, ..totp });
    written(config, call, person, &Credentials { totp, ..person.credentials.clone() })
}

/// Takes a recovery code, which is used up.
pub fn use_recovery(config: &Configuration, call: &Call, person: &Person, position: usize) -> ChangeSet {
    let mut credentials = person.credentials.clone();
    if position < credentials.recovery.len() {
        credentials.recovery.remove(position);
    }
    let left = json!(credentials.recovery.len());
    let entry = about("user.use_recovery_code", person).changed("codes left", Value::Null, left);
    change(config, call, person, &credentials, entry)
}

/// Takes a passkey on.
///
/// # Errors
/// 409 for one that the user has, and for too many.
pub fn add_passkey(
    config: &Configuration,
    call: &Call,
    person: &Person,
    passkey: Passkey,
) -> Result<Decided<Person>, Refused> {
    if person.credentials.passkeys.len() >= PASSKEYS_MAX {
        return Err(Refused::status(409, format!("you have {PASSKEYS_MAX} passkeys: remove one first")));
    }
    if person.credentials.passkeys.iter().any(|one| one.id == passkey.id) {
        return Err(Refused::status(409, "you have this passkey already"));
    }
    let entry = about("user.add_passkey", person).changed("passkey", Value::Null, json!(passkey.name));
    let mut credentials = person.credentials.clone();
    credentials.passkeys.push(passkey);
    Ok(done(config, call, person, credentials, entry))
}

/// Lets a passkey go.
///
/// # Errors
/// 404 for one that the user does not have.
pub fn remove_passkey(
    config: &Configuration,
    call: &Call,
    person: &Person,
    id: &str,
) -> Result<Decided<Person>, Refused> {
    let mut credentials = person.credentials.clone();
    let at = credentials.passkeys.iter().position(|one| one.id == id);
    let gone = credentials.passkeys.remove(at.ok_or_else(|| Refused::not_found("passkey"))?);
    if credentials.passkeys.is_empty() && credentials.totp.is_none() {
        credentials.recovery.clear();
    }
    let entry = about("user.remove_passkey", person).changed("passkey", json!(gone.name), Value::Null);
    Ok(done(config, call, person, credentials, entry))
}

/// Notes the use of a passkey.
pub fn use_passkey(config: &Configuration, call: &Call, person: &Person, used: &Passkey) -> ChangeSet {
    let mut credentials = person.credentials.clone();
    if let Some(passkey) = credentials.passkeys.iter_mut().find(|one| one.id == used.id) {
        passkey.clone_from(used);
    }
    written(config, call, person, &credentials)
}

/// Forgets a user's second factors, for somebody who has lost them: an administrator does that. The password stays. The sessions of the
/// user are to end in the same change set.
///
/// # Errors
/// 403 where the caller may not act for somebody with these roles.
pub fn reset(config: &Configuration, call: &Call, person: &Person) -> Result<Decided<Person>, Refused> {
    users::may_administer(config, call, &person.user)?;
    let credentials =
        Credentials { totp: None, recovery: Vec::new(), passkeys: Vec::new(), ..person.credentials.clone() };
    let before = &person.credentials;
    let entry = about("user.reset_factors", person)
        .changed("authenticator app", json!(before.totp.is_some()), json!(false))
        .changed("passkeys", json!(before.passkeys.len()), json!(0));
    Ok(done(config, call, person, credentials, entry))
}

/// Says that all sessions of a user end, which are to end in the same change set.
pub fn end_sessions(config: &Configuration, call: &Call, person: &Person) -> Decided<()> {
    let log = vec![audit::entry(call, about("session.revoke_all", person))];
    Decided { change: ChangeSet { config: Some(config.version), log, ..ChangeSet::default() }, outcome: () }
}

fn about(action: &'static str, person: &Person) -> Entry {
    Entry::done(action).about(&Kind::USER, person.user.id(), person.user.user_name())
}

fn done(
    config: &Configuration,
    call: &Call,
    person: &Person,
    credentials: Credentials,
    entry: Entry,
) -> Decided<Person> {
    let change = change(config, call, person, &credentials, entry);
    Decided { change, outcome: Person { credentials, ..person.clone() } }
}

fn change(config: &Configuration, call: &Call, person: &Person, credentials: &Credentials, entry: Entry) -> ChangeSet {
    let mut change = written(config, call, person, credentials);
    change.log.push(audit::entry(call, entry));
    change
}

fn written(config: &Configuration, call: &Call, person: &Person, credentials: &Credentials) -> ChangeSet {
    let expect = person.record.as_ref().map_or(Expect::Absent, |record| Expect::Version(record.version));
    let mut put = put(Kind::CREDENTIALS, person.user.id(), call, credentials, expect);
    put.record.created = person.record.as_ref().map_or(call.now, |record| record.created);
    let (before, after) = (person.credentials.index(), credentials.index());
    if before != after {
        put.index_adds = after.into_iter().collect();
        put.index_removes = before.into_iter().collect();
    }
    ChangeSet { config: Some(config.version), puts: vec![put], ..ChangeSet::default() }
}
