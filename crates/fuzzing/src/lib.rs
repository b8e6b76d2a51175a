//! What fuzzers do with bytes: targets that check properties, and an oracle that they ask.
//!
//! Start at [`TARGETS`]. A target takes any bytes and panics where a property does not hold: a fuzzer on a nightly toolchain runs it
//! (`fuzz/`), and on every toolchain the tests of this crate run it over the corpora in `fuzz/corpus/` and over bytes made from seeds.

mod choices;
pub mod generate;
pub mod oracle;
#[cfg(feature = "server")]
mod serving;
mod targets;
mod types;

pub use choices::{Choices, bytes_of_seed};
pub use targets::{TARGETS, Target, check, target};
