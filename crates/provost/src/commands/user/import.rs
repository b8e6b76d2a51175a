//! `provost user import`: users as a file or an LDAP server says that they are.

mod columns;
mod file;
mod ldap;
mod missing;
mod sending;

use crate::commands::in_account::Account;
use anyhow::bail;
use columns::Mapped;
use sending::{Run, Sending};
use std::{path::PathBuf, process::ExitCode};

const HELP: &str = "\
The first line of a CSV file names the columns, as Entra ID or as SCIM paths: userPrincipalName, givenName, surname, mail, jobTitle, \
department, employeeId, accountEnabled, manager, … or name.givenName, emails[type eq \"work\"].value, … Columns of other names are left \
out; --map gives them a meaning. A user is found by externalId (objectId), or else by userName. An empty field takes a value away. \
Each line that is refused is named, and the others are done; then the exit code is 3.

Users are marked with their source. With --delete-missing those of the source whom it does not name any more are deleted, if it was \
read whole and without a fault, and if they are not more than --max-deletes.

An LDAP server is read whole the first time, and then from where the last run ended.

Examples:
  provost user import people.csv --dry-run --account contoso
  provost user import people.csv --map \"Staff no=externalId\" --source hr --delete-missing --max-deletes 20 --account contoso
  provost user import --ldap ldaps://ldap.example.com --base ou=people,dc=example,dc=com --bind-dn cn=reader,dc=example,dc=com --account contoso";

/// What is said to whoever wants to know whether everything was done.
const NOT_ALL: u8 = 3;

/// Options of `provost user import`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// A CSV file (`-` is stdin)
    #[arg(required_unless_present = "ldap", conflicts_with = "ldap")]
    file: Option<PathBuf>,
    /// What stands between two columns
    #[arg(long, value_name = "CHAR", default_value = ",")]
    delimiter: char,
    /// What a column or LDAP attribute means, as a SCIM path; nothing behind `=` leaves it out; may be repeated
    #[arg(long = "map", value_name = "COLUMN=PATH", value_parser = columns::pair)]
    map: Vec<(String, String)>,
    /// What the users are marked with [default: csv or ldap]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Delete users of the source whom it does not name any more
    #[arg(long, requires = "max_deletes")]
    delete_missing: bool,
    /// Delete nobody if there are more to delete
    #[arg(long, value_name = "N", requires = "delete_missing")]
    max_deletes: Option<usize>,
    #[command(flatten)]
    ldap: ldap::Options,
}

/// What a source was read as.
struct Read {
    /// Why it is not all that there is.
    partial: Option<String>,
}

impl Args {
    /// Imports.
    ///
    /// # Errors
    /// A source that cannot be read at all; a server that cannot be reached.
    pub async fn run(self, account: Account) -> anyhow::Result<ExitCode> {
        let source = self.source.clone().unwrap_or_else(|| if self.file.is_some() { "csv" } else { "ldap" }.to_owned());
        let run = Run { account: account.id, source, apply: !self.dry_run, output: account.output };
        let mut sending = Sending::new(account.client, run);
        let read = match &self.file {
            Some(file) => file::read(file, self.delimiter, &self.map, &mut sending).await?,
            None => ldap::read(&self.ldap, &self.map, self.delete_missing, &mut sending).await?,
        };
        sending.managers().await?;
        let mut problem = read.partial.map(|why| format!("The source was not read whole: {why}."));
        if self.delete_missing && problem.is_none() {
            problem = missing::delete(&mut sending, self.max_deletes.unwrap_or(0)).await?;
        }
        ldap::settle(&mut sending, problem.is_none()).await?;
        sending.end(problem)
    }
}

/// What is sent of a user, by the place where the source says it.
struct Sent {
    /// `line 7`, or a distinguished name.
    place: String,
    values: Vec<Mapped>,
}

/// A file that is only titles is more likely broken than empty.
fn refuse_empty(users: u64, what: &str) -> anyhow::Result<()> {
    if users == 0 {
        bail!("{what} names no user: nothing is done");
    }
    Ok(())
}
