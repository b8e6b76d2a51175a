//! Batches on their way to the server, and what became of them.

use super::{NOT_ALL, Sent};
use crate::{client::Client, output::Output};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashSet, VecDeque},
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

/// Where the source says each user of a batch, and what the server answered.
type Answered = anyhow::Result<(Vec<String>, Value)>;

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
    /// The ids of users whom the source names.
    seen: HashSet<String>,
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

    /// Whether the source names the user with this id.
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
        let (places, users): (Vec<String>, Vec<Value>) =
            batch.into_iter().map(|one| (one.place, json!({ "attributes": one.attributes }))).unzip();
        let request = json!({ "source": self.run.source, "apply": self.run.apply, "users": users });
        let (client, account) = (Arc::clone(&self.client), self.run.account.clone());
        self.under_way.push_back(tokio::spawn(async move {
            let path = ["accounts", account.as_str(), "users", "import"];
            Ok((places, client.send(Method::POST, &path, &request).await?))
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
        let (places, mut answer) = batch.await??;
        let Value::Array(items) = answer["items"].take() else {
            anyhow::bail!("the server's answer holds no `items`; is it Provost?");
        };
        for (place, item) in places.into_iter().zip(items) {
            self.outcome(place, item)?;
        }
        Ok(())
    }

    fn outcome(&mut self, place: String, mut item: Value) -> anyhow::Result<()> {
        let outcome = item["outcome"].as_str().unwrap_or("refused").to_owned();
        self.seen.extend(item["user"].as_str().map(str::to_owned));
        let counted = match (self.managing, outcome.as_str()) {
            (false, _) | (true, "refused") => outcome.clone(),
            (true, "updated") => "managers".to_owned(),
            (true, _) => return Ok(()),
        };
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
        let more = if refused { text("detail") } else { changed.join(", ") };
        let line = format!("{}: {} {}: {more}", text("place"), text("outcome"), text("user_name"));
        crate::output::write_out(&format!("{}\n", crate::output::printable(&line)))
    }

    /// Notes that something of the source cannot be sent.
    pub async fn fault(&mut self, place: String, problem: String) -> anyhow::Result<()> {
        let item = json!({ "outcome": "refused", "user_name": null, "changed": [], "detail": problem, "place": place });
        *self.counts.entry("refused".to_owned()).or_default() += 1;
        self.tell(item)
    }

    /// Names managers, now that everybody is there.
    pub async fn managers(&mut self) -> anyhow::Result<()> {
        let managed = std::mem::take(&mut self.managed);
        if managed.is_empty() {
            return Ok(());
        }
        if !self.run.apply {
            self.remark("Managers are not looked for in a dry run: they may be among those who would be made.");
            return Ok(());
        }
        self.managing = true;
        for one in managed {
            self.put(one).await?;
        }
        self.flush().await
    }

    /// Says a sentence on stderr, since stdout holds what programs read; that nobody reads it is no reason to end.
    pub fn remark(&self, sentence: &str) {
        let _ = writeln!(io::stderr(), "{}", crate::output::printable(sentence));
    }

    /// The summary.
    pub fn end(self, problem: Option<String>) -> anyhow::Result<ExitCode> {
        let whole = problem.is_none() && self.is_clean();
        let deleted = self.deleted.len();
        let (applied, counts) = (self.run.apply, &self.counts);
        match self.run.output {
            Output::Json => self.run.output.document(
                &json!({ "applied": applied, "counts": counts, "items": self.items, "deleted": self.deleted, "problem": problem }),
                &Value::Null,
            )?,
            Output::Plain => {
                let mut said: Vec<String> = counts.iter().map(|(what, number)| format!("{number} {what}")).collect();
                if deleted > 0 {
                    said.push(format!("{deleted} deleted"));
                }
                if said.is_empty() {
                    said.push("nothing has changed".to_owned());
                }
                let end = if applied { "" } else { " Nothing was done: this is a dry run." };
                crate::output::write_out(&format!("{}.{end}\n", said.join(", ")))?;
                if let Some(problem) = problem {
                    self.remark(&problem);
                }
            }
        }
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(NOT_ALL) })
    }
}
