//! What one connection does while a mix runs.

use super::{
    Mix, Pace, Plan, Scenario,
    gate::{Gate, Slot},
    messages::{self, PAGE, detail_of},
    random::{below, random},
    stock::{Made, User},
    tally::{Ended, Seen, Tally},
};
use crate::{Ask, Connection, Fault, Reply, Target};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

/// Pause after a failed connection where nothing else sets the pace.
const PAUSE: Duration = Duration::from_millis(50);
/// Kind of an answer whose status is good and whose body is not.
const WRONG: &str = "wrong answer";

/// What all connections of a run share.
#[derive(Debug)]
pub struct Shared {
    /// The server.
    pub target: Arc<Target>,
    /// What is to be done.
    pub plan: Plan,
    /// What of it now.
    pub mix: Mix,
    /// Which of the plan's mixes it is, from 0.
    pub run: usize,
    /// The users that were made before, at least one.
    pub users: Arc<Vec<User>>,
    /// The group, where the mix needs one.
    pub group: Option<String>,
    /// When to send.
    pub gate: Gate,
    /// What is counted.
    pub tally: Mutex<Tally>,
}

/// A request, and what its answer must show.
struct Due {
    ask: Ask,
    /// Names of the users that it creates.
    names: Vec<String>,
    /// What stands in a good answer.
    holds: Option<String>,
}

/// Sends requests as they fall due until there are no more. Answers with what was created.
pub async fn work(shared: Arc<Shared>, number: usize) -> Made {
    let mut connection = Connection::new(Arc::clone(&shared.target));
    let mut made = Made::default();
    let mut is_member = false;
    while let Some(slot) = shared.gate.next().await {
        let chance = random(shared.plan.seed, slot.number.wrapping_mul(2));
        let scenario = shared.mix.choose(chance);
        let due = shared.due(scenario, slot, number, is_member);
        let answer = connection.exchange(&due.ask).await;
        let done = shared.gate.elapsed();
        let unreachable = matches!(answer, Err(Fault::Unreachable(_)));
        let ended = judge(scenario, answer, due, &mut made);
        if scenario == Scenario::Group && matches!(ended, Ended::Well { .. }) {
            is_member = !is_member;
        }
        let seen = Seen { scenario, intended: slot.intended, done, ended };
        shared.tally.lock().unwrap_or_else(PoisonError::into_inner).add(seen);
        if unreachable && shared.plan.pace == Pace::Max {
            sleep(PAUSE).await;
        }
    }
    made
}

impl Shared {
    fn due(&self, scenario: Scenario, slot: Slot, worker: usize, is_member: bool) -> Due {
        let chance = random(self.plan.seed, slot.number.wrapping_mul(2).wrapping_add(1));
        let user = &self.users[below(chance, self.users.len())];
        let name = |part: usize| format!("{}r{}-{}-{part}@example.com", self.plan.prefix(), self.run, slot.number);
        let plain = |ask| Due { ask, names: Vec::new(), holds: None };
        let shows = |ask| Due { ask, names: Vec::new(), holds: Some(format!("\"{}\"", user.id)) };
        match scenario {
            Scenario::Create => {
                let name = name(0);
                Due { ask: messages::create(&name), names: vec![name], holds: None }
            }
            Scenario::Read => shows(messages::read(&user.id)),
            Scenario::Filter => shows(messages::find(&user.name)),
            Scenario::Patch => plain(messages::patch(&user.id, &format!("Title {}", slot.number))),
            Scenario::Page => {
                let start = 1 + below(chance, self.users.len().saturating_sub(PAGE) + 1);
                Due { ask: messages::page(start), names: Vec::new(), holds: Some("\"Resources\"".to_owned()) }
            }
            Scenario::Group => {
                let group = self.group.as_deref().unwrap_or_default();
                let spare = &self.users[(self.plan.members + worker) % self.users.len()].id;
                plain(if is_member {
                    messages::remove_member(group, spare)
                } else {
                    messages::add_members(group, &[spare])
                })
            }
            Scenario::Bulk => {
                let names: Vec<String> = (0..self.plan.operations).map(name).collect();
                Due { ask: messages::bulk(&names), names, holds: None }
            }
        }
    }
}

/// Whether the answer is a good one; notes what was created.
fn judge(scenario: Scenario, answer: Result<Reply, Fault>, due: Due, made: &mut Made) -> Ended {
    let reply = match answer {
        Ok(reply) => reply,
        Err(fault) => {
            if !matches!(fault, Fault::Unreachable(_)) {
                made.unsure.extend(due.names);
            }
            return without_answer(&fault);
        }
    };
    let bytes = reply.body.len();
    let wanted: &[u16] = match scenario {
        Scenario::Create => &[201],
        Scenario::Read | Scenario::Filter | Scenario::Page | Scenario::Bulk => &[200],
        Scenario::Patch | Scenario::Group => &[200, 204],
    };
    let bad = |kind: String, detail: String| Ended::Badly { kind, detail, bytes, waited: false };
    if !wanted.contains(&reply.status) {
        // A server that failed, or that succeeds in its own way, may have made something.
        if !(400..500).contains(&reply.status) {
            made.unsure.extend(due.names);
        }
        return bad(format!("HTTP {}", reply.status), detail_of(&reply));
    }
    match wrong(scenario, &reply, due, made) {
        None => Ended::Well { bytes },
        Some(why) => bad(WRONG.to_owned(), why),
    }
}

fn without_answer(fault: &Fault) -> Ended {
    let (kind, waited) = match fault {
        Fault::Unreachable(_) => ("no connection", false),
        Fault::Broken(_) => ("broken", false),
        Fault::TimedOut => ("timeout", true),
        Fault::TooLong => ("too long", false),
    };
    Ended::Badly { kind: kind.to_owned(), detail: fault.to_string(), bytes: 0, waited }
}

/// What is wrong with an answer whose status is good.
fn wrong(scenario: Scenario, reply: &Reply, due: Due, made: &mut Made) -> Option<String> {
    match scenario {
        Scenario::Create => match messages::id_of(&reply.body) {
            Some(id) => made.ids.push(id),
            None => {
                made.unsure.extend(due.names);
                return Some("the answer has no id".to_owned());
            }
        },
        Scenario::Bulk => match messages::created_in_bulk(&reply.body, due.names.len()) {
            Some((ids, missing)) => {
                made.ids.extend(ids);
                if missing > 0 {
                    let of = due.names.len();
                    made.unsure.extend(due.names);
                    return Some(format!("{missing} of {of} operations created nothing"));
                }
            }
            None => {
                made.unsure.extend(due.names);
                return Some("the answer is no BulkResponse".to_owned());
            }
        },
        Scenario::Read | Scenario::Filter | Scenario::Patch | Scenario::Page | Scenario::Group => {}
    }
    let wanted = due.holds?;
    let is_there = std::str::from_utf8(&reply.body).is_ok_and(|body| body.contains(&wanted));
    (!is_there).then(|| "the answer does not hold what was asked for".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use hyper::HeaderMap;

    #[track_caller]
    fn check(scenario: Scenario, answer: Result<(u16, &str), Fault>, expected: Expect) {
        let mut made = Made::default();
        let names = vec!["a".to_owned(), "b".to_owned()];
        let due = Due { ask: messages::read("1"), names, holds: Some("\"id-1\"".to_owned()) };
        let answer = answer.map(|(status, body)| Reply {
            status,
            body: body.as_bytes().to_vec(),
            retry_after: None,
            headers: HeaderMap::new(),
        });
        let shown = match judge(scenario, answer, due, &mut made) {
            Ended::Well { bytes } => format!("well, {bytes} bytes"),
            Ended::Badly { kind, detail, waited, .. } => format!("{kind} ({detail}), waited: {waited}"),
        };
        expected.assert_eq(&format!("{shown}; made {:?}, perhaps {:?}", made.ids, made.unsure));
    }

    #[test]
    fn an_answer_is_good_by_its_status_and_by_what_it_holds() {
        check(Scenario::Read, Ok((200, r#"{"id":"id-1"}"#)), expect![[r#"well, 13 bytes; made [], perhaps []"#]]);
        check(
            Scenario::Filter,
            Ok((200, r#"{"Resources":[]}"#)),
            expect![[
                r#"wrong answer (the answer does not hold what was asked for), waited: false; made [], perhaps []"#
            ]],
        );
        check(
            Scenario::Create,
            Ok((409, r#"{"detail":"taken"}"#)),
            expect![[r#"HTTP 409 (taken), waited: false; made [], perhaps []"#]],
        );
    }

    #[test]
    fn what_may_have_been_created_is_remembered() {
        check(
            Scenario::Create,
            Err(Fault::TimedOut),
            expect![[r#"timeout (no answer within 30 s), waited: true; made [], perhaps ["a", "b"]"#]],
        );
        check(
            Scenario::Create,
            Err(Fault::Unreachable("refused".to_owned())),
            expect![[r#"no connection (no connection: refused), waited: false; made [], perhaps []"#]],
        );
        check(Scenario::Create, Ok((500, "")), expect![[r#"HTTP 500 (), waited: false; made [], perhaps ["a", "b"]"#]]);
        check(
            Scenario::Create,
            Ok((201, "{}")),
            expect![[r#"wrong answer (the answer has no id), waited: false; made [], perhaps ["a", "b"]"#]],
        );
        check(
            Scenario::Bulk,
            Ok((200, r#"{"Operations":[{"status":"201","location":"/Users/1"},{"status":"409"}]}"#)),
            expect![[
                r#"wrong answer (1 of 2 operations created nothing), waited: false; made ["1"], perhaps ["a", "b"]"#
            ]],
        );
    }
}
