//! The audit log as a feed of changes: which objects have to be looked at again.

use crate::{ScopeMode, TOUCHED_MAX};
use jiff::Timestamp;
use provost_change::{Logged, ResourceId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What concerns an app in a part of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Users that may have to be sent.
    pub users: BTreeMap<ResourceId, UserChange>,
    /// Groups that may have to be sent, with what is known of their members.
    pub groups: BTreeMap<ResourceId, GroupChange>,
    /// Groups of which every member, and everybody whom they entitled, may have to be sent.
    pub whole: BTreeMap<ResourceId, Timestamp>,
    /// Why everything has to be looked at; in words.
    pub everything: Option<&'static str>,
}

/// What changed of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// When first.
    pub since: Timestamp,
    /// Whether it was removed meanwhile, and so lost its memberships, which no entry about a group says.
    pub was_removed: bool,
}

/// What decides which changes concern an app.
#[derive(Clone, Copy, Debug)]
pub struct Concern<'a> {
    /// The app.
    pub app: ResourceId,
    /// Its roles.
    pub roles: &'a BTreeSet<ResourceId>,
    /// Who is in its scope.
    pub scope: ScopeMode,
    /// Whether groups inside groups count.
    pub nested_groups: bool,
}

/// What changed of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// When first.
    pub since: Timestamp,
    /// Who came or went; more than [`TOUCHED_MAX`], or an unknown number, is `None`.
    pub touched: Option<BTreeSet<ResourceId>>,
}

/// The public part of an audit entry, as far as it matters here.
#[derive(Deserialize)]
struct Public<'e> {
    #[serde(borrow)]
    action: std::borrow::Cow<'e, str>,
    outcome: std::borrow::Cow<'e, str>,
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    attributes: Vec<String>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Personal {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    attribute: String,
    old: Value,
    new: Value,
}

/// Attributes of an app that say nothing about what is to be at the target.
const SAYS_NOTHING: [&str; 9] = [
    "name",
    "secret_token",
    "started",
    "interval",
    "accidental_deletion_threshold",
    "notify",
    "drift",
    "tenant_url",
    "compatibility",
];

/// Objects that are kept one by one; with more of them everything is looked at, page by page.
pub const CHANGED_MAX: usize = 100_000;

impl Changes {
    /// Adds entries of the account's log, in their order.
    pub fn read(&mut self, of: &Concern<'_>, entries: &[Logged]) {
        for entry in entries {
            self.add(of, entry);
        }
        if self.users.len() + self.groups.len() + self.whole.len() > CHANGED_MAX {
            self.all("more objects changed than are looked at one by one");
        }
    }

    /// Nothing concerns the app.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn all(&mut self, why: &'static str) {
        self.everything.get_or_insert(why);
        self.users.clear();
        self.groups.clear();
        self.whole.clear();
    }

    fn add(&mut self, of: &Concern<'_>, entry: &Logged) {
        let Ok(public) = serde_json::from_str::<Public<'_>>(&entry.public) else {
            return self.all("an entry of the audit log could not be read");
        };
        let Some(subject) = entry.subject.filter(|_| public.outcome == "success") else {
            return;
        };
        let kind = public.target.as_ref().map_or("", |target| target.kind.as_str());
        match (&*public.action, kind) {
            (action, _) if action.starts_with("app-assignment.") => {
                self.user(subject, entry.at);
                self.whole(subject, entry.at);
                self.group(subject, entry.at, []);
            }
            // Whose role it was is not said of one that is gone.
            (action, _) if action.starts_with("app-role.") => {
                if of.roles.contains(&subject) || action.ends_with(".delete") {
                    self.all("a role of the app changed");
                }
            }
            (action, _) if action.starts_with("enterprise-app.") => {
                let matters = public.attributes.iter().any(|name| !SAYS_NOTHING.contains(&name.as_str()));
                if subject == of.app && matters {
                    self.all("the app changed");
                }
            }
            (action, "user" | "deleted-user" | "suspended-user") => {
                self.user(subject, entry.at);
                let is_removal =
                    kind != "user" || ["delete", "restore", "suspend"].iter().any(|end| action.ends_with(end));
                if let Some(change) = self.users.get_mut(&subject) {
                    change.was_removed |= is_removal;
                }
            }
            ("group.delete", _) => {
                self.group(subject, entry.at, []);
                self.whole(subject, entry.at);
            }
            (_, "group") => self.group_changed(of, subject, entry, &public),
            (_, _) => {}
        }
    }

    fn group_changed(&mut self, of: &Concern<'_>, group: ResourceId, entry: &Logged, public: &Public<'_>) {
        if !public.attributes.iter().any(|name| name == "members") {
            return self.group(group, entry.at, []);
        }
        match touched(entry) {
            Some(touched) => {
                // Whether it is a user or a group is not said: what is not there does no harm.
                for member in touched.iter().filter(|_| of.scope == ScopeMode::Assigned) {
                    self.user(*member, entry.at);
                    if of.nested_groups {
                        self.whole(*member, entry.at);
                    }
                }
                self.group(group, entry.at, touched);
            }
            None => {
                self.group(group, entry.at, []);
                if let Some(change) = self.groups.get_mut(&group) {
                    change.touched = None;
                }
                self.whole(group, entry.at);
            }
        }
    }

    fn user(&mut self, id: ResourceId, at: Timestamp) {
        if self.everything.is_none() {
            self.users.entry(id).or_insert(UserChange { since: at, was_removed: false });
        }
    }

    fn whole(&mut self, id: ResourceId, at: Timestamp) {
        if self.everything.is_none() {
            self.whole.entry(id).or_insert(at);
        }
    }

    fn group(&mut self, id: ResourceId, at: Timestamp, members: impl IntoIterator<Item = ResourceId>) {
        if self.everything.is_some() {
            return;
        }
        let change = self.groups.entry(id).or_insert_with(|| GroupChange { since: at, touched: Some(BTreeSet::new()) });
        if let Some(touched) = &mut change.touched {
            touched.extend(members);
            if touched.len() > TOUCHED_MAX {
                change.touched = None;
            }
        }
    }
}

/// Who came and went, when the entry says so of everybody: it names 1,000 of each, and nobody once its personal part is erased.
fn touched(entry: &Logged) -> Option<BTreeSet<ResourceId>> {
    let personal: Personal = serde_json::from_str(&entry.personal.as_ref()?.json).ok()?;
    let change = personal.changes.into_iter().find(|change| change.attribute == "members")?;
    let ids = |value: &Value| -> Option<Vec<ResourceId>> {
        let elements = match value {
            Value::Null => return Some(Vec::new()),
            Value::Array(elements) => elements,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => return None,
        };
        elements.iter().map(|element| element.as_str()?.parse().ok()).collect()
    };
    Some(ids(&change.old)?.into_iter().chain(ids(&change.new)?).collect())
}
