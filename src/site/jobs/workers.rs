//! Where tools run: the interface that local processes and clusters implement.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use crate::error::Result;

/// Somewhere tools run.
pub trait Workers: fmt::Debug + Send + Sync {
    /// Starts a worker for the tasks that are described in a folder, and waits until it is ready.
    fn start(&self, store: &std::path::Path) -> Result<Box<dyn Worker>>;

    /// Ends every worker at once; starting one fails from now on.
    fn shut_down(&self);
}

/// What runs one job at a time and is kept for the next.
pub trait Worker: fmt::Debug + Send {
    /// Runs a job to its end. `hear` gets what the tool says meanwhile.
    fn run(&mut self, order: &Order, stop: &Stop, hear: &mut dyn FnMut(Said)) -> Ending;

    /// Returns whether it can run another job.
    fn usable(&self) -> bool;
}

/// A job as workers get it.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The job's id.
    pub id: String,
    /// The folder of the tasks' description.
    pub store: PathBuf,
    /// The task.
    pub task: String,
    /// The job's own folder.
    pub folder: PathBuf,
    /// The values, as the text of a JSON object.
    pub values: String,
    /// `env:outSR` and its kin, as the text of a JSON object.
    pub environment: String,
    /// Most rows of a result.
    pub records: usize,
    /// Longest run.
    pub time: Option<Duration>,
}

/// What a tool says while it runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Said {
    /// A message with its severity: 0, 1 or 2.
    Message(u8, String),
    /// How far it is: a sentence, and a percentage where it is known.
    Progress(String, Option<u8>),
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// The tool returned, or raised.
    Done {
        /// It returned.
        succeeded: bool,
        /// What it made.
        results: Vec<Output>,
    },
    /// The worker ended under it; the text says how.
    Died(String),
    /// It was stopped.
    Stopped(StopReason),
}

/// A value that a tool made.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Output {
    /// The parameter.
    pub name: String,
    /// The value, where it is small.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// A file below the job's folder that holds the value as JSON, where it is large.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// A file below the job's folder that is the value itself, served for download.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub data: String,
}

/// Why a job is stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum StopReason {
    /// Somebody asked for it.
    Cancelled = 1,
    /// It took too long.
    TimedOut = 2,
    /// It took too much memory.
    Memory = 3,
    /// The site stops.
    ShutDown = 4,
}

/// Tells a running job to stop, from another thread.
#[derive(Debug, Default)]
pub struct Stop(AtomicU8);

impl Stop {
    /// Asks for an end; the first reason counts.
    pub fn ask(&self, reason: StopReason) {
        let _ = self.0.compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Returns why the job is to stop, if it is.
    pub fn asked(&self) -> Option<StopReason> {
        match self.0.load(Ordering::Acquire) {
            1 => Some(StopReason::Cancelled),
            2 => Some(StopReason::TimedOut),
            3 => Some(StopReason::Memory),
            4 => Some(StopReason::ShutDown),
            _ => None,
        }
    }
}

/// A moment until which something may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    pub(super) fn after(time: Option<Duration>) -> Self {
        Self(time.and_then(|time| Instant::now().checked_add(time)))
    }

    /// The time that is left, at most `most`; nothing when it is over.
    pub(super) fn left(self, most: Duration) -> Option<Duration> {
        let Some(end) = self.0 else { return Some(most) };
        end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).map(|left| left.min(most))
    }
}
