//! Messages for a syslog server: RFC 5424 in frames that begin with their length (RFC 6587 §3.4.1), over TCP or TLS (RFC 5425).

use crate::{SinkError, smtp::shortened};
use jiff::Timestamp;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use std::{fmt, io, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// How long a batch may take in all, from connecting to the receiver's end.
const BATCH_MAX: Duration = Duration::from_secs(60);
/// Facility of all messages: log audit (RFC 5424 §6.2.1).
const FACILITY: u8 = 13;
/// What messages say that they come from (RFC 5424 §6.2.5).
const APP_NAME: &str = "provost";
/// Longest name of a kind of message (RFC 5424 §6.2.7).
const MSG_ID_MAX: usize = 32;
/// Greatest number of a message; the next is 1 again (RFC 5424 §7.3.1).
const SEQUENCE_MAX: u64 = 2_147_483_647;

/// A syslog server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogTarget {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

/// How much attention a message deserves (RFC 5424 §6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyslogSeverity {
    /// Error.
    Error,
    /// Warning.
    Warning,
    /// Informational.
    Info,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyslogMessage {
    /// How much attention it deserves.
    pub severity: SyslogSeverity,
    /// When it was made; microseconds are sent.
    pub at: Timestamp,
    /// What kind of message it is; only its first 32 printable ASCII characters are sent.
    pub msg_id: String,
    /// Counts the messages from 1 (RFC 5424 §7.3.1).
    pub sequence: u64,
    /// What it says.
    pub text: String,
}

/// Sends messages to one server.
///
/// Nothing of syslog tells a sender what has arrived. So every batch has a connection of its own: all is written, our side is closed,
/// and only when the receiver, having read to our end, closes its side too has the batch arrived.
#[derive(Clone, Debug)]
pub struct Syslog {
    target: SyslogTarget,
    tls: Option<Arc<ClientConfig>>,
}

impl Syslog {
    /// A sender that trusts the certificates that this machine trusts, or those in the file that `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// When TLS is wanted and cannot be set up.
    pub fn new(target: SyslogTarget) -> Result<Self, SinkError> {
        if !target.tls {
            return Ok(Self { target, tls: None });
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::trusting(target, roots)
    }

    /// A sender that trusts these certificates and no others.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn trusting(target: SyslogTarget, roots: RootCertStore) -> Result<Self, SinkError> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| SinkError(shortened(&error)))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: target.tls.then(|| Arc::new(config)), target })
    }

    /// Sends messages, in order.
    ///
    /// # Errors
    /// When it is not certain that all arrived; some of them may have.
    pub async fn send(&self, messages: &[SyslogMessage]) -> Result<(), SinkError> {
        let mut frames = Vec::new();
        for message in messages {
            let text = message.to_string();
            frames.extend(format!("{} ", text.len()).into_bytes());
            frames.extend(text.into_bytes());
        }
        match timeout(BATCH_MAX, self.deliver(&frames)).await {
            Ok(done) => done.map_err(|error| SinkError(format!("{}: {}", self.target, shortened(&error)))),
            Err(_) => Err(SinkError(format!("{}: it did not close the connection within a minute", self.target))),
        }
    }

    async fn deliver(&self, frames: &[u8]) -> io::Result<()> {
        let SyslogTarget { host, port, .. } = &self.target;
        let socket = TcpStream::connect((host.as_str(), *port)).await?;
        refuse_own_end(&socket)?;
        match &self.tls {
            None => exchange(socket, frames).await,
            Some(config) => {
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                exchange(TlsConnector::from(Arc::clone(config)).connect(name, socket).await?, frames).await
            }
        }
    }
}

/// Where nobody listens, a system may connect a port of this machine with itself. Everything sent would come back, and then the end
/// that says that it has arrived.
fn refuse_own_end(socket: &TcpStream) -> io::Result<()> {
    if socket.local_addr()? == socket.peer_addr()? {
        return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens there"));
    }
    Ok(())
}

/// Writes all, closes our side and waits for the other's end. Who goes away without having read all resets the connection, which is
/// an error here.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, frames: &[u8]) -> io::Result<()> {
    stream.write_all(frames).await?;
    stream.shutdown().await?;
    let mut ignored = [0; 1024];
    loop {
        match stream.read(&mut ignored).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // Many servers end TLS without saying so.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

impl SyslogSeverity {
    fn number(self) -> u8 {
        match self {
            Self::Error => 3,
            Self::Warning => 4,
            Self::Info => 6,
        }
    }
}

/// As it is sent, without its length. The text is UTF-8 without a byte order mark, which those who read it as JSON trip over.
impl fmt::Display for SyslogMessage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let priority = FACILITY * 8 + self.severity.number();
        let msg_id: String = self.msg_id.chars().filter(char::is_ascii_graphic).take(MSG_ID_MAX).collect();
        let msg_id = if msg_id.is_empty() { "-" } else { &msg_id };
        let sequence = self.sequence.saturating_sub(1) % SEQUENCE_MAX + 1;
        let Self { at, text, .. } = self;
        write!(out, "<{priority}>1 {at:.6} - {APP_NAME} - {msg_id} [meta sequenceId=\"{sequence}\"] {text}")
    }
}

impl fmt::Display for SyslogTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls } = self;
        let scheme = if *tls { "syslog+tls" } else { "syslog" };
        let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
        write!(out, "{scheme}://{open}{host}{close}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpSocket};

    #[tokio::test]
    async fn s_73_a_connection_with_itself_is_no_receiver() {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let itself = socket.connect(address).await.unwrap();
        assert_eq!(refuse_own_end(&itself).unwrap_err().to_string(), "nobody listens there");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        refuse_own_end(&TcpStream::connect(listener.local_addr().unwrap()).await.unwrap()).unwrap();
    }

    #[test]
    fn s_73_a_message_has_the_form_of_rfc_5424() {
        let message = SyslogMessage {
            severity: SyslogSeverity::Warning,
            at: Timestamp::from_microsecond(1_767_323_045_678_900).unwrap(),
            msg_id: "user.update".to_owned(),
            sequence: 7,
            text: r#"{"seq":7,"target_name":"Ännchen"}"#.to_owned(),
        };
        let shown = r#"<108>1 2026-01-02T03:04:05.678900Z - provost - user.update [meta sequenceId="7"] {"seq":7,"target_name":"Ännchen"}"#;
        assert_eq!(message.to_string(), shown);
        let odd = SyslogMessage {
            severity: SyslogSeverity::Error,
            msg_id: "ä ".to_owned(),
            sequence: SEQUENCE_MAX + 1,
            ..message.clone()
        };
        assert!(odd.to_string().starts_with("<107>1 "), "{odd}");
        assert!(odd.to_string().contains(" provost - - [meta sequenceId=\"1\"] "), "{odd}");
        let long = SyslogMessage { severity: SyslogSeverity::Info, msg_id: "x".repeat(40), ..message };
        assert!(long.to_string().contains(&format!(" {} [", "x".repeat(32))), "{long}");
    }
}
