//! Stores of the features that jobs made, for the maps that show them.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::lock;
use crate::error::Result;
use crate::store::HostedStore;

/// Most stores that are kept open.
const MOST: usize = 16;

/// The stores that were asked for last, by job.
#[derive(Debug, Default)]
pub(super) struct Maps(Mutex<VecDeque<(String, Arc<HostedStore>)>>);

impl Maps {
    /// Returns the store of a job: open, opened from its folder, or made there.
    pub(super) fn get(
        &self,
        job: &str,
        folder: &Path,
        make: impl FnOnce(&Path) -> Result<Arc<HostedStore>>,
    ) -> Result<Arc<HostedStore>> {
        // Locked while one is made, so that no two requests make the same; results are bounded.
        let mut open = lock(&self.0);
        let found = open.iter().position(|(id, _)| id == job).and_then(|place| open.remove(place));
        let store = match found {
            Some((_, store)) => store,
            // A store appears in its folder at once, when it is complete.
            None => match HostedStore::open(folder) {
                Ok(store) => store,
                Err(_) => make(folder)?,
            },
        };
        open.push_back((job.to_owned(), Arc::clone(&store)));
        while open.len() > MOST {
            open.pop_front();
        }
        Ok(store)
    }

    /// Closes the store of a job.
    pub(super) fn forget(&self, job: &str) {
        lock(&self.0).retain(|(id, _)| id != job);
    }
}
