//! A worker process and the frames that go to it and come from it.
//!
//! Each frame is one line of JSON on the process's standard input and output. What tools print goes
//! elsewhere; the process's standard error is kept in part, for what a crash leaves there.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use super::workers::Output;
use crate::error::{Result, SiteError};

/// Longest frame of a worker; values that are larger come as files.
const LONGEST_FRAME: u64 = 8 << 20;
/// What is kept of a worker's standard error.
const KEPT: usize = 16 << 10;

/// What a worker says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Frame {
    /// The job; empty for what concerns none.
    pub(super) id: String,
    /// `ready`, `message`, `progress` or `done`.
    pub(super) event: String,
    pub(super) severity: u8,
    pub(super) text: String,
    pub(super) percent: Option<u8>,
    pub(super) succeeded: bool,
    pub(super) results: Vec<Output>,
}

type Hearers = Arc<Mutex<HashMap<String, Sender<Frame>>>>;

/// A process that speaks in frames; it ends, with all that it started, when this is dropped.
#[derive(Debug)]
pub(super) struct Link {
    child: Mutex<Child>,
    input: Mutex<Option<ChildStdin>>,
    hearers: Hearers,
    closed: Arc<AtomicBool>,
    tail: Arc<Mutex<VecDeque<u8>>>,
    pid: u32,
}

impl Link {
    /// Starts a process; it must be called on a thread that lives as long as the process shall.
    pub(super) fn open(command: &[String], variables: &[(String, String)]) -> Result<Self> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(SiteError::internal("the command of workers is empty"));
        };
        let mut process = Command::new(program);
        process.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Tools have no business with the passwords of the site.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GEOSHARING_") {
                process.env_remove(name);
            }
        }
        process.envs(variables.iter().map(|(name, value)| (name, value)));
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut process, 0);
        let mut child = process
            .spawn()
            .map_err(|error| SiteError::internal(format!("cannot start the worker `{program}`: {error}")))?;
        let pid = child.id();
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let link = Self {
            child: Mutex::new(child),
            input: Mutex::new(input),
            hearers: Arc::default(),
            closed: Arc::default(),
            tail: Arc::default(),
            pid,
        };
        if let (Some(output), Some(errors)) = (output, errors) {
            let (hearers, closed) = (Arc::clone(&link.hearers), Arc::clone(&link.closed));
            let named = |name: &str| std::thread::Builder::new().name(format!("geosharing-{name}"));
            named("worker-out").spawn(move || listen(output, &hearers, &closed))?;
            let tail = Arc::clone(&link.tail);
            named("worker-err").spawn(move || keep(errors, &tail))?;
        }
        Ok(link)
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns whether the process still speaks.
    pub(super) fn alive(&self) -> bool {
        !self.closed.load(Ordering::Acquire)
    }

    /// Asks for the frames of a job; the receiver's end means the process's end.
    pub(super) fn hear(&self, id: &str) -> Receiver<Frame> {
        let (sender, receiver) = channel();
        let mut hearers = self.hearers.lock().unwrap_or_else(PoisonError::into_inner);
        // After the reader's last look nobody would drop the sender.
        if self.alive() {
            hearers.insert(id.to_owned(), sender);
        }
        receiver
    }

    pub(super) fn forget(&self, id: &str) {
        self.hearers.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Forgets what earlier jobs left on standard error.
    pub(super) fn clear_tail(&self) {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sends a frame.
    pub(super) fn send(&self, frame: &str) -> std::io::Result<()> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(input) = input.as_mut() else { return Err(std::io::ErrorKind::BrokenPipe.into()) };
        let mut line = Vec::with_capacity(frame.len() + 1);
        line.extend_from_slice(frame.as_bytes());
        line.push(b'\n');
        input.write_all(&line)
    }

    /// Ends the process and everything in its group, now.
    pub(super) fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // A process that was waited for may have given its number to another.
        if let Ok(None) = child.try_wait() {
            kill_group(self.pid);
            let _ = child.kill();
        }
        let _ = child.wait();
    }

    /// Says how the process ended, with what it left on standard error.
    pub(super) fn epitaph(&self) -> String {
        let status = {
            let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
            let mut tries = 0;
            loop {
                match child.try_wait() {
                    Ok(Some(status)) => break status.to_string(),
                    Ok(None) if tries < 20 => {
                        tries += 1;
                        std::thread::sleep(Duration::from_millis(10));
                    }
                    _ => break "its output was closed".to_owned(),
                }
            }
        };
        // Its last words may still be on their way.
        std::thread::sleep(Duration::from_millis(20));
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tail.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim();
        if text.is_empty() { status } else { format!("{status}\n{text}") }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.input.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.kill();
    }
}

#[cfg(unix)]
fn kill_group(pid: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_pid: u32) {}

fn listen(output: ChildStdout, hearers: &Hearers, closed: &AtomicBool) {
    let mut reader = BufReader::with_capacity(64 << 10, output);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST_FRAME).read_until(b'\n', &mut line);
        let whole = matches!(read, Ok(length) if length > 0) && line.ends_with(b"\n");
        let frame = if whole { serde_json::from_slice::<Frame>(&line).ok() } else { None };
        // What is no frame cannot be trusted any further.
        let Some(frame) = frame else { break };
        let mut hearers = hearers.lock().unwrap_or_else(PoisonError::into_inner);
        let done = frame.event == "done";
        let id = frame.id.clone();
        if let Some(hearer) = hearers.get(&id) {
            let _ = hearer.send(frame);
        }
        if done {
            hearers.remove(&id);
        }
    }
    let mut hearers = hearers.lock().unwrap_or_else(PoisonError::into_inner);
    closed.store(true, Ordering::Release);
    hearers.clear();
}

fn keep(mut errors: ChildStderr, tail: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = errors.read(&mut buffer) {
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(buffer.get(..length).unwrap_or_default());
        let over = tail.len().saturating_sub(KEPT);
        tail.drain(..over);
    }
}
