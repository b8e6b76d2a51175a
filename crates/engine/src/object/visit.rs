//! What is decided about an object, from what the source says to what the target shall have.

use super::gate::Halt;
use super::{Intents, Problem, Task, concerns, name_of};
use crate::cycle::{Loaded, Work};
use crate::{
    ActionKind, AttributeFault, CompiledObjects, Link, Members, Modified, Moment, Objects, Shared, SourceObject,
    Standing, Status, Step, StoredLink, TargetName, Tried, Values, Wanted, Wire, wanted,
};
use jiff::Timestamp;
use provost_change::ResourceId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One object under way.
pub(crate) struct Visit<'w> {
    pub work: &'w Work,
    pub task: Task,
    pub(super) source: Option<Arc<SourceObject>>,
    /// As it will be committed.
    pub(super) link: Shared<Link>,
    /// As it is stored, of whatever generation.
    pub(super) stored: Option<StoredLink>,
    /// A link from before all links were dropped: who lost access meanwhile is still found by it.
    pub(super) dropped: Option<Shared<Link>>,
    /// Whether there was a link that counts.
    pub(super) was_linked: bool,
    /// Whether the link goes.
    pub(super) drops_link: bool,
    /// Whether the resource came to be known now.
    pub(super) is_new: bool,
    /// Whether it was found there, and not made.
    pub(super) is_matched: bool,
    /// Whether it was made now.
    pub(super) is_made: bool,
    /// Whether it was linked to another resource, so that references to that lead nowhere.
    pub(super) has_moved: bool,
    pub(super) began: Timestamp,
    pub(super) steps: Vec<Step>,
    pub(super) action: ActionKind,
    pub(super) modified: Vec<Modified>,
    pub(super) redacted: Vec<TargetName>,
    pub(super) intents: Intents,
    /// What was not done, though the object is as it shall be otherwise.
    pub(super) warnings: Vec<(&'static str, String)>,
    pub(super) entitled: bool,
    /// Why it is not to be at the target.
    pub(super) why_not: Option<&'static str>,
    /// Of a group: whether members that are otherwise at the target were changed by somebody else.
    pub(super) finds_drift: bool,
    /// Groups of ours that the target says it is in, when it is back.
    pub(super) seen_in: BTreeSet<ResourceId>,
    /// The same as the target says it.
    pub(super) groups_seen: Vec<String>,
    pub(super) corrects_drift: bool,
    /// What somebody else changed at the target, and stays so.
    pub(super) left_drifted: Vec<TargetName>,
    /// References to objects that failed.
    pub(super) unresolved: u64,
    /// Whether it is looked for in a search of its own: one with others may have missed it.
    pub(super) looks_alone: bool,
    pub(super) wrote: bool,
    pub(super) halt: Option<Halt>,
}

impl<'w> Visit<'w> {
    /// `None` when the task does not concern the object.
    pub fn begin(work: &'w Work, task: Task, loaded: Loaded) -> Option<Self> {
        let Loaded { key, source, link: stored } = loaded;
        let current = stored.as_ref().filter(|stored| work.is_current(stored)).map(|stored| stored.link.clone());
        if !concerns(work, &task, source.as_ref(), current.as_deref()) {
            return None;
        }
        let was_linked = current.is_some();
        let dropped = stored.as_ref().filter(|_| !was_linked).map(|stored| stored.link.clone());
        let mut link = current.unwrap_or_else(|| Link::new(work.setting.id, key, work.job.generation).into());
        // Of what an engine wrote that was killed nothing is known.
        let is_new = is_unsettled(&link);
        link.was_removed |= task.was_removed;
        link.unsure |= is_in_doubt(work, &link);
        let finds_drift =
            task.finds_drift && link.members == Members::InStep && super::is_in_use(&link) && !link.unsure;
        // Kept with the link from here on, so that it is not forgotten when something fails before their turn.
        match &task.members {
            Members::InStep if task.looks && !work.is_on_demand => link.members = Members::Unknown,
            Members::InStep => {}
            Members::Touched(touched) => link.members.touch(touched.iter().copied()),
            Members::Unknown => link.members = Members::Unknown,
        }
        Some(Self {
            began: work.port.now(),
            work,
            task,
            source: source.map(Arc::new),
            link,
            stored,
            dropped,
            was_linked,
            drops_link: false,
            is_new,
            is_matched: is_new,
            is_made: false,
            has_moved: false,
            steps: Vec::new(),
            action: ActionKind::Other,
            modified: Vec::new(),
            redacted: Vec::new(),
            intents: Vec::new(),
            why_not: None,
            warnings: Vec::new(),
            entitled: false,
            finds_drift,
            seen_in: BTreeSet::new(),
            groups_seen: Vec::new(),
            corrects_drift: false,
            left_drifted: Vec::new(),
            unresolved: 0,
            looks_alone: false,
            wrote: false,
            halt: None,
        })
    }

    pub(super) fn compiled(&self) -> &'w CompiledObjects {
        self.work.setting.compiled.objects(self.task.key.of)
    }

    pub(super) fn wire(&self) -> Wire<'w> {
        self.compiled().wire(self.work.setting.compiled.dialect(self.work.is_on_demand))
    }

    /// Does what is to be done; what came of it stands in the visit.
    pub async fn run(&mut self) {
        self.halt = self.whole().await.err();
    }

    async fn whole(&mut self) -> Result<(), Halt> {
        let Some(object) = self.source.clone() else {
            self.why_not = Some("it is not in the account any more");
            return self.gone().await;
        };
        self.link.name = name_of(&object);
        self.imported(&object);
        let judged = self.compiled().entitlement(&object, self.work.setting.has_roles);
        let entitlement = judged.map_err(|why| Problem::new("ScopingFilterFailed", why))?;
        self.scoped(&entitlement);
        self.link.entitled_through(object.assigned.iter().filter_map(|assigned| assigned.through));
        self.entitled = entitlement.is_entitled();
        self.why_not = entitlement.why_not();
        self.linked();
        if self.entitled { self.entitled(&object).await } else { self.not_entitled(&object, &entitlement).await }
    }

    /// What the mapping wants; what keeps the object from being exported ends the visit.
    pub(super) fn wanted(&mut self, object: &SourceObject, purpose: wanted::Purpose) -> Result<Wanted, Halt> {
        let wanted = self.evaluated(object, purpose);
        match wanted.faults.first() {
            None => Ok(wanted),
            Some(fault) => Err(self.at_fault(fault).into()),
        }
    }

    pub(super) fn at_fault(&self, fault: &AttributeFault) -> Problem {
        let of = self.kind();
        let text = format!(
            "{of} '{}' will be skipped because the value of the property {} is missing or invalid: {}",
            self.link.name, fault.target, fault.problem
        );
        Problem::new(fault.code.as_str(), text)
    }

    /// What the mapping wants, with what is wrong with it.
    pub(super) fn evaluated(&mut self, object: &SourceObject, purpose: wanted::Purpose) -> Wanted {
        let setting = &self.work.setting;
        let mut random = self.work.random(self.task.key);
        let mut moment = Moment {
            now: self.work.port.now(),
            is_soft_deleted: !self.entitled,
            purpose,
            default_domain: setting.default_domain.as_deref(),
            random: &mut random,
        };
        let wanted = self.compiled().wanted(object, &mut moment);
        self.redacted.clone_from(&wanted.redacted);
        wanted
    }

    async fn entitled(&mut self, object: &SourceObject) -> Result<(), Halt> {
        let probe = self.wanted(object, wanted::Purpose::Create)?;
        if self.link.target.is_none() && probe.matching.iter().all(|matching| matching.value.is_none()) {
            let why = "none of the matching attributes has a value at the source, so that it cannot be looked for";
            return Err(Halt::Skipped("ImportSkipped", why.to_owned()));
        }
        self.remember_names();
        let known = self.known(&probe).await?;
        match known {
            Some(known) => self.bring_up_to_date(object, known).await?,
            None => self.make(object, probe).await?,
        }
        self.members().await?;
        self.settled()
    }

    /// What the target has, as far as it has to be known; `None` when it has nothing of the object.
    async fn known(&mut self, wanted: &Wanted) -> Result<Option<Values>, Halt> {
        let Some(target) = self.link.target.clone() else {
            return self.find(wanted).await;
        };
        let is_back = self.link.standing != Standing::Entitled || self.link.was_removed;
        if !(self.task.looks || self.link.unsure || is_back) {
            return Ok(Some(self.link.written.clone()));
        }
        match self.read(&target).await {
            Ok(seen) => {
                if is_back {
                    self.seen_in = self.owned_groups().await;
                }
                Ok(Some(seen))
            }
            Err(problem) if problem.is_missing => self.anew(wanted).await,
            Err(problem) => Err(problem.into()),
        }
    }

    /// The resource is gone: the object is looked for like one that was never there.
    pub(super) async fn anew(&mut self, wanted: &Wanted) -> Result<Option<Values>, Halt> {
        let gone = self.link.target.clone().unwrap_or_default();
        self.warnings.push((
            "InvalidAnchor",
            format!("the target has no resource {gone} any more: the object was matched anew"),
        ));
        // What is there under the same name may be it all the same: targets have answered with wrong ids.
        let written = std::mem::take(&mut self.link.written);
        self.try_names(&written);
        self.link.forget_target();
        self.has_moved = true;
        self.find(wanted).await
    }

    /// Has the object looked for by what it was called, too.
    fn try_names(&mut self, written: &Values) {
        for row in self.compiled().matching() {
            let attribute = row.target.as_str().to_owned();
            if let Some(value) = written.get(&attribute).filter(|value| !value.is_null()) {
                let tried = Tried { attribute, value: value.clone() };
                if !self.link.tried.contains(&tried) {
                    self.link.tried.push(tried);
                }
            }
        }
    }

    /// Looks for the object by what it was called under a dropped link, too.
    fn remember_names(&mut self) {
        let Some(dropped) = self.dropped.take().map(Shared::into_inner) else { return };
        self.try_names(&dropped.written);
        self.link.tried.extend(dropped.tried);
        self.link.former = dropped.target.or(dropped.former);
    }

    /// Whether the app may do that at the target.
    pub(super) fn may(&self, is_on: bool, action: &str) -> Result<(), Halt> {
        if is_on {
            return Ok(());
        }
        Err(Halt::Skipped("TargetActionDisabled", format!("the target action `{action}` is switched off")))
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.task.key.of {
            Objects::Users => "User",
            Objects::Groups => "Group",
        }
    }

    /// The object is as it shall be; whether something was done.
    fn settled(&mut self) -> Result<(), Halt> {
        let was = self.link.standing;
        if self.plans() {
            return Err(Halt::Planned);
        }
        if self.is_new || was != Standing::Entitled || self.link.was_removed {
            // Whoever waits for it learns of it in this cycle: in one that looks at everything, by its turn.
            self.link.unannounced = !self.task.in_whole || self.has_moved;
            self.link.was_there = self.task.key.of == Objects::Groups && (self.is_matched || !self.is_new);
        }
        if self.link.unannounced {
            self.link.was_in.append(&mut self.seen_in);
        }
        self.link.standing = Standing::Entitled;
        self.link.unsure = false;
        self.link.tried.clear();
        self.link.former = None;
        self.link.was_removed = false;
        if self.wrote || self.is_new || !self.warnings.is_empty() { Ok(()) } else { Err(redundant()) }
    }

    /// What came of it, of the whole.
    pub(super) fn status(&self) -> Status {
        match &self.halt {
            Some(Halt::Failed(_) | Halt::Moved) => Status::Failure,
            Some(Halt::Skipped(_, _) | Halt::Staged | Halt::Planned | Halt::Again) => Status::Skipped,
            None if self.warnings.is_empty() => Status::Success,
            None => Status::Warning,
        }
    }

    /// Objects that its attributes refer to, to be kept.
    pub(super) fn refers_to(&mut self, all: BTreeSet<ResourceId>, awaits: BTreeSet<ResourceId>) {
        self.link.refers = all;
        self.link.awaits = awaits;
    }
}

/// Whether an engine that was killed may have written what the link does not say. Of objects that are not in use at the target the link
/// itself says so, see [`Visit::note_doubt`].
pub(super) fn is_in_doubt(work: &Work, link: &Link) -> bool {
    work.job.is_under_way && super::is_in_use(link)
}

/// Whether a resource is linked that nobody has brought up to date yet: whoever began was killed, or it failed.
fn is_unsettled(link: &Link) -> bool {
    link.target.is_some() && link.standing == Standing::New
}

pub(super) fn redundant() -> Halt {
    Halt::Skipped("RedundantExport", "source and target are alike already".to_owned())
}
