//! Slows down whoever guesses passwords.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Result, SiteError};

const ALLOWED: u32 = 10;
const WINDOW: Duration = Duration::from_mins(5);
const MOST_ENTRIES: usize = 10_000;

type Entries = HashMap<(String, Option<IpAddr>), (u32, Instant)>;

/// Counts failed sign-ins by user and address.
///
/// By both, so that nobody can lock somebody else out from another machine.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Entries>);

impl Throttle {
    /// Returns an error when this address failed too often with this user.
    pub fn check(&self, username: &str, peer: Option<IpAddr>) -> Result<()> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match entries.get(&(username.to_lowercase(), peer)) {
            Some((count, since)) if *count >= ALLOWED && since.elapsed() < WINDOW => {
                Err(SiteError::bad_request("Unable to generate token.").detail(format!(
                    "Too many invalid attempts for '{username}'. Try again in {} seconds.",
                    WINDOW.saturating_sub(since.elapsed()).as_secs() + 1
                )))
            }
            _ => Ok(()),
        }
    }

    /// Counts a failure.
    pub fn failed(&self, username: &str, peer: Option<IpAddr>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST_ENTRIES {
            entries.retain(|_, (_, since)| since.elapsed() < WINDOW);
        }
        if entries.len() >= MOST_ENTRIES {
            entries.clear();
        }
        let entry = entries.entry((username.to_lowercase(), peer)).or_insert((0, Instant::now()));
        if entry.1.elapsed() >= WINDOW {
            *entry = (0, Instant::now());
        }
        entry.0 += 1;
    }

    /// Forgets the failures after a sign-in.
    pub fn succeeded(&self, username: &str, peer: Option<IpAddr>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(username.to_lowercase(), peer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_close_the_door_for_one_address_only() {
        let throttle = Throttle::default();
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        for _ in 0..10 {
            throttle.check("Ann", here).unwrap();
            throttle.failed("ann", here);
        }
        assert!(throttle.check("ANN", here).is_err());
        assert!(throttle.check("ann", Some(IpAddr::from([10, 0, 0, 1]))).is_ok());
        throttle.succeeded("ann", here);
        assert!(throttle.check("ann", here).is_ok());
    }
}
