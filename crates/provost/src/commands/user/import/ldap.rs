//! Users and groups in an LDAP directory: read whole the first time, and then from where the last run ended.

mod attributes;
mod clock;
mod groups;

use super::{Read, Sent, refuse_empty, sending::Sending};
use anyhow::{Context, bail};
use attributes::{Attributes, Person, UID};
use groups::{GroupQuestion, Groups};
use provost_client::{LdapEnd, LdapEntry, LdapQuery, LdapReader, LdapServer, escaped};
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::HashMap, fs, path::PathBuf, time::Instant};
use url::Url;

/// Options for an LDAP server.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "LDAP")]
pub(super) struct Options {
    /// The server: ldaps://HOST, or ldap://HOST
    #[arg(long, value_name = "URL", requires = "base")]
    ldap: Option<Url>,
    /// Where the search for users begins
    #[arg(long, value_name = "DN", requires = "ldap")]
    base: Option<String>,
    /// Which entries are users (RFC 4515) [default: those of the class `person`; of Active Directory, people only]
    #[arg(long, requires = "ldap")]
    filter: Option<String>,
    /// Where the search for groups begins; without it no groups are read
    #[arg(long, value_name = "DN", requires = "ldap")]
    group_base: Option<String>,
    /// Which entries are groups (RFC 4515) [default: groupOfNames, groupOfUniqueNames and posixGroup; of Active Directory, group]
    #[arg(long, value_name = "FILTER", requires = "group_base")]
    group_filter: Option<String>,
    /// Who asks
    #[arg(long, value_name = "DN", requires = "ldap")]
    bind_dn: Option<String>,
    /// A file with the password; better than in the environment, and that better than on the command line
    #[arg(long, value_name = "FILE", requires = "bind_dn")]
    bind_password_file: Option<PathBuf>,
    /// The password
    #[arg(long, env = "PROVOST_LDAP_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    bind_password: Option<String>,
    /// Secure the connection of an ldap:// URL before anything is said
    #[arg(long, requires = "ldap")]
    starttls: bool,
    /// Certificates to trust beside the machine's (PEM)
    #[arg(long, value_name = "FILE", requires = "ldap")]
    ca: Option<PathBuf>,
    /// Entries on one page
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    page_size: u16,
    /// Read everything, not what has changed since the last run
    #[arg(long, requires = "ldap")]
    full: bool,
}

/// What a run reads, and where it begins.
struct Plan {
    attributes: Attributes,
    base: String,
    filter: String,
    /// Where groups are and which, if they are read.
    groups: Option<(String, String)>,
    /// The last run's cookie and its version.
    noted: (Option<Value>, u64),
    /// From when on changes are read; everything where there is none.
    since: Option<String>,
}

/// Reads a server and sends what it says.
///
/// # Errors
/// A server that cannot be reached or does not let us in; a search that it refuses.
pub(super) async fn read(
    args: &Options,
    map: &[(String, String)],
    whole: bool,
    sending: &mut Sending,
) -> anyhow::Result<Read> {
    let server = server(args)?;
    let mut reader = LdapReader::connect(&server).await?;
    let attributes = Attributes::of(reader.is_active_directory().await?, map)?;
    let plan = plan(args, attributes, whole, sending).await?;
    sending.remark(match &plan.since {
        Some(_) => "Reading what has changed since the last run.",
        None => "Reading everything.",
    });
    let begun = Instant::now();
    sending.keeps_ids = plan.groups.is_some();
    let query = LdapQuery {
        base: plan.base.clone(),
        filter: plan.asked(),
        attributes: plan.attributes.names(),
        page_size: args.page_size,
    };
    let mut found = Found::default();
    let mut failed: Option<anyhow::Error> = None;
    let end = reader
        .read(&query, async |page: Vec<LdapEntry>| match found.send(page, &plan.attributes, sending).await {
            Ok(()) => true,
            Err(error) => {
                failed = Some(error);
                false
            }
        })
        .await?;
    if let Some(error) = failed {
        return Err(error);
    }
    found.managers(&mut reader, &plan.attributes, sending).await?;
    sending.flush().await?;
    if plan.since.is_none() {
        refuse_empty(found.users, "the LDAP server")?;
    }
    let mut newest = found.newest.take();
    let mut ends = vec![end];
    if let Some(question) = plan.groups(args.page_size) {
        let lookups = LdapReader::connect(&server).await?;
        // Members are looked for among all people, whether they have changed or not.
        let people = LdapQuery { filter: plan.filter.clone(), ..query };
        let mut groups = Groups::new(&question, &plan.attributes, &people, (lookups, found));
        ends.push(groups.run(&mut reader, sending).await?);
        newest = newest.max(groups.close().await);
    }
    reader.close().await;
    match ends.into_iter().find(|end| *end != LdapEnd::Whole).unwrap_or(LdapEnd::Whole) {
        LdapEnd::Partial(why) => Ok(Read { partial: Some(why) }),
        LdapEnd::Whole => {
            let since = newest.and_then(|newest| clock::before(&newest, begun.elapsed()));
            let noted = plan.cookie(since.or(plan.since.clone()));
            sending.cookie = noted.map(|cookie| (cookie, plan.noted.1));
            Ok(Read { partial: None })
        }
    }
}

/// Notes where the run ended, if all went well: a user who was refused is read again by the next run.
///
/// # Errors
/// Another run that ended meanwhile.
pub(super) async fn settle(sending: &mut Sending, well: bool) -> anyhow::Result<()> {
    let Some((cookie, version)) = sending.cookie.take().filter(|_| well && sending.is_clean() && sending.run.apply)
    else {
        return Ok(());
    };
    let path = ["accounts", sending.run.account.as_str(), "sources", sending.run.source.as_str()];
    let noted = json!({ "cookie": cookie, "version": version });
    sending.client().send(Method::PUT, &path, &noted).await.context("where the run ended was not noted").map(drop)
}

fn server(args: &Options) -> anyhow::Result<LdapServer> {
    let file = |path: &PathBuf| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let password = match (&args.bind_password_file, &args.bind_password) {
        (Some(path), _) => String::from_utf8(file(path)?)
            .context("the password is not UTF-8")?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        (None, Some(password)) => password.clone(),
        (None, None) => String::new(),
    };
    // An empty password means nobody to an LDAP server, and it lets nobody in.
    if args.bind_dn.is_some() && password.is_empty() {
        bail!("--bind-dn needs a password: --bind-password-file FILE, or PROVOST_LDAP_PASSWORD");
    }
    Ok(LdapServer {
        url: args.ldap.clone().context("--ldap names the server")?,
        starttls: args.starttls,
        ca: args.ca.as_ref().map(file).transpose()?,
        bind_dn: args.bind_dn.clone(),
        password,
    })
}

async fn plan(args: &Options, attributes: Attributes, whole: bool, sending: &Sending) -> anyhow::Result<Plan> {
    let account = sending.run.account.as_str();
    let sources = sending.client().list(&["accounts", account, "sources"], &[], usize::MAX).await?;
    let known = sources.into_iter().find(|source| source["name"] == json!(sending.run.source));
    let noted = match known {
        Some(mut source) => (Some(source["cookie"].take()), source["version"].as_u64().unwrap_or(0)),
        None => (None, 0),
    };
    let filter = args.filter.clone().unwrap_or_else(|| attributes.people().to_owned());
    let base = args.base.clone().unwrap_or_default();
    let groups = args
        .group_base
        .clone()
        .map(|base| (base, args.group_filter.clone().unwrap_or_else(|| attributes.groups().to_owned())));
    let mut plan = Plan { attributes, base, filter, groups, noted, since: None };
    let same = |cookie: &&Value| cookie["asked"] == plan.fingerprint();
    if !whole && !args.full {
        let since = plan.noted.0.as_ref().filter(same).and_then(|cookie| cookie["since"].as_str());
        plan.since = since.map(str::to_owned);
    }
    Ok(plan)
}

impl Plan {
    /// What a cookie is good for: another question is asked from the beginning.
    fn fingerprint(&self) -> Value {
        let mut asked = json!({ "base": self.base, "filter": self.filter, "attributes": self.attributes.meaning() });
        if let Some(groups) = &self.groups {
            asked["groups"] = json!(groups);
        }
        asked
    }

    fn cookie(&self, since: Option<String>) -> Option<Value> {
        since.map(|since| json!({ "asked": self.fingerprint(), "since": since }))
    }

    fn asked(&self) -> String {
        self.changed(&self.filter)
    }

    /// A filter that finds, of what this one finds, what has changed.
    fn changed(&self, filter: &str) -> String {
        match &self.since {
            None => filter.to_owned(),
            Some(since) => format!("(&{filter}({}>={}))", self.attributes.changed, escaped(since)),
        }
    }

    fn groups(&self, page_size: u16) -> Option<GroupQuestion> {
        let (base, filter) = self.groups.clone()?;
        Some(GroupQuestion { base, asked: self.changed(&filter), page_size })
    }
}

/// What a read has found so far.
#[derive(Default)]
struct Found {
    users: u64,
    /// The newest time of change, as the server writes it.
    newest: Option<String>,
    /// Which user a distinguished name is.
    ids: HashMap<String, String>,
    /// Which user has a `uid`, in lower case.
    uids: HashMap<String, String>,
    managed: Vec<Managed>,
}

/// A user with the distinguished name of its manager.
struct Managed {
    place: String,
    id: Value,
    manager: String,
}

impl Found {
    async fn send(
        &mut self,
        page: Vec<LdapEntry>,
        attributes: &Attributes,
        sending: &mut Sending,
    ) -> anyhow::Result<()> {
        for entry in page {
            self.users += 1;
            let changed = entry.text(attributes.changed).map(str::to_owned);
            // Times of one form sort as texts do.
            self.newest = self.newest.take().max(changed);
            let place: String = entry.dn.chars().take(200).collect();
            match attributes.person(&entry) {
                Ok(Person { id, values, manager }) => {
                    self.learn(&entry, attributes);
                    if let Some(manager) = manager {
                        self.managed.push(Managed { place: place.clone(), id: Value::from(id), manager });
                    }
                    sending.take(Sent { place, values }).await?;
                }
                Err(problem) => sending.fault(place, problem).await?,
            }
        }
        Ok(())
    }

    /// Notes by what an entry is known.
    fn learn(&mut self, entry: &LdapEntry, attributes: &Attributes) {
        let Some(id) = attributes.id(entry) else { return };
        if let Some(uid) = entry.text(UID) {
            self.uids.insert(uid.to_lowercase(), id.clone());
        }
        self.ids.insert(folded(&entry.dn), id);
    }

    /// Says whose manager is who. One who did not come with this read is asked for by its name.
    async fn managers(
        &mut self,
        reader: &mut LdapReader,
        attributes: &Attributes,
        sending: &mut Sending,
    ) -> anyhow::Result<()> {
        for Managed { place, id, manager } in std::mem::take(&mut self.managed) {
            let key = folded(&manager);
            if !self.ids.contains_key(&key)
                && let Some(found) = one(reader, attributes, &manager).await
            {
                self.ids.insert(key.clone(), found);
            }
            match self.ids.get(&key) {
                Some(found) => sending.manage(place, id, found),
                None => sending.fault(place, format!("its manager `{manager}` cannot be read")).await?,
            }
        }
        Ok(())
    }
}

/// The id of the entry with a distinguished name; nothing where it cannot be read.
async fn one(reader: &mut LdapReader, attributes: &Attributes, dn: &str) -> Option<String> {
    let entry = reader.entry(dn, &attributes.keys()).await.ok().flatten()?;
    attributes.id(&entry)
}

/// A distinguished name as names are compared here: without regard to case and to spaces between its parts.
fn folded(dn: &str) -> String {
    dn.split(',').map(str::trim).collect::<Vec<_>>().join(",").to_lowercase()
}
