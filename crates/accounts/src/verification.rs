//! Proving an address: a link in a mail that works once and expires, or a first sign-in through the identity provider.
//!
//! Of a link only its hash is kept, in the user's state, which SCIM does not show. A new link therefore kills the one before, and a
//! removed user takes the link along.

use crate::{
    Call, Configuration, Decided, Refused, User, UserState,
    mail::{self, Post},
    policy::{SsoVerification, Verification, VerificationMail},
    token::{NewToken, PresentedToken, Purpose},
    users,
};
use jiff::{SignedDuration, Timestamp};
use provost_change::ResourceId;
use provost_scim::Resource;
use serde::{Deserialize, Serialize};

/// Where links point to, below what links begin with.
const PATH: &str = "/verify/";
/// How long a link works.
pub const LINK_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

const NO_MAIL: &str = "this installation sends no mail, so no link to verify the address goes out";

/// A link that is out: what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// SHA-256 of the link's token, in hexadecimal.
    pub hash: String,
    /// The address that it went to, and that it proves.
    pub address: String,
    /// From when on it is refused.
    pub expires: Timestamp,
}

/// A mail that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// To which address.
    pub to: String,
    /// Until when its link works.
    pub expires: Timestamp,
}

/// Whether a change of attributes gives the user another address.
pub(crate) fn is_moved(before: &Resource, after: &Resource) -> bool {
    let address = |resource| mail::address(resource).map(str::to_lowercase);
    address(before) != address(after)
}

/// What a change of a user means for proving the address; `before` is `None` for a new one. A link that was out for another address
/// is dead. Where the policy sends mail, a new link goes out for an address that is not proved.
pub(crate) fn follow(
    config: &Configuration,
    call: &Call,
    before: Option<&User>,
    (resource, state, id): (&Resource, &mut UserState, ResourceId),
) -> Post {
    let moved = before.is_none_or(|user| is_moved(&user.resource, resource));
    if moved || state.verified {
        state.proof = None;
    }
    let policy = &config.policy.users;
    let wanted = policy.verification == Verification::Required && policy.verification_mail == VerificationMail::Send;
    if !moved || state.verified || !wanted {
        return Post::default();
    }
    match link(config, call, resource, id) {
        Ok((proof, post)) => {
            state.proof = Some(proof);
            post
        }
        Err(why) => Post::warning(vec![format!("{why} (policy field `users.verification_mail`)")]),
    }
}

/// Sends a mail with a new link; the one before is dead.
///
/// # Errors
/// 409 when the address is proved, need not be, or cannot be reached.
pub fn resend(config: &Configuration, call: &Call, user: &User) -> Result<Decided<Sent>, Refused> {
    if config.policy.users.verification == Verification::None {
        let why = "addresses need not be verified in this account";
        return Err(Refused::by("users.verification", 409, None, why));
    }
    if user.state.verified {
        return Err(Refused::status(409, "the address is verified already"));
    }
    let (proof, post) =
        link(config, call, &user.resource, user.id()).map_err(|why| Refused::status(409, why.to_owned()))?;
    let sent = Sent { to: proof.address.clone(), expires: proof.expires };
    let state = UserState { proof: Some(proof), ..user.state.clone() };
    let mut decided = users::restate(config, call, user, state, "user.send_verification").map(|_| sent);
    post.queue(call, &mut decided.change);
    Ok(decided)
}

/// What is kept of a new link, and the mail with it.
fn link(
    config: &Configuration,
    call: &Call,
    resource: &Resource,
    user: ResourceId,
) -> Result<(Proof, Post), &'static str> {
    let links = call.mail_links.as_ref().ok_or(NO_MAIL)?;
    let address = mail::address(resource).ok_or("the user has no mail address, so no link to verify it goes out")?;
    let expires = call.now.saturating_add(LINK_LIFETIME).unwrap_or(Timestamp::MAX);
    let link = NewToken::make(Purpose::Verification, config.id, user, call.secret);
    let url = format!("{}{}{}", links.trim_end_matches('/'), PATH, link.reveal());
    let post = Post::of(mail::verification(config, call, &mail::Link { user, to: address, url: &url, expires }));
    Ok((Proof { hash: link.hash(), address: address.to_owned(), expires }, post))
}

/// Takes a link: the address is proved, and the link is used up. `None` for a link that is unknown, used, expired or for another
/// address: which, nobody is told. The user is who did it, in the audit log.
pub fn confirm(config: &Configuration, call: &Call, user: &User, link: &PresentedToken) -> Option<Decided<User>> {
    let proof = user.state.proof.as_ref()?;
    let at_home = mail::address(&user.resource) == Some(proof.address.as_str());
    let good = link.is(&proof.hash) && call.now < proof.expires && at_home;
    let state = UserState { verified: true, proof: None, ..user.state.clone() };
    good.then(|| users::restate(config, &call.by_link(user), user, state, "user.verify"))
}

/// What a sign-in through the identity provider says about the address; `None` where it says nothing new (S-42).
pub fn by_sso(config: &Configuration, call: &Call, user: &User) -> Option<Decided<User>> {
    let policy = &config.policy.users;
    let counts = policy.verification == Verification::Required && policy.sso_verification == SsoVerification::Counts;
    let state = UserState { verified: true, proof: None, ..user.state.clone() };
    (counts && user.is_active() && !user.state.verified)
        .then(|| users::restate(config, call, user, state, "user.verify_by_sso"))
}
