//! Whole lives at a SCIM server, as an identity provider would drive them.
//!
//! A [`Scenario`] is data: acts of steps, written in a file of `scenarios/` or in one of somebody's own. [`run`] plays it, tells of each
//! exchange as it happens, removes what it made and answers with a [`Report`]. What was said can be kept as a [`Recording`], which
//! [`replay`] says again, comparing the answers.

mod compare;
mod library;
mod recording;
mod replay;
mod report;
mod run;
mod scenario;
mod substitute;

pub use crate::script::{Counts, Exchange, Finding, Level, Outcome, ServerError};
pub use library::{BuiltIn, library};
pub use recording::{Recorded, Recording, RecordingError};
pub use replay::replay;
pub use report::{ActReport, Report, SHAPE, StepReport, junit, text};
pub use run::{Control, Event, Plan, SimulateError, Tell, run};
pub use scenario::{Act, Scenario, ScenarioError};
