//! What is wrong with a description, and where.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The path in the JSON, such as `service.extensions[1].properties.featureLimit`.
    pub path: String,
    /// What is wrong and what is allowed.
    pub text: String,
    /// Whether servers take it nevertheless; a warning refuses nothing.
    pub warning: bool,
}

impl Fault {
    /// Makes a fault that servers refuse.
    pub(super) fn error(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), warning: false }
    }

    /// Makes a fault that servers take or ignore.
    pub(super) fn warning(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), warning: true }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`: {}", self.path, self.text)
    }
}
