//! What the packing threads and the caller tell each other while they work.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::{Error, Kind, Result};

/// How often the caller hears of progress.
const TICK: Duration = Duration::from_millis(50);

/// Bytes done, and whether to stop.
pub(super) struct Watch {
    total: u64,
    done: AtomicU64,
    stopped: AtomicBool,
}

impl Watch {
    pub(super) fn new(total: u64) -> Self {
        Self { total, done: AtomicU64::new(0), stopped: AtomicBool::new(false) }
    }

    pub(super) fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn take_back(&self, bytes: u64) {
        self.done.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Fails when another thread has failed or the caller gave up.
    pub(super) fn check(&self) -> Result<()> {
        if self.is_stopped() { Err(cancelled()) } else { Ok(()) }
    }

    /// Tells the caller how far things are.
    pub(super) fn report(&self, progress: &mut dyn FnMut(u64, u64) -> bool) -> Result<()> {
        if progress(self.done.load(Ordering::Relaxed).min(self.total), self.total) {
            Ok(())
        } else {
            self.stop();
            Err(cancelled())
        }
    }

    /// Tells the caller that everything is packed.
    pub(super) fn report_end(&self, progress: &mut dyn FnMut(u64, u64) -> bool) -> Result<()> {
        if progress(self.total, self.total) { Ok(()) } else { Err(cancelled()) }
    }

    /// Waits for a message of the packing threads, reporting meanwhile.
    pub(super) fn receive<T>(
        &self,
        from: &Receiver<T>,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<T> {
        loop {
            match from.recv_timeout(TICK) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Timeout) => self.report(progress)?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::internal("the packing threads ended early"));
                }
            }
        }
    }
}

fn cancelled() -> Error {
    Error::new(Kind::Denied, "packing was cancelled")
}
