//! The one tokio runtime of the process, and how Python threads wait on it.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::error::BindError;

const TICK: Duration = Duration::from_millis(100);

static RUNTIME: OnceLock<(u32, Runtime)> = OnceLock::new();

/// Returns the runtime, built at first use.
///
/// # Errors
/// In a forked child, whose copies of the threads do not exist.
pub(crate) fn runtime() -> Result<&'static Runtime, BindError> {
    if RUNTIME.get().is_none() {
        let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        let runtime = Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("geosharing")
            .enable_all()
            .build()
            .map_err(|error| {
                geosharing_core::Error::new(
                    geosharing_core::Kind::Io,
                    format!("cannot start worker threads: {error}"),
                )
            })?;
        // A second thread may have been quicker; its runtime is as good.
        if let Err((_, late)) = RUNTIME.set((std::process::id(), runtime)) {
            late.shutdown_background();
        }
    }
    match RUNTIME.get() {
        Some((process, runtime)) if *process == std::process::id() => Ok(runtime),
        _ => Err(BindError::Forked),
    }
}

/// Runs a future to its end without the GIL; Ctrl-C drops it and raises.
pub(crate) fn block_on<F>(py: Python<'_>, future: F) -> Result<F::Output, BindError>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = runtime()?;
    py.detach(|| {
        let waiting = async {
            tokio::pin!(future);
            let mut ticks = tokio::time::interval(TICK);
            loop {
                tokio::select! {
                    output = &mut future => return Ok(output),
                    _ = ticks.tick() => signals()?,
                }
            }
        };
        // A callback of ours may call us again from one of the runtime's own threads.
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::task::block_in_place(|| runtime.block_on(waiting))
        } else {
            runtime.block_on(waiting)
        }
    })
}

#[allow(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general enough over lifetimes"
)]
fn signals() -> PyResult<()> {
    Python::attach(|py| py.check_signals())
}
