//! What a SCIM server does beside what the standard, Microsoft Entra ID and Okta ask of it.
//!
//! A [`Catalogue`] holds the cases: data, in the files of `cases/` and in those that somebody brings along. [`run`] asks a server what it
//! offers, tries the cases that fit, removes what they made and answers with a [`Report`], which can be shown as text, JSON, JUnit and
//! HTML.

mod case;
mod catalogue;
mod expectation;
mod outcome;
mod place;
mod report;
mod run;
mod server;
mod state;
mod step;
mod trail;
mod trial;

pub use case::{Case, CaseError, Level, Profile};
pub use catalogue::Catalogue;
pub use outcome::{CaseReport, Counts, Exchange, Finding, Outcome, Report, SHAPE};
pub use report::{html, junit, text};
pub use run::{CheckError, Plan, Progress, run};
