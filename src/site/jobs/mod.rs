//! Jobs of geoprocessing services: a queue that survives the site, and the workers that drain it.
//!
//! A job is on disk before its caller hears of it. When the site stops, jobs that wait go on waiting
//! and jobs that run fail with a message; a tool never runs twice, since nobody knows what it did.

mod database;
mod link;
mod maps;
mod pool;
mod process;
mod record;
#[cfg(test)]
mod tests;
mod uploads;
mod workers;

pub use pool::Pool;
pub use process::{Processes, WorkerCommand};
pub use record::{Job, Messages, Request, Status, UploadRecord, message_json};
pub(crate) use uploads::too_large;
pub use workers::{Ending, Order, Output, Said, Stop, StopReason, Worker, Workers};

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use geosharing_core::rest::gp;

use crate::error::{Result, SiteError};
use crate::state::services::{Service, ServiceState};
use crate::state::{Context, hex, now, random};
use crate::store::HostedStore;
use database::JobDatabase;
use pool::Lease;

/// How long results and uploads are kept, as ArcGIS keeps its job directories.
const KEPT: Duration = Duration::from_hours(6);
/// How often idle workers are looked at.
const TIDY: Duration = Duration::from_secs(1);
/// How many looks at idle workers there are for one at old jobs.
const PURGE_EVERY: u32 = 600;

/// The jobs of all geoprocessing services of a site.
#[derive(Debug)]
pub struct Engine {
    folder: PathBuf,
    database: JobDatabase,
    workers: Option<Arc<dyn Workers>>,
    pools: Mutex<HashMap<String, Arc<Pool>>>,
    active: Mutex<HashMap<String, Arc<Active>>>,
    stopping: Mutex<bool>,
    stopped: Condvar,
    watcher: Mutex<Option<JoinHandle<()>>>,
    maps: maps::Maps,
}

/// A job that waits or runs.
#[derive(Debug)]
struct Active {
    stop: Stop,
    job: Mutex<Job>,
}

impl Active {
    fn new(job: Job) -> Arc<Self> {
        Arc::new(Self { stop: Stop::default(), job: Mutex::new(job) })
    }

    fn lock(&self) -> MutexGuard<'_, Job> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Opens the jobs of a site, in a folder of their own.
    pub fn open(folder: PathBuf, workers: Option<Arc<dyn Workers>>) -> Result<Arc<Self>> {
        std::fs::create_dir_all(folder.join("jobs"))?;
        std::fs::create_dir_all(folder.join("uploads"))?;
        Ok(Arc::new(Self {
            database: JobDatabase::open(&folder.join("jobs.sqlite"))?,
            folder,
            workers,
            pools: Mutex::default(),
            active: Mutex::default(),
            stopping: Mutex::default(),
            stopped: Condvar::new(),
            watcher: Mutex::default(),
            maps: maps::Maps::default(),
        }))
    }

    fn workers(&self) -> Result<&dyn Workers> {
        self.workers.as_deref().ok_or_else(|| {
            SiteError::new(501, "This site runs no tools: it was started without workers.")
                .detail("start it from Python: `Site(workers=...)` or `geosharing serve --workers`")
        })
    }

    /// Returns the folder of a job.
    pub fn job_folder(&self, service: &str, job: &str) -> PathBuf {
        self.folder.join("jobs").join(service).join(job)
    }

    /// Returns the store of a job's features, which `make` makes in its folder when it is first asked for.
    pub(crate) fn result_map(
        &self,
        job: &Job,
        make: impl FnOnce(&Path) -> Result<Arc<HostedStore>>,
    ) -> Result<Arc<HostedStore>> {
        self.maps.get(&job.id, &self.job_folder(&job.service, &job.id).join("map"), make)
    }

    /// Returns the tasks of a service and their workers, made anew after it was published again.
    pub fn pool(self: &Arc<Self>, context: &Context, service: &Service) -> Result<Arc<Pool>> {
        let mut pools = lock(&self.pools);
        let old = pools.get(&service.item_id);
        if let Some(pool) = old.filter(|pool| pool.modified == service.modified) {
            return Ok(Arc::clone(pool));
        }
        let text =
            service.definition.get("tasks").map(|tasks| serde_json::json!({ "tasks": tasks }).to_string());
        let tasks = gp::Service::parse(text.unwrap_or_default().as_bytes())?;
        let folder = service.definition.get("folder").and_then(serde_json::Value::as_str).unwrap_or_default();
        let store = context.services_folder().join(&service.store).join(folder);
        let pool = Arc::new(Pool::new(
            service.item_id.clone(),
            service.modified,
            gp::Configuration::read(&service.configuration),
            tasks,
            store,
        ));
        let waiting = match old {
            Some(old) => old.close().into_iter().collect(),
            None => self.waiting(&service.item_id),
        };
        pools.insert(service.item_id.clone(), Arc::clone(&pool));
        drop(pools);
        for id in waiting {
            if pool.enqueue(id) {
                self.spawn_runner(&pool)?;
            }
        }
        Ok(pool)
    }

    /// The jobs that wait for a service, oldest first.
    fn waiting(&self, service: &str) -> Vec<String> {
        let active = lock(&self.active);
        let mut found: Vec<(i64, String)> = active
            .values()
            .map(|active| active.lock())
            .filter(|job| job.service == service && job.status == Status::Submitted)
            .map(|job| (job.submitted, job.id.clone()))
            .collect();
        found.sort();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Makes the id of a job.
    pub fn new_id() -> String {
        format!("j{}", hex(&random::<16>()))
    }

    /// Takes a job into the queue.
    pub fn submit(self: &Arc<Self>, pool: &Pool, id: String, owner: &str, request: Request) -> Result<Job> {
        self.workers()?;
        let job = Job {
            id: id.clone(),
            service: pool.service.clone(),
            owner: owner.to_owned(),
            request,
            submitted: now(),
            ..Job::default()
        };
        self.database.enter(&job)?;
        lock(&self.active).insert(id.clone(), Active::new(job.clone()));
        // A pool that was closed meanwhile has a successor, or the job waits for one.
        let pools = lock(&self.pools);
        if let Some(pool) = pools.get(&job.service)
            && pool.enqueue(id)
        {
            self.spawn_runner(pool)?;
        }
        Ok(job)
    }

    fn spawn_runner(self: &Arc<Self>, pool: &Arc<Pool>) -> Result<()> {
        let (engine, pool) = (Arc::clone(self), Arc::clone(pool));
        std::thread::Builder::new().name("geosharing-job".to_owned()).spawn(move || {
            while let Some(id) = pool.next() {
                let Some(active) = lock(&engine.active).get(&id).cloned() else { continue };
                let run = std::panic::AssertUnwindSafe(|| engine.run_queued(&pool, &active));
                if std::panic::catch_unwind(run).is_err() {
                    engine.finish(
                        &active,
                        &Ending::Died("the site failed; its log has the cause".to_owned()),
                        0,
                    );
                }
            }
        })?;
        Ok(())
    }

    fn run_queued(&self, pool: &Arc<Pool>, active: &Active) {
        let id = {
            let mut job = active.lock();
            job.status = Status::Executing;
            job.id.clone()
        };
        if let Err(error) = self.database.begin(&id) {
            tracing::error!("job {id}: {error}");
        }
        let ending = match self.workers().and_then(|workers| pool.acquire(workers, None)) {
            Ok(lease) => self.run(pool, active, lease),
            Err(error) => Ending::Died(error.to_string()),
        };
        self.finish(active, &ending, pool.configuration.usage_timeout);
    }

    fn run(&self, pool: &Pool, active: &Active, mut lease: Lease) -> Ending {
        if let Some(reason) = active.stop.asked() {
            return Ending::Stopped(reason);
        }
        let order = self.order(pool, &active.lock());
        if let Err(error) = std::fs::create_dir_all(&order.folder) {
            return Ending::Died(SiteError::from(error).to_string());
        }
        let Some(worker) = lease.worker() else { return Ending::Died("the worker is gone".to_owned()) };
        worker.run(&order, &active.stop, &mut |said| {
            let mut job = active.lock();
            match said {
                Said::Message(severity, text) => job.messages.push(severity, text),
                Said::Progress(text, percent) => job.progress = Some((text, percent.map(|p| p.min(100)))),
            }
        })
    }

    fn order(&self, pool: &Pool, job: &Job) -> Order {
        let seconds = pool.configuration.usage_timeout;
        Order {
            id: job.id.clone(),
            store: pool.store.clone(),
            task: job.request.task.clone(),
            folder: self.job_folder(&job.service, &job.id),
            values: job.request.values.clone(),
            environment: job.request.environment.clone(),
            records: pool.configuration.maximum_records,
            time: (seconds > 0).then(|| Duration::from_secs(seconds)),
        }
    }

    /// Runs a task while the caller waits, and returns it as it ended; nothing of it is kept but files.
    ///
    /// # Errors
    /// 503 when no worker came free in time.
    pub fn execute(&self, pool: &Arc<Pool>, id: &str, owner: &str, request: Request) -> Result<Job> {
        let workers = self.workers()?;
        let seconds = pool.configuration.wait_timeout;
        let active = Active::new(Job {
            id: id.to_owned(),
            service: pool.service.clone(),
            owner: owner.to_owned(),
            request,
            submitted: now(),
            ..Job::default()
        });
        // The wait is told apart from a failed tool by its error.
        let lease = pool.acquire(workers, (seconds > 0).then(|| Duration::from_secs(seconds)))?;
        active.lock().status = Status::Executing;
        lock(&self.active).insert(id.to_owned(), Arc::clone(&active));
        let ending = self.run(pool, &active, lease);
        lock(&self.active).remove(id);
        let mut job = active.lock();
        settle(&mut job, &ending, pool.configuration.usage_timeout);
        let keeps = job.results.iter().any(|one| !one.file.is_empty() || !one.data.is_empty());
        if !keeps {
            let _ = std::fs::remove_dir_all(self.job_folder(&job.service, &job.id));
        }
        Ok(job.clone())
    }

    fn finish(&self, active: &Active, ending: &Ending, seconds: u64) {
        let mut job = active.lock();
        // A worker that the site's end killed did not die of its tool.
        match (ending, active.stop.asked()) {
            (Ending::Died(_), Some(StopReason::ShutDown)) => {
                settle(&mut job, &Ending::Stopped(StopReason::ShutDown), 0);
            }
            _ => settle(&mut job, ending, seconds),
        }
        job.ended = now();
        // Nobody reads the database while the job is still active, so both always agree.
        if let Err(error) = self.database.end(&job) {
            tracing::error!("job {}: {error}", job.id);
        }
        // Whoever looks through all jobs holds their list and waits for each: never hold one and wait for the list.
        let id = job.id.clone();
        drop(job);
        lock(&self.active).remove(&id);
    }

    /// Returns a job of a service.
    pub fn job(&self, service: &str, id: &str) -> Result<Job> {
        let active = lock(&self.active).get(id).cloned();
        let found = match active {
            Some(active) => Some(active.lock().clone()),
            None => self.database.find(id)?,
        };
        found.filter(|job| job.service == service).ok_or_else(|| {
            SiteError::new(400, "Invalid or expired job ID.")
                .detail(format!("jobs are kept for {} hours after their end", KEPT.as_secs() / 3600))
        })
    }

    /// Stops a job that waits or runs; one that ended stays as it is.
    pub fn cancel(&self, service: &str, id: &str) -> Result<Job> {
        let active = lock(&self.active).get(id).cloned();
        let pool = lock(&self.pools).get(service).cloned();
        if let Some(active) = active.filter(|active| active.lock().service == service) {
            active.stop.ask(StopReason::Cancelled);
            if pool.is_none_or(|pool| pool.withdraw(id)) {
                self.finish(&active, &Ending::Stopped(StopReason::Cancelled), 0);
            } else {
                let mut job = active.lock();
                if job.status == Status::Executing {
                    job.status = Status::Cancelling;
                }
            }
        }
        self.job(service, id)
    }

    /// Takes up what the last run of the site left, and watches over workers until the site stops.
    pub(crate) fn start(self: &Arc<Self>, context: &Context) -> Result<()> {
        for mut job in self.database.with_status(Status::Executing)? {
            job.status = Status::Failed;
            job.messages.push_last(2, "The site was stopped while this job ran.");
            job.ended = now();
            self.database.end(&job)?;
        }
        let waiting = self.database.with_status(Status::Submitted)?;
        lock(&self.active).extend(waiting.into_iter().map(|job| (job.id.clone(), Active::new(job))));
        let (engine, context) = (Arc::clone(self), context.clone());
        let watcher = std::thread::Builder::new().name("geosharing-jobs".to_owned()).spawn(move || {
            let mut looks = 0;
            loop {
                engine.look_after(&context, looks % PURGE_EVERY == 0);
                looks += 1;
                let stopping = lock(&engine.stopping);
                let wait = engine.stopped.wait_timeout_while(stopping, TIDY, |stopping| !*stopping);
                if *wait.unwrap_or_else(PoisonError::into_inner).0 {
                    return;
                }
            }
        })?;
        *lock(&self.watcher) = Some(watcher);
        Ok(())
    }

    /// Opens and closes pools as services come and go, keeps their workers, forgets old jobs.
    fn look_after(self: &Arc<Self>, context: &Context, purge: bool) {
        let services = context.services().all();
        let tools = |service: &&Arc<Service>| service.kind.eq_ignore_ascii_case("GPServer");
        let mut seen = std::collections::HashSet::new();
        for service in services.iter().filter(tools) {
            seen.insert(service.item_id.clone());
            if service.state == ServiceState::Stopped {
                self.close(&service.item_id);
                continue;
            }
            match self.pool(context, service) {
                Ok(pool) if pool.tidy() => self.warm(pool),
                Ok(_) => {}
                Err(error) => tracing::debug!("tasks of {}: {error}", service.path()),
            }
        }
        let open: Vec<String> = lock(&self.pools).keys().cloned().collect();
        let mut gone: Vec<String> = open.into_iter().filter(|service| !seen.contains(service)).collect();
        gone.extend(
            lock(&self.active).values().map(|a| a.lock().service.clone()).filter(|s| !seen.contains(s)),
        );
        gone.sort();
        gone.dedup();
        for service in gone {
            self.forget(&service);
        }
        if purge && let Err(error) = self.purge(None) {
            tracing::error!("old jobs: {error}");
        }
    }

    /// Starts the workers that a service keeps; at most one at a time, and none where one fails.
    fn warm(self: &Arc<Self>, pool: Arc<Pool>) {
        let Some(workers) = self.workers.clone() else { return };
        let spawned = std::thread::Builder::new().name("geosharing-warm".to_owned()).spawn(move || {
            pool.warm(&*workers);
        });
        if let Err(error) = spawned {
            tracing::error!("cannot start a thread: {error}");
        }
    }

    fn close(&self, service: &str) {
        let pool = lock(&self.pools).remove(service);
        if let Some(pool) = pool {
            pool.close();
        }
    }

    /// Ends and forgets the jobs of a service that is gone.
    fn forget(&self, service: &str) {
        self.close(service);
        let active: Vec<_> = lock(&self.active).values().cloned().collect();
        for active in active {
            let waiting = {
                let job = active.lock();
                if job.service != service {
                    continue;
                }
                job.status == Status::Submitted
            };
            active.stop.ask(StopReason::Cancelled);
            if waiting {
                self.finish(&active, &Ending::Stopped(StopReason::Cancelled), 0);
            }
        }
        if let Err(error) = self.purge(Some(service)) {
            tracing::error!("jobs of a deleted service: {error}");
        }
    }

    /// Forgets old jobs and uploads, or those of one service, with their files.
    fn purge(&self, service: Option<&str>) -> Result<()> {
        let before = now() - KEPT.as_millis() as i64;
        for (service, id) in self.database.purge(before, service)? {
            self.maps.forget(&id);
            let _ = std::fs::remove_dir_all(self.job_folder(&service, &id));
        }
        for id in self.database.purge_uploads(before, service)? {
            let _ = std::fs::remove_dir_all(self.upload_folder(&id));
        }
        if let Some(service) = service {
            let _ = std::fs::remove_dir_all(self.folder.join("jobs").join(service));
            return Ok(());
        }
        // Files of synchronous runs, which are in no database.
        for folder in std::fs::read_dir(self.folder.join("jobs"))?.flatten() {
            for job in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let old = job
                    .metadata()
                    .and_then(|data| data.modified())
                    .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > KEPT));
                let id = job.file_name().to_string_lossy().into_owned();
                if old && !lock(&self.active).contains_key(&id) && self.database.find(&id)?.is_none() {
                    let _ = std::fs::remove_dir_all(job.path());
                }
            }
        }
        Ok(())
    }

    /// Stops: running jobs fail with a message, waiting ones stay for the next start.
    pub fn stop(&self) {
        if std::mem::replace(&mut *lock(&self.stopping), true) {
            return;
        }
        self.stopped.notify_all();
        let pools: Vec<_> = lock(&self.pools).drain().map(|(_, pool)| pool).collect();
        for pool in &pools {
            pool.close();
        }
        for active in lock(&self.active).values() {
            active.stop.ask(StopReason::ShutDown);
        }
        if let Some(workers) = &self.workers {
            workers.shut_down();
        }
        // It holds the site's folder.
        let watcher = lock(&self.watcher).take();
        if let Some(watcher) = watcher {
            let _ = watcher.join();
        }
        // Runners write how their jobs ended.
        for _ in 0..100 {
            let running = lock(&self.active).values().any(|active| active.lock().status != Status::Submitted);
            if !running {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns how many jobs wait or run.
    pub fn active_jobs(&self) -> usize {
        lock(&self.active).len()
    }
}

/// Writes into a job how it ended; `seconds` is how long it might have run.
fn settle(job: &mut Job, ending: &Ending, seconds: u64) {
    let task = job.request.task.clone();
    let failed = format!("Failed to execute ({task}).");
    job.ended = now();
    match ending {
        Ending::Done { succeeded, results } => {
            job.status = if *succeeded { Status::Succeeded } else { Status::Failed };
            if *succeeded {
                job.results.clone_from(results);
            }
        }
        Ending::Died(how) => {
            job.status = Status::Failed;
            job.messages.push_last(2, format!("ERROR 999999: The process of the tool ended: {how}"));
            job.messages.push_last(2, failed);
        }
        Ending::Stopped(reason) => {
            let (status, text) = match reason {
                StopReason::Cancelled => (Status::Cancelled, "The job was cancelled.".to_owned()),
                StopReason::TimedOut => (
                    Status::TimedOut,
                    format!("The tool ran longer than the {seconds} seconds that its service allows."),
                ),
                StopReason::Memory => {
                    (Status::Failed, "The tool used more memory than its worker may.".to_owned())
                }
                StopReason::ShutDown => {
                    (Status::Failed, "The site was stopped while this job ran.".to_owned())
                }
            };
            job.status = status;
            job.messages.push_last(2, text);
            job.messages.push_last(2, failed);
        }
    }
}

/// Whether a path that a worker named leads to a file below a folder, links resolved.
pub fn file_below(folder: &Path, relative: &str) -> Option<PathBuf> {
    let plain = !relative.is_empty()
        && !relative.contains(['\\', '\0'])
        && relative.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    let path = plain.then(|| folder.join(relative))?.canonicalize().ok()?;
    let root = folder.canonicalize().ok()?;
    (path.starts_with(&root) && path.is_file()).then_some(path)
}
