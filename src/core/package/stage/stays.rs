//! Which data stay where they are.

use std::path::Path;

use crate::analyze::ServerFacts;
use crate::sddraft::Document;

/// The draft's choice, and what the server that it is for has registered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stays<'a> {
    by_reference: bool,
    server: Option<&'a ServerFacts>,
}

impl<'a> Stays<'a> {
    /// Nothing is copied, whatever anybody has registered.
    pub(super) fn all() -> Self {
        Self { by_reference: true, server: None }
    }

    /// Data that the server does not know are copied even if the draft is by reference. A server that
    /// did not say what it knows is taken to know all.
    pub(super) fn of(draft: &Document, server: Option<&'a ServerFacts>) -> Self {
        Self { by_reference: draft.by_reference(), server }
    }

    /// Tells whether the draft wants data to stay.
    pub(super) fn wanted(self) -> bool {
        self.by_reference
    }

    /// Tells whether a file, folder or geodatabase stays.
    pub(super) fn holds(self, path: &Path) -> bool {
        self.by_reference && self.server.and_then(|server| server.holds(path)).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests;
