//! What `serve` is told: flags, then the environment, then a file, then defaults.

use anyhow::{Context, bail};
use clap::{Args, ValueEnum, builder::BoolishValueParser};
use provost_client::{Reach, Sender, SmtpUrl};
use provost_server::{Network, PublicUrl, SupportAddress, proxy::TrustedProxies};
use provost_store::DatabaseUrl;
use serde::{Deserialize, Deserializer, de};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

const DATA: &str = "./provost-data";
/// Where the server listens, and where clients look for it, unless they are told.
pub const LISTEN: &str = "127.0.0.1:8080";
const LOG: &str = "info";

/// A configuration file is a page of settings; one of this size is something else.
const FILE_BYTES_MAX: u64 = 64 * 1024;

const FILE_HELP: &str = "\
Every option can also be given in the environment or in the file; a flag goes before the environment, the environment \
before the file. The file is TOML with the names of the flags, written with underscores:

  data = \"/var/lib/provost\"
  database_url = \"postgres://provost:password@db.example.com/provost\"
  listen = \"0.0.0.0:443\"
  tls_cert = \"/etc/provost/chain.pem\"
  tls_key = \"/etc/provost/key.pem\"
  trusted_proxy = [\"10.0.0.0/8\"]
  public_url = \"https://scim.example.com\"
  smtp_url = \"smtps://provost:password@mail.example.com\"
  mail_from = \"Provost <provost@example.com>\"
  support = \"support@example.com\"

At the first start the operator's key, a bearer token for /api/v1, is written to DIR/operator.key. When the server is \
ready it prints one line, `listening on URL`, to stdout; logs go to stderr. SIGTERM ends it after the requests in \
flight, SIGHUP reads the certificate again.

Exit codes: 0 ended by a signal, 1 it could not start or failed, 2 the command line is wrong.";

/// The options of `serve`.
#[derive(Args, Clone, Debug, Default)]
#[command(after_help = FILE_HELP)]
pub struct ServeArgs {
    /// Folder of the database and the operator's key; made when missing [default: ./provost-data]
    #[arg(long, env = "PROVOST_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL database that any number of servers share, instead of one in DIR: postgres://USER:PASSWORD@HOST:PORT/DATABASE. TLS is
    /// required unless the host is this machine (sslmode=disable|require, sslrootcert=FILE). A password belongs into the
    /// environment or the file, where other users of the machine do not see it
    #[arg(long, env = "PROVOST_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<Unread>,
    /// Where to listen; port 0 lets the system choose [default: 127.0.0.1:8080]
    #[arg(long, env = "PROVOST_LISTEN", value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// Configuration file (TOML)
    #[arg(long, env = "PROVOST_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Certificate chain for TLS (PEM)
    #[arg(long, env = "PROVOST_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, env = "PROVOST_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Serve plain HTTP on an address that other machines reach: only behind a proxy that does TLS
    #[arg(long, env = "PROVOST_ALLOW_PLAIN_HTTP", value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub allow_plain_http: Option<bool>,
    /// Let enterprise apps provision into targets by plain HTTP and at private addresses, this machine's own among them. Whoever may
    /// set an enterprise app can then reach this network through the server
    #[arg(long, env = "PROVOST_ALLOW_PRIVATE_TARGETS", value_name = "BOOL", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub allow_private_targets: Option<bool>,
    /// URL under which clients reach the server, when it is not the one they name
    #[arg(long, env = "PROVOST_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// Proxies whose X-Forwarded-* headers are believed; may be repeated or separated by commas
    #[arg(long, env = "PROVOST_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Option<Vec<Network>>,
    /// Mail server: smtp://USER:PASSWORD@HOST:PORT, or smtps://… for TLS; needs --mail-from and --public-url. A password belongs
    /// into the environment or the file, where other users of the machine do not see it
    #[arg(long, env = "PROVOST_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<Unread>,
    /// Who mails come from: ADDRESS or `NAME <ADDRESS>`
    #[arg(long, env = "PROVOST_MAIL_FROM", value_name = "SENDER")]
    pub mail_from: Option<Sender>,
    /// E-mail address that help and error pages name for questions
    #[arg(long, env = "PROVOST_SUPPORT", value_name = "ADDRESS")]
    pub support: Option<SupportAddress>,
    /// How much to log: error, warn, info, debug, trace, also per module [default: info]
    #[arg(long, env = "PROVOST_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How log lines look [default: text]
    #[arg(long, env = "PROVOST_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// A text that is read later, so that no message about the command line repeats it. Prints as `[redacted]`.
#[derive(Clone)]
pub struct Unread(String);

impl From<String> for Unread {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Unread {
    /// The text, which may hold a password.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The same settings as a file has them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    data: Option<PathBuf>,
    database_url: Option<Text<DatabaseUrl>>,
    listen: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    allow_plain_http: Option<bool>,
    allow_private_targets: Option<bool>,
    public_url: Option<Text<PublicUrl>>,
    trusted_proxy: Option<Vec<Text<Network>>>,
    smtp_url: Option<Text<SmtpUrl>>,
    mail_from: Option<Text<Sender>>,
    support: Option<Text<SupportAddress>>,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

/// A value that is written as text.
#[derive(Debug)]
struct Text<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map(Self).map_err(de::Error::custom)
    }
}

/// What the server is to do, settled.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder of the operator's key and, unless it is elsewhere, of the database.
    pub data: PathBuf,
    /// The database that servers share; without it, there is one in the folder.
    pub database: Option<DatabaseUrl>,
    /// `HOST:PORT`.
    pub listen: String,
    /// Chain and key, for TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether plain HTTP may leave this machine.
    pub allow_plain_http: bool,
    /// Where enterprise apps may provision into.
    pub reach: Reach,
    /// What locations start with, when it is not what clients name.
    pub public_url: Option<PublicUrl>,
    /// Whose forwarding headers count.
    pub trusted: TrustedProxies,
    /// How mail is sent; `None` sends none.
    pub mail: Option<MailConfig>,
    /// Whom help and error pages name for questions.
    pub support: Option<SupportAddress>,
    /// What is logged.
    pub log: String,
    /// How.
    pub log_format: LogFormat,
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The server that takes it.
    pub smtp: SmtpUrl,
    /// Who it comes from.
    pub from: Sender,
    /// What links in it begin with: requests say who they like to be sent to, and links in mails must not follow them.
    pub links: PublicUrl,
}

impl ServeArgs {
    /// Puts flags, environment, file and defaults together.
    ///
    /// # Errors
    /// A file that cannot be read, with the line at fault; a database or mail server whose URL cannot be used; a certificate
    /// without its key or the other way round; mail without server, sender or public URL.
    pub fn settle(self) -> anyhow::Result<Config> {
        let file = self.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let tls = match (self.tls_cert.or(file.tls_cert), self.tls_key.or(file.tls_key)) {
            (Some(chain), Some(key)) => Some((chain, key)),
            (None, None) => None,
            (Some(_), None) => bail!("a certificate is configured without its key: give --tls-key as well"),
            (None, Some(_)) => bail!("a key is configured without its certificate: give --tls-cert as well"),
        };
        let public_url = self.public_url.or(file.public_url.map(|url| url.0));
        let smtp = self.smtp_url.map(|url| url.0.parse()).transpose()?.or(file.smtp_url.map(|url| url.0));
        let database = self.database_url.map(|url| url.0.parse()).transpose()?;
        let mail = mail(smtp, self.mail_from.or(file.mail_from.map(|from| from.0)), public_url.clone())?;
        let from_file = |list: Vec<Text<Network>>| list.into_iter().map(|network| network.0).collect();
        Ok(Config {
            data: self.data.or(file.data).unwrap_or_else(|| DATA.into()),
            database: database.or(file.database_url.map(|url| url.0)),
            listen: self.listen.or(file.listen).unwrap_or_else(|| LISTEN.to_owned()),
            tls,
            allow_plain_http: self.allow_plain_http.or(file.allow_plain_http).unwrap_or(false),
            reach: match self.allow_private_targets.or(file.allow_private_targets).unwrap_or(false) {
                true => Reach::Anywhere,
                false => Reach::Public,
            },
            public_url,
            trusted: TrustedProxies(self.trusted_proxy.or(file.trusted_proxy.map(from_file)).unwrap_or_default()),
            mail,
            support: self.support.or(file.support.map(|address| address.0)),
            log: self.log.or(file.log).unwrap_or_else(|| LOG.to_owned()),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
        })
    }
}

fn mail(
    smtp: Option<SmtpUrl>,
    from: Option<Sender>,
    public_url: Option<PublicUrl>,
) -> anyhow::Result<Option<MailConfig>> {
    match (smtp, from, public_url) {
        (None, None, _) => Ok(None),
        (Some(smtp), Some(from), Some(links)) => Ok(Some(MailConfig { smtp, from, links })),
        (Some(_), Some(_), None) => {
            bail!(
                "a mail server is configured without a public URL: give --public-url as well, links in mails begin with it"
            )
        }
        (Some(_), None, _) => bail!("a mail server is configured without a sender: give --mail-from as well"),
        (None, Some(_), _) => bail!("a sender of mails is configured without a mail server: give --smtp-url as well"),
    }
}

impl File {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let size = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
        if size > FILE_BYTES_MAX {
            bail!("{} is longer than {FILE_BYTES_MAX} bytes and cannot be a configuration file", path.display());
        }
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            anyhow::anyhow!("{}, line {line}: {}", path.display(), error.message().replace('\n', ", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn settled(args: ServeArgs, file: &str) -> anyhow::Result<Config> {
        let mut on_disk = tempfile::NamedTempFile::new().unwrap();
        on_disk.write_all(file.as_bytes()).unwrap();
        ServeArgs { config: Some(on_disk.path().to_owned()), ..args }.settle()
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let args = ServeArgs { listen: Some("127.0.0.1:1".to_owned()), ..ServeArgs::default() };
        let config =
            settled(args, "listen = \"127.0.0.1:2\"\ndata = \"/srv\"\ntrusted_proxy = [\"10.0.0.0/8\"]").unwrap();
        assert_eq!(
            (config.listen.as_str(), config.data.to_str(), config.log.as_str()),
            ("127.0.0.1:1", Some("/srv"), "info")
        );
        assert_eq!(config.trusted.0.len(), 1);
    }

    #[test]
    fn a_file_with_a_fault_is_refused_with_its_line() {
        for (file, shown) in [
            ("data = \"a\"\nlisen = \"b\"", "line 2: unknown field `lisen`"),
            ("\n\ntrusted_proxy = [\"10.0.0.1/8\"]", "line 3: `10.0.0.1/8` has bits set after its prefix"),
            ("listen = 8080", "line 1: invalid type: integer `8080`, expected a string"),
            ("public_url = \"example.com\"", "line 1: `example.com` is not a public URL"),
            ("log_format = \"xml\"", "line 1: unknown variant `xml`"),
            ("listen", "line 1: "),
            ("tls_cert = \"a.pem\"", "give --tls-key as well"),
            ("smtp_url = \"smtp://mail\"", "give --mail-from as well"),
            ("mail_from = \"a@example.com\"", "give --smtp-url as well"),
            ("smtp_url = \"smtp://mail\"\nmail_from = \"a@example.com\"", "give --public-url as well"),
            ("support = \"desk\"", "line 1: `desk` is no e-mail address"),
            ("mail_from = \"a\"", "line 1: `a` is no sender"),
            ("database_url = \"mysql://u:secret@h/d\"", "line 1: the database URL cannot be used: give postgres://"),
            (
                "smtp_url = \"smtp://u:secret@host/x\"",
                "line 1: not an SMTP URL: nothing may stand behind the host and port",
            ),
        ] {
            let error = settled(ServeArgs::default(), file).unwrap_err().to_string();
            assert!(error.contains(shown) && !error.contains('\n') && !error.contains("secret"), "{file}: {error}");
        }
    }
}
