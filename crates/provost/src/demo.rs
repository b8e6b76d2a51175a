//! `provost demo`: a server on a throw-away store, with a company that sends and two applications that receive, over real HTTP.

mod screen;
mod stage;
mod story;

use crate::{
    config::{Config, LISTEN, LogFormat},
    logging, operator_key, output,
    serve::Server,
    signals::Signals,
};
use anyhow::Context;
use provost_client::Reach;
use provost_server::proxy::TrustedProxies;
use stage::Stage;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use story::{Cast, WATCHER};

const ABOUT: &str = "\
Each request of the administrators is printed with its answer. The demo fails (exit code 1) when an answer is not what the story says. \
Afterwards the server stays up to be tried by hand; Ctrl-C ends it and removes the store.";

/// Options of `provost demo`.
#[derive(clap::Args, Debug)]
#[command(after_help = ABOUT)]
pub struct Args {
    /// End when the story is told
    #[arg(long)]
    exit: bool,
    /// Where to listen; port 0 lets the system choose [default: 127.0.0.1:8080, or another port when that is taken]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// How much to log
    #[arg(long, env = "PROVOST_LOG", value_name = "FILTER", default_value = "warn")]
    log: String,
}

/// Tells the story.
///
/// # Errors
/// What keeps the server from starting; an answer that is not what the story says.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    logging::start(&args.log, LogFormat::Text)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let folder =
        tempfile::Builder::new().prefix("provost-demo-").tempdir().context("cannot make a temporary folder")?;
    let server = Server::start(Config {
        data: folder.path().to_owned(),
        database: None,
        listen: args.listen.unwrap_or_else(free_address),
        tls: None,
        allow_plain_http: false,
        // Company and applications are accounts of this one server.
        reach: Reach::Anywhere,
        public_url: None,
        trusted: TrustedProxies::default(),
        mail: None,
        support: None,
        log: args.log,
        log_format: LogFormat::Text,
    })
    .await?;
    let told = tokio::select! {
        told = tell(&server, folder.path(), args.exit) => told,
        () = signals.end() => Ok(()),
    };
    server.stop().await?;
    folder.close().context("cannot remove the temporary folder")?;
    told.map(|()| ExitCode::SUCCESS)
}

/// The usual address, unless a server is there already.
fn free_address() -> String {
    if TcpListener::bind(LISTEN).is_ok() { LISTEN.to_owned() } else { "127.0.0.1:0".to_owned() }
}

async fn tell(server: &Server, folder: &Path, exit: bool) -> anyhow::Result<()> {
    let stage = Stage::new(server.url(), server.operator_key.clone())?;
    let cast = Box::pin(story::tell(stage)).await?;
    if exit {
        return Ok(());
    }
    output::write_out(&by_hand(&server.url(), &cast, folder))?;
    std::future::pending().await
}

/// How to go on.
fn by_hand(url: &str, cast: &Cast, folder: &Path) -> String {
    let Cast { contoso, vault, surveys, tenant_url, key, link } = cast;
    let operator_key = operator_key::path(folder);
    format!(
        "
The server stays up; Ctrl-C ends it and removes everything. In a browser, choose a
password and sign in to the console as {WATCHER}, an administrator of the company:

  {link}

or as the operator, with the key in {operator_key}:

  {url}/console/sign-in?as=operator

In another terminal:

  export PROVOST_URL={url} PROVOST_TOKEN=$(cat {operator_key}) PROVOST_ACCOUNT={contoso}

Change something in the company, and see what its apps make of it a few seconds later:
  provost user list
  provost user update lin@contoso.example --active false
  provost enterprise-app assign 'Data vault' --user mary@contoso.example --role ACCOUNTAUDITOR
  provost enterprise-app status 'Field surveys'
  provost enterprise-app logs 'Data vault'

And what the applications hold:
  provost user list --account {vault}
  provost user list --account {surveys}
  provost audit list --account {vault}

An identity provider of your own (Entra needs HTTPS in front) can feed the company:
  Tenant URL    {tenant_url}
  Secret token  {key}
",
        operator_key = operator_key.display(),
    )
}
