//! Everything that calls out: SCIM targets, mail over SMTP, logs to syslog servers and webhooks.
//!
//! Nothing here knows accounts or decides what is sent; whoever calls does, and says what a failure means.

mod sink;
mod smtp;
mod smtp_url;
mod syslog;
mod target;
mod webhook;

pub use sink::{SinkError, SinkUrl, SinkUrlError};
pub use smtp::{Mail, MailError, Mailer, Sender};
pub use smtp_url::{Protection, SmtpUrl, SmtpUrlError};
pub use syslog::{Syslog, SyslogMessage, SyslogSeverity, SyslogTarget};
pub use target::{
    Outbound, Reach, Target, TargetAnswer, TargetBody, TargetError, TargetLimits, TargetMethod, TargetRequest,
    TenantUrl, TenantUrlError, TokenError, check_token, is_public,
};
pub use webhook::{HeadersError, Webhook, headers};
