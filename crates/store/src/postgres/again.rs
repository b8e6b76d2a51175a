//! Trying again what others stood in the way of, or what a connection took with it that was lost.

use super::connections::Connections;
use super::fault::Fault;
use std::time::Duration;

/// How often something is tried that others stand in the way of.
const ATTEMPTS_MAX: u32 = 10;

/// What lies between the first two attempts; doubled each time, up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(2);

/// The longest such time.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// Does something with connections of its own from `connections`: again as long as others stand in the way, but not for ever, and
/// once more when a connection was lost. A server that has gone takes all of them, so the idle ones are not tried one by one.
pub(super) async fn persist<T, F>(connections: &Connections, mut attempt: impl FnMut() -> F) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let (mut pause, mut was_lost) = (PAUSE_FIRST, false);
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(Fault::Again(error)) => {
                tracing::debug!(%error, "A transaction is tried again.");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
            Err(Fault::Lost(error)) if !was_lost => {
                tracing::debug!(%error, "A connection to the database was lost; another one is made.");
                was_lost = true;
                connections.forget_idle();
            }
            done => return done,
        }
    }
    attempt().await
}
