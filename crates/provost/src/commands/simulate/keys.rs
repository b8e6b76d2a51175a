//! Whoever sits at the keyboard holds a run and lets it go on.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    thread,
};
use tokio::sync::watch;

/// How many requests may be sent in all, as Enter says. With `step`, each lets one go, and the end of the input all; without, where the
/// input is a terminal, one holds them all and the next lets them go.
pub fn watched(step: bool) -> watch::Receiver<u64> {
    let (allow, allowed) = watch::channel(if step { 0 } else { u64::MAX });
    if io::stdin().is_terminal() {
        let what = if step { "Enter lets the next request go." } else { "Enter holds it, and lets it go on." };
        // That nobody reads it is no reason not to begin.
        let _ = writeln!(io::stderr(), "{what}");
    }
    if step || io::stdin().is_terminal() {
        // Not a task: it waits for a line for as long as the process lives, and must not keep that from ending.
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_err() {
                    break;
                }
                allow.send_modify(|allowed| *allowed = pressed(*allowed, step));
            }
            allow.send_replace(u64::MAX);
        });
    }
    allowed
}

fn pressed(allowed: u64, step: bool) -> u64 {
    match (step, allowed) {
        (true, _) => allowed.saturating_add(1),
        (false, u64::MAX) => 0,
        (false, _) => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::pressed;

    #[test]
    fn enter_lets_one_request_go_or_holds_them_all() {
        assert_eq!([pressed(0, true), pressed(1, true), pressed(u64::MAX, true)], [1, 2, u64::MAX]);
        assert_eq!([pressed(u64::MAX, false), pressed(0, false)], [0, u64::MAX]);
    }
}
