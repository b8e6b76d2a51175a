//! Batches on their way to the server, and what became of them.

use super::{NOT_ALL, Sent};
use crate::{client::Client, output::Output};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    io::{self, IsTerminal, Write},
    process::ExitCode,
    sync::Arc,
};
use tokio::task::JoinHandle;

/// Users in a batch.
const BATCH_MAX: usize = 500;
/// Text in a batch, in bytes: well below what a request may have.
const BATCH_BYTES: usize = 600 * 1024;
/// Batches that are under way at once.
const UNDER_WAY: usize = 4;
/// Users between two signs of progress.
const PROGRESS_EVERY: u64 = 1_000;

/// What is done.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub account: String,
    pub source: String,
    pub apply: bool,
    pub output: Output,
}

/// Who was in a batch, and what the server answered.
type Answered = anyhow::Result<(Vec<Sought>, Value)>;

/// A user of a batch that is under way.
struct Sought {
    /// Where the source says it.
    place: String,
    /// What the source knows it by.
    external: Option<String>,
    /// Who is to be its manager, where the batch is about that.
    manager: Option<String>,
}

/// A user as it is sent, and where the source says it.
struct Waiting {
    place: String,
    attributes: Map<String, Value>,
}

/// Everything that is sent, and what came of it.
pub(super) struct Sending {
    client: Arc<Client>,
    pub run: Run,
    batch: Vec<Waiting>,
    bytes: usize,
    under_way: VecDeque<JoinHandle<Answered>>,
    /// By what users are known who came already.
    keys: HashSet<String>,
    /// Users who have a manager: after all are there.
    managed: Vec<Waiting>,
    /// What the result of a batch is about.
    managing: bool,
    counts: BTreeMap<String, u64>,
    items: Vec<Value>,
    /// The ids of users and groups whom the source names.
    seen: HashSet<String>,
    /// Whether it is kept who is known by what.
    pub keeps_ids: bool,
    /// The ids of users by what the source knows them by; none of those who would be made.
    ids: HashMap<String, Option<String>>,
    /// The names of those who would be made, by what they are known by: ids of the source, and names in lower case.
    coming: HashMap<String, String>,
    /// What became of groups and their members.
    groups: BTreeMap<String, u64>,
    pub deleted: Vec<Value>,
    /// What is noted of the source once everything went well.
    pub cookie: Option<(Value, u64)>,
    done: u64,
}

impl Sending {
    pub fn new(client: Client, run: Run) -> Self {
        Self {
            client: Arc::new(client),
            run,
            batch: Vec::new(),
            bytes: 0,
            under_way: VecDeque::new(),
            keys: HashSet::new(),
            managed: Vec::new(),
            managing: false,
            counts: BTreeMap::new(),
            items: Vec::new(),
            seen: HashSet::new(),
            keeps_ids: false,
            ids: HashMap::new(),
            coming: HashMap::new(),
            groups: BTreeMap::new(),
            deleted: Vec::new(),
            cookie: None,
            done: 0,
        }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether everything that was taken was done.
    pub fn is_clean(&self) -> bool {
        !self.counts.contains_key("refused")
    }

    /// Whether the source names the user or group with this id.
    pub fn has_seen(&self, id: &str) -> bool {
        self.seen.contains(id)
    }

    /// Takes a user.
    pub async fn take(&mut self, sent: Sent) -> anyhow::Result<()> {
        let Sent { place, values } = sent;
        let key = |name: &str| {
            let value = values.iter().find(|mapped| mapped.path.eq_ignore_ascii_case(name))?;
            value.value.as_str().map(str::to_owned)
        };
        let (name, external) = (key("userName"), key("externalId"));
        let known = match (&external, &name) {
            (Some(id), _) => Some(format!("x{id}")),
            (None, name) => name.as_ref().map(|name| format!("n{}", name.to_lowercase())),
        };
        let Some(known) = known else {
            return self.fault(place, "it names neither `userName` nor `externalId`".to_owned()).await;
        };
        let also = name.as_ref().filter(|_| external.is_some()).map(|name| format!("n{}", name.to_lowercase()));
        let twice = !self.keys.insert(known) | also.is_some_and(|name| !self.keys.insert(name));
        if twice {
            return self.fault(place, "the source names this user twice".to_owned()).await;
        }
        let mut attributes = Map::new();
        let mut manager = None;
        for mapped in values {
            let is_manager = mapped.path.eq_ignore_ascii_case("manager") || mapped.path.ends_with(":manager");
            if is_manager && !mapped.value.is_null() {
                manager = Some(mapped.value);
            } else {
                attributes.insert(mapped.path, mapped.value);
            }
        }
        if let Some(manager) = manager {
            let keys = [("externalId", external), ("userName", name)];
            let mut attributes: Map<String, Value> =
                keys.into_iter().filter_map(|(path, value)| Some((path.to_owned(), Value::from(value?)))).collect();
            attributes.insert("manager".to_owned(), manager);
            self.managed.push(Waiting { place: place.clone(), attributes });
        }
        self.put(Waiting { place, attributes }).await
    }

    /// Notes who the manager of a user is, both by `externalId`.
    pub fn manage(&mut self, place: String, user: Value, manager: &str) {
        let attributes = [("externalId".to_owned(), user), ("manager".to_owned(), Value::from(manager))];
        self.managed.push(Waiting { place, attributes: attributes.into_iter().collect() });
    }

    async fn put(&mut self, waiting: Waiting) -> anyhow::Result<()> {
        let bytes = serde_json::to_string(&waiting.attributes)?.len() + 32;
        if bytes > BATCH_BYTES {
            return self.fault(waiting.place, format!("more than {BATCH_BYTES} bytes")).await;
        }
        if self.bytes + bytes > BATCH_BYTES || self.batch.len() >= BATCH_MAX {
            self.send().await?;
        }
        self.bytes += bytes;
        self.batch.push(waiting);
        Ok(())
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        while self.under_way.len() >= UNDER_WAY {
            self.settle().await?;
        }
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let sent = |Waiting { place, attributes }| {
            let text = |name: &str| attributes.get(name).and_then(Value::as_str).map(str::to_owned);
            let sought = Sought { place, external: text("externalId"), manager: text("manager") };
            (sought, json!({ "attributes": attributes }))
        };
        let (sought, users): (Vec<Sought>, Vec<Value>) = batch.into_iter().map(sent).unzip();
        let request = json!({ "source": self.run.source, "apply": self.run.apply, "users": users });
        let (client, account) = (Arc::clone(&self.client), self.run.account.clone());
        self.under_way.push_back(tokio::spawn(async move {
            let path = ["accounts", account.as_str(), "users", "import"];
            Ok((sought, client.send(Method::POST, &path, &request).await?))
        }));
        Ok(())
    }

    /// Waits until everything that was taken is answered.
    pub async fn flush(&mut self) -> anyhow::Result<()> {
        self.send().await?;
        while !self.under_way.is_empty() {
            self.settle().await?;
        }
        Ok(())
    }

    async fn settle(&mut self) -> anyhow::Result<()> {
        let Some(batch) = self.under_way.pop_front() else { return Ok(()) };
        let (sought, mut answer) = batch.await??;
        let Value::Array(items) = answer["items"].take() else {
            anyhow::bail!("the server's answer holds no `items`; is it Provost?");
        };
        for (sought, item) in sought.into_iter().zip(items) {
            self.outcome(sought, item)?;
        }
        Ok(())
    }

    /// Who is known by this in the source, as far as that came up: `Some(None)` is somebody who would be made.
    pub fn account_id(&self, external: &str) -> Option<Option<String>> {
        self.ids.get(external).cloned()
    }

    /// Reads by what all users of the source are known.
    pub async fn learn(&mut self) -> anyhow::Result<()> {
        let path = ["accounts", self.run.account.as_str(), "users"];
        for user in self.client.list(&path, &[("source", &self.run.source)], usize::MAX).await? {
            if let (Some(external), Some(id)) = (user["external_id"].as_str(), user["id"].as_str()) {
                self.ids.entry(external.to_owned()).or_insert_with(|| Some(id.to_owned()));
            }
        }
        Ok(())
    }

    /// Notes what became of a group that was not refused.
    pub fn group(&mut self, place: &str, mut item: Value) -> anyhow::Result<()> {
        let outcome = item["outcome"].as_str().unwrap_or_default().to_owned();
        self.seen.extend(item["group"].as_str().map(str::to_owned));
        if outcome != "unchanged" {
            item["place"] = json!(place);
            self.tell(item)?;
        }
        *self.groups.entry(outcome).or_default() += 1;
        Ok(())
    }

    /// Notes how many members of a group come and go.
    pub fn members(&mut self, place: &str, come: usize, go: usize) -> anyhow::Result<()> {
        for (what, number) in [("members added", come), ("members removed", go)] {
            if number > 0 {
                *self.groups.entry(what.to_owned()).or_default() += number as u64;
            }
        }
        if !self.run.apply && come + go > 0 && matches!(self.run.output, Output::Plain) {
            let line = format!("{place}: {come} members would come, {go} would go");
            crate::output::write_out(&format!("{}\n", crate::output::printable(&line)))?;
        }
        Ok(())
    }

    /// Notes how many members of a group are nobody in the account.
    pub fn left_out(&mut self, number: usize) {
        if number > 0 {
            *self.groups.entry("members left out".to_owned()).or_default() += number as u64;
        }
    }

    fn outcome(&mut self, sought: Sought, mut item: Value) -> anyhow::Result<()> {
        let Sought { place, external, manager } = sought;
        let outcome = item["outcome"].as_str().unwrap_or("refused").to_owned();
        if let Some(name) = item["user_name"].as_str().filter(|_| !self.run.apply && outcome == "created") {
            let keys = external.iter().cloned().chain([name.to_lowercase()]);
            self.coming.extend(keys.map(|key| (key, name.to_owned())));
        }
        if let Some(external) = external.filter(|_| self.keeps_ids && outcome != "refused") {
            self.ids.insert(external, item["user"].as_str().map(str::to_owned));
        }
        self.seen.extend(item["user"].as_str().map(str::to_owned));
        let counted = match (self.managing, outcome.as_str()) {
            (false, _) | (true, "refused") => outcome.clone(),
            (true, "updated") => "managers".to_owned(),
            // Whoever would be made is not there yet in a dry run.
            (true, "created") if !self.run.apply => "managers".to_owned(),
            (true, _) => return Ok(()),
        };
        if let Some(manager) = manager.filter(|_| !self.run.apply && counted == "managers") {
            (item["outcome"], item["changed"]) = (json!("manager"), json!([]));
            item["manager"] = json!(manager);
        }
        *self.counts.entry(counted).or_default() += 1;
        self.done += 1;
        if self.done.is_multiple_of(PROGRESS_EVERY) && io::stderr().is_terminal() {
            self.remark(&format!("{} users …", self.done));
        }
        if outcome != "unchanged" {
            item["place"] = json!(place);
            self.tell(item)?;
        }
        Ok(())
    }

    /// Shows an outcome: what would be done where nothing is, and each refusal.
    fn tell(&mut self, item: Value) -> anyhow::Result<()> {
        if let Output::Json = self.run.output {
            self.items.push(item);
            return Ok(());
        }
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let refused = text("outcome") == "refused";
        if self.run.apply && !refused {
            return Ok(());
        }
        let changed: Vec<&str> = item["changed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let more = match item["manager"].as_str() {
            Some(manager) => manager.to_owned(),
            None if refused => text("detail"),
            None => changed.join(", "),
        };
        let name = if item["display_name"].is_string() { text("display_name") } else { text("user_name") };
        let line = format!("{}: {} {name}: {more}", text("place"), text("outcome"));
        crate::output::write_out(&format!("{}\n", crate::output::printable(&line)))
    }

    /// Notes that something of the source cannot be sent.
    pub async fn fault(&mut self, place: String, problem: String) -> anyhow::Result<()> {
        let item = json!({ "outcome": "refused", "user_name": null, "changed": [], "detail": problem, "place": place });
        *self.counts.entry("refused".to_owned()).or_default() += 1;
        self.tell(item)
    }

    /// Names managers, now that everybody is there, or says who would be.
    pub async fn managers(&mut self) -> anyhow::Result<()> {
        let managed = std::mem::take(&mut self.managed);
        if managed.is_empty() {
            return Ok(());
        }
        self.managing = true;
        for one in managed {
            match self.would_be_managed(one) {
                Ok((sought, item)) => self.outcome(sought, item)?,
                Err(one) => self.put(one).await?,
            }
        }
        self.flush().await
    }

    /// What is said of somebody whose manager would be made in this dry run: the server could not find that one. The others are asked for,
    /// with the name that the server makes a user by.
    fn would_be_managed(&self, mut one: Waiting) -> Result<(Sought, Value), Waiting> {
        let text = |name: &str| one.attributes.get(name).and_then(Value::as_str);
        let manager = text("manager").unwrap_or_default().to_owned();
        let own = text("userName").or_else(|| Some(self.coming.get(text("externalId")?)?.as_str()));
        let name = own.map(str::to_owned);
        if self.coming.contains_key(&manager) || self.coming.contains_key(&manager.to_lowercase()) {
            let item = json!({ "outcome": "created", "user": null, "user_name": name, "changed": [], "detail": null });
            return Ok((Sought { place: one.place, external: None, manager: Some(manager) }, item));
        }
        if let Some(name) = name.filter(|_| !self.run.apply) {
            one.attributes.entry("userName").or_insert(Value::from(name));
        }
        Err(one)
    }

    /// Says a sentence on stderr, since stdout holds what programs read; that nobody reads it is no reason to end.
    pub fn remark(&self, sentence: &str) {
        let _ = writeln!(io::stderr(), "{}", crate::output::printable(sentence));
    }

    /// The summary.
    pub fn end(self, problem: Option<String>) -> anyhow::Result<ExitCode> {
        let whole = problem.is_none() && self.is_clean();
        let deleted = self.deleted.len();
        let (applied, counts, groups) = (self.run.apply, &self.counts, &self.groups);
        match self.run.output {
            Output::Json => {
                let mut document = json!({ "applied": applied, "counts": counts, "items": self.items });
                if self.keeps_ids {
                    document["groups"] = json!(groups);
                }
                (document["deleted"], document["problem"]) = (json!(self.deleted), json!(problem));
                self.run.output.document(&document, &Value::Null)?;
            }
            Output::Plain => {
                let numbers = |of: &BTreeMap<String, u64>| -> Vec<String> {
                    of.iter().map(|(what, number)| format!("{number} {what}")).collect()
                };
                let mut said = numbers(counts);
                if deleted > 0 {
                    said.push(format!("{deleted} deleted"));
                }
                if said.is_empty() {
                    said.push("nothing has changed".to_owned());
                }
                let end = if applied { "" } else { " Nothing was done: this is a dry run." };
                let of_groups =
                    if groups.is_empty() { String::new() } else { format!(" Groups: {}.", numbers(groups).join(", ")) };
                crate::output::write_out(&format!("{}.{of_groups}{end}\n", said.join(", ")))?;
                if let Some(problem) = problem {
                    self.remark(&problem);
                }
            }
        }
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL) })
    }
}
