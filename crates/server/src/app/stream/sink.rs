//! From entries of a log to what a sink takes.

use crate::app::Failure;
use provost_accounts::{Refused, audit};
use provost_change::{AccountId, Logged};
use provost_client::{SinkError, SinkUrl, Syslog, SyslogMessage, SyslogSeverity, Webhook, headers};
use serde_json::Value;
use std::collections::BTreeMap;

/// A sink that is ready to take entries.
pub(super) enum Sink {
    Syslog(Syslog),
    Web(Webhook),
}

impl Sink {
    /// A sink by its URL and headers.
    ///
    /// # Errors
    /// When the URL is none, or TLS cannot be set up.
    pub(super) fn open(target: &str, named: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let invalid = |error: &dyn std::fmt::Display| Failure::from(Refused::invalid(error.to_string()));
        match target.parse().map_err(|error| invalid(&error))? {
            SinkUrl::Syslog(target) => Ok(Self::Syslog(Syslog::new(target).map_err(away)?)),
            SinkUrl::Web(url) => {
                let headers = headers(named).map_err(|error| invalid(&error))?;
                Ok(Self::Web(Webhook::new(url, headers).map_err(away)?))
            }
        }
    }

    /// Sends entries in their order, as the log shows them.
    ///
    /// # Errors
    /// When it is not certain that all arrived.
    pub(super) async fn send(&self, account: AccountId, entries: &[Logged]) -> Result<(), Failure> {
        let shown = entries.iter().map(|entry| (entry, audit::shown(account, entry)));
        let sent = match self {
            Self::Syslog(syslog) => {
                let messages: Vec<SyslogMessage> = shown.map(|(entry, shown)| message(entry, &shown)).collect();
                syslog.send(&messages).await
            }
            Self::Web(webhook) => {
                let lines: String = shown.map(|(_, shown)| format!("{shown}\n")).collect();
                webhook.post(lines).await
            }
        };
        sent.map_err(away)
    }
}

fn message(entry: &Logged, shown: &Value) -> SyslogMessage {
    SyslogMessage {
        severity: match shown["severity"].as_str() {
            Some("ERROR") => SyslogSeverity::Error,
            Some("WARNING") => SyslogSeverity::Warning,
            Some(_) | None => SyslogSeverity::Info,
        },
        at: entry.at,
        msg_id: shown["action"].as_str().unwrap_or_default().to_owned(),
        sequence: entry.seq,
        text: shown.to_string(),
    }
}

fn away(error: SinkError) -> Failure {
    Refused::status(502, error.to_string()).into()
}
