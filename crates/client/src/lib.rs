//! Everything that calls out or reads from elsewhere: SCIM targets, mail over SMTP, logs to syslog servers and webhooks, users from CSV
//! files and LDAP servers.
//!
//! Nothing here knows accounts or decides what is sent; whoever calls does, and says what a failure means.

mod ldap;
mod sink;
mod smtp;
mod smtp_url;
mod syslog;
mod table;
mod target;
mod webhook;

pub use ldap::{LdapEnd, LdapEntry, LdapError, LdapQuery, LdapReader, LdapServer, escaped};
pub use sink::{SinkError, SinkUrl, SinkUrlError};
pub use smtp::{Mail, MailError, Mailer, Sender};
pub use smtp_url::{Protection, SmtpUrl, SmtpUrlError};
pub use syslog::{Syslog, SyslogMessage, SyslogSeverity, SyslogTarget};
pub use table::{COLUMNS_MAX, ROW_BYTES_MAX, Row, RowFault, Table, TableError};
pub use target::{
    ClientSecret, Outbound, Reach, Target, TargetAnswer, TargetBase, TargetBaseError, TargetBody, TargetError,
    TargetLimits, TargetMethod, TargetReads, TargetRequest, TokenError, check_token, check_url, is_public,
};
pub use webhook::{HeadersError, Webhook, headers};
