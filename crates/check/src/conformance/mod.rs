//! What a SCIM server does beside what the standard, Microsoft Entra ID and Okta ask of it.
//!
//! A [`Catalogue`] holds the cases: data, in the files of `cases/` and in those that somebody brings along. [`run`] asks a server what it
//! offers, tries the cases that fit, removes what they made and answers with a [`Report`], which can be shown as text, JSON, JUnit and
//! HTML.

mod case;
mod catalogue;
mod outcome;
mod report;
mod run;
mod trial;

pub use crate::script::{Counts, Exchange, Finding, Level, Outcome, ServerError};
pub use case::{Case, CaseError, Profile};
pub use catalogue::Catalogue;
pub use outcome::{CaseReport, Report, SHAPE};
pub use report::{html, junit, text};
pub use run::{CheckError, Plan, Progress, run};
