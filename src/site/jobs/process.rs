//! Workers that are processes of this machine, and the one process that speaks for a cluster.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::link::{Frame, Link};
use super::workers::{Deadline, Ending, Order, Said, Stop, StopReason, Worker, Workers};
use crate::error::{Result, SiteError};

/// How often a running job is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Time for a worker to start, packages on slow disks included.
const START: Duration = Duration::from_mins(5);
/// Time for a cluster to stop a job.
const GRACE: Duration = Duration::from_secs(10);

/// How workers are started.
#[derive(Clone, Debug)]
pub struct WorkerCommand {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// One process runs every job at once, because it only passes them on.
    pub shared: bool,
    /// Bytes that a worker may use; 0 for no bound.
    pub memory: u64,
}

/// Workers that are processes.
#[derive(Debug)]
pub struct Processes {
    how: WorkerCommand,
    starter: Mutex<Option<Sender<Start>>>,
    links: Mutex<Vec<Weak<Link>>>,
    shared: Mutex<Option<Arc<Link>>>,
    ended: AtomicBool,
}

type Start = Sender<Result<Link>>;

impl Processes {
    /// Makes workers; none is started yet.
    pub fn new(how: WorkerCommand) -> Self {
        Self {
            how,
            starter: Mutex::default(),
            links: Mutex::default(),
            shared: Mutex::default(),
            ended: AtomicBool::new(false),
        }
    }

    /// Starts a process on one thread that lives as long as these workers: on Linux a worker asks to
    /// be killed when the thread that started it ends.
    fn open(&self) -> Result<Link> {
        let (reply, answer) = channel();
        let mut starter = self.starter.lock().unwrap_or_else(PoisonError::into_inner);
        if self.ended.load(Ordering::Acquire) {
            return Err(SiteError::new(503, "The site is stopping."));
        }
        let sender = if let Some(sender) = starter.as_ref() {
            sender
        } else {
            let (sender, orders): (_, Receiver<Start>) = channel();
            let how = self.how.clone();
            let variables = vec![("GEOSHARING_WORKER_MEMORY".to_owned(), how.memory.to_string())];
            std::thread::Builder::new().name("geosharing-starter".to_owned()).spawn(move || {
                for reply in orders {
                    let _ = reply.send(Link::open(&how.command, &variables));
                }
            })?;
            starter.insert(sender)
        };
        let gone = || SiteError::internal("the thread that starts workers is gone");
        sender.send(reply).map_err(|_| gone())?;
        drop(starter);
        answer.recv().map_err(|_| gone())?
    }

    fn link(&self) -> Result<Arc<Link>> {
        let opened = |link: Link| {
            let link = Arc::new(link);
            let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
            links.retain(|link| link.strong_count() > 0);
            links.push(Arc::downgrade(&link));
            link
        };
        if !self.how.shared {
            return self.open().map(opened);
        }
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = shared.as_ref().filter(|link| link.alive()) {
            return Ok(Arc::clone(link));
        }
        let link = opened(self.open()?);
        await_ready(&link, &json!({ "op": "prepare" }))?;
        Ok(Arc::clone(shared.insert(link)))
    }
}

impl Workers for Processes {
    fn start(&self, store: &Path) -> Result<Box<dyn Worker>> {
        let link = self.link()?;
        if !self.how.shared {
            await_ready(&link, &json!({ "op": "prepare", "store": store }))?;
        }
        Ok(Box::new(ProcessWorker { link, shared: self.how.shared, memory: self.how.memory }))
    }

    fn shut_down(&self) {
        self.ended.store(true, Ordering::Release);
        let links = std::mem::take(&mut *self.links.lock().unwrap_or_else(PoisonError::into_inner));
        for link in links.iter().filter_map(Weak::upgrade) {
            link.kill();
        }
        drop(self.shared.lock().unwrap_or_else(PoisonError::into_inner).take());
        drop(self.starter.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Waits until a process has its packages and its tools.
fn await_ready(link: &Link, order: &Value) -> Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = format!("prepare-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let frames = link.hear(&id);
    let mut order = order.clone();
    if let Some(object) = order.as_object_mut() {
        object.insert("id".to_owned(), json!(id));
    }
    let sent = link.send(&order.to_string());
    let first = if sent.is_ok() { frames.recv_timeout(START).ok() } else { None };
    link.forget(&id);
    match first {
        Some(frame) if frame.succeeded => Ok(()),
        Some(frame) => Err(SiteError::new(500, "The service's tools cannot be loaded.").detail(frame.text)),
        None => {
            link.kill();
            tracing::error!("a worker did not start: {}", link.epitaph());
            Err(SiteError::new(
                500,
                "A worker of the service cannot be started; the site's log has the cause.",
            ))
        }
    }
}

#[derive(Debug)]
struct ProcessWorker {
    link: Arc<Link>,
    shared: bool,
    memory: u64,
}

impl Worker for ProcessWorker {
    fn run(&mut self, order: &Order, stop: &Stop, hear: &mut dyn FnMut(Said)) -> Ending {
        if !self.shared {
            self.link.clear_tail();
        }
        let frames = self.link.hear(&order.id);
        let ending = match self.link.send(&frame_of(order)) {
            Ok(()) => self.follow(order, stop, &frames, hear),
            Err(_) => Ending::Died(self.link.epitaph()),
        };
        self.link.forget(&order.id);
        ending
    }

    fn usable(&self) -> bool {
        self.link.alive()
    }
}

impl ProcessWorker {
    fn follow(
        &self,
        order: &Order,
        stop: &Stop,
        frames: &Receiver<Frame>,
        hear: &mut dyn FnMut(Said),
    ) -> Ending {
        // A cluster begins when it has room; the first frame says that it did.
        let mut deadline = Deadline::after(order.time.filter(|_| !self.shared));
        let mut begun = !self.shared;
        let mut looked = Instant::now();
        loop {
            let Some(wait) = deadline.left(LOOK) else {
                stop.ask(StopReason::TimedOut);
                return self.end(order, frames, StopReason::TimedOut);
            };
            match frames.recv_timeout(wait) {
                Ok(frame) => match frame.event.as_str() {
                    "started" if !begun => {
                        begun = true;
                        deadline = Deadline::after(order.time);
                    }
                    "message" => hear(Said::Message(frame.severity.min(2), frame.text)),
                    "progress" => hear(Said::Progress(frame.text, frame.percent)),
                    "done" => return Ending::Done { succeeded: frame.succeeded, results: frame.results },
                    _ => {}
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ending::Died(self.link.epitaph()),
            }
            // A tool that talks without end is looked at too.
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                if !self.shared && self.memory > 0 && resident(self.link.pid()) > self.memory {
                    stop.ask(StopReason::Memory);
                }
            }
            if let Some(reason) = stop.asked() {
                return self.end(order, frames, reason);
            }
        }
    }

    /// Stops the job: kills a process of its own, and asks a cluster.
    fn end(&self, order: &Order, frames: &Receiver<Frame>, reason: StopReason) -> Ending {
        if self.shared {
            let _ = self.link.send(&json!({ "op": "cancel", "id": order.id }).to_string());
            let deadline = Deadline::after(Some(GRACE));
            while let Some(left) = deadline.left(GRACE) {
                match frames.recv_timeout(left) {
                    Ok(frame) if frame.event != "done" => {}
                    _ => break,
                }
            }
        } else {
            self.link.kill();
        }
        Ending::Stopped(reason)
    }
}

fn frame_of(order: &Order) -> String {
    let folder = json!(order.folder);
    // Lines end frames; between the tokens of JSON they are but blanks.
    let or_empty =
        |text: &str| if text.is_empty() { "{}".to_owned() } else { text.replace(['\n', '\r'], " ") };
    let time = order.time.map_or(Value::Null, |time| json!(time.as_secs_f64()));
    format!(
        "{{\"op\":\"run\",\"id\":{},\"store\":{},\"task\":{},\"folder\":{folder},\"records\":{},\"time\":{time},\
\"values\":{},\"environment\":{}}}",
        json!(order.id),
        json!(order.store),
        json!(order.task),
        order.records,
        or_empty(&order.values),
        or_empty(&order.environment),
    )
}

/// Bytes of memory that a process holds; 0 where the system does not tell.
fn resident(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: u64 = text.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages.saturating_mul(4096)
}
