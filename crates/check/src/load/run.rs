//! A plan from its beginning to its report.

use super::{
    Mix, Pace, Plan, Scenario,
    abilities::Abilities,
    crew::{Crew, Stop},
    gate::Gate,
    messages,
    report::{Outcome, Part, Report, RunReport, SHAPE},
    stock::{self, Made, User},
    tally::{Tally, Window},
    worker::{Shared, work},
};
use crate::{Connection, Target};
use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};
use tokio::{sync::watch, task::JoinSet, time::interval};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Users are made before anything is measured.
    Making {
        /// Users that are there.
        done: usize,
        /// Users that there will be.
        of: usize,
    },
    /// A mix runs.
    Running {
        /// The mix.
        scenario: String,
        /// Time since its beginning.
        elapsed: Duration,
        /// Time that it takes, warm-up included.
        of: Duration,
        /// Requests that count.
        requests: u64,
        /// Those of them that went wrong.
        errors: u64,
    },
    /// What was made is removed.
    Removing {
        /// Resources that are gone.
        done: usize,
        /// Resources that will be.
        of: usize,
    },
}

/// Who is told how far it is, about once a second.
pub type Tell<'a> = dyn Fn(Progress) + Sync + 'a;

/// Why nothing could be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Nobody answers.
    #[error("cannot reach {url}: {why}")]
    Unreachable {
        /// The target.
        url: String,
        /// What happened.
        why: String,
    },
    /// The token is not taken.
    #[error("{url} refuses the token (HTTP {status}): pass one that may read and write users")]
    Denied {
        /// The target.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// Something else than SCIM answers.
    #[error("{url} is not the base of a SCIM service: {why}")]
    NotScim {
        /// The target.
        url: String,
        /// What was asked, and what was answered.
        why: String,
    },
    /// A user that is needed cannot be made.
    #[error("cannot make {wanted} users before measuring: {why}{}", those_left(*.left_behind))]
    Users {
        /// How many are needed.
        wanted: usize,
        /// What the server answered.
        why: String,
        /// Users that were made and could not be removed.
        left_behind: usize,
    },
}

fn those_left(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" ({count} users that were made could not be removed)") }
}

/// Puts the load on the server. When `stop` becomes true it ends early: what was measured is reported and what was made removed. A
/// scenario that the server lacks is skipped, with the reason in the report.
///
/// # Errors
/// What makes measuring impossible. Errors while it runs are counted, not returned.
pub async fn run(
    target: Target,
    plan: &Plan,
    tell: &Tell<'_>,
    stop: watch::Receiver<bool>,
) -> Result<Report, LoadError> {
    let mut stop = Stop::when(stop);
    let crew = Crew { target: Arc::new(target), connections: plan.connections };
    let (abilities, users_before) = look(&crew).await?;
    let stocked = stock::make_users(&crew, plan, &stop, tell).await;
    if let Some(why) = stocked.failed {
        let ids = stocked.read.into_iter().map(|user| user.id).collect();
        let left_behind = stock::remove(&crew, Made { ids, ..Made::default() }, tell).await;
        return Err(LoadError::Users { wanted: plan.users_needed(), why, left_behind });
    }
    let users = Arc::new(stocked.read);
    let mut made = Made { ids: users.iter().map(|user| user.id.clone()).collect(), ..Made::default() };
    let group = prepare_group(&crew, plan, abilities, &users, &stop, &mut made).await;
    let mut left = 0;
    let mut runs = Vec::with_capacity(plan.mixes.len());
    for (number, mix) in plan.mixes.iter().enumerate() {
        let lacking = mix.scenarios().find_map(|scenario| match (scenario, &group) {
            (Scenario::Group, Err(why)) => Some(why.clone()),
            _ => abilities.lacks(scenario, plan),
        });
        let early = stop.is_asked().then(|| "it was ended before".to_owned());
        let outcome = match early.or(lacking) {
            Some(reason) => Outcome::Skipped { reason },
            None => {
                let group = group.as_ref().ok().cloned();
                let (outcome, more) = measure(&crew, plan, (number, mix), (&users, group), &mut stop, tell).await;
                // The next mix meets as many users as this one did.
                left += if plan.keep { 0 } else { stock::remove(&crew, more, tell).await };
                outcome
            }
        };
        runs.push(RunReport { scenario: mix.to_string(), outcome });
    }
    let users_made = users.len();
    left += if plan.keep { 0 } else { stock::remove(&crew, made, tell).await };
    Ok(Report {
        shape: SHAPE,
        url: crew.target.url().to_owned(),
        users_before,
        users_made,
        members: plan.members,
        operations: plan.operations,
        connections: plan.connections,
        rate: plan.pace.to_string(),
        warm_up_seconds: plan.warm_up.as_secs_f64(),
        seed: plan.seed.to_string(),
        ended_early: stop.is_asked(),
        left_behind: left,
        runs,
    })
}

/// What the server can do, and how many users it has.
async fn look(crew: &Crew) -> Result<(Abilities, u64), LoadError> {
    let url = || crew.target.url().to_owned();
    // One attempt each: whoever mistypes a port does not want to wait.
    let mut connection = Connection::new(Arc::clone(&crew.target));
    let mut bodies = Vec::new();
    for ask in [messages::service_provider_config(), messages::count_users()] {
        let answer = connection.exchange(&ask).await;
        let reply = answer.map_err(|fault| LoadError::Unreachable { url: url(), why: fault.to_string() })?;
        match reply.status {
            200 => bodies.push(reply.body),
            status @ (401 | 403) => return Err(LoadError::Denied { url: url(), status }),
            status => {
                let why = format!("GET {} is answered with HTTP {status}", ask.path);
                return Err(LoadError::NotScim { url: url(), why });
            }
        }
    }
    let not = |why: &str| LoadError::NotScim { url: url(), why: why.to_owned() };
    let abilities = Abilities::read(&bodies[0])
        .ok_or_else(|| not("GET /ServiceProviderConfig is answered with another document"))?;
    let (total, _) =
        messages::list_of(&bodies[1]).ok_or_else(|| not("GET /Users is answered with something that is no list"))?;
    Ok((abilities, total))
}

/// The group, where a mix needs one that the server can give; why there is none.
async fn prepare_group(
    crew: &Crew,
    plan: &Plan,
    abilities: Abilities,
    users: &[User],
    stop: &Stop,
    made: &mut Made,
) -> Result<String, String> {
    let wanted = plan.mixes.iter().any(|mix| mix.has(Scenario::Group));
    if !wanted || stop.is_asked() {
        return Err("no group was made".to_owned());
    }
    if let Some(why) = abilities.lacks(Scenario::Group, plan) {
        return Err(why);
    }
    stock::make_group(crew, plan, &users[..plan.members.min(users.len())], made).await
}

/// Runs one mix. Answers with what came of it and what it made.
async fn measure(
    crew: &Crew,
    plan: &Plan,
    (run, mix): (usize, &Mix),
    (users, group): (&Arc<Vec<User>>, Option<String>),
    stop: &mut Stop,
    tell: &Tell<'_>,
) -> (Outcome, Made) {
    let of = plan.warm_up + plan.duration;
    let shared = Arc::new(Shared {
        target: Arc::clone(&crew.target),
        plan: plan.clone(),
        mix: mix.clone(),
        run,
        users: Arc::clone(users),
        group,
        gate: Gate::new(plan.pace, of),
        tally: Mutex::new(Tally::new(Window { from: plan.warm_up, to: of })),
    });
    let tally = || shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
    let (end, told) = mpsc::channel::<()>();
    let pacer = matches!(plan.pace, Pace::Rate(_)).then(|| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || shared.gate.open_when_due(&told))
    });
    let mut workers: JoinSet<Made> = (0..plan.connections).map(|number| work(Arc::clone(&shared), number)).collect();
    let (mut made, mut ended) = (Made::default(), None);
    let mut tick = interval(TELL_EVERY);
    loop {
        tokio::select! {
            worker = workers.join_next() => match worker {
                None => break,
                Some(one) => made.join(one.expect("no worker panics or is cancelled")),
            },
            _ = tick.tick() => {
                let (requests, errors) = tally().so_far();
                let (scenario, elapsed) = (mix.to_string(), shared.gate.elapsed().min(of));
                tell(Progress::Running { scenario, elapsed, of, requests, errors });
            }
            () = stop.asked(), if ended.is_none() => {
                ended = Some(shared.gate.elapsed());
                shared.gate.close();
            }
        }
    }
    drop(end);
    if let Some(pacer) = pacer {
        pacer.join().expect("the pacer does not panic");
    }
    let ended = ended.unwrap_or(of).min(of);
    let mut tally = tally();
    tally.end_at(ended);
    let parts = mix.scenarios().map(|scenario| Part { scenario: scenario.name(), measured: tally.of(scenario) });
    let outcome = Outcome::Measured {
        seconds: tally.seconds(),
        unsent: shared.gate.unsent(ended),
        total: tally.total(),
        parts: parts.collect(),
    };
    (outcome, made)
}
