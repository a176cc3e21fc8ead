//! Sign-ins that are under way: between the sign-in page and the redirect back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::state::{hex, random};

const LIFE: Duration = Duration::from_mins(10);
const MOST: usize = 10_000;

/// What the authorize page was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pending {
    /// The application.
    pub client_id: String,
    /// Where the browser goes afterwards; checked already.
    pub redirect_uri: String,
    /// `token` or `code`.
    pub response_type: String,
    /// The application's own state, echoed.
    pub state: String,
    /// PKCE's challenge and method.
    pub challenge: Option<(String, String)>,
    /// Minutes that the token shall live.
    pub expiration: Option<i64>,
    /// Who signed in, once that happened.
    pub username: Option<String>,
}

/// Pending sign-ins and unredeemed codes, by their secret.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<String, (Pending, Instant)>>);

impl Sessions {
    /// Keeps a sign-in for ten minutes and returns its secret.
    pub fn put(&self, pending: Pending) -> String {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.retain(|_, (_, since)| since.elapsed() < LIFE);
        if map.len() >= MOST {
            map.clear();
        }
        let secret = hex(&random::<24>());
        map.insert(secret.clone(), (pending, Instant::now()));
        secret
    }

    /// Returns a sign-in by its secret.
    pub fn get(&self, secret: &str) -> Option<Pending> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(secret).filter(|(_, since)| since.elapsed() < LIFE).map(|(pending, _)| pending.clone())
    }

    /// Returns a sign-in and forgets it, so that no secret works twice.
    pub fn take(&self, secret: &str) -> Option<Pending> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.remove(secret).filter(|(_, since)| since.elapsed() < LIFE).map(|(pending, _)| pending)
    }
}
