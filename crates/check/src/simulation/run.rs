//! Playing a scenario at a server.

use super::{
    recording::{Recorded, Recording},
    report::{ActReport, Report, SHAPE, StepReport},
    scenario::{Act, Scenario, Scene},
};
use crate::{
    Target,
    script::{
        Bench, Counts, End, Exchange, Feature, Finding, Gate, Heard, Level, Need, Outcome, Patience, Server,
        ServerError, State, Talk,
    },
};
use serde_json::json;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How these clients bear 429: they try again as long as somebody might watch.
pub(super) const PATIENCE: Patience = Patience { times: 8, wait_max: Duration::from_secs(120) };

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the names of everything that is made begin with.
    pub prefix: String,
    /// The domain of addresses that users get.
    pub domain: String,
    /// Variables of the scenario that stand for something else than in its file.
    pub variables: Vec<(String, String)>,
    /// What was made stays.
    pub keep: bool,
    /// How long it is waited before each request.
    pub delay: Duration,
}

/// How a run is held and ended while it goes on.
#[derive(Clone, Debug)]
pub struct Control {
    /// Becomes true when the run is to end early: what was made is removed, and the report says what was not done.
    pub stop: watch::Receiver<bool>,
    /// How many requests may be sent in all so far; `u64::MAX` holds none.
    pub allowed: watch::Receiver<u64>,
}

/// What happens, as it happens.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// An act begins.
    Act {
        /// What happens in it.
        title: &'e str,
        /// Why nothing does.
        why_not: Option<&'e str>,
    },
    /// A step begins.
    Step {
        /// What the client does and wants.
        says: &'e str,
    },
    /// A request was answered, or got no answer.
    Exchange(&'e Exchange),
    /// The server throttles: the client waits so long.
    Throttled(Duration),
    /// What came of the step.
    Done(&'e StepReport),
    /// What was made is being removed.
    Removing,
}

/// Who is told.
pub type Tell<'a> = dyn Fn(Event<'_>) + Sync + 'a;

/// Why nothing could be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulateError {
    /// The server cannot be tried.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A variable that the scenario does not have.
    #[error("the scenario has no variable `{name}`: {there}")]
    NoVariable {
        /// What was asked for.
        name: String,
        /// Which there are.
        there: String,
    },
}

/// A run under way.
struct Play<'p> {
    server: Server,
    tell: &'p Tell<'p>,
}

/// Plays a scenario, removes what it made unless it is to be kept, and says what came of it and what was said.
///
/// # Errors
/// What makes playing impossible. What the server does wrong is in the report.
pub async fn run(
    target: Target,
    scenario: &Scenario,
    plan: &Plan,
    tell: &Tell<'_>,
    control: Control,
) -> Result<(Report, Recording), SimulateError> {
    let began = Instant::now();
    let target = Arc::new(target);
    let state = state(scenario, plan, &target)?;
    let mut recording = Recording::of(scenario, plan, target.url());
    let heard: Mutex<Vec<Recorded>> = Mutex::default();
    let listener = |said: &Heard<'_>| match said {
        Heard::Throttled(wait) => tell(Event::Throttled(*wait)),
        Heard::Exchange { shown, sent, answer } => {
            tell(Event::Exchange(shown));
            heard.lock().unwrap_or_else(PoisonError::into_inner).extend(Recorded::of(&target, sent, answer));
        }
    };
    let mut bench = Bench::new(Arc::clone(&target), control.stop);
    let server = Server::look(&mut bench.connection, &target).await?;
    bench.gate = Gate::new(plan.delay, control.allowed);
    bench.patience = PATIENCE;
    bench.listener = Some(&listener);
    let play = Play { server, tell };
    let mut talk = Talk::new(&mut bench, state, scenario.headers.clone());
    let mut acts = Vec::with_capacity(scenario.acts.len());
    for act in &scenario.acts {
        acts.push(
            play.act(act, &mut talk, |scene| {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.drain(..).for_each(|one| recording.push(one.within(&act.title, &scene.says)));
            })
            .await,
        );
    }
    bench.listener = None;
    let report = finished(
        bench,
        plan,
        began,
        tell,
        Report { scenario: scenario.title.clone(), acts, ..Report::new(&scenario.client, target.url()) },
    );
    Ok((report.await, recording))
}

/// Removes what was made, and completes the report.
pub(super) async fn finished(
    mut bench: Bench<'_>,
    plan: &Plan,
    began: Instant,
    tell: &Tell<'_>,
    mut report: Report,
) -> Report {
    if !plan.keep {
        tell(Event::Removing);
        bench.trail.clear(&mut bench.connection).await;
        bench.trail.sweep(&mut bench.connection, &plan.prefix).await;
    }
    let outcomes: Vec<Outcome> = report.acts.iter().flat_map(|act| &act.steps).map(|step| step.outcome).collect();
    report.shape = SHAPE;
    report.counts = Counts::of(&outcomes);
    report.requests = bench.requests;
    report.throttled = bench.throttled.times;
    report.waited_ms = millis(bench.throttled.waited);
    report.ended_early = bench.is_stopped();
    report.kept = plan.keep.then(|| plan.prefix.clone());
    report.left_behind = std::mem::take(&mut bench.trail.left);
    report.duration_ms = millis(began.elapsed());
    report
}

impl Play<'_> {
    async fn act(&self, act: &Act, talk: &mut Talk<'_, '_>, mut done: impl FnMut(&Scene)) -> ActReport {
        let why_not = self.lacks(&act.needs);
        (self.tell)(Event::Act { title: &act.title, why_not: why_not.as_deref() });
        let mut steps = Vec::with_capacity(act.steps.len());
        for (number, scene) in act.steps.iter().enumerate() {
            // What a feature's absence asks for is done instead of something else, like what a variable asks for.
            let is_instead = |need: &&Need| !need.wanted && self.server.has(&need.feature);
            if !scene.is_on(|name| talk.says(name)) || scene.needs.iter().any(|need| is_instead(&need)) {
                continue;
            }
            let report = match (&why_not, self.lacks(&scene.needs)) {
                (None, None) => self.step(number + 1, scene, talk).await,
                (Some(why), _) => StepReport::of(scene, Outcome::NotOffered, Some(why.clone())),
                (None, Some(why)) => {
                    (self.tell)(Event::Step { says: &scene.says });
                    let report = StepReport::of(scene, Outcome::NotOffered, Some(why));
                    (self.tell)(Event::Done(&report));
                    report
                }
            };
            done(scene);
            steps.push(report);
        }
        ActReport { title: act.title.clone(), steps }
    }

    async fn step(&self, number: usize, scene: &Scene, talk: &mut Talk<'_, '_>) -> StepReport {
        (self.tell)(Event::Step { says: &scene.says });
        let begun = Instant::now();
        let end = talk.step(number, &scene.step).await;
        let (mut findings, exchanges) = talk.take();
        findings.extend(untimed(number, &exchanges));
        let (outcome, why) = match end {
            Err(End::Stopped) => (Outcome::NotRun, Some("it was ended before".to_owned())),
            Err(End::Unsettled(why)) if findings.is_empty() => (Outcome::Unsettled, Some(why)),
            Err(End::Unsettled(_) | End::Missed) | Ok(()) => (Outcome::of(&findings), None),
        };
        if outcome == Outcome::NotRun {
            findings.clear();
        }
        let duration_ms = millis(begun.elapsed());
        let report = StepReport { findings, exchanges, duration_ms, ..StepReport::of(scene, outcome, why) };
        (self.tell)(Event::Done(&report));
        report
    }

    /// Why something of these needs is not met.
    fn lacks(&self, needs: &[Need]) -> Option<String> {
        let has = |feature: &Feature| self.server.has(feature);
        needs.iter().find(|need| has(&need.feature) != need.wanted).map(Server::why)
    }
}

/// 429 without a time: the client guesses.
pub(super) fn untimed(step: usize, exchanges: &[Exchange]) -> Option<Finding> {
    let is_untimed =
        |one: &Exchange| one.status == 429 && !one.headers.iter().any(|header| header.starts_with("retry-after:"));
    exchanges.iter().any(is_untimed).then(|| Finding {
        level: Level::May,
        step,
        what: "429 without Retry-After: the client guesses when to try again (RFC 6585 §4)".to_owned(),
    })
}

fn state(scenario: &Scenario, plan: &Plan, target: &Target) -> Result<State, SimulateError> {
    let mut variables = scenario.variables.clone();
    for (name, value) in &plan.variables {
        let Some(variable) = variables.get_mut(name) else {
            let names: Vec<&str> = scenario.variables.keys().map(String::as_str).collect();
            let there =
                if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
            return Err(SimulateError::NoVariable { name: name.clone(), there });
        };
        variable.clone_from(value);
    }
    let given = State::new(&plan.prefix, &plan.domain, target.url());
    let mut state = given.clone();
    for (name, value) in &variables {
        // Values may hold what every scenario knows, and not each other: nobody has to think of an order.
        state.set(name, json!(given.text(value)));
    }
    Ok(state)
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
