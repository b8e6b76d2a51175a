//! What is done to a data folder itself, without asking a server: copied, put back, looked through.

pub mod backup;
pub mod chain;
pub mod restore;
pub mod verify;

use crate::operator_key;
use provost_store::Progress;
use std::io::{self, IsTerminal as _, Write as _};

/// The files in a data folder that a backup holds only when it is told to.
const KEY_FILES: [&str; 2] = [operator_key::FILE, operator_key::NEXT];

/// Parts of a copy between two signs of progress.
const STEPS: u64 = 10;

/// A sign of progress: on stderr, and only where somebody watches.
pub fn tell(sentence: &str) {
    if io::stderr().is_terminal() {
        // That nobody reads it is no reason to end.
        let _ = writeln!(io::stderr(), "{sentence}");
    }
}

/// Tells how far a copy has come, a tenth at a time.
fn copying() -> impl FnMut(Progress) {
    let mut told = 0;
    move |Progress { done, whole }| {
        let step = done.saturating_mul(STEPS) / whole.max(1);
        if step > told {
            told = step;
            tell(&format!("{} of {} …", megabytes(done), megabytes(whole)));
        }
    }
}

/// A size for people.
fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
