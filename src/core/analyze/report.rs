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

/// A row of the catalogue that concerns the input and could not be decided.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NotChecked {
    /// The analyzer's number.
    pub code: u32,
    /// Its title, with the values left out.
    pub title: String,
    /// Why nobody looked.
    pub reason: String,
    /// Long names of the layers or tables that it concerns; empty for the whole map.
    pub objects: Vec<String>,
}

/// The outcome of an analysis.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Report {
    /// What was found: errors first, then by code.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub not_checked: Vec<NotChecked>,
}

impl Report {
    /// Returns whether a finding stops publishing.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Adds a finding; one with the same text and code takes its objects over.
    pub fn push(&mut self, finding: Finding) {
        let same =
            self.findings.iter_mut().find(|found| found.code == finding.code && found.text == finding.text);
        match same {
            Some(found) => {
                for object in finding.objects {
                    if !found.objects.contains(&object) {
                        found.objects.push(object);
                    }
                }
            }
            None => self.findings.push(finding),
        }
    }

    /// Puts errors before warnings and those before messages, each by code.
    pub fn sort(&mut self) {
        self.findings.sort_by_key(|found| (std::cmp::Reverse(found.severity), found.code));
        self.not_checked.sort_by_key(|entry| entry.code);
    }
}
