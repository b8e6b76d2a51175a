//! Load on a SCIM server, and what comes of it.
//!
//! [`run`] does what a [`Plan`] says and answers with a [`Report`]. Requests are sent when they are due, whether or not earlier ones were
//! answered ([`Schedule`]); each latency counts from the instant at which its request was due, so that a server that stands still
//! cannot hide it. What is asked is made in `messages`, what is needed on the server before and removed after it in `stock`.

mod abilities;
mod crew;
mod gate;
mod messages;
mod mix;
mod plan;
mod random;
mod report;
mod run;
mod schedule;
mod stock;
mod tally;
mod worker;

pub use mix::{Mix, MixError, Scenario};
pub use plan::{Pace, PaceError, Plan};
pub use report::{ErrorCount, Latency, Measured, Outcome, Part, Report, RunReport, SHAPE};
pub use run::{LoadError, Progress, run};
pub use schedule::Schedule;
