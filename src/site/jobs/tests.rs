//! The queue over workers that are threads of this process.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Runs tasks by name: `ok`, `raise`, `die`, `wait` (until stopped), `nap`.
#[derive(Debug, Default)]
struct Fakes {
    started: AtomicUsize,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Fake {
    usable: bool,
    running: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Workers for Fakes {
    fn start(&self, store: &Path) -> Result<Box<dyn Worker>> {
        if store.ends_with("broken") {
            return Err(SiteError::new(500, "broken toolbox"));
        }
        self.started.fetch_add(1, Ordering::SeqCst);
        let (running, most) = (Arc::clone(&self.running), Arc::clone(&self.most));
        Ok(Box::new(Fake { usable: true, running, most }))
    }

    fn shut_down(&self) {}
}

impl Worker for Fake {
    fn run(&mut self, order: &Order, stop: &Stop, hear: &mut dyn FnMut(Said)) -> Ending {
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        hear(Said::Message(0, format!("running {}", order.task)));
        let ending = match order.task.as_str() {
            "raise" => {
                hear(Said::Message(2, "Traceback ...".to_owned()));
                Ending::Done { succeeded: false, results: Vec::new() }
            }
            "die" => {
                self.usable = false;
                Ending::Died("signal: 11".to_owned())
            }
            "wait" => loop {
                if let Some(reason) = stop.asked() {
                    break Ending::Stopped(reason);
                }
                std::thread::sleep(Duration::from_millis(5));
            },
            _ => {
                std::thread::sleep(Duration::from_millis(20));
                let results = vec![Output { name: "out".to_owned(), value: 7.into(), ..Output::default() }];
                Ending::Done { succeeded: true, results }
            }
        };
        self.running.fetch_sub(1, Ordering::SeqCst);
        ending
    }

    fn usable(&self) -> bool {
        self.usable
    }
}

fn engine(folder: &Path, workers: &Arc<Fakes>) -> Arc<Engine> {
    Engine::open(folder.join("gp"), Some(Arc::clone(workers) as Arc<dyn Workers>)).unwrap()
}

fn pool(engine: &Arc<Engine>, change: impl FnOnce(&mut gp::Configuration)) -> Arc<Pool> {
    let mut configuration = gp::Configuration { max_instances: 2, ..gp::Configuration::default() };
    change(&mut configuration);
    let pool = Arc::new(Pool::new("s".to_owned(), 1, configuration, gp::Service::default(), "store".into()));
    lock(&engine.pools).insert("s".to_owned(), Arc::clone(&pool));
    pool
}

fn submit(engine: &Arc<Engine>, pool: &Pool, task: &str) -> String {
    let request = Request { task: task.to_owned(), ..Request::default() };
    engine.submit(pool, Engine::new_id(), "ann", request).unwrap().id
}

fn settled(engine: &Engine, id: &str) -> Job {
    for _ in 0..500 {
        let job = engine.job("s", id).unwrap();
        if job.status.is_final() {
            return job;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("job {id} does not end");
}

fn texts(job: &Job) -> String {
    job.messages.iter().fold(String::new(), |all, (severity, text)| all + &format!("{severity} {text}\n"))
}

#[test]
fn jobs_run_on_no_more_workers_than_allowed_and_workers_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let engine = engine(folder.path(), &workers);
    let pool = pool(&engine, |_| {});
    let ids: Vec<_> = (0..10).map(|_| submit(&engine, &pool, "nap")).collect();
    for id in &ids {
        let job = settled(&engine, id);
        assert_eq!(job.status, Status::Succeeded);
        assert_eq!(job.results[0].value, 7);
        assert!(job.ended >= job.submitted);
    }
    assert_eq!(workers.most.load(Ordering::SeqCst), 2);
    assert!(workers.started.load(Ordering::SeqCst) <= 2);
    assert_eq!(engine.active_jobs(), 0);
    assert!(engine.job("other", &ids[0]).is_err(), "jobs belong to their service");
}

#[test]
fn a_tool_that_raises_or_dies_fails_its_job_alone() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let engine = engine(folder.path(), &workers);
    let pool = pool(&engine, |configuration| configuration.max_instances = 1);
    let raised = settled(&engine, &submit(&engine, &pool, "raise"));
    assert_eq!(raised.status, Status::Failed);
    assert_eq!(texts(&raised), "0 running raise\n2 Traceback ...\n");
    let died = settled(&engine, &submit(&engine, &pool, "die"));
    assert_eq!(died.status, Status::Failed);
    assert!(texts(&died).contains("signal: 11\n2 Failed to execute (die)."), "{}", texts(&died));
    assert_eq!(settled(&engine, &submit(&engine, &pool, "ok")).status, Status::Succeeded);
    assert_eq!(workers.started.load(Ordering::SeqCst), 2, "the dead one was replaced, the other kept");
}

#[test]
fn jobs_are_cancelled_while_they_wait_and_while_they_run() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let engine = engine(folder.path(), &workers);
    let pool = pool(&engine, |configuration| configuration.max_instances = 1);
    let running = submit(&engine, &pool, "wait");
    while engine.job("s", &running).unwrap().status != Status::Executing {
        std::thread::sleep(Duration::from_millis(2));
    }
    let waiting = submit(&engine, &pool, "ok");
    assert_eq!(engine.cancel("s", &waiting).unwrap().status, Status::Cancelled);
    assert!(matches!(engine.cancel("s", &running).unwrap().status, Status::Cancelling | Status::Cancelled));
    assert_eq!(settled(&engine, &running).status, Status::Cancelled);
    assert_eq!(engine.cancel("s", &running).unwrap().status, Status::Cancelled);
    assert!(engine.cancel("other", &running).is_err());
}

#[test]
fn a_synchronous_caller_waits_only_so_long_for_a_worker() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let engine = engine(folder.path(), &workers);
    let pool = pool(&engine, |configuration| {
        configuration.max_instances = 1;
        configuration.wait_timeout = 1;
    });
    let request = |task: &str| Request { task: task.to_owned(), ..Request::default() };
    let job = engine.execute(&pool, &Engine::new_id(), "", request("ok")).unwrap();
    assert_eq!(job.status, Status::Succeeded);
    let busy = submit(&engine, &pool, "wait");
    while engine.job("s", &busy).unwrap().status != Status::Executing {
        std::thread::sleep(Duration::from_millis(2));
    }
    let refused = engine.execute(&pool, &Engine::new_id(), "", request("ok")).unwrap_err();
    assert_eq!(refused.code, 503);
    assert!(refused.to_string().contains("Wait time"), "{refused}");
    engine.cancel("s", &busy).unwrap();
    settled(&engine, &busy);
}

#[test]
fn idle_workers_end_and_the_kept_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let engine = engine(folder.path(), &workers);
    let pool = pool(&engine, |configuration| {
        configuration.max_instances = 3;
        configuration.idle_timeout = 0;
    });
    let ids: Vec<_> = (0..9).map(|_| submit(&engine, &pool, "nap")).collect();
    for id in &ids {
        assert!(settled(&engine, id).status.is_final());
    }
    std::thread::sleep(Duration::from_millis(30));
    assert!(pool.instances().0 >= 2);
    assert!(!pool.tidy());
    assert_eq!(pool.instances(), (1, 1));
}

#[test]
fn waiting_jobs_outlive_the_site_and_running_ones_fail_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let first = engine(folder.path(), &workers);
    let one = pool(&first, |configuration| configuration.max_instances = 1);
    let running = submit(&first, &one, "wait");
    while first.job("s", &running).unwrap().status != Status::Executing {
        std::thread::sleep(Duration::from_millis(2));
    }
    let waiting = submit(&first, &one, "ok");
    first.stop();
    let stopped = first.job("s", &running).unwrap();
    assert_eq!(stopped.status, Status::Failed);
    assert!(texts(&stopped).contains("The site was stopped"), "{}", texts(&stopped));
    drop((first, one));

    let second = engine(folder.path(), &workers);
    let left = second.database.with_status(Status::Submitted).unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, waiting);
}

#[test]
fn a_toolbox_that_does_not_load_fails_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let workers = Arc::new(Fakes::default());
    let engine = engine(folder.path(), &workers);
    let pool = Arc::new(Pool::new(
        "s".to_owned(),
        1,
        gp::Configuration::default(),
        gp::Service::default(),
        "broken".into(),
    ));
    lock(&engine.pools).insert("s".to_owned(), Arc::clone(&pool));
    let job = settled(&engine, &submit(&engine, &pool, "ok"));
    assert_eq!(job.status, Status::Failed);
    assert!(texts(&job).contains("broken toolbox"));
    pool.warm(&*workers);
    assert_eq!(pool.instances(), (0, 0));
}

#[test]
fn only_files_of_the_job_are_handed_out() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    std::fs::create_dir_all(job.join("scratch")).unwrap();
    std::fs::write(job.join("scratch/a.csv"), "a").unwrap();
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    assert!(file_below(&job, "scratch/a.csv").is_some());
    for bad in ["", "../secret", "scratch/../../secret", "/etc/passwd", "scratch", "scratch//a.csv", "a\\b"] {
        assert!(file_below(&job, bad).is_none(), "{bad}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("secret"), job.join("scratch/link")).unwrap();
        assert!(file_below(&job, "scratch/link").is_none());
    }
}
