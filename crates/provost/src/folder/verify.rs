//! `provost verify`.

mod account;
mod faults;
mod keys;

use super::tell;
use crate::{commands::audit::BROKEN, output::Output};
use account::Look;
use anyhow::{Context as _, bail};
use faults::{Fault, Faults, Remedy};
use provost_accounts::{Actor, Call};
use provost_change::AccountId;
use provost_server::{Clock, Entropy, SystemClock, SystemEntropy};
use provost_store::{Inspection, StoreError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Reads everything: the database file itself, each record's document, and whether unique keys, index entries, memberships, \
counts and the audit log are what follows from the records. Beside a running server it only looks; --repair needs the \
server stopped.

--repair builds anew what follows from the records: keys, index entries, counts, and pages of lists, and the database \
file itself where the damaged part of it held nothing else; it ends memberships of which one side does not exist. It \
changes no record, invents no holder where two records claim one value, and leaves an entry in the audit log of each \
account that it changed. Make a backup first.

Exit code 0: all is sound, or is so now. Exit code 3: something is broken; each line names what.

Examples:
  provost verify --data /var/lib/provost
  provost verify --data /var/lib/provost --repair --json";

/// Sentences about the database file that are shown.
const FILE_FAULTS_MAX: u32 = 100;

/// Options of `provost verify`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// Folder of the database
    #[arg(long, env = "PROVOST_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Only the account with this id
    #[arg(short, long, value_name = "ID")]
    account: Option<String>,
    /// Put right what can be
    #[arg(long)]
    repair: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// A folder that cannot be read, or is in use where repairs were asked for.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut inspection =
            if self.repair { Inspection::open_for_repair(&self.data)? } else { Inspection::open(&self.data)? };
        let mut whole = Whole { faults: Faults::new(self.repair), ..Whole::default() };
        whole.file(&mut inspection, &self.data)?;
        let accounts = match self.account.as_deref().map(str::parse::<AccountId>) {
            Some(Ok(account)) => vec![account],
            Some(Err(_)) => bail!("an account is named by its id"),
            None => whole.accounts(&inspection)?,
        };
        for account in &accounts {
            whole.account(&inspection, *account)?;
        }
        whole.report(accounts.len(), Output::of(self.json))
    }
}

/// What was looked at so far, and what was found.
#[derive(Default)]
struct Whole {
    faults: Faults,
    records: u64,
    entries: u64,
    notes: Vec<String>,
}

impl Whole {
    /// SQLite's own structures.
    fn file(&mut self, inspection: &mut Inspection, folder: &Path) -> anyhow::Result<()> {
        tell("the database file …");
        let problems = found(inspection.integrity(FILE_FAULTS_MAX))?;
        if problems.is_empty() {
            return Ok(());
        }
        let is_mended = self.faults.repairing && self.mend(inspection, folder)?;
        let remedy = if is_mended { Remedy::Done } else { Remedy::None };
        problems.into_iter().for_each(|problem| self.faults.add(Fault::of_file(problem), remedy));
        if !is_mended {
            if self.faults.repairing {
                self.note(
                    "The file cannot be repaired: go back to a backup, or export the accounts that can still be read.",
                );
            }
            // Writing to a damaged file may damage it more.
            self.faults.repairing = false;
        }
        Ok(())
    }

    /// Builds SQLite's indexes anew, or the whole file where that is not enough. Says whether it is whole then.
    fn mend(&mut self, inspection: &mut Inspection, folder: &Path) -> anyhow::Result<bool> {
        tell("SQLite's indexes …");
        if is_corrupt(inspection.rebuild_indexes())?.is_some() && found(inspection.integrity(1))?.is_empty() {
            return Ok(true);
        }
        tell("the whole file …");
        let Some(kept) = is_corrupt(inspection.rebuild(folder, SystemClock.now()))? else { return Ok(false) };
        self.note(&format!(
            "The file was made anew from its records; the damaged one is kept as `{}`.",
            kept.display()
        ));
        Ok(found(inspection.integrity(1))?.is_empty())
    }

    /// All accounts; rows of others belong to nobody.
    fn accounts(&mut self, inspection: &Inspection) -> anyhow::Result<Vec<AccountId>> {
        match inspection.orphans() {
            Ok(orphans) => {
                for (table, account) in orphans {
                    let problem = format!("`{table}` has rows of it, but the account does not exist");
                    self.faults.add(Fault::of_account(account, problem), Remedy::None);
                }
            }
            Err(StoreError::Corrupt(problem)) => self.faults.add(Fault::of_file(problem), Remedy::None),
            Err(error) => return Err(error.into()),
        }
        match inspection.accounts() {
            Ok(accounts) => Ok(accounts),
            Err(StoreError::Corrupt(problem)) => {
                self.faults.add(Fault::of_file(format!("the accounts cannot be read: {problem}")), Remedy::None);
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn account(&mut self, inspection: &Inspection, account: AccountId) -> anyhow::Result<()> {
        let (mark, call) = (self.faults.mark(), call());
        let looked = inspection.account(account, |at| Look::at(at, &mut self.faults).whole(&call));
        match looked {
            Ok(Some(seen)) => {
                self.records += seen.records;
                self.entries += seen.entries;
                if seen.is_unfinished {
                    self.note(&format!(
                        "Account {account} is an import that was not finished: keys and indexes of its records were not checked."
                    ));
                }
                Ok(())
            }
            Ok(None) => bail!("there is no account {account}"),
            Err(error) => {
                // Nothing of the account was changed.
                self.faults.take_back(mark);
                if let StoreError::Frozen(why) = error {
                    self.note(&format!("Account {account} was not looked at, since it cannot be repaired: {why}."));
                    return Ok(());
                }
                let StoreError::Corrupt(problem) = error else { return Err(error.into()) };
                let problem = format!("it cannot be looked through to its end: {problem}");
                self.faults.add(Fault::of_account(account, problem), Remedy::None);
                Ok(())
            }
        }
    }

    fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    fn report(&self, accounts: usize, output: Output) -> anyhow::Result<ExitCode> {
        let faults = &self.faults;
        let sound = faults.open() == 0;
        let shown = json!({
            "sound": sound,
            "accounts": accounts,
            "records": self.records,
            "log_entries": self.entries,
            "faults": faults.found(),
            "repaired": faults.repaired(),
            "findings": faults.shown().iter().map(Fault::json).collect::<Vec<Value>>(),
            "notes": self.notes,
        });
        match output {
            Output::Json => output.document(&shown, &shown)?,
            Output::Plain => {
                for fault in faults.shown() {
                    output.sentence(&fault.to_string(), &Value::Null)?;
                }
                if faults.found() > faults.shown().len() as u64 {
                    let more = faults.found() - faults.shown().len() as u64;
                    output.sentence(&format!("… and {more} more"), &Value::Null)?;
                }
                for note in &self.notes {
                    output.sentence(note, &Value::Null)?;
                }
                let looked = format!(
                    "{}, {}, {}",
                    counted(accounts as u64, "account", "accounts"),
                    counted(self.records, "record", "records"),
                    counted(self.entries, "log entry", "log entries"),
                );
                let counted = |faults| counted(faults, "fault", "faults");
                let said = match (faults.found(), faults.repaired()) {
                    (0, _) => format!("{looked}: all is sound."),
                    (found, repaired) if sound => {
                        format!("{looked}: {}, {repaired} repaired: all is sound now.", counted(found))
                    }
                    (found, 0) => format!("{looked}: {}.", counted(found)),
                    (found, repaired) => format!("{looked}: {}, {repaired} repaired.", counted(found)),
                };
                output.sentence(&said, &Value::Null)?;
            }
        }
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) })
    }
}

/// What the log says who made repairs.
fn call() -> Call {
    let (now, mut salt) = (SystemClock.now(), [0; 16]);
    SystemEntropy.fill(&mut salt);
    Call {
        actor: Actor::Operator,
        now,
        request_id: "verify --repair".to_owned(),
        client_ip: String::new(),
        user_agent: None,
        new_id: SystemEntropy.uuid_v7(now),
        salt,
        secret: [0; 16],
        mail_links: None,
        is_braked: false,
    }
}

/// What was done; `None` where damage kept it from being done.
fn is_corrupt<T>(done: Result<T, StoreError>) -> anyhow::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(StoreError::Corrupt(_)) => Ok(None),
        Err(error) => Err(error).context("the database file cannot be repaired"),
    }
}

/// What SQLite says about its structures; that it cannot even say it is a problem, too.
fn found(problems: Result<Vec<String>, StoreError>) -> anyhow::Result<Vec<String>> {
    match problems {
        Ok(problems) => Ok(problems),
        Err(StoreError::Corrupt(problem)) => Ok(vec![problem]),
        Err(error) => Err(error.into()),
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
