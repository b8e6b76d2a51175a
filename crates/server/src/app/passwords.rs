//! Hashing passwords: slow on purpose, so it is done away from the threads that serve requests, and few at once.

use super::{App, Failure};
use provost_accounts::{Refused, credentials::password::PasswordHash};
use tokio::sync::Semaphore;

/// Hashes that are computed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 4;
/// Those that wait for one of them; whoever comes then is told to come again.
const WAITING_MAX: usize = 200;

pub(super) struct Passwords {
    working: Semaphore,
    waiting: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { working: Semaphore::new(AT_ONCE), waiting: Semaphore::new(WAITING_MAX) }
    }
}

impl App {
    /// Whether a password is that of a hash. Without a hash it is not, which takes as long.
    ///
    /// # Errors
    /// `Busy` while too many wait.
    pub(crate) async fn is_password(&self, hash: Option<PasswordHash>, password: String) -> Result<bool, Failure> {
        self.hashing(move || PasswordHash::is(hash.as_ref(), &password)).await
    }

    /// The hash of a new password, with a fresh salt.
    ///
    /// # Errors
    /// Those of [`App::is_password`].
    pub(crate) async fn password_hash(&self, password: String) -> Result<PasswordHash, Failure> {
        let salt = self.random();
        self.hashing(move || PasswordHash::make(&password, salt)).await
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let Passwords { working, waiting } = &self.0.passwords;
        let _waits = waiting.try_acquire().map_err(|_| Failure::Busy)?;
        let _works = working.acquire().await.map_err(|_| Failure::Busy)?;
        let stopped = |_| Refused::status(503, "the server stopped meanwhile: try again");
        Ok(tokio::task::spawn_blocking(work).await.map_err(stopped)?)
    }
}
