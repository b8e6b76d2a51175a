//! Which mails belong to a change, and what they say.

use super::{Mail, Recipient, outbox};
use crate::{Actor, Call, Configuration, User, policy::Notify, users::is_email};
use jiff::Timestamp;
use provost_change::{ChangeSet, ResourceId};
use provost_scim::Resource;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Proves an address by a link.
    Verification,
    /// Lets a user set a password by a link.
    Invitation,
    /// Says that a user was disabled or removed.
    Deprovisioning,
    /// Says that provisioning into another system is in trouble.
    Provisioning,
    /// Says that an alert was raised.
    Alert,
}

/// Mails that a change brings about, and sentences about those that it should and cannot.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "its mails belong into the change set, its warnings into the audit entry"]
pub struct Post {
    mails: Vec<Mail>,
    /// For the audit entry of the change.
    pub warnings: Vec<String>,
}

impl Post {
    /// One mail.
    pub fn of(mail: Mail) -> Self {
        Self { mails: vec![mail], warnings: Vec::new() }
    }

    /// Both.
    pub fn and(mut self, other: Self) -> Self {
        self.mails.extend(other.mails);
        self.warnings.extend(other.warnings);
        self
    }

    /// Only sentences.
    pub(crate) fn warning(warnings: Vec<String>) -> Self {
        Self { mails: Vec::new(), warnings }
    }

    /// Puts the mails into the change set that they belong to.
    pub fn queue(self, call: &Call, change: &mut ChangeSet) {
        outbox::queue(call, self.mails, change);
    }
}

/// The address at which a user is reached: the sign-in name where it is one, else the primary address, else the first.
pub fn address(resource: &Resource) -> Option<&str> {
    let name = resource.get("userName").and_then(Value::as_str);
    let emails = resource.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
    let email = primary.or_else(|| emails.first()).and_then(|email| email.get("value")?.as_str());
    [name, email].into_iter().flatten().find(|text| is_email(text))
}

/// A link for a user, and the address that it goes to.
pub(crate) struct Link<'a> {
    /// Whose it is.
    pub user: ResourceId,
    /// Where it is sent.
    pub to: &'a str,
    /// The link itself.
    pub url: &'a str,
    /// Until when it works.
    pub expires: Timestamp,
}

/// The mail with the link that proves an address.
pub(crate) fn verification(config: &Configuration, call: &Call, link: &Link<'_>) -> Mail {
    let (account, to) = (&config.account.name, link.to);
    let ask = format!("you were given access to {account} under the address {to}. Please confirm that it is yours:");
    with_link(call, link, MailKind::Verification, format!("Confirm your address for {account}"), &ask)
}

/// The mail with the link to set a password.
pub(crate) fn invitation(config: &Configuration, call: &Call, link: &Link<'_>) -> Mail {
    let (account, to) = (&config.account.name, link.to);
    let ask = format!("you can sign in to the console of {account} as {to}. Please choose a password:");
    with_link(call, link, MailKind::Invitation, format!("Set your password for {account}"), &ask)
}

fn with_link(call: &Call, link: &Link<'_>, kind: MailKind, subject: String, ask: &str) -> Mail {
    let Link { user, to, url, expires } = *link;
    Mail {
        to: Recipient::Address(to.to_owned()),
        subject,
        text: format!(
            "Hello,\n\n{ask}\n\n{url}\n\n\
             The link works once, until {}. If you did not expect this mail, you need not do anything.\n",
            minute(expires)
        ),
        kind,
        about: user,
        due: call.now,
        attempts: 0,
    }
}

/// The mail about a user whom SCIM disables (`disabled`) or removes (`removed`), where the policy wants one. A user who was disabled
/// before is not told again.
pub fn farewell(config: &Configuration, call: &Call, user: &User, what: &str) -> Post {
    let to = match config.policy.notify {
        Notify::None => return Post::default(),
        Notify::User if !user.is_active() => return Post::default(),
        Notify::User => match address(&user.resource) {
            Some(address) => Recipient::Address(address.to_owned()),
            None => {
                return Post::warning(vec![
                    "the user has no mail address and is not told (policy field `notify`)".to_owned(),
                ]);
            }
        },
        Notify::Admins => Recipient::Administrators,
    };
    if call.mail_links.is_none() {
        return Post::warning(vec![
            "this installation sends no mail, so nobody is told (policy field `notify`)".to_owned(),
        ]);
    }
    let (account, name, at) = (&config.account.name, user.user_name(), minute(call.now));
    let (subject, text) = match to {
        Recipient::Address(_) => (
            format!("Your access to {account} has ended"),
            format!(
                "Hello,\n\nyour user {name} in {account} was {what} on {at} by the identity provider of your organisation. If this is \
                 not right, please ask the administrators there.\n"
            ),
        ),
        Recipient::Administrators => (
            format!("A user of {account} was {what}"),
            format!(
                "Hello,\n\nuser {name} of {account} was {what} by {} on {at}.\n",
                match &call.actor {
                    Actor::App { name, .. } => format!("admin app {name}"),
                    Actor::Person { .. } | Actor::Operator | Actor::System => "an administrator".to_owned(),
                }
            ),
        ),
    };
    Post::of(Mail { to, subject, text, kind: MailKind::Deprovisioning, about: user.id(), due: call.now, attempts: 0 })
}

/// A time for people, to the minute.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
