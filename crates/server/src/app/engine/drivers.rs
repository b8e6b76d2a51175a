//! The threads that machines of the engine are driven on.
//!
//! Each has a runtime of its own, so what goes on for one app and all of its connections stay on one thread: nothing is
//! handed from processor to processor for each request, and long thinking keeps nobody's request waiting.

use super::super::Failure;
use std::{
    io,
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinSet,
};

/// As many threads as there are processors, started as they are needed. They end with this.
#[derive(Default)]
pub(in crate::app) struct Drivers(Mutex<Vec<Driver>>);

struct Driver {
    runtime: Handle,
    /// One more than the pieces of work that it does.
    at_work: Arc<()>,
    /// The thread ends when this goes.
    _stays: oneshot::Sender<()>,
}

impl Drivers {
    /// Does the work on one of the threads. It ends when nobody waits for it any more.
    ///
    /// # Errors
    /// When it panics, or the machine gives no thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Failure> {
        let (runtime, at_work) = self.idlest().map_err(ended)?;
        let mut task = JoinSet::new();
        task.spawn_on(
            async move {
                let _at_work = at_work;
                work.await
            },
            &runtime,
        );
        task.join_next().await.expect("one task was spawned").map_err(ended)
    }

    /// The thread that does the least; a new one while all are at work and there may be more.
    fn idlest(&self) -> io::Result<(Handle, Arc<()>)> {
        let mut drivers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, most) = (drivers.len(), thread::available_parallelism().map_or(1, NonZero::get));
        let works = |driver: &Driver| Arc::strong_count(&driver.at_work);
        if count < most && drivers.iter().all(|driver| works(driver) > 1) {
            drivers.push(Driver::start(count)?);
        }
        let idlest = drivers.iter().min_by_key(|driver| works(driver));
        let idlest = idlest.expect("there is at least one");
        Ok((idlest.runtime.clone(), Arc::clone(&idlest.at_work)))
    }
}

impl Driver {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stays, gone) = oneshot::channel::<()>();
        let name = format!("engine-{number}");
        thread::Builder::new().name(name).spawn(move || drop(runtime.block_on(gone)))?;
        Ok(Self { runtime: handle, at_work: Arc::default(), _stays: stays })
    }
}

fn ended(error: impl std::fmt::Display) -> Failure {
    Failure::Damaged(format!("the work for an app ended: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, future::pending};
    use tokio::sync::{Barrier, oneshot::channel};

    #[tokio::test]
    async fn who_is_at_work_is_spared_and_who_is_not_goes_on() {
        let drivers = Drivers::default();
        let most = thread::available_parallelism().map_or(1, NonZero::get);
        let barrier = Arc::new(Barrier::new(most));
        let one = || {
            let barrier = Arc::clone(&barrier);
            drivers.run(async move {
                barrier.wait().await;
                thread::current().id()
            })
        };
        let together = futures_util::future::try_join_all((0..most).map(|_| one())).await.unwrap();
        let threads: HashSet<_> = together.iter().copied().collect();
        assert_eq!(threads.len(), most, "each takes one that does nothing");
        assert!(!threads.contains(&thread::current().id()));
        let next = drivers.run(async { thread::current().id() }).await.unwrap();
        assert!(together.contains(&next), "no more are begun");
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_its_thread_goes_on() {
        let drivers = Drivers::default();
        let failed = drivers.run(async { panic!("on purpose") }).await.map(|()| 0).unwrap_err();
        assert!(failed.to_string().contains("on purpose"), "{failed}");
        assert_eq!(drivers.run(async { 1 }).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_ends() {
        let drivers = Drivers::default();
        let ((begins, begun), (kept, gone)) = (channel(), channel::<()>());
        let work = drivers.run(async move {
            let _kept = kept;
            begins.send(()).expect("somebody waits");
            pending::<()>().await;
        });
        tokio::select! {
            _ = work => panic!("it never ends by itself"),
            begun = begun => begun.unwrap(),
        }
        assert!(gone.await.is_err());
    }
}
