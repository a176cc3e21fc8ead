//! The workers of one service: at most as many as its definition allows, kept warm, ended when idle.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use geosharing_core::rest::gp;

use super::workers::{Deadline, Worker, Workers};
use crate::error::{Result, SiteError};

/// The tasks of a service and what runs them.
#[derive(Debug)]
pub struct Pool {
    /// The service's item.
    pub service: String,
    /// When the service was published.
    pub modified: i64,
    /// How its tasks run.
    pub configuration: gp::Configuration,
    /// Its tasks.
    pub tasks: gp::Service,
    /// The folder of the tasks' description.
    pub store: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<(Box<dyn Worker>, Instant)>,
    /// Workers that run, are being started, or are idle.
    instances: usize,
    queue: VecDeque<String>,
    runners: usize,
    closed: bool,
    /// Workers are being started ahead of need, or cannot be.
    warming: bool,
}

/// A worker on loan; it goes back, or its place does, when this is dropped.
#[derive(Debug)]
pub(super) struct Lease {
    pool: Arc<Pool>,
    worker: Option<Box<dyn Worker>>,
}

impl Pool {
    pub(super) fn new(
        service: String,
        modified: i64,
        configuration: gp::Configuration,
        tasks: gp::Service,
        store: PathBuf,
    ) -> Self {
        Self {
            service,
            modified,
            configuration,
            tasks,
            store,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a worker: an idle one, a new one where there is room, or the first that comes free.
    ///
    /// # Errors
    /// 503 when none came free in time, or the service is closed; any error of starting one.
    pub(super) fn acquire(self: &Arc<Self>, workers: &dyn Workers, wait: Option<Duration>) -> Result<Lease> {
        let deadline = Deadline::after(wait);
        let mut state = self.lock();
        loop {
            if state.closed {
                return Err(SiteError::new(503, "The service is being stopped or replaced."));
            }
            while let Some((worker, _)) = state.idle.pop() {
                if worker.usable() {
                    return Ok(Lease { pool: Arc::clone(self), worker: Some(worker) });
                }
                state.instances -= 1;
            }
            if state.instances < self.configuration.max_instances {
                state.instances += 1;
                drop(state);
                let mut lease = Lease { pool: Arc::clone(self), worker: None };
                lease.worker = Some(workers.start(&self.store)?);
                return Ok(lease);
            }
            let Some(left) = deadline.left(Duration::from_secs(1)) else {
                return Err(SiteError::new(503, "Wait time for an instance of the service expired.").detail(
                    format!(
                        "all {} instances were busy for {} seconds",
                        self.configuration.max_instances, self.configuration.wait_timeout
                    ),
                ));
            };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Puts a job at the end of the queue; returns whether a runner has to be started for it.
    pub(super) fn enqueue(&self, id: String) -> bool {
        let mut state = self.lock();
        state.queue.push_back(id);
        let start = state.runners < self.configuration.max_instances && !state.closed;
        state.runners += usize::from(start);
        start
    }

    /// Takes the next job; without one the runner has to end.
    pub(super) fn next(&self) -> Option<String> {
        let mut state = self.lock();
        let next = if state.closed { None } else { state.queue.pop_front() };
        if next.is_none() {
            state.runners -= 1;
        }
        next
    }

    /// Takes a job out of the queue; returns whether it was there.
    pub(super) fn withdraw(&self, id: &str) -> bool {
        let mut state = self.lock();
        let before = state.queue.len();
        state.queue.retain(|queued| queued != id);
        state.queue.len() < before
    }

    /// Lends no more workers, ends the idle ones, and returns what was queued.
    pub(super) fn close(&self) -> VecDeque<String> {
        let mut state = self.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        state.instances -= idle.len();
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        self.changed.notify_all();
        queue
    }

    /// Ends workers that were idle for too long, and says whether there are fewer than are to be kept.
    pub(super) fn tidy(&self) -> bool {
        let limit = Duration::from_secs(self.configuration.idle_timeout);
        let mut state = self.lock();
        let mut ended = Vec::new();
        let mut index = 0;
        while let Some((worker, since)) = state.idle.get(index) {
            let spare = state.instances > self.configuration.min_instances;
            if !worker.usable() || (spare && since.elapsed() > limit) {
                ended.push(state.idle.remove(index));
                state.instances -= 1;
            } else {
                index += 1;
            }
        }
        let missing = state.instances < self.configuration.min_instances && !state.closed && !state.warming;
        drop(state);
        // Ending a process takes a moment, and nobody need wait for it.
        drop(ended);
        missing
    }

    /// Starts the workers that are to be kept.
    pub(super) fn warm(self: &Arc<Self>, workers: &dyn Workers) {
        loop {
            {
                let mut state = self.lock();
                if state.closed || state.warming || state.instances >= self.configuration.min_instances {
                    return;
                }
                state.instances += 1;
                state.warming = true;
            }
            let started = workers.start(&self.store);
            let mut lease = Lease { pool: Arc::clone(self), worker: None };
            let failed = started.is_err();
            lease.worker = started.ok();
            drop(lease);
            // A service whose tools do not load says so to its callers; until it is published again there
            // is no use in trying every second.
            self.lock().warming = failed;
            if failed {
                return;
            }
        }
    }

    /// Returns how many workers there are, and how many of them are idle.
    pub fn instances(&self) -> (usize, usize) {
        let state = self.lock();
        (state.instances, state.idle.len())
    }
}

impl Lease {
    pub(super) fn worker(&mut self) -> Option<&mut Box<dyn Worker>> {
        self.worker.as_mut()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let worker = self.worker.take().filter(|worker| worker.usable());
        let mut state = self.pool.lock();
        let kept = match worker {
            Some(worker) if !state.closed => {
                state.idle.push((worker, Instant::now()));
                None
            }
            other => {
                state.instances -= 1;
                other
            }
        };
        drop(state);
        self.pool.changed.notify_one();
        drop(kept);
    }
}
