//! Objects one after the other, and several at once: as many as the target takes.

use super::{Ask, Commit, Crowd, JobChange, Keys, Loaded, Place, Told, Trouble, Work, unexpected};
use crate::{BULK_MAX, BulkForm, Key, Members, Phase, SearchesForm, StoredLink, object, object::Task, wire::lookup};
use provost_change::ResourceId;
use std::collections::{BTreeSet, VecDeque};

/// Keys that are read at once, and objects that are loaded at once.
pub(crate) const PAGE: usize = 200;

/// Objects under way at once, for each request that may be: some wait for the account and not for the target.
const CROWD_PER_REQUEST: usize = 2;

/// Objects under way besides, where writes go together: those of two full requests, while others are being looked for.
const CROWD_OF_BULK: usize = 2 * BULK_MAX;

/// The same where only searches do.
const CROWD_OF_SEARCHES: usize = 2 * lookup::LIMITS.operations;

/// Where objects come from.
pub(super) enum Source {
    /// These.
    List(VecDeque<Task>),
    /// A walk, each made a task by the template.
    Walk { keys: Keys, after: Option<ResourceId>, task: Template, is_over: bool },
    /// Principals of the app's assignments, with the members of those that are groups.
    Assigned { after: Option<ResourceId>, task: Template, inside: Vec<Inside>, is_over: bool },
}

/// A group whose members are walked: those of `root`, an assigned group, or of a group inside it.
pub(super) struct Inside {
    root: ResourceId,
    group: ResourceId,
    after: Option<ResourceId>,
    depth: usize,
}

/// What is the same for all tasks of a walk.
#[derive(Clone)]
pub(super) struct Template(pub Task);

/// Groups inside groups are followed so far.
const NESTED_MAX: usize = 32;

/// A batch of tasks; the place behind which the walk goes on, once all before it is done.
struct Batch {
    tasks: Vec<Task>,
    place: Option<ResourceId>,
}

/// Batches that are under way, each with how many of its objects are.
#[derive(Default)]
struct Marks(VecDeque<(u64, usize, Option<ResourceId>)>);

impl Marks {
    fn begin(&mut self, number: u64, tasks: usize, place: Option<ResourceId>) {
        self.0.push_back((number, tasks, place));
    }

    /// The place up to which everything is done, when that moves.
    fn end(&mut self, number: u64) -> Option<ResourceId> {
        if let Some((_, left, _)) = self.0.iter_mut().find(|(known, _, _)| *known == number) {
            *left -= 1;
        }
        self.advance()
    }

    fn advance(&mut self) -> Option<ResourceId> {
        let mut moved = None;
        while let Some((_, 0, place)) = self.0.front() {
            moved = place.or(moved);
            self.0.pop_front();
        }
        moved
    }
}

impl Template {
    pub fn of(&self, key: Key) -> Task {
        Task { key, ..self.0.clone() }
    }
}

impl Source {
    pub fn list(tasks: impl IntoIterator<Item = Task>) -> Self {
        Self::List(tasks.into_iter().collect())
    }

    pub fn walk(keys: Keys, after: Option<ResourceId>, task: Task) -> Self {
        Self::Walk { keys, after, task: Template(task), is_over: false }
    }

    pub fn assigned(after: Option<ResourceId>, task: Task) -> Self {
        Self::Assigned { after, task: Template(task), inside: Vec::new(), is_over: false }
    }

    /// Members of one group.
    pub fn members(group: ResourceId, task: Task) -> Self {
        let inside = vec![Inside { root: group, group, after: None, depth: 0 }];
        Self::Assigned { after: None, task: Template(task), inside, is_over: true }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::List(tasks) => tasks.is_empty(),
            Self::Walk { is_over, .. } => *is_over,
            Self::Assigned { is_over, inside, .. } => *is_over && inside.is_empty(),
        }
    }

    async fn next(&mut self, work: &Work) -> Batch {
        match self {
            Self::List(tasks) => {
                let most = PAGE.min(tasks.len());
                Batch { tasks: tasks.drain(..most).collect(), place: None }
            }
            Self::Walk { keys, after, task, is_over } => {
                let page = work.keys(*keys, *after).await;
                *is_over = page.len() < PAGE;
                *after = page.last().map(|(place, _)| *place).or(*after);
                let tasks = page.into_iter().map(|(_, key)| task.of(key)).collect();
                Batch { tasks, place: *after }
            }
            Self::Assigned { after, task, inside, is_over } => match inside.pop() {
                Some(walk) => members(work, task, inside, walk).await,
                None => {
                    let page = work.keys(Keys::Assigned, *after).await;
                    *is_over = page.len() < PAGE;
                    // The place is that of a page whose groups are still to be walked: it holds once the next page comes.
                    let place = *after;
                    *after = page.last().map(|(place, _)| *place).or(*after);
                    let of = task.0.key.of;
                    let groups = page.iter().filter(|(_, key)| key.of == crate::Objects::Groups);
                    if of == crate::Objects::Users {
                        inside.extend(groups.map(|(_, key)| Inside {
                            root: key.id,
                            group: key.id,
                            after: None,
                            depth: 0,
                        }));
                    }
                    let tasks = page.into_iter().map(|(_, key)| key).filter(|key| key.of == of);
                    Batch { tasks: tasks.map(|key| task.of(key)).collect(), place }
                }
            },
        }
    }
}

/// A page of the members of a group; groups inside it are walked next where they count.
async fn members(work: &Work, task: &Template, inside: &mut Vec<Inside>, walk: Inside) -> Batch {
    let page = work.keys(Keys::Members(walk.group), walk.after).await;
    if page.len() == PAGE {
        let after = page.last().map(|(place, _)| *place);
        inside.push(Inside { after, ..walk });
    }
    let of = task.0.key.of;
    if work.setting.app.nested_groups && walk.depth < NESTED_MAX {
        let groups = page.iter().filter(|(_, key)| key.of == crate::Objects::Groups);
        inside.extend(groups.map(|(_, key)| Inside {
            root: walk.root,
            group: key.id,
            after: None,
            depth: walk.depth + 1,
        }));
    }
    let tasks = page.into_iter().filter(|(_, key)| key.of == of);
    let tasks = tasks.map(|(_, key)| Task { through: Some(walk.root), ..task.of(key) }).collect();
    Batch { tasks, place: None }
}

impl Work {
    pub async fn keys(&self, which: Keys, after: Option<ResourceId>) -> Vec<(ResourceId, Key)> {
        match self.port.ask(Ask::Keys { which, after, most: PAGE }).await {
            Told::Keys(keys) => keys,
            other => unexpected(&other),
        }
    }

    pub async fn load(&self, keys: Vec<Key>) -> Vec<Loaded> {
        if keys.is_empty() {
            return Vec::new();
        }
        match self.port.ask(Ask::Load(keys)).await {
            Told::Objects(loaded) => loaded,
            other => unexpected(&other),
        }
    }

    pub async fn links(&self, keys: Vec<Key>) -> Vec<Option<StoredLink>> {
        if keys.is_empty() {
            return Vec::new();
        }
        match self.port.ask(Ask::Links(keys)).await {
            Told::Links(links) => links.into_iter().map(|link| link.filter(|link| self.is_current(link))).collect(),
            other => unexpected(&other),
        }
    }

    /// Whether a link is of the links that count.
    pub fn is_current(&self, link: &StoredLink) -> bool {
        link.link.generation == self.job.generation
    }

    /// Brings objects to the target, as many at once as it takes. Where `resumes`, the job learns how far that is.
    pub(super) async fn each(&self, phase: Phase, mut source: Source, resumes: bool) -> Result<(), Trouble> {
        let compatibility = &self.setting.app.compatibility;
        let gathered = match (compatibility.bulk, compatibility.searches) {
            (BulkForm::Offered, _) => CROWD_OF_BULK,
            (BulkForm::Never, SearchesForm::Together) => CROWD_OF_SEARCHES,
            (BulkForm::Never, SearchesForm::One) => 0,
        };
        let most = self.setting.requests_max.max(1) * CROWD_PER_REQUEST + gathered;
        let mut crowd = Crowd::new();
        let mut ready: VecDeque<(u64, Task, Loaded)> = VecDeque::new();
        let mut marks = Marks::default();
        let mut batches = 0;
        loop {
            while crowd.len() < most && self.trouble().is_none() {
                if let Some((batch, task, loaded)) = ready.pop_front() {
                    crowd.push(async move {
                        object::bring(self, task, loaded).await;
                        batch
                    });
                } else if source.is_over() {
                    break;
                } else {
                    let mut batch = crowd.beside(source.next(self)).await;
                    let mut once = BTreeSet::new();
                    batch.tasks.retain(|task| once.insert((task.key, task.through)));
                    let keys = batch.tasks.iter().map(|task| task.key).collect();
                    let loaded = crowd.beside(self.load(keys)).await;
                    batches += 1;
                    marks.begin(batches, batch.tasks.len(), batch.place);
                    ready.extend(batch.tasks.into_iter().zip(loaded).map(|(task, loaded)| (batches, task, loaded)));
                    if let Some(place) = marks.advance().filter(|_| resumes) {
                        crowd.beside(self.note(phase, place)).await;
                    }
                }
            }
            match crowd.next().await {
                Some(batch) => {
                    if let Some(place) = marks.end(batch).filter(|_| resumes) {
                        crowd.beside(self.note(phase, place)).await;
                    }
                }
                None => break,
            }
        }
        self.trouble().map_or(Ok(()), Err)
    }

    /// Tells the job how far the cycle is.
    async fn note(&self, phase: Phase, place: ResourceId) {
        let progress = Place::UnderWay(Some(self.progress(phase, Some(place))));
        self.job_learns(self.job_change(progress)).await;
    }

    pub async fn job_learns(&self, change: JobChange) {
        self.commit(Commit { job: Some(change), ..Commit::default() }).await;
    }
}

impl Task {
    /// A task for all objects of a walk; the key is put in for each.
    pub fn template(of: crate::Objects) -> Self {
        Self::new(Key { of, id: ResourceId::new(uuid::Uuid::nil()) })
    }

    /// With members that have to be looked at.
    pub fn with_members(self, members: Members) -> Self {
        Self { members, ..self }
    }
}
