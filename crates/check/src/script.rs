//! Scripts: what is said to a server and expected of it, as data.
//!
//! A [`Step`] is a request with variables and what must hold of its answer. [`Talk`] does steps, one after the other, on a [`Bench`], which
//! remembers what was made on the server and removes it. Cases and scenarios are made of steps.

mod bench;
mod expectation;
mod gate;
mod outcome;
mod place;
mod server;
mod state;
mod step;
mod talk;
mod trail;

pub use bench::{Bench, Heard, Patience, Ready};
pub use gate::Gate;
pub use outcome::{Counts, Exchange, Finding, Level, Outcome};
pub use server::{Feature, Need, Server, ServerError};
pub use state::State;
pub use step::{Step, StepText, headers_of};
pub use talk::{End, HeaderTemplates, Talk};
