//! Groups in an LDAP directory: first all that there are, so that groups can be in groups, then who is in each.

use super::{Found, attributes::Attributes, folded};
use crate::commands::user::import::sending::Sending;
use provost_client::{LdapEnd, LdapEntry, LdapQuery, LdapReader, escaped};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Where a group says who is in it: distinguished names, but for the last, which holds values of `uid`.
const MEMBER: [&str; 2] = ["member", "uniqueMember"];
const MEMBER_UID: &str = "memberUid";
/// Groups that are sent at once.
const BATCH_MAX: usize = 500;
/// Members that one request changes.
const MEMBERS_MAX: usize = 1_000;
/// Unknown members of one group from which on all are read at once, rather than one by one.
const MANY: usize = 100;

/// Where groups are, and which.
#[derive(Clone, Debug)]
pub(super) struct GroupQuestion {
    pub base: String,
    /// The filter, narrowed to what has changed.
    pub asked: String,
    pub page_size: u16,
}

/// The groups of a run.
pub(super) struct Groups<'r> {
    question: &'r GroupQuestion,
    attributes: &'r Attributes,
    people: &'r LdapQuery,
    /// What is found elsewhere while a search goes on.
    lookups: LdapReader,
    found: Found,
    /// The account's groups by their folded names in the directory; without id where they would only be made.
    known: HashMap<String, Option<String>>,
    /// Whether everybody's name was read already.
    knows_all: bool,
    /// The newest time of change, as the server writes it.
    newest: Option<String>,
}

/// A group as the server shows it.
struct Seen {
    place: String,
    dn: String,
    id: String,
    name: String,
}

/// Who a member is in the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    /// Somebody with this id.
    Known(String),
    /// Somebody who would be made.
    Coming(String),
}

impl<'r> Groups<'r> {
    pub fn new(
        question: &'r GroupQuestion,
        attributes: &'r Attributes,
        people: &'r LdapQuery,
        (lookups, found): (LdapReader, Found),
    ) -> Self {
        let (known, newest) = (HashMap::new(), None);
        Self { question, attributes, people, lookups, found, known, knows_all: false, newest }
    }

    /// Reads groups and sends them with their members. Whether all were read.
    ///
    /// # Errors
    /// A search that the LDAP server refuses; a server that cannot be reached.
    pub async fn run(&mut self, reader: &mut LdapReader, sending: &mut Sending) -> anyhow::Result<LdapEnd> {
        let mut first = Vec::new();
        let query = self.query(&[]);
        let end = reader
            .read(&query, async |page: Vec<LdapEntry>| {
                first.extend(page);
                true
            })
            .await?;
        for batch in first.chunks(BATCH_MAX) {
            self.send(batch, sending).await?;
        }
        drop(first);
        let mut failed: Option<anyhow::Error> = None;
        let query = self.query(&[MEMBER[0], MEMBER[1], MEMBER_UID, "objectClass"]);
        let again = reader
            .read(&query, async |page: Vec<LdapEntry>| {
                for entry in page {
                    if let Err(error) = self.members(entry, sending).await {
                        failed = Some(error);
                        return false;
                    }
                }
                true
            })
            .await?;
        match failed {
            Some(error) => Err(error),
            None if end == LdapEnd::Whole => Ok(again),
            None => Ok(end),
        }
    }

    /// Ends it: the newest time of change that was seen.
    pub async fn close(self) -> Option<String> {
        self.lookups.close().await;
        self.newest
    }

    fn query(&self, more: &[&str]) -> LdapQuery {
        let own = [self.attributes.own_id(), "cn", self.attributes.changed];
        LdapQuery {
            base: self.question.base.clone(),
            filter: self.question.asked.clone(),
            attributes: own.iter().chain(more).map(|name| (*name).to_owned()).collect(),
            page_size: self.question.page_size,
        }
    }

    /// Has the account's groups made and named.
    async fn send(&mut self, batch: &[LdapEntry], sending: &mut Sending) -> anyhow::Result<()> {
        let mut seen = Vec::with_capacity(batch.len());
        for entry in batch {
            let changed = entry.text(self.attributes.changed).map(str::to_owned);
            // Times of one form sort as texts do.
            self.newest = self.newest.take().max(changed);
            let place: String = entry.dn.chars().take(200).collect();
            match (self.attributes.group_id(entry), entry.text("cn")) {
                (Some(id), Some(name)) => {
                    seen.push(Seen { place, dn: folded(&entry.dn), id, name: name.to_owned() });
                }
                (None, _) => sending.fault(place, "the group has nothing to know it by".to_owned()).await?,
                (Some(_), None) => sending.fault(place, "the group has no name (`cn`)".to_owned()).await?,
            }
        }
        let groups: Vec<Value> =
            seen.iter().map(|seen| json!({ "external_id": seen.id, "display_name": seen.name })).collect();
        if groups.is_empty() {
            return Ok(());
        }
        let request = json!({ "source": sending.run.source, "apply": sending.run.apply, "groups": groups });
        let path = ["accounts", &sending.run.account.clone(), "groups", "import"];
        let mut answer = sending.client().send(Method::POST, &path, &request).await?;
        let Value::Array(items) = answer["items"].take() else {
            anyhow::bail!("the server's answer holds no `items`; is it Provost?");
        };
        for (seen, item) in seen.into_iter().zip(items) {
            let id = item["group"].as_str().map(str::to_owned);
            if item["outcome"] == json!("refused") {
                let detail = item["detail"].as_str().unwrap_or_default().to_owned();
                sending.fault(seen.place, detail).await?;
            } else {
                sending.group(&seen.place, item)?;
                self.known.insert(seen.dn, id);
            }
        }
        Ok(())
    }

    /// Has the members of a group be those whom the server names. Where it cannot be told who somebody is, nobody goes.
    async fn members(&mut self, mut entry: LdapEntry, sending: &mut Sending) -> anyhow::Result<()> {
        // One that came since the groups were read is for the next run, and one that was refused for nobody.
        let Some(group) = self.known.get(&folded(&entry.dn)).cloned() else { return Ok(()) };
        let place: String = entry.dn.chars().take(200).collect();
        let mut unreadable: Option<String> = None;
        for name in MEMBER {
            if let Err(error) = self.lookups.complete(&mut entry, name).await {
                unreadable = Some(error.to_string());
            }
        }
        if entry.all(MEMBER[0]).is_empty() && entry.all(MEMBER[1]).is_empty() && must_have_members(&entry) {
            unreadable = Some("the server shows none of its members, and it has some".to_owned());
        }
        let unknown = MEMBER.iter().flat_map(|name| entry.all(name)).filter(|value| !self.is_known(value)).count();
        if unknown > MANY && !self.knows_all {
            self.learn(sending).await?;
        }
        let mut wanted = BTreeSet::new();
        let mut left_out = 0;
        let names =
            MEMBER.iter().chain([&MEMBER_UID]).flat_map(|name| entry.all(name).iter().map(move |one| (*name, one)));
        for (attribute, value) in names {
            let value = String::from_utf8_lossy(value);
            let told = match attribute {
                MEMBER_UID => self.by_uid(&value).await,
                _ => self.by_name(plain(&value)).await,
            };
            match told {
                Ok(Some(Told::Person(id))) => match self.account_id(&id, sending).await? {
                    Some(member) => drop(wanted.insert(member)),
                    None => left_out += 1,
                },
                Ok(Some(Told::Group(member))) => drop(wanted.insert(member)),
                Ok(None) => left_out += 1,
                Err(error) => unreadable = Some(format!("member `{}`: {error}", plain(&value))),
            }
        }
        sending.left_out(left_out);
        let current = match &group {
            Some(group) => current(group, sending).await?,
            None => BTreeSet::new(),
        };
        let come: Vec<&Member> = wanted.difference(&current).collect();
        let go: Vec<&Member> = if unreadable.is_none() { current.difference(&wanted).collect() } else { Vec::new() };
        sending.members(&place, come.len(), go.len())?;
        if let (Some(group), true) = (&group, sending.run.apply)
            && let Err(error) = change(group, &come, &go, sending).await
        {
            return sending.fault(place, error.to_string()).await;
        }
        match unreadable {
            Some(why) => sending.fault(place, format!("its members were added and not removed: {why}")).await,
            None => Ok(()),
        }
    }

    fn is_known(&self, value: &[u8]) -> bool {
        let key = folded(plain(&String::from_utf8_lossy(value)));
        self.found.ids.contains_key(&key) || self.known.contains_key(&key)
    }

    /// Reads by what everybody is known, there and here. What does not come is asked for one by one.
    async fn learn(&mut self, sending: &mut Sending) -> anyhow::Result<()> {
        self.knows_all = true;
        let query = LdapQuery { attributes: self.attributes.keys(), ..self.people.clone() };
        let (found, attributes) = (&mut self.found, self.attributes);
        let asked = self.lookups.read(&query, async |page: Vec<LdapEntry>| {
            page.iter().for_each(|entry| found.learn(entry, attributes));
            true
        });
        drop(asked.await);
        sending.learn().await
    }

    /// Who has this distinguished name.
    async fn by_name(&mut self, dn: &str) -> Result<Option<Told>, String> {
        let key = folded(dn);
        if let Some(id) = self.found.ids.get(&key) {
            return Ok(Some(Told::Person(id.clone())));
        }
        if let Some(group) = self.known.get(&key) {
            let member = group.clone().map_or_else(|| Member::Coming(key.clone()), Member::Known);
            return Ok(Some(Told::Group(member)));
        }
        let asked = self.lookups.entry(dn, &self.attributes.keys()).await;
        let Some(entry) = asked.map_err(|error| error.to_string())? else { return Ok(None) };
        self.found.learn(&entry, self.attributes);
        Ok(self.attributes.id(&entry).or_else(|| self.attributes.group_id(&entry)).map(Told::Person))
    }

    /// Who has this `uid`.
    async fn by_uid(&mut self, uid: &str) -> Result<Option<Told>, String> {
        if let Some(id) = self.found.uids.get(&uid.to_lowercase()) {
            return Ok(Some(Told::Person(id.clone())));
        }
        let query = LdapQuery {
            filter: format!("(&{}(uid={}))", self.people.filter, escaped(uid)),
            attributes: self.attributes.keys(),
            page_size: 1,
            base: self.people.base.clone(),
        };
        let (found, attributes) = (&mut self.found, self.attributes);
        let mut id = None;
        let asked = self.lookups.read(&query, async |page: Vec<LdapEntry>| {
            page.iter().for_each(|entry| found.learn(entry, attributes));
            id = id.take().or_else(|| page.first().and_then(|entry| attributes.id(entry)));
            true
        });
        match asked.await.map_err(|error| error.to_string())? {
            LdapEnd::Partial(why) if id.is_none() => Err(why),
            LdapEnd::Partial(_) | LdapEnd::Whole => Ok(id.map(Told::Person)),
        }
    }

    /// Who in the account is known by this id in the directory: a user, else a group.
    async fn account_id(&self, id: &str, sending: &mut Sending) -> anyhow::Result<Option<Member>> {
        if let Some(known) = sending.account_id(id) {
            return Ok(Some(known.map_or_else(|| Member::Coming(id.to_owned()), Member::Known)));
        }
        let filter = format!("externalId eq {}", json!(id));
        for of in ["users", "groups"] {
            let path = ["accounts", sending.run.account.as_str(), of];
            let found = sending.client().list(&path, &[("filter", &filter)], 2).await?;
            if let [one] = found.as_slice() {
                return Ok(one["id"].as_str().map(|id| Member::Known(id.to_owned())));
            }
        }
        Ok(None)
    }
}

/// What a value of a group's member leads to.
enum Told {
    /// What the directory knows somebody by, mostly a person.
    Person(String),
    /// A group of this run.
    Group(Member),
}

/// Whether an entry cannot be without members: one that shows none hides them.
fn must_have_members(entry: &LdapEntry) -> bool {
    let is =
        |class: &[u8]| class.eq_ignore_ascii_case(b"groupOfNames") || class.eq_ignore_ascii_case(b"groupOfUniqueNames");
    entry.all("objectClass").iter().any(|class| is(class))
}

/// The name in a value of `uniqueMember`, which may have an identifier behind it (RFC 4517, section 3.3.21).
fn plain(value: &str) -> &str {
    match value.rsplit_once('#') {
        Some((name, bits)) if bits.starts_with('\'') && bits.ends_with("'B") => name,
        Some(_) | None => value,
    }
}

async fn current(group: &str, sending: &Sending) -> anyhow::Result<BTreeSet<Member>> {
    let path = ["accounts", sending.run.account.as_str(), "groups", group, "members"];
    let members = sending.client().list(&path, &[], usize::MAX).await?;
    Ok(members.iter().filter_map(|member| Some(Member::Known(member["id"].as_str()?.to_owned()))).collect())
}

async fn change(group: &str, come: &[&Member], go: &[&Member], sending: &Sending) -> anyhow::Result<()> {
    let path = ["accounts", sending.run.account.as_str(), "groups", group];
    let ids = |members: &[&Member]| -> Vec<String> {
        let id = |member: &&Member| match member {
            Member::Known(id) => Some(id.clone()),
            Member::Coming(_) => None,
        };
        members.iter().filter_map(id).collect()
    };
    for (what, members) in [("add_members", ids(come)), ("remove_members", ids(go))] {
        for part in members.chunks(MEMBERS_MAX) {
            sending.client().send(Method::PATCH, &path, &json!({ what: part })).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_behind_a_name_is_no_part_of_it() {
        for (value, name) in
            [("uid=ann,dc=x", "uid=ann,dc=x"), ("uid=ann,dc=x#'0101'B", "uid=ann,dc=x"), ("cn=a#b,dc=x", "cn=a#b,dc=x")]
        {
            assert_eq!(plain(value), name);
        }
    }
}
