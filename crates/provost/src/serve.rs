//! The server: everything put together, and taken down again in order.

use crate::{
    config::{Config, MailConfig, ServeArgs},
    logging, operator_key,
    signals::{Asked, Signals},
};
use anyhow::{Context, bail};
use jiff::Timestamp;
use provost_client::{Mailer, Outbound, TargetLimits};
use provost_server::{
    App, Clock, Edge, Entropy, Limits, Metrics, OriginRules, OutgoingMail, Parts, SystemClock, SystemEntropy, bind,
    edge,
    proxy::Scheme,
    router,
    tls::{Certificate, check_plain_http},
};
use provost_store::{PostgresStore, SqliteStore, Store};
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// The operator's key.
    pub operator_key: String,
    scheme: Scheme,
    certificate: Option<Arc<Certificate>>,
    stop: watch::Sender<bool>,
    ended: JoinHandle<anyhow::Result<()>>,
}

/// `provost serve`: runs until it is told to end.
///
/// # Errors
/// What keeps the server from starting; a store that does not close.
pub async fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let config = args.settle()?;
    logging::start(&config.log, config.log_format)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let mut server = Server::start(config).await?;
    announce(&server.url())?;
    loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::End => break,
                Asked::Reload => server.reload_certificate(),
            },
            ended = &mut server.ended => {
                ended??;
                bail!("the server ended by itself");
            }
        }
    }
    tokio::select! {
        ended = server.stop() => ended.map(|()| ExitCode::SUCCESS),
        () = signals.end() => bail!("ended by a second signal, without waiting for the requests in flight"),
    }
}

/// Says on stdout that requests are answered now; that nobody reads it is no reason to end.
fn announce(url: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "listening on {url}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to stdout"),
        Ok(()) | Err(_) => Ok(()),
    }
}

impl Server {
    /// Starts to listen and answer.
    ///
    /// # Errors
    /// An unusable certificate or address, plain HTTP where it is not allowed, an unusable data folder or operator's key.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let certificate = certificate(&config)?;
        let (listener, address) = bind(&config.listen).await?;
        if certificate.is_none() {
            check_plain_http(address, config.allow_plain_http)?;
        }
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let node = entropy.uuid_v7(clock.now());
        let (store, operator_key) = open(&config, clock.now(), node, entropy.as_ref()).await?;
        let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION")));
        let scheme = if certificate.is_some() { Scheme::Https } else { Scheme::Http };
        let app = App::new(Parts {
            store,
            node,
            clock: clock.clone(),
            entropy: entropy.clone(),
            metrics: metrics.clone(),
            operator_key: operator_key.clone(),
            mail: config.mail.as_ref().map(outgoing_mail).transpose()?,
            outbound: Outbound::new(config.reach, TargetLimits::default()),
            support: config.support.clone(),
        });
        let origins = OriginRules { trusted: config.trusted, public_url: config.public_url, scheme, bound: address };
        let (stop, stopping) = watch::channel(false);
        let router = router(app.clone(), metrics.clone(), stopping.clone());
        let router = edge::wrap(router, Arc::new(Edge { clock, entropy, origins, metrics }));
        let tls = certificate.as_ref().map(Certificate::server_config).transpose()?;
        let running = Running { app, listener, router, tls };
        let ended = tokio::spawn(running.until(stopping));
        match &config.mail {
            Some(mail) => tracing::info!(server = %mail.smtp, protection = ?mail.smtp.protection, "Mail is on."),
            None => tracing::info!("Mail is off: no mail server is configured (--smtp-url)."),
        }
        let database = config.database.as_ref().map(ToString::to_string);
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            %address,
            data = %config.data.display(),
            database,
            %node,
            "The server is ready."
        );
        Ok(Self { address, operator_key, scheme, certificate, stop, ended })
    }

    /// `http://HOST:PORT` or `https://HOST:PORT`, as it is bound.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme.name(), self.address)
    }

    /// Accepts no more, lets requests in flight finish, stores what is still in memory, closes the store.
    ///
    /// # Errors
    /// A store that does not close.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.ended.await?
    }

    fn reload_certificate(&self) {
        match self.certificate.as_ref().map(|certificate| certificate.reload()) {
            None => tracing::warn!("There is no certificate to read again; the server does not do TLS."),
            Some(Ok(())) => tracing::info!("Read the certificate again."),
            Some(Err(error)) => tracing::error!(%error, "The certificate stays as it was."),
        }
    }
}

/// What runs between start and stop.
struct Running {
    app: App,
    listener: TcpListener,
    router: axum::Router,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl Running {
    async fn until(self, stopping: watch::Receiver<bool>) -> anyhow::Result<()> {
        let (end_work, work_ends) = watch::channel(false);
        let work = tokio::spawn({
            let app = self.app.clone();
            async move {
                let ends = || turned(work_ends.clone());
                tokio::join!(
                    app.upkeep(ends()),
                    app.send_mails(ends()),
                    app.stream_logs(ends()),
                    app.build_indexes(ends()),
                    app.remove_apps(ends()),
                    app.run_cycles(ends())
                )
            }
        });
        let told = async move {
            turned(stopping).await;
            tracing::info!("Stopping: no new connections, requests in flight are finished.");
        };
        provost_server::serve(self.listener, self.router, self.tls, Limits::default(), told).await;
        end_work.send_replace(true);
        work.await?;
        self.app.store().close().await.context("the store did not close")?;
        tracing::info!("Stopped.");
        Ok(())
    }
}

/// Resolves once the value is true; that nobody is left to set it means the same.
async fn turned(mut value: watch::Receiver<bool>) {
    let _ = value.wait_for(|value| *value).await;
}

/// Sets mail up, and says so.
fn outgoing_mail(config: &MailConfig) -> anyhow::Result<OutgoingMail> {
    let links = config.links.as_str();
    let hello = links.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    let mailer = Mailer::new(&config.smtp, config.from.clone(), hello).context("mail cannot be set up")?;
    Ok(OutgoingMail { mailer, links: links.to_owned() })
}

/// Opens the database that servers share, or the one in the data folder, and reads the operator's key that belongs to it.
async fn open(
    config: &Config,
    now: Timestamp,
    node: Uuid,
    entropy: &dyn Entropy,
) -> anyhow::Result<(Arc<dyn Store>, String)> {
    Ok(match &config.database {
        Some(url) => {
            operator_key::make_folder(&config.data)?;
            let store = PostgresStore::open(url, now, node).await?;
            let key = operator_key::shared(&store, &config.data, entropy).await?;
            (Arc::new(store), key)
        }
        None => {
            let store = SqliteStore::open(&config.data, now)?;
            (Arc::new(store), operator_key::read_or_make(&config.data, entropy)?)
        }
    })
}

fn certificate(config: &Config) -> anyhow::Result<Option<Arc<Certificate>>> {
    let Some((chain, key)) = &config.tls else { return Ok(None) };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(Some(Certificate::load(chain, key, provider)?))
}
