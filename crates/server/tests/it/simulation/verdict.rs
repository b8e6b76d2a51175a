//! What must be so, whatever happened: looked at through the front door, of a server that has just been started.

use super::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// More resources than a story makes.
const PAGE: usize = 1_000;

/// The number and hash of the last entry of the audit log, whose chain holds.
pub async fn chain(world: &World) -> Result<(u64, String), String> {
    let answer = world.node(0).operate("GET", &format!("{}/audit/verify", world.tenant.base), Value::Null).await;
    let verified = answer.json();
    match verified["last_seq"].as_u64().filter(|_| verified["verified"] == true) {
        Some(last) => Ok((last, text(&verified["hash"]))),
        None => Err(format!("the audit chain: {} {}", answer.status, answer.text)),
    }
}

/// Looks at everything.
pub async fn pass(world: &World, first_seq: u64) -> Result<(), String> {
    let grown = chain(world).await?.0 - first_seq;
    let users = all(world, "/Users").await?;
    let groups = all(world, "/Groups").await?;
    let ledger = world.ledger.lock().unwrap();
    if let Some(breach) = ledger.breaches.first() {
        return Err(breach.clone());
    }
    // A write whose answer is lost leaves what it did, and that it failed, since nobody knows of the other.
    let (least, most) = (ledger.done, ledger.sent + world.faults.lost());
    if grown < least || grown > most {
        return Err(format!("{grown} entries; {least} writes were acknowledged, {most} entries are the most"));
    }
    unique(&users)?;
    strangers(&users, &ledger)?;
    for (id, known) in &ledger.users {
        match (users.get(id), known.is_deleted) {
            (Some(_), Some(true)) => return Err(format!("{id} was deleted and is there")),
            (None, Some(false)) => return Err(format!("{id} was created and is not there")),
            (Some(user), _) => kept(id, user, known, &groups)?,
            (None, _) => {}
        }
    }
    edges(&users, &groups)
}

/// All resources of a type by id, members of groups included.
async fn all(world: &World, path: &str) -> Result<BTreeMap<String, Value>, String> {
    let mut found = BTreeMap::new();
    let list = world.ask(0, "GET", &format!("{path}?count={PAGE}&attributes=id"), None, Value::Null).await;
    let list = list.json();
    let listed = list["Resources"].as_array().cloned().unwrap_or_default();
    if list["totalResults"].as_u64() != Some(listed.len() as u64) {
        return Err(format!("{path} lists {} of {}", listed.len(), list["totalResults"]));
    }
    for resource in listed {
        let id = text(&resource["id"]);
        let resource = world.ask(0, "GET", &format!("{path}/{id}"), None, Value::Null).await;
        if resource.status != 200 {
            return Err(format!("{path}/{id} is listed and answers {}", resource.status));
        }
        found.insert(id, resource.json());
    }
    Ok(found)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// No two users have one name.
fn unique(users: &BTreeMap<String, Value>) -> Result<(), String> {
    let mut holders = BTreeMap::new();
    for (id, user) in users {
        if let Some(other) = holders.insert(text(&user["userName"]).to_lowercase(), id) {
            return Err(format!("{id} and {other} share the name {}", user["userName"]));
        }
    }
    Ok(())
}

/// Who is there and was never acknowledged was at least asked for.
fn strangers(users: &BTreeMap<String, Value>, ledger: &super::Ledger) -> Result<(), String> {
    let unknown = users.keys().filter(|id| !ledger.users.contains_key(*id)).count();
    let asked = ledger.doubtful_users.len();
    if unknown > asked {
        return Err(format!("{unknown} users whom nobody was told of, and {asked} in doubt"));
    }
    Ok(())
}

/// What was acknowledged about a user is so.
fn kept(id: &str, user: &Value, known: &super::ledger::Known, groups: &BTreeMap<String, Value>) -> Result<(), String> {
    let name = text(&user["userName"]);
    if !known.names.iter().any(|may| may.eq_ignore_ascii_case(&name)) {
        return Err(format!("{id} is called {name} and should be one of {:?}", known.names));
    }
    let count: usize = text(&user["title"]).parse().map_err(|_| format!("{id} has the title {}", user["title"]))?;
    let (least, most) = (known.counts.len(), known.counts.len() + known.doubtful_counts);
    let last = known.counts.last().copied().unwrap_or(0);
    if count < least || count > most || (count as u64) < last {
        return Err(format!("{id} counts {count}: {least} were acknowledged, up to {last}, and {most} asked for"));
    }
    let emails: BTreeSet<String> =
        user["emails"].as_array().into_iter().flatten().map(|email| text(&email["value"])).collect();
    if let Some(lost) = known.emails.difference(&emails).next() {
        return Err(format!("{id} has lost {lost}"));
    }
    if let Some(made_up) =
        emails.iter().find(|one| !known.emails.contains(*one) && !known.doubtful_emails.contains(*one))
    {
        return Err(format!("{id} has {made_up}, which was refused"));
    }
    for (group, is_member) in &known.member_of {
        let members = groups.get(group).map(members).unwrap_or_default();
        if is_member.is_some_and(|is_member| is_member != members.contains(id)) {
            return Err(format!("{id} should be a member of {group}: {is_member:?}"));
        }
    }
    Ok(())
}

fn members(group: &Value) -> BTreeSet<String> {
    group["members"].as_array().into_iter().flatten().map(|member| text(&member["value"])).collect()
}

/// Groups and members say the same of each other, and nobody is a member who is not there.
fn edges(users: &BTreeMap<String, Value>, groups: &BTreeMap<String, Value>) -> Result<(), String> {
    let pairs = |values: &Value, of: &dyn Fn(String) -> (String, String)| -> Vec<(String, String)> {
        values.as_array().into_iter().flatten().map(|one| of(text(&one["value"]))).collect()
    };
    let down: BTreeSet<_> =
        groups.iter().flat_map(|(id, group)| pairs(&group["members"], &|member| (id.clone(), member))).collect();
    let up: BTreeSet<_> =
        users.iter().flat_map(|(id, user)| pairs(&user["groups"], &|group| (group, id.clone()))).collect();
    match down.symmetric_difference(&up).next() {
        Some((group, user)) => Err(format!("{user} and {group} do not agree on whether it is a member")),
        None => Ok(()),
    }
}
