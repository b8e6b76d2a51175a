//! What is asked of the target, and what is written there.

use super::found::{Found, Problem, Purpose, answered, json};
use super::gate::Halt;
use super::visit::Visit;
use crate::cycle::{Ask, Commit, Told, unexpected};
use crate::{
    ActionKind, Candidates, Change, CompiledObjects, Drift, Intent, Key, MatchingValue, Members, Modified, Objects,
    Reply, Request, SearchesForm, SourceObject, Standing, StoredLink, TargetPath, TargetValue, Tried, Values, Wanted,
    id_of, wanted,
};
use provost_change::ResourceId;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// Values under which one object may have been created that are kept.
const TRIED_MAX: usize = 8;

/// Groups of one user that are looked at when it comes back.
const GROUPS_MAX: usize = 1_000;

/// Candidates for a unique value that the target is asked about, for one object in one cycle.
const CANDIDATES_MAX: usize = 50;

impl Visit<'_> {
    pub(super) async fn send(&mut self, request: Request) -> Reply {
        self.work.send(request).await
    }

    /// Sends what changes the target.
    pub(super) async fn export(&mut self, request: Request) -> Result<Reply, Problem> {
        let reply = self.send(request).await;
        let result = answered(&reply, Purpose::Write).map(drop);
        self.wrote |= result.is_ok();
        // Whether it was done is seen when it is looked at again.
        self.link.unsure |= result.as_ref().is_err_and(|problem| problem.is_uncertain) && self.link.target.is_some();
        self.exported(&result);
        result.map(|()| reply)
    }

    /// Reads the linked resource.
    pub(super) async fn read(&mut self, target: &str) -> Result<Values, Problem> {
        let reply = self.send(self.wire().read(target)).await;
        let body = json(answered(&reply, Purpose::Read)?)?;
        match id_of(body) {
            Some(id) if id == target => {
                self.groups_seen = groups_of(body);
                Ok(self.less_made_of_none(self.compiled().seen(body)))
            }
            other => Err(Problem::incompatible(format!(
                "the target answered with the resource {} where {target} was asked for",
                other.unwrap_or_else(|| "without an id".to_owned())
            ))),
        }
    }

    /// Looks for the object by its matching attributes in turn, and by what it may have been created with. What is found is linked; its
    /// values are the answer.
    pub(super) async fn find(&mut self, wanted: &Wanted) -> Result<Option<Values>, Halt> {
        let mut asked: Vec<MatchingValue> = wanted.matching.clone();
        for tried in &self.link.tried {
            if let (Ok(target), TargetValue::One(value)) = (TargetPath::parse(&tried.attribute), &tried.value) {
                asked.push(MatchingValue { precedence: u32::MAX, target: target.into(), value: Some(value.clone()) });
            }
        }
        let mut names = Vec::new();
        for (place, matching) in asked.iter().enumerate() {
            let is_same =
                |earlier: &MatchingValue| earlier.target == matching.target && earlier.value == matching.value;
            let is_known = asked[..place].iter().any(is_same);
            if is_known {
                continue;
            }
            let Some(reply) = self.look_up(matching).await else { continue };
            names.push(matching.target.as_str().to_owned());
            match Found::read(&reply)? {
                Found::None => {}
                Found::Several(count) => {
                    let by = matching.target.as_str();
                    let why = format!("{count} resources of the target have the same {by} as the object");
                    return Err(Problem::new("DuplicateTargetEntries", why).into());
                }
                Found::One(resource) => {
                    let is_guess = place >= wanted.matching.len();
                    if let Some(known) = self.matched(&resource, matching, is_guess).await? {
                        return Ok(Some(known));
                    }
                }
            }
        }
        if let Some(known) = self.still_there().await? {
            return Ok(Some(known));
        }
        self.unmatched(&names);
        Ok(None)
    }

    /// Searches for who has a value, with others who search by then where the target takes that; `None` where there is no value.
    async fn look_up(&self, matching: &MatchingValue) -> Option<Reply> {
        let goes_alone = self.looks_alone || self.work.setting.app.compatibility.searches == SearchesForm::One;
        let lookup = if goes_alone { None } else { self.wire().lookup(matching) };
        match lookup {
            Some(lookup) => Some(self.work.look_up(lookup).await),
            None => Some(self.work.send(self.wire().find(matching)?).await),
        }
    }

    /// What a dropped link led to, if it is there and nobody else's: it may be called otherwise than anybody knows here.
    async fn still_there(&mut self) -> Result<Option<Values>, Halt> {
        let Some(target) = self.link.former.clone() else { return Ok(None) };
        if self.owner(&target).await.is_some_and(|owner| owner != self.task.key) {
            return Ok(None);
        }
        match self.read(&target).await {
            Ok(seen) => {
                self.seen_in = self.owned_groups().await;
                self.found(&target, "id", &seen);
                self.link_to(target, &seen);
                Ok(Some(seen))
            }
            Err(problem) if problem.is_missing => {
                self.link.former = None;
                Ok(None)
            }
            Err(problem) => Err(problem.into()),
        }
    }

    fn link_to(&mut self, target: String, seen: &Values) {
        self.link.target = Some(target);
        self.link.has(seen.clone());
        self.link.members = Members::Unknown;
        self.is_new = true;
        self.is_matched = true;
    }

    /// Links what was found, unless it belongs to another object. `None` when that is no harm.
    async fn matched(&mut self, resource: &Value, by: &MatchingValue, is_guess: bool) -> Result<Option<Values>, Halt> {
        let Some(id) = id_of(resource) else {
            return Err(Problem::incompatible("the target answered with a resource without an id").into());
        };
        if let Some(holder) = self.owner(&id).await.filter(|owner| *owner != self.task.key) {
            // What another object took since under the name that this one once had was not made for this one; and who is not to be
            // there has nothing there.
            if is_guess || !self.entitled {
                return Ok(None);
            }
            return Err(self.held_by(holder, &id, by.target.as_str()).await.into());
        }
        let seen = self.compiled().seen(resource);
        self.groups_seen = groups_of(resource);
        self.seen_in = self.owned_groups().await;
        self.found(&id, by.target.as_str(), &seen);
        self.link_to(id, &seen);
        Ok(Some(seen))
    }

    /// What the object would be is another object's. That is never handed over: whoever has a name that somebody else had before is
    /// not who had it.
    async fn held_by(&self, holder: Key, id: &str, by: &str) -> Problem {
        let link = self.work.links(vec![holder]).await.pop().flatten();
        let (name, is_in_use) =
            link.map(|stored| (stored.link.name.clone(), super::is_in_use(&stored.link))).unwrap_or_default();
        let standing = if is_in_use { "is in use there" } else { "is not in use there any more" };
        let why = format!(
            "the target's resource {id}, which has the same {by}, belongs to another object of the account: {name} ({}), which {standing}; \
             change the {by} of one of them, or remove that resource at the target",
            holder.id
        );
        Problem { holder: Some(holder.id), ..Problem::new("DuplicateSourceEntries", why) }
    }

    /// Those of the groups that were seen with it that are ours.
    pub(super) async fn owned_groups(&mut self) -> BTreeSet<ResourceId> {
        let targets = std::mem::take(&mut self.groups_seen);
        if targets.is_empty() {
            return BTreeSet::new();
        }
        match self.work.port.ask(Ask::Owners { of: Objects::Groups, targets }).await {
            Told::Owners(owners) => owners.into_iter().flatten().map(|key| key.id).collect(),
            other => unexpected(&other),
        }
    }

    /// Whose link has a resource of the target.
    pub(super) async fn owner(&self, id: &str) -> Option<Key> {
        let ask = Ask::Owners { of: self.task.key.of, targets: vec![id.to_owned()] };
        match self.work.port.ask(ask).await {
            Told::Owners(owners) => owners.into_iter().next().flatten(),
            other => unexpected(&other),
        }
    }

    /// Makes the resource. Before, it is noted under which values: an answer that is lost cannot lead to a second one.
    pub(super) async fn make(&mut self, object: &SourceObject, mut wanted: Wanted) -> Result<(), Halt> {
        self.may(self.compiled().actions.create, "create")?;
        self.refer(&mut wanted).await;
        self.choose(&mut wanted, &Values::new()).await?;
        let changes = created(self.compiled(), &wanted.values);
        self.gate(ActionKind::Create, || Intent::new(ActionKind::Create, None, &changes))?;
        self.decided(ActionKind::Create);
        if self.plans() {
            return Ok(());
        }
        self.note(&wanted).await?;
        match self.export(self.wire().create(&wanted.values)).await {
            Ok(reply) => self.made(&reply, wanted.values, changes).await,
            Err(problem) if problem.code == "EntryConflict" => {
                self.looks_alone = true;
                let Some(known) = self.find(&wanted).await? else { return Err(problem.into()) };
                self.work.look_up_alone();
                self.bring_up_to_date(object, known).await
            }
            Err(problem) => Err(problem.into()),
        }
    }

    async fn made(&mut self, reply: &Reply, values: Values, changes: Vec<Change>) -> Result<(), Halt> {
        let id = match answered(reply, Purpose::Write).and_then(json) {
            Ok(body) => id_of(body),
            Err(problem) => return Err(problem.into()),
        };
        let Some(id) = id else {
            return Err(Problem::incompatible("the target answered without the id of what it made").into());
        };
        // Of users that is asked once the link cannot be committed: nothing more is sent before.
        if self.task.key.of == Objects::Groups
            && let Some(problem) = self.anothers(&id).await
        {
            return Err(problem.into());
        }
        self.link.target = Some(id);
        self.link.has(values);
        self.link.members = Members::Unknown;
        self.is_new = true;
        self.is_made = true;
        self.modify(changes);
        self.learn_of_creation(reply);
        Ok(())
    }

    /// What is wrong with an id that the target gave to what was made, where a link of another object has it.
    pub(super) async fn anothers(&self, id: &str) -> Option<Problem> {
        self.owner(id).await.filter(|owner| *owner != self.task.key)?;
        let why = format!("the target gave the new resource the id {id}, which another one has");
        Some(Problem::new("DuplicateSourceEntries", why))
    }

    /// Notes, before anything is made, under which values it will be.
    async fn note(&mut self, wanted: &Wanted) -> Result<(), Halt> {
        for matching in &wanted.matching {
            if let Some(value) = &matching.value {
                let attribute = matching.target.as_str().to_owned();
                let tried = Tried { attribute, value: TargetValue::One(value.clone()) };
                if !self.link.tried.contains(&tried) {
                    self.link.tried.push(tried);
                }
            }
        }
        if let Some(surplus @ 1..) = self.link.tried.len().checked_sub(TRIED_MAX) {
            self.link.tried.drain(..surplus);
        }
        self.keep().await
    }

    /// Notes, before access is given or taken, that from now on the target may have what the link does not say: whoever comes after an
    /// engine that was killed meanwhile asks the target.
    pub(super) async fn note_doubt(&mut self) -> Result<(), Halt> {
        self.link.unsure = true;
        self.keep().await
    }

    /// Commits the link as it is on the way.
    async fn keep(&mut self) -> Result<(), Halt> {
        let commit = Commit { links: vec![(self.stored.clone(), Some(self.link.clone()))], ..Commit::default() };
        if self.stored.as_ref().is_some_and(|stored| stored.link == self.link) {
            return Ok(());
        }
        if !self.work.commit(commit).await {
            return Err(Halt::Again);
        }
        let (version, created) =
            self.stored.as_ref().map_or((1, self.work.port.now()), |stored| (stored.version + 1, stored.created));
        self.stored = Some(StoredLink { link: self.link.clone(), version, created });
        Ok(())
    }

    /// Changes what differs.
    pub(super) async fn bring_up_to_date(&mut self, object: &SourceObject, known: Values) -> Result<(), Halt> {
        let mut wanted = self.wanted(object, wanted::Purpose::Update)?;
        self.refer(&mut wanted).await;
        self.choose(&mut wanted, &known).await?;
        let all = self.compiled().diff(&wanted.values, &known);
        let changes = self.without_drift(all, &wanted, &known);
        let Some(target) = self.link.target.clone() else { return Ok(()) };
        let Some(request) = self.wire().update(&target, &changes) else {
            if !self.plans() {
                self.take_over(known);
            }
            return Ok(());
        };
        self.may(self.compiled().actions.update, "update")?;
        self.gate(ActionKind::Update, || Intent::new(ActionKind::Update, Some(target), &changes))?;
        self.decided(ActionKind::Update);
        if self.plans() {
            return Ok(());
        }
        // Of what is done beside cycles nobody would know that it was begun.
        if self.link.standing != Standing::Entitled || self.work.is_beside {
            self.note_doubt().await?;
        }
        match self.export(request).await {
            Ok(reply) => {
                let before = self.link.written.clone();
                self.take_over(known);
                self.written(&changes);
                self.learn_of_change(&reply, &changes, &before).await;
                Ok(())
            }
            Err(problem) if problem.is_missing => {
                let probe = self.wanted(object, wanted::Purpose::Create)?;
                match self.anew(&probe).await? {
                    Some(known) => Box::pin(self.bring_up_to_date(object, known)).await,
                    None => self.make_anew(object, probe).await,
                }
            }
            Err(problem) if problem.code == "EntryConflict" => Err(self.conflict(problem, &wanted).await.into()),
            Err(problem) => Err(problem.into()),
        }
    }

    /// Says whose the values are that the target does not give twice, where another object of the account has them.
    async fn conflict(&mut self, refused: Problem, wanted: &Wanted) -> Problem {
        for matching in &wanted.matching {
            let Some(request) = self.wire().find(matching) else { continue };
            let Ok(Found::One(resource)) = Found::read(&self.send(request).await) else { continue };
            let Some(id) = id_of(&resource) else { continue };
            if let Some(holder) = self.owner(&id).await.filter(|owner| *owner != self.task.key) {
                return self.held_by(holder, &id, matching.target.as_str()).await;
            }
        }
        refused
    }

    /// What is seen counts as written; what somebody else changed, and is only logged, does not.
    fn take_over(&mut self, seen: Values) {
        let mut known = seen;
        for name in std::mem::take(&mut self.left_drifted) {
            known.set(&name, self.link.written.get(&name).cloned().unwrap_or(TargetValue::Null));
        }
        self.link.has(known);
    }

    /// Makes what was gone; boxed, since making may find what is to be brought up to date.
    async fn make_anew(&mut self, object: &SourceObject, wanted: Wanted) -> Result<(), Halt> {
        Box::pin(self.make(object, wanted)).await
    }

    pub(super) fn written(&mut self, changes: &[Change]) {
        let mut known = std::mem::take(&mut self.link.written);
        known.apply(changes);
        self.link.has(known);
        self.link.unsure = false;
        self.modify(changes.to_vec());
    }

    fn modify(&mut self, changes: Vec<Change>) {
        let redacted = &self.redacted;
        let shown = changes.into_iter().map(|change| {
            let mut modified = Modified::from(change);
            if redacted.contains(&modified.name) {
                (modified.old, modified.new) = (TargetValue::Null, TargetValue::from("[redacted]"));
            }
            modified
        });
        self.modified.extend(shown);
    }

    /// Leaves out what somebody else changed at the target, where the app says so.
    fn without_drift(&mut self, all: Vec<Change>, wanted: &Wanted, seen: &Values) -> Vec<Change> {
        let drift = self.work.setting.app.drift;
        let is_settled = self.link.standing == Standing::Entitled && !self.is_new && !self.link.unsure;
        let by_source = self.compiled().diff(&wanted.values, &self.link.written);
        let mut kept = Vec::with_capacity(all.len());
        for change in all {
            let name = change.target.as_str();
            let wants = wanted.values.get(name);
            if self.link.adopted.get(name).is_some() && self.link.adopted.get(name) == wants {
                continue;
            }
            let is_drift = is_settled && !by_source.iter().any(|known| known.target == change.target);
            match drift {
                Drift::Alert if is_drift => {
                    self.left_drifted.push(change.target.clone());
                    self.alert(&change, seen);
                }
                Drift::Adopt if is_drift => {
                    self.link.adopted.set(name, wants.cloned().unwrap_or(TargetValue::Null));
                    self.warnings.push(("DriftAdopted", format!("{name} was changed at the target, and is left so")));
                }
                Drift::Repair if is_drift => {
                    self.corrects_drift = true;
                    kept.push(change);
                }
                Drift::Ignore | Drift::Alert | Drift::Adopt | Drift::Repair => {
                    if !self.plans() {
                        self.link.adopted.remove(name);
                    }
                    kept.push(change);
                }
            }
        }
        kept
    }

    /// Says once what somebody changed.
    fn alert(&mut self, change: &Change, seen: &Values) {
        let value = seen.get(&change.target).cloned().unwrap_or(TargetValue::Null);
        if self.link.alerted.get(&change.target) != Some(&value) {
            self.link.alerted.set(&change.target, value);
            self.warnings.push(("DriftDetected", format!("{} was changed at the target", change.target)));
        }
    }

    /// Chooses values that nobody else at the target has. One that the object has already stays.
    async fn choose(&mut self, wanted: &mut Wanted, known: &Values) -> Result<(), Halt> {
        for Candidates { target, values } in std::mem::take(&mut wanted.candidates) {
            if values.is_empty() {
                continue;
            }
            let has = known.get(&target).and_then(TargetValue::shown);
            let kept = values.iter().find(|value| has.as_ref().is_some_and(|has| has.eq_ignore_ascii_case(value)));
            let chosen = match kept {
                Some(value) => value.clone(),
                None => self.first_free(&target, &values).await?,
            };
            wanted.values.set(&target, TargetValue::from(chosen.as_str()));
        }
        Ok(())
    }

    async fn first_free(&mut self, target: &str, values: &[String]) -> Result<String, Halt> {
        let path = TargetPath::parse(target).map(Arc::new).map_err(|why| Problem::new("InternalError", why))?;
        for value in values.iter().take(CANDIDATES_MAX) {
            let value_there = Some(Value::from(value.as_str()));
            let matching = MatchingValue { precedence: 1, target: Arc::clone(&path), value: value_there };
            let Some(request) = self.wire().find(&matching) else { continue };
            let reply = self.send(request).await;
            let is_free = match Found::read(&reply)? {
                Found::None => true,
                Found::One(resource) => id_of(&resource).is_some() && id_of(&resource) == self.link.target,
                Found::Several(_) => false,
            };
            if is_free {
                return Ok(value.clone());
            }
        }
        let why = format!("the target has every value that the mapping gives for {target}");
        Err(Problem::new("AttributeValidationFailed", why).into())
    }
}

/// The groups that a user is in, as targets say it that follow RFC 7643, section 4.1.2.
fn groups_of(resource: &Value) -> Vec<String> {
    let groups = resource.get("groups").and_then(Value::as_array).into_iter().flatten();
    groups.filter_map(|group| group.get("value")?.as_str().map(str::to_owned)).take(GROUPS_MAX).collect()
}

/// What is made, as changes of nothing.
fn created(compiled: &CompiledObjects, values: &Values) -> Vec<Change> {
    compiled.diff(values, &Values::new())
}
