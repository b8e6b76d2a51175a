//! Handing over one mail.

use crate::{Protection, SmtpUrl};
use jiff::Timestamp;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, SinglePart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use std::{str::FromStr, time::Duration};

/// How long one answer of the server may take.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How long handing over one mail may take in all.
const HAND_OVER_MAX: Duration = Duration::from_secs(120);
/// What is kept of a server's answer or of an error, in characters.
const SAID_MAX: usize = 200;

/// Who mails come from: `provost@example.com` or `Provost <provost@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// One plain text mail to one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail<'m> {
    /// Unique, of letters, digits and hyphens: a mail that is handed over twice can be told by it.
    pub id: &'m str,
    /// The address, without a name.
    pub to: &'m str,
    /// One line.
    pub subject: &'m str,
    /// The body.
    pub text: &'m str,
    /// When it was written.
    pub date: Timestamp,
}

/// Hands mails over to one SMTP server, with a connection for each.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

/// Why a mail was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server does not serve us at all: it is away, its certificate or our credentials are not taken. Says nothing about the
    /// mail.
    #[error("the mail server is not available: {0}")]
    Unavailable(String),
    /// The server does not take this mail now, and may later.
    #[error("the mail server does not take the mail now: {0}")]
    NotNow(String),
    /// The server takes this mail never, or it is none.
    #[error("the mail server does not take the mail: {0}")]
    Never(String),
}

impl FromStr for Sender {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("`{text}` is no sender: expected ADDRESS or NAME <ADDRESS>"))
    }
}

impl Mailer {
    /// A mailer for this server. `hello` is the name by which this host introduces itself there.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(url: &SmtpUrl, sender: Sender, hello: &str) -> Result<Self, MailError> {
        let parameters = || TlsParameters::new_rustls(url.host.clone());
        let tls = match url.protection {
            Protection::None => Ok(Tls::None),
            Protection::StartTlsIfOffered => parameters().map(Tls::Opportunistic),
            Protection::StartTls => parameters().map(Tls::Required),
            Protection::Tls => parameters().map(Tls::Wrapper),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&url.host)
            .port(url.port)
            .tls(tls.map_err(|error| MailError::Unavailable(shortened(&error)))?)
            .hello_name(ClientId::Domain(hello.to_owned()))
            .timeout(Some(ANSWER_MAX));
        let builder = match url.credentials.clone() {
            Some((user, password)) => builder.credentials(Credentials::new(user, password)),
            None => builder,
        };
        Ok(Self { transport: builder.build(), sender })
    }

    /// Hands a mail over. Once this is done, the server answers for its delivery.
    ///
    /// # Errors
    /// Why it was not; after `Unavailable` it may have been handed over nevertheless.
    pub async fn send(&self, mail: &Mail<'_>) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match tokio::time::timeout(HAND_OVER_MAX, self.transport.send(message)).await {
            Ok(answer) => answer.map(drop).map_err(|error| judged(&error)),
            Err(_) => Err(MailError::Unavailable("it takes too long".to_owned())),
        }
    }

    fn message(&self, mail: &Mail<'_>) -> Result<Message, MailError> {
        let to: Address =
            mail.to.parse().map_err(|_| MailError::Never("the recipient has no mail address".to_owned()))?;
        let domain = self.sender.0.email.domain();
        Message::builder()
            .from(self.sender.0.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .date(mail.date.into())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .singlepart(SinglePart::plain(mail.text.to_owned()))
            .map_err(|error| MailError::Never(shortened(&error)))
    }
}

/// What an error means for the mail. Replies about signing in or about the service (RFC 5321 §4.2.3, RFC 4954 §6) are no
/// judgement of a mail, however permanent.
fn judged(error: &lettre::transport::smtp::Error) -> MailError {
    let code = error.status().map(u16::from);
    match code {
        Some(421 | 432 | 454 | 500..=504 | 521 | 530 | 534 | 535 | 538) | None => {
            MailError::Unavailable(shortened(error))
        }
        // "No service here" before the mail, or "transaction failed" after it.
        Some(554) => MailError::NotNow(shortened(error)),
        Some(_) if error.is_permanent() => MailError::Never(shortened(error)),
        Some(_) => MailError::NotNow(shortened(error)),
    }
}

/// An error with its causes, as one bounded line.
pub(crate) fn shortened(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let next_text = next.to_string();
        if !text.contains(&next_text) {
            text = format!("{text}: {next_text}");
        }
        cause = next.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID_MAX).collect()
}
