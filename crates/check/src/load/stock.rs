//! What is made on the server before it is measured, and removed afterwards.

use super::{
    Plan,
    crew::{Crew, Sent, Stop},
    messages::{self, detail_of},
    run::{Progress, Tell},
};
use crate::{Fault, Reply};
use std::sync::Arc;

/// Members that are added to a group at once.
const MEMBERS_AT_ONCE: usize = 100;
/// Names that are looked up since it is not known whether they were made; more of them are given up.
const UNSURE_MAX: usize = 100_000;

/// A user that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What the server calls it.
    pub id: String,
    /// Its `userName`.
    pub name: String,
}

/// Resources that are to be removed.
#[derive(Debug, Default)]
pub struct Made {
    /// Ids of users.
    pub ids: Vec<String>,
    /// Names of users for whose creation no answer came: they may be there.
    pub unsure: Vec<String>,
    /// Ids of groups.
    pub groups: Vec<String>,
}

impl Made {
    /// Takes over what another made.
    pub fn join(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.unsure.extend(other.unsure);
        self.groups.extend(other.groups);
    }
}

/// Why an answer is not the one that was wanted.
pub fn refusal(answer: &Result<Reply, Fault>) -> String {
    match answer {
        Ok(reply) => format!("HTTP {}: {}", reply.status, detail_of(reply)),
        Err(fault) => fault.to_string(),
    }
}

/// Makes the users that a plan needs.
pub async fn make_users(crew: &Crew, plan: &Plan, stop: &Stop, tell: &Tell<'_>) -> Sent<User> {
    let count = plan.users_needed();
    let prefix = plan.prefix();
    let name = move |number: usize| format!("{prefix}u{number}@example.com");
    let named = name.clone();
    let read = move |number: usize, answer: Result<Reply, Fault>| {
        let created = answer.as_ref().ok().filter(|reply| matches!(reply.status, 200 | 201));
        let id = created.and_then(|reply| messages::id_of(&reply.body));
        id.map(|id| User { id, name: named(number) }).ok_or_else(|| refusal(&answer))
    };
    crew.each(count, move |number| messages::create(&name(number)), read, stop, &|done| {
        tell(Progress::Making { done, of: count });
    })
    .await
}

/// Makes a group of these members; its id is kept in `made` even when not all members came in.
///
/// # Errors
/// What the server answers instead.
pub async fn make_group(crew: &Crew, plan: &Plan, members: &[User], made: &mut Made) -> Result<String, String> {
    let answer = crew.once(&messages::create_group(&format!("{}group", plan.prefix()))).await;
    let created = answer.as_ref().ok().filter(|reply| matches!(reply.status, 200 | 201));
    let group = created.and_then(|reply| messages::id_of(&reply.body));
    let group = group.ok_or_else(|| format!("the server creates no group: {}", refusal(&answer)))?;
    made.groups.push(group.clone());
    for some in members.chunks(MEMBERS_AT_ONCE) {
        let ids: Vec<&str> = some.iter().map(|user| user.id.as_str()).collect();
        let answer = crew.once(&messages::add_members(&group, &ids)).await;
        if !answer.as_ref().is_ok_and(|reply| matches!(reply.status, 200 | 204)) {
            return Err(format!("the server adds no members to a group: {}", refusal(&answer)));
        }
    }
    Ok(group)
}

/// Removes what was made; how much of it may still be there.
pub async fn remove(crew: &Crew, made: Made, tell: &Tell<'_>) -> usize {
    let Made { mut ids, unsure, groups } = made;
    let (found, unknown) = look_up(crew, unsure).await;
    ids.extend(found);
    let (first, of) = (groups.len(), groups.len() + ids.len());
    let asks = Arc::new((groups, ids));
    let mut removed = 0;
    for (from, count) in [(0, first), (first, of - first)] {
        let asks = Arc::clone(&asks);
        let make = move |number: usize| match asks.0.get(from + number) {
            Some(group) => messages::delete_group(group),
            None => messages::delete_user(&asks.1[from + number - asks.0.len()]),
        };
        let gone = |_: usize, answer| unless_unreachable(answer, |reply| matches!(reply.status, 200 | 202 | 204 | 404));
        let told = |done| tell(Progress::Removing { done: from + done, of });
        let sent = crew.each(count, make, gone, &Stop::never(), &told).await;
        removed += sent.read.iter().filter(|gone| **gone == Some(true)).count();
        if sent.failed.is_some() {
            break;
        }
    }
    of - removed + unknown
}

/// The ids of users that may be there under these names, and for how many of the names that could not be found out.
async fn look_up(crew: &Crew, mut names: Vec<String>) -> (Vec<String>, usize) {
    let all = names.len();
    names.truncate(UNSURE_MAX);
    let count = names.len();
    let make = move |number: usize| messages::find(&names[number]);
    let read = |_: usize, answer| {
        unless_unreachable(answer, |reply| messages::list_of(&reply.body).filter(|_| reply.status == 200))
    };
    let sent = crew.each(count, make, read, &Stop::never(), &|_| {}).await;
    let lists: Vec<(u64, Vec<String>)> = sent.read.into_iter().flatten().flatten().collect();
    let unknown = all - lists.len();
    (lists.into_iter().flat_map(|(_, ids)| ids).collect(), unknown)
}

/// What is read of an answer; `None` when there is none. A server that is gone is an error, so that it is not asked for the rest.
fn unless_unreachable<T>(answer: Result<Reply, Fault>, read: impl Fn(&Reply) -> T) -> Result<Option<T>, String> {
    match answer {
        Ok(reply) => Ok(Some(read(&reply))),
        Err(Fault::Unreachable(why)) => Err(why),
        Err(Fault::Broken(_) | Fault::TimedOut | Fault::TooLong) => Ok(None),
    }
}
