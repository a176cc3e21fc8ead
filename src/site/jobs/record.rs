//! A job as it is kept and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::workers::Output;

/// Most messages of a job, and most bytes of them.
const MOST_MESSAGES: usize = 5_000;
const MOST_BYTES: usize = 1 << 20;

/// How a job stands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Status {
    /// It waits for a worker.
    #[default]
    Submitted,
    /// It runs.
    Executing,
    /// It returned.
    Succeeded,
    /// It raised, or its worker ended.
    Failed,
    /// It took too long.
    TimedOut,
    /// It is being stopped.
    Cancelling,
    /// It was stopped.
    Cancelled,
}

const STATUSES: [(Status, &str); 7] = [
    (Status::Submitted, "esriJobSubmitted"),
    (Status::Executing, "esriJobExecuting"),
    (Status::Succeeded, "esriJobSucceeded"),
    (Status::Failed, "esriJobFailed"),
    (Status::TimedOut, "esriJobTimedOut"),
    (Status::Cancelling, "esriJobCancelling"),
    (Status::Cancelled, "esriJobCancelled"),
];

impl Status {
    /// Returns Esri's name.
    pub fn name(self) -> &'static str {
        STATUSES.iter().find(|(status, _)| *status == self).map_or("esriJobFailed", |(_, name)| name)
    }

    /// Reads Esri's name.
    pub fn parse(name: &str) -> Self {
        STATUSES.iter().find(|(_, known)| *known == name).map_or(Self::Failed, |(status, _)| *status)
    }

    /// Returns whether nothing more will happen.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Submitted | Self::Executing | Self::Cancelling)
    }
}

/// What a tool said.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Messages {
    list: Vec<(u8, String)>,
    bytes: usize,
    cut: bool,
}

impl Messages {
    /// Adds a message, as long as there is room.
    pub fn push(&mut self, severity: u8, text: impl Into<String>) {
        let text = text.into();
        if self.cut {
            return;
        }
        if self.list.len() >= MOST_MESSAGES || self.bytes + text.len() > MOST_BYTES {
            self.cut = true;
            self.list.push((1, "WARNING: the tool said more than is kept; the rest is left out.".to_owned()));
            return;
        }
        self.bytes += text.len();
        self.list.push((severity, text));
    }

    /// Adds what ends a job, even where there is no more room.
    pub fn push_last(&mut self, severity: u8, text: impl Into<String>) {
        self.list.push((severity, text.into()));
    }

    /// Returns severity and text of each.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &str)> {
        self.list.iter().map(|(severity, text)| (*severity, text.as_str()))
    }

    /// Returns the messages as they are stored.
    pub fn to_text(&self) -> String {
        json!(self.list).to_string()
    }

    /// Reads stored messages.
    pub fn parse(text: &str) -> Self {
        Self { list: serde_json::from_str(text).unwrap_or_default(), ..Self::default() }
    }
}

/// A message as services show it.
pub fn message_json(severity: u8, text: &str) -> Value {
    let kind = match severity {
        0 => "esriJobMessageTypeInformative",
        1 => "esriJobMessageTypeWarning",
        _ => "esriJobMessageTypeError",
    };
    json!({ "type": kind, "description": text })
}

/// What a job is asked to do.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Request {
    /// The task.
    pub task: String,
    /// The inputs as the caller gave them, by parameter: JSON text in the service's form; nothing for those
    /// that are so large that they lie in the job's folder.
    pub inputs: Vec<(String, Option<String>)>,
    /// The values as the worker gets them: the text of a JSON object.
    pub values: String,
    /// `env:outSR` and its kin: the text of a JSON object.
    pub environment: String,
}

/// A job.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// `j` and 32 hexadecimal digits.
    pub id: String,
    /// The item of the service; it does not change when the service is published again.
    pub service: String,
    /// Who submitted it; empty for anybody.
    pub owner: String,
    /// What it does.
    pub request: Request,
    /// How it stands.
    pub status: Status,
    /// What the tool said.
    pub messages: Messages,
    /// What the tool made.
    pub results: Vec<Output>,
    /// The last sentence of its progressor, and a percentage.
    pub progress: Option<(String, Option<u8>)>,
    /// When it was submitted.
    pub submitted: i64,
    /// When it ended; 0 before.
    pub ended: i64,
}

/// What `GPServer/uploads` keeps of a file.
#[derive(Clone, Debug, Default)]
pub struct UploadRecord {
    /// `i` and 32 hexadecimal digits.
    pub id: String,
    /// The item of the service.
    pub service: String,
    /// Who uploads it; empty for anybody.
    pub owner: String,
    /// The file's name.
    pub name: String,
    /// What the caller says of it.
    pub description: String,
    /// Bytes.
    pub size: u64,
    /// All of it is here.
    pub committed: bool,
    /// When it was begun.
    pub created: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded_and_the_last_word_is_kept() {
        let mut messages = Messages::default();
        for _ in 0..10 {
            messages.push(0, "x".repeat(MOST_BYTES / 4));
        }
        messages.push_last(2, "Failed to execute (T).");
        let texts: Vec<_> = messages.iter().collect();
        assert_eq!(texts.len(), 6);
        assert_eq!(texts[5], (2, "Failed to execute (T)."));
        assert!(texts[4].1.contains("left out"));
        assert_eq!(Messages::parse(&messages.to_text()).iter().count(), 6);
    }

    #[test]
    fn statuses_have_esris_names() {
        for (status, name) in STATUSES {
            assert_eq!((status.name(), Status::parse(name)), (name, status));
        }
        assert!(!Status::Cancelling.is_final() && Status::TimedOut.is_final());
    }
}
