//! The first steps with an application: each turns green on what has really happened.

use super::{App, Overview, job::Job};
use crate::{
    Shell,
    components::{count, section, time::ago},
};
use jiff::Timestamp;
use maud::{Markup, html};

/// Whom an application is for, as far as its first steps ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// How many users and groups are assigned, up to as many as were looked at.
    pub number: usize,
    /// Whether there are more.
    pub more: bool,
}

/// How far a step is.
enum Stands {
    /// Its turn has not come.
    Next,
    /// Somebody is to do something; what is there so far.
    Waiting(&'static str),
    /// It is under way.
    Running(&'static str),
    /// It went wrong; in words.
    Bad(&'static str),
    /// Done; in words.
    Done(Markup),
}

impl Stands {
    fn class(&self) -> Option<&'static str> {
        match self {
            Self::Next => Some("is-next"),
            Self::Waiting(_) | Self::Running(_) => None,
            Self::Bad(_) => Some("is-bad"),
            Self::Done(_) => Some("is-done"),
        }
    }

    fn is_current(&self) -> bool {
        matches!(self, Self::Waiting(_) | Self::Running(_) | Self::Bad(_))
    }

    fn told(&self) -> Markup {
        match self {
            Self::Next => html! { "Not started" },
            Self::Waiting(word) | Self::Running(word) | Self::Bad(word) => html! { (word) },
            Self::Done(words) => words.clone(),
        }
    }
}

/// The section. It follows what happens until all is done.
pub(super) fn begin(shell: &Shell, view: &Overview<'_>) -> Markup {
    let (assign, provision) = steps(shell, view);
    let is_done = matches!((&assign, &provision), (Stands::Done(_), Stands::Done(_)));
    let to = |rest: &str| view.app.path(shell, rest);
    let list = html! {
        div id="begin" data-live=[(!is_done).then_some("5")] {
            ol.steps {
                (step(&assign, &to("/assignments"), "Assign users and groups",
                    "Say who is provisioned into this application, and with which role."))
                (step(&provision, &to("/provisioning"), "Provision User Accounts",
                    "Connect the application, and have users and groups created, changed and disabled there by themselves."))
            }
        }
    };
    section("begin-steps", "Getting started", crate::components::nothing(), list)
}

/// How far both steps are. The one that comes first of those which are open is the current one.
fn steps(shell: &Shell, view: &Overview<'_>) -> (Stands, Stands) {
    let assign = match view.assigned {
        _ if view.app.scope == "all" => Stands::Done(html! { "Everybody" }),
        Some(Assigned { number, more }) if number > 0 => {
            let number = count(i64::try_from(number).unwrap_or(i64::MAX));
            Stands::Done(html! { @if more { "More than " } (number) " assigned" })
        }
        Some(_) | None => Stands::Waiting("Nobody yet"),
    };
    let provision = provisioned(shell.now, view.app, view.job);
    match (&assign, provision) {
        (Stands::Waiting(_), Stands::Waiting("Not connected")) => (assign, Stands::Next),
        (_, provision) => (assign, provision),
    }
}

fn provisioned(now: Timestamp, app: &App, job: &Job) -> Stands {
    let good = job.cycles.iter().find(|cycle| matches!(cycle.status.as_str(), "succeeded" | "entry_level_errors"));
    match (app.is_connected(), good, job.cycles.first()) {
        (false, _, _) => Stands::Waiting("Not connected"),
        _ if matches!(job.state.as_str(), "Quarantine" | "Disabled") => Stands::Bad("In quarantine"),
        (true, Some(cycle), _) => Stands::Done(html! { "Done " (ago(cycle.ended, now)) }),
        _ if job.under_way => Stands::Running("First cycle running"),
        (true, None, Some(cycle)) if cycle.status == "failed" => Stands::Bad("The cycle failed"),
        (true, None, _) if app.started => Stands::Running("Waiting for the first cycle"),
        (true, None, _) => Stands::Waiting("Connected, but off"),
    }
}

fn step(stands: &Stands, href: &str, label: &str, text: &str) -> Markup {
    html! {
        li class=[stands.class()] aria-current=[stands.is_current().then_some("step")] {
            div { h3 { a href=(href) { (label) } } p { (text) } }
            span.step-state { (stands.told()) }
        }
    }
}
