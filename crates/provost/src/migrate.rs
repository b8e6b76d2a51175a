//! `provost migrate`: accounts taken from one database to another while the source serves.

use crate::{config::Unread, folder::tell, output::Output, signals::Signals};
use anyhow::{Context as _, anyhow, bail};
use provost_change::AccountId;
use provost_server::{Clock, Entropy, SystemClock, SystemEntropy};
use provost_store::{Begun, Compared, DatabaseUrl, Move, MoveError, Side, give_up, remove_moved};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
DIR is a data folder, URL a PostgreSQL database (postgres://USER:PASSWORD@HOST:PORT/DATABASE), better given in the environment, \
where other users of the machine do not see the password. The source may be in service; the target may serve other accounts if it \
is a PostgreSQL database, and must not be in service if it is a folder, which is made when it is missing.

One account after the other is frozen at the source: it is read there, and whoever wants to change it is answered with 503 and \
Retry-After. Its rows are copied and compared on both sides by their digest; then it is at the target, and stays readable at the \
source. Ids, versions, times, keys and the audit log are the same there. Put the operator.key of the source's servers into the data \
folders of the target's.

Whatever ends it: the same command goes on where it was ended. On an error the account takes changes at the source again, unless \
--keep-frozen is given; after a crash it stays frozen until the command is run again, or --abort.

Examples:
  provost migrate --from /var/lib/provost --to postgres://provost@db.example.com/provost
  provost migrate --from postgres://provost@db.example.com/provost --to /var/lib/one --account ID
  provost migrate --from /var/lib/provost --to postgres://provost@db.example.com/provost --abort
  provost migrate --from /var/lib/provost --to postgres://provost@db.example.com/provost --remove-moved";

/// Rows between two signs of progress.
const PROGRESS_EVERY: u64 = 10_000;

/// Accounts whose ids are read at once.
const ACCOUNTS_AT_ONCE: u64 = 1_000;

/// Options of `provost migrate`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// Where the accounts are
    #[arg(long, env = "PROVOST_MIGRATE_FROM", value_name = "DIR|URL", hide_env_values = true)]
    from: Unread,
    /// Where they go
    #[arg(
        long,
        env = "PROVOST_MIGRATE_TO",
        value_name = "DIR|URL",
        hide_env_values = true,
        required_unless_present = "abort"
    )]
    to: Option<Unread>,
    /// Only the account with this id; may be repeated
    #[arg(short, long = "account", value_name = "ID")]
    accounts: Vec<String>,
    /// Leave the account frozen after an error, so that running the command again goes on instead of beginning anew
    #[arg(long)]
    keep_frozen: bool,
    /// Give up moves that were not finished: the source takes changes again, and what the target has of them goes
    #[arg(long, conflicts_with = "keep_frozen")]
    abort: bool,
    /// Remove what accounts that are at the target have left at the source
    #[arg(long, conflicts_with_all = ["abort", "keep_frozen"])]
    remove_moved: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// Databases that cannot be used, accounts that cannot be moved, a signal; accounts that were moved before that stay moved.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let named = self.accounts.iter().map(|id| id.parse());
        let named: Vec<AccountId> =
            named.collect::<Result<_, _>>().map_err(|_| anyhow!("an account is named by its id"))?;
        let from = Place::read(&self.from).context("the source")?;
        let to = self.to.as_ref().map(|to| Place::read(to).context("the target")).transpose()?;
        if self.to.as_ref().is_some_and(|to| is_same(self.from.text(), to.text())) {
            bail!("source and target are the same database");
        }
        let leaving = from.leaving().await.context("the source")?;
        let entering = match &to {
            Some(to) => Some(to.entering().await.context("the target")?),
            None => None,
        };
        let output = Output::of(self.json);
        match entering {
            _ if self.abort => abort(&leaving, entering.as_ref(), &named, output).await,
            Some(entering) if self.remove_moved => remove(&leaving, &entering, &named, output).await,
            Some(entering) => {
                let signals = Signals::listen().context("cannot listen for signals")?;
                let moves = Moves {
                    from: leaving,
                    to: entering,
                    keep_frozen: self.keep_frozen,
                    everything: named.is_empty(),
                    signals,
                    done: Vec::new(),
                };
                moves.run(&named, output).await
            }
            None => bail!("give --to as well"),
        }
    }
}

/// Whether two places are told to be the same; a database can have many names, and then the accounts are there already.
fn is_same(one: &str, other: &str) -> bool {
    let whole = |path| fs::canonicalize(path).ok();
    one == other || whole(one).is_some_and(|one| Some(one) == whole(other))
}

/// A data folder or a database.
enum Place {
    Folder(PathBuf),
    Database(Box<DatabaseUrl>),
}

impl Place {
    fn read(text: &Unread) -> anyhow::Result<Self> {
        let text = text.text();
        Ok(if text.contains("://") {
            Self::Database(Box::new(text.parse()?))
        } else {
            Self::Folder(PathBuf::from(text))
        })
    }

    async fn leaving(&self) -> anyhow::Result<Side> {
        Ok(match self {
            Self::Folder(folder) => Side::leaving_folder(folder)?,
            Self::Database(url) => Side::leaving_database(url).await?,
        })
    }

    async fn entering(&self) -> anyhow::Result<Side> {
        let now = SystemClock.now();
        Ok(match self {
            Self::Folder(folder) => Side::entering_folder(folder, now)?,
            Self::Database(url) => Side::entering_database(url, now, SystemEntropy.uuid_v7(now)).await?,
        })
    }
}

/// Accounts at a side behind one, in the order of their ids; those that were named, or all.
async fn next(side: &Side, named: &[AccountId], after: Option<AccountId>) -> Result<Vec<AccountId>, MoveError> {
    match (named, after) {
        ([], after) => side.accounts(after, ACCOUNTS_AT_ONCE).await,
        (named, None) => Ok(named.to_vec()),
        (_, Some(_)) => Ok(Vec::new()),
    }
}

/// Does something with each account at a side, one after the other; those that it was done to.
async fn those(
    side: &Side,
    named: &[AccountId],
    act: impl AsyncFn(AccountId) -> Result<bool, MoveError>,
) -> Result<Vec<String>, MoveError> {
    let (mut done, mut after) = (Vec::new(), None);
    loop {
        let accounts = next(side, named, after).await?;
        after = accounts.last().copied();
        if after.is_none() {
            return Ok(done);
        }
        for account in accounts {
            done.extend(act(account).await?.then(|| account.to_string()));
        }
    }
}

async fn abort(from: &Side, to: Option<&Side>, named: &[AccountId], output: Output) -> anyhow::Result<ExitCode> {
    let give_up = async |account| match give_up(from, to, account).await {
        // Most were moved long ago.
        Err(MoveError::Live(_)) if named.is_empty() => Ok(false),
        result => result,
    };
    let given_up = those(from, named, give_up).await?;
    let said = match given_up.len() {
        0 => "No move was under way.".to_owned(),
        1 => "One move was given up: the account takes changes at the source again.".to_owned(),
        number => format!("{number} moves were given up: the accounts take changes at the source again."),
    };
    output.sentence(&said, &json!({ "given_up": given_up }))?;
    Ok(ExitCode::SUCCESS)
}

async fn remove(from: &Side, to: &Side, named: &[AccountId], output: Output) -> anyhow::Result<ExitCode> {
    let remove = async |account| match remove_moved(from, to, account).await {
        // It was moved elsewhere.
        Err(MoveError::NotThere(_)) if named.is_empty() => Ok(false),
        result => result,
    };
    let removed = those(from, named, remove).await?;
    let said = format!("Accounts that are at the target and were removed from the source: {}.", removed.len());
    output.sentence(&said, &json!({ "removed": removed }))?;
    Ok(ExitCode::SUCCESS)
}

/// What became of an account.
enum Outcome {
    /// It is at the target now.
    Moved(Compared),
    /// It was at the target already.
    There,
    /// It was moved to another database before.
    Elsewhere,
}

/// Accounts that are moved one after the other.
struct Moves {
    from: Side,
    to: Side,
    keep_frozen: bool,
    /// Whether no accounts were named.
    everything: bool,
    signals: Signals,
    done: Vec<(AccountId, Outcome)>,
}

impl Moves {
    async fn run(mut self, named: &[AccountId], output: Output) -> anyhow::Result<ExitCode> {
        let mut after = None;
        loop {
            let accounts = next(&self.from, named, after).await?;
            after = accounts.last().copied();
            if after.is_none() {
                break;
            }
            for account in accounts {
                match self.one(account).await {
                    Ok(outcome) => self.done.push((account, outcome)),
                    Err(error) => {
                        let moved = self.moved();
                        return if moved == 0 { Err(error) } else { Err(anyhow!("{error:#}; {} before", said(moved))) };
                    }
                }
            }
        }
        self.report(output)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn one(&mut self, account: AccountId) -> anyhow::Result<Outcome> {
        let token = SystemEntropy.uuid_v7(SystemClock.now());
        let begun = tokio::select! {
            begun = Move::begin(&self.from, &self.to, account, token) => begun,
            () = self.signals.end() => bail!(
                "ended by a signal while account {account} was being frozen; should it be, run the same command again, or give up \
                 with --abort"
            ),
        };
        let mut moving = match begun {
            Ok(Begun::Open(moving)) => moving,
            Ok(Begun::There) => return Ok(Outcome::There),
            Err(MoveError::MovedAway(_)) if self.everything => return Ok(Outcome::Elsewhere),
            Err(error) => return Err(error.into()),
        };
        tell(&format!("account {account}{} …", if moving.is_resumed { ": going on" } else { "" }));
        let worked = tokio::select! {
            worked = work(account, &mut moving) => worked.map_err(Ended::Failed),
            () = self.signals.end() => Err(Ended::Signal),
        };
        let compared = match worked {
            Ok(compared) => compared,
            Err(ended) => return Err(self.ended(account, &moving, ended).await),
        };
        let finished = moving.finish(&compared).await;
        finished.context("the last step failed; run the same command again to finish it")?;
        Ok(Outcome::Moved(compared))
    }

    /// What is to be said of a move that did not come to its end, once the source takes changes again where it should.
    async fn ended(&self, account: AccountId, moving: &Move, ended: Ended) -> anyhow::Error {
        let copies_anew = matches!(ended, Ended::Failed(MoveError::Differs { .. }));
        let why = match ended {
            // Another process goes on.
            Ended::Failed(error @ MoveError::Contested(_)) => return error.into(),
            Ended::Failed(error) => error.to_string(),
            Ended::Signal => format!("the move of account {account} was ended by a signal"),
        };
        if self.keep_frozen && !copies_anew {
            return anyhow!(
                "{why}; the account stays frozen: run the same command again to go on, or give up with --abort"
            );
        }
        match moving.thaw().await {
            Ok(true) => anyhow!("{why}; the account takes changes at the source again"),
            Ok(false) => anyhow!("{why}; the move was given up meanwhile"),
            Err(error) => {
                anyhow!(
                    "{why}; the account is still frozen, since {error}: run the same command again, or give up with --abort"
                )
            }
        }
    }

    fn moved(&self) -> usize {
        self.done.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Moved(_))).count()
    }

    fn report(&self, output: Output) -> anyhow::Result<()> {
        let (mut rows, mut there, mut elsewhere) = (0, 0, 0);
        let mut shown: Vec<Value> = Vec::with_capacity(self.done.len());
        for (account, outcome) in &self.done {
            shown.push(match outcome {
                Outcome::Moved(compared) => {
                    rows += compared.rows;
                    json!({ "account": account.to_string(), "outcome": "moved", "rows": compared.rows, "digest": compared.digest })
                }
                Outcome::There => {
                    there += 1;
                    json!({ "account": account.to_string(), "outcome": "there" })
                }
                Outcome::Elsewhere => {
                    elsewhere += 1;
                    json!({ "account": account.to_string(), "outcome": "elsewhere" })
                }
            });
        }
        let mut text = format!("{}, {rows} rows, each the same on both sides.", said(self.moved()));
        if there > 0 {
            text.push_str(&format!(" At the target already: {there}."));
        }
        if elsewhere > 0 {
            text.push_str(&format!(" Moved to another database before: {elsewhere}."));
        }
        output.sentence(&text, &json!({ "rows": rows, "accounts": shown }))?;
        output.note(
            "The operator's key is not in a database: give the target's servers the operator.key of the source's.",
        )
    }
}

fn said(moved: usize) -> String {
    match moved {
        1 => "one account was moved".to_owned(),
        moved => format!("{moved} accounts were moved"),
    }
}

/// Why a move did not come to its end.
enum Ended {
    Failed(MoveError),
    Signal,
}

/// Copies and compares.
async fn work(account: AccountId, moving: &mut Move) -> Result<Compared, MoveError> {
    let told = |what: &'static str| {
        let mut next = PROGRESS_EVERY;
        move |rows: u64| {
            if rows >= next {
                next = rows - rows % PROGRESS_EVERY + PROGRESS_EVERY;
                tell(&format!("account {account}: {rows} rows {what} …"));
            }
        }
    };
    moving.copy(&mut told("copied")).await?;
    moving.compare(&mut told("compared on both sides")).await
}
