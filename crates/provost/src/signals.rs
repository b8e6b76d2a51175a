//! What the operating system asks of the process.

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Stop (SIGTERM, SIGINT, Ctrl-C).
    End,
    /// Read the certificate again (SIGHUP).
    Reload,
}

/// Listens from when it is made.
#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    /// Only caught: a file that may not grow is then an error like a full disk, and not the end of the process.
    _file_size: tokio::signal::unix::Signal,
}

/// SIGXFSZ, which has this number wherever there is one.
#[cfg(unix)]
const FILE_SIZE: std::ffi::c_int = 25;

#[cfg(unix)]
impl Signals {
    /// Starts to listen: from now on the signals no longer end the process.
    ///
    /// # Errors
    /// When the operating system does not allow it.
    pub fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            _file_size: signal(SignalKind::from_raw(FILE_SIZE))?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::End,
            _ = self.interrupt.recv() => Asked::End,
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }
}

/// Listens for Ctrl-C, the only one there is.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    /// None here.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    /// The next signal.
    pub async fn next(&mut self) -> Asked {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Asked::End
    }
}

impl Signals {
    /// Waits until the process is asked to stop.
    pub async fn end(&mut self) {
        while self.next().await != Asked::End {}
    }
}
