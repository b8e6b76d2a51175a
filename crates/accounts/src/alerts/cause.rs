//! Why an alert is raised, and what follows from values and the present instant.

use crate::{AdminApp, Configuration, admin_app::Scope, users::brake};
use jiff::{SignedDuration, Timestamp};
use provost_change::{Logged, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why an alert is raised. There is one alert at a time for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// An admin app has not asked for longer than `alerts.no_contact_hours`.
    NoContact {
        /// Which admin app.
        app: ResourceId,
    },
    /// More of an admin app's writes are refused than `alerts.failure_percent`.
    FailureRate {
        /// Which admin app.
        app: ResourceId,
    },
    /// An admin app disables or removes more users than `alerts.leavers_per_hour`.
    Leavers {
        /// Which admin app.
        app: ResourceId,
    },
    /// The brake of an admin app holds.
    Brake {
        /// Which admin app.
        app: ResourceId,
    },
    /// Changes that a brake held wait for an administrator.
    Held,
    /// Somebody used the key of an admin app that is bait.
    Honey {
        /// Which admin app.
        app: ResourceId,
    },
    /// The newest key of an admin app expires in so many days: 30, 7 or 1; at 0 it has expired.
    KeyExpires {
        /// Which admin app.
        app: ResourceId,
        /// The id of the key.
        key: String,
        /// How soon.
        days: i64,
    },
}

/// What an admin app wrote within an hour, as far as it was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What was done.
    pub done: u32,
    /// What was refused.
    pub failed: u32,
    /// Users who were disabled or removed, of what was done.
    pub left: u32,
}

/// What alerts follow from, beside the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// The counts of the account's head.
    pub counts: &'a BTreeMap<String, i64>,
    /// When each admin app asked last; one that never did is not in it.
    pub contacts: &'a BTreeMap<ResourceId, Timestamp>,
    /// What each admin app wrote; `None` where nobody looked.
    pub tallies: Option<&'a BTreeMap<ResourceId, Tally>>,
}

/// Writes in an hour below which a share of them says nothing.
const WRITES_MIN: u32 = 20;
/// How many days before a key expires it is told, the last first.
const STAGES: [i64; 3] = [1, 7, 30];
/// What the audit log calls the end of a user's access.
const LEAVING: [&str; 5] = ["user.disable", "user.delete", "user.remove", "user.soft_delete", "user.suspend"];
/// How far back a tally looks.
const TALLIED: SignedDuration = SignedDuration::from_hours(1);

impl Cause {
    /// Its name, as it is shown and counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoContact { .. } => "no_contact",
            Self::FailureRate { .. } => "failure_rate",
            Self::Leavers { .. } => "leavers",
            Self::Brake { .. } => "brake",
            Self::Held => "held",
            Self::Honey { .. } => "honey",
            Self::KeyExpires { .. } => "key_expires",
        }
    }

    /// The names of all causes.
    pub const NAMES: [&'static str; 7] =
        ["no_contact", "failure_rate", "leavers", "brake", "held", "honey", "key_expires"];

    /// What it is in a few words, for people.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NoContact { .. } => "An identity provider has gone silent",
            Self::FailureRate { .. } => "Provisioning fails",
            Self::Leavers { .. } => "Many users lose access at once",
            Self::Brake { .. } => "The brake holds",
            Self::Held => "Changes wait for an administrator",
            Self::Honey { .. } => "Somebody used a key that is bait",
            Self::KeyExpires { days: 0, .. } => "An API key has expired",
            Self::KeyExpires { .. } => "An API key expires soon",
        }
    }

    /// The admin app that it is about.
    pub fn app(&self) -> Option<ResourceId> {
        match self {
            Self::NoContact { app }
            | Self::FailureRate { app }
            | Self::Leavers { app }
            | Self::Brake { app }
            | Self::Honey { app }
            | Self::KeyExpires { app, .. } => Some(*app),
            Self::Held => None,
        }
    }

    /// Whether it is over one day without an administrator's saying so.
    pub fn ends_by_itself(&self) -> bool {
        !matches!(self, Self::Honey { .. })
    }
}

impl Facts<'_> {
    /// Whether these facts say how it stands with a cause.
    pub(super) fn tell_of(&self, cause: &Cause) -> bool {
        match cause {
            Cause::FailureRate { .. } | Cause::Leavers { .. } => self.tallies.is_some(),
            Cause::NoContact { .. }
            | Cause::Brake { .. }
            | Cause::Held
            | Cause::Honey { .. }
            | Cause::KeyExpires { .. } => true,
        }
    }
}

/// What is to be alerted to now, with a sentence about each.
pub fn due(config: &Configuration, facts: &Facts<'_>) -> Vec<(Cause, String)> {
    let mut due = Vec::new();
    let held = facts.counts.get(brake::HELD_COUNT).copied().unwrap_or(0);
    if held > 0 {
        let detail = format!(
            "{held} disables or removals that a brake kept back wait for an administrator: release or discard them."
        );
        due.push((Cause::Held, detail));
    }
    for (app, _) in config.apps.iter().filter(|(app, _)| !app.honey) {
        due.extend(silent(config, facts, app));
        due.extend(tallied(config, facts, app));
        due.extend(braked(config, facts, app));
        due.extend(expiring(facts, app));
    }
    due
}

fn silent(config: &Configuration, facts: &Facts<'_>, app: &AdminApp) -> Option<(Cause, String)> {
    let hours = config.policy.alerts.no_contact_hours?;
    let last = facts.contacts.get(&app.id)?;
    let provisions = app.scopes.contains(&Scope::Scim) && app.keys.iter().any(|key| key.is_valid(facts.now));
    let silent = facts.now.duration_since(*last) >= SignedDuration::from_hours(i64::from(hours));
    let detail = || {
        format!(
            "Admin app `{}` has not asked for {hours} hours, the last time {}: see whether the identity provider still \
             provisions, and whether its key is still taken.",
            app.name,
            spoken(*last)
        )
    };
    (provisions && silent).then(|| (Cause::NoContact { app: app.id }, detail()))
}

fn tallied(config: &Configuration, facts: &Facts<'_>, app: &AdminApp) -> Vec<(Cause, String)> {
    let Some(tally) = facts.tallies.and_then(|tallies| tallies.get(&app.id)) else { return Vec::new() };
    let mut due = Vec::new();
    let Tally { done, failed, left } = *tally;
    let writes = done + failed;
    let most = config.policy.alerts.failure_percent;
    if most.is_some_and(|percent| writes >= WRITES_MIN && failed * 100 >= percent * writes) {
        let detail = format!(
            "Within an hour {failed} of {writes} writes by admin app `{}` were refused: the audit log says why, each with the rule that \
             refused it.",
            app.name
        );
        due.push((Cause::FailureRate { app: app.id }, detail));
    }
    if config.policy.alerts.leavers_per_hour.is_some_and(|most| left >= most) {
        let detail = format!(
            "Admin app `{}` has disabled or removed {left} users within an hour: if nobody meant that, revoke its key and restore them.",
            app.name
        );
        due.push((Cause::Leavers { app: app.id }, detail));
    }
    due
}

fn braked(config: &Configuration, facts: &Facts<'_>, app: &AdminApp) -> Option<(Cause, String)> {
    let used = brake::used(facts.counts, app.id, facts.now);
    let detail = format!(
        "The brake of admin app `{}` holds: it has disabled or removed {used} users within an hour. Let more through if that is meant; \
         revoke its key if not.",
        app.name
    );
    brake::holds(config, facts.counts, app.id, facts.now).then_some((Cause::Brake { app: app.id }, detail))
}

/// A time as a sentence says it.
fn spoken(at: Timestamp) -> String {
    at.strftime("on %-d %B %Y at %H:%M UTC").to_string()
}

/// Of the keys of an app the newest counts: others were replaced, and are meant to end.
fn expiring(facts: &Facts<'_>, app: &AdminApp) -> Option<(Cause, String)> {
    let key = app.keys.first()?;
    let expires = key.expires?;
    let left = expires.duration_since(facts.now);
    let of_days = |days: i64| SignedDuration::from_hours(24 * days);
    // A key that was made for a week is not told of at once.
    let life = expires.duration_since(key.created);
    let days = if left <= SignedDuration::ZERO {
        0
    } else {
        STAGES.into_iter().find(|days| left <= of_days(*days)).filter(|days| life > of_days(*days))?
    };
    let at = spoken(expires);
    let name = &app.name;
    let detail = match days {
        0 => format!("The key of admin app `{name}` that ends with {} expired {at}: rotate it.", key.last_eight),
        _ => format!(
            "The key of admin app `{name}` that ends with {} expires {at}: rotate it before, and let the old one overlap.",
            key.last_eight
        ),
    };
    Some((Cause::KeyExpires { app: app.id, key: key.id.clone(), days }, detail))
}

/// What each admin app wrote within the hour before `now`, from entries of the audit log.
pub fn tally(entries: &[Logged], now: Timestamp) -> BTreeMap<ResourceId, Tally> {
    #[derive(Deserialize)]
    struct Seen {
        action: String,
        outcome: String,
        actor: Value,
    }
    let mut tallies: BTreeMap<ResourceId, Tally> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| now.duration_since(entry.at) < TALLIED) {
        let Ok(seen) = serde_json::from_str::<Seen>(&entry.public) else { continue };
        let is_app = seen.actor["type"] == "app";
        let Some(app) = seen.actor["id"].as_str().filter(|_| is_app).and_then(|id| id.parse().ok()) else { continue };
        let tally = tallies.entry(app).or_default();
        match seen.outcome.as_str() {
            "success" => {
                tally.done += 1;
                tally.left += u32::from(LEAVING.contains(&seen.action.as_str()));
            }
            _ => tally.failed += 1,
        }
    }
    tallies
}
