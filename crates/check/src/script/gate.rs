//! When the next request may go.

use std::time::Duration;
use tokio::{sync::watch, time::sleep};

/// Holds each request for a while, and until whoever watches lets it through.
#[derive(Debug)]
pub struct Gate {
    delay: Duration,
    allowed: watch::Receiver<u64>,
    passed: u64,
}

impl Gate {
    /// A gate that lets requests through once `delay` has passed and `allowed`, the number of those that may go in all, is not used up.
    /// Whoever holds the other end and goes away leaves it open.
    pub fn new(delay: Duration, allowed: watch::Receiver<u64>) -> Self {
        Self { delay, allowed, passed: 0 }
    }

    /// A gate that holds nothing.
    pub fn open() -> Self {
        let (_, allowed) = watch::channel(u64::MAX);
        Self::new(Duration::ZERO, allowed)
    }

    /// Waits until the next request may go, or the run is ended.
    pub async fn pass(&mut self, stop: &mut watch::Receiver<bool>) {
        rest(self.delay, stop).await;
        let passed = self.passed;
        let allowed = async {
            // An error says that nobody holds the other end any more.
            let _ = self.allowed.wait_for(|allowed| *allowed > passed).await;
        };
        tokio::select! {
            () = allowed => {}
            () = ended(stop) => {}
        }
        self.passed += 1;
    }
}

/// Waits for this time, or until the run is ended.
pub async fn rest(time: Duration, stop: &mut watch::Receiver<bool>) {
    if !time.is_zero() {
        tokio::select! {
            () = sleep(time) => {}
            () = ended(stop) => {}
        }
    }
}

/// Waits until the run is ended: for ever, where nobody can end it any more.
async fn ended(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, rest};
    use std::time::Duration;
    use tokio::{sync::watch, time::timeout};

    /// Long enough that it never comes in a test.
    const HOUR: Duration = Duration::from_secs(3_600);
    /// Nothing is measured: what holds here holds for ever.
    const MOMENT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn requests_pass_as_they_are_allowed() {
        let (allow, allowed) = watch::channel(2);
        let (_running, mut stop) = watch::channel(false);
        let mut gate = Gate::new(Duration::ZERO, allowed);
        gate.pass(&mut stop).await;
        gate.pass(&mut stop).await;
        assert!(timeout(MOMENT, gate.pass(&mut stop)).await.is_err());
        allow.send_replace(3);
        gate.pass(&mut stop).await;
        drop(allow);
        gate.pass(&mut stop).await;
    }

    #[tokio::test]
    async fn a_run_that_is_ended_waits_for_nothing() {
        let (end, mut stop) = watch::channel(false);
        let (_allow, allowed) = watch::channel(0);
        end.send_replace(true);
        Gate::new(HOUR, allowed).pass(&mut stop).await;
        rest(HOUR, &mut stop).await;
        Gate::open().pass(&mut stop).await;
    }
}
