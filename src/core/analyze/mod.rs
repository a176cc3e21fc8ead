//! What a step found about its input: one type, whoever found it.

use serde::{Deserialize, Serialize};

/// How much a finding weighs; errors stop staging, warnings and messages do not.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For information.
    Message,
    /// Worth a look; publishing goes on.
    Warning,
    /// Publishing stops.
    Error,
}

/// One remark on a project, draft or service definition.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// The analyzer's number, `24011` for "data will be copied"; 0 for our own remarks.
    pub code: u32,
    /// The text with its values filled in.
    pub text: String,
    /// Long names of the layers or tables that it is about; empty for the whole map.
    pub objects: Vec<String>,
}

impl Finding {
    /// Makes a finding about the whole map.
    pub fn new(severity: Severity, code: u32, text: impl Into<String>) -> Self {
        Self { severity, code, text: text.into(), objects: Vec::new() }
    }

    /// Names a layer or table that the finding is about.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.objects.push(object.into());
        self
    }
}
