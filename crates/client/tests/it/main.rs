//! Mail, against SMTP servers that answer as they are told.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its scene fails")]

mod server;
mod sinks;
mod targets;

use provost_client::{Mail, MailError, Mailer};
use server::Server;

const MAIL: Mail<'static> = Mail {
    id: "m1",
    to: "ann@example.com",
    subject: "Grüße aus der Küche",
    text: "Hello Ann,\n\n.\nthis line follows a dot.\n",
    date: jiff::Timestamp::UNIX_EPOCH,
};

fn mailer(url: &str) -> Mailer {
    let sender = "Provost <provost@example.com>".parse().unwrap();
    Mailer::new(&url.parse().unwrap(), sender, "scim.example.com").unwrap()
}

/// What becomes of a mail where the server answers the command `at` with `reply`: one word, and what the server was told.
async fn sent(at: &'static str, reply: &'static str) -> (&'static str, String) {
    let server = Server::start(at, reply).await;
    let outcome = mailer(&format!("smtp://ann:secret@127.0.0.1:{}", server.port)).send(&MAIL).await;
    let outcome = match outcome {
        Ok(()) => "sent",
        Err(MailError::Unavailable(_)) => "unavailable",
        Err(MailError::NotNow(_)) => "not now",
        Err(MailError::Never(_)) => "never",
    };
    (outcome, server.heard().await)
}

#[tokio::test]
async fn what_a_reply_means_for_the_mail() {
    for (at, reply, outcome) in [
        ("", "", "sent"),
        ("EHLO", "554 no service here", "not now"),
        ("EHLO", "421 closing", "unavailable"),
        ("AUTH", "535 wrong password", "unavailable"),
        ("AUTH", "454 temporary failure", "unavailable"),
        ("MAIL", "451 later", "not now"),
        ("MAIL", "530 authenticate first", "unavailable"),
        ("RCPT", "450 greylisted", "not now"),
        ("RCPT", "550 nobody of that name", "never"),
        ("DATA", "452 disk full", "not now"),
        (".", "550 spam", "never"),
        (".", "554 transaction failed", "not now"),
        (".", "nonsense", "unavailable"),
        ("RCPT", "", "unavailable"),
    ] {
        assert_eq!(sent(at, reply).await.0, outcome, "{at}: {reply}");
    }
}

#[tokio::test]
async fn a_mail_is_handed_over_whole_and_can_be_told_by_its_id() {
    let (_, heard) = sent("", "").await;
    for part in [
        "EHLO scim.example.com",
        "MAIL FROM:<provost@example.com>",
        "RCPT TO:<ann@example.com>",
        "From: Provost <provost@example.com>",
        "To: ann@example.com",
        "Subject: =?utf-8?b?R3LDvMOfZQ==?= aus der =?utf-8?b?S8O8Y2hl?=",
        "Message-ID: <m1@example.com>",
        "Date: Thu, 01 Jan 1970 00:00:00 +0000",
        "Hello Ann,",
        "..\nthis line follows a dot.",
    ] {
        assert!(heard.contains(part), "{part} in\n{heard}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_says_nothing_about_the_mail() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let outcome = mailer(&format!("smtp://127.0.0.1:{port}")).send(&MAIL).await;
    assert!(matches!(outcome, Err(MailError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn what_is_no_address_reaches_no_server() {
    for to in ["", "ann", "ann@example.com\r\nRCPT TO:<eve@example.com>", "a@b@c", "<ann@example.com>"] {
        let outcome = mailer("smtp://127.0.0.1:1").send(&Mail { to, ..MAIL }).await;
        assert!(matches!(outcome, Err(MailError::Never(_))), "{to:?}: {outcome:?}");
    }
}
