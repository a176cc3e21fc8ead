//! Opaque tokens; the site keeps only their hashes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use rusqlite::params;
use sha2::{Digest, Sha256};

use super::{Caller, Role};
use crate::error::{Result, SiteError};
use crate::state::db::Database;
use crate::state::{hex, now, random};

/// What a token may be used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Answers for its user at every resource.
    Access,
    /// Buys new access tokens.
    Refresh,
}

/// Which client may use a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Binding {
    /// Whoever has it.
    None,
    /// Requests with this `Referer`.
    Referer(String),
    /// Connections from this address.
    Ip(IpAddr),
}

impl Binding {
    fn parts(&self) -> (&'static str, String) {
        match self {
            Self::None => ("none", String::new()),
            Self::Referer(referer) => ("referer", referer.clone()),
            Self::Ip(ip) => ("ip", ip.to_string()),
        }
    }

    fn parse(kind: &str, value: &str) -> Option<Self> {
        Some(match kind {
            "none" => Self::None,
            "referer" => Self::Referer(value.to_owned()),
            "ip" => Self::Ip(value.parse().ok()?),
            _ => return None,
        })
    }

    fn allows(&self, referer: Option<&str>, peer: Option<IpAddr>) -> bool {
        match self {
            Self::None => true,
            Self::Ip(ip) => peer.is_none_or(|peer| peer.to_canonical() == ip.to_canonical()),
            Self::Referer(bound) => referer.is_some_and(|referer| same_referer(bound, referer)),
        }
    }
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    caller: Caller,
    expires: i64,
    binding: Binding,
}

/// The tokens that were given out and are not over.
#[derive(Debug)]
pub struct Tokens(RwLock<HashMap<[u8; 32], Token>>);

impl Tokens {
    pub(crate) fn load(database: &Database) -> Result<Self> {
        let map = database.write(|t| {
            t.execute("delete from tokens where expires < ?", [now()])?;
            let mut map = HashMap::new();
            let mut statement = t.prepare(
                "select hash, kind, u.username, u.role, expires, binding, bound_to
                 from tokens t join users u on u.username = t.username where not u.disabled",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let hash: [u8; 32] = row.get(0)?;
                let kind: String = row.get(1)?;
                let username: String = row.get(2)?;
                let role = Role::parse(&row.get::<_, String>(3)?).unwrap_or(Role::Viewer);
                let (binding, bound_to): (String, String) = (row.get(5)?, row.get(6)?);
                let Some(binding) = Binding::parse(&binding, &bound_to) else { continue };
                let kind = if kind == "refresh" { Kind::Refresh } else { Kind::Access };
                map.insert(
                    hash,
                    Token { kind, caller: Caller::new(&username, role), expires: row.get(4)?, binding },
                );
            }
            Ok(map)
        })?;
        Ok(Self(RwLock::new(map)))
    }

    /// Gives out a token; returns it and when it ends.
    pub fn issue(
        &self,
        database: &Database,
        caller: &Caller,
        kind: Kind,
        minutes: i64,
        binding: Binding,
    ) -> Result<(String, i64)> {
        let token = hex(&random::<32>());
        let hash = digest(&token);
        let expires = now() + minutes.max(1) * 60_000;
        let (bound, bound_to) = binding.parts();
        let name = if kind == Kind::Refresh { "refresh" } else { "access" };
        database.write(|t| {
            t.execute("delete from tokens where expires < ?", [now()])?;
            t.execute(
                "insert into tokens (hash, kind, username, expires, binding, bound_to) values (?, ?, ?, ?, ?, ?)",
                params![hash.as_slice(), name, caller.username.as_ref(), expires, bound, bound_to],
            )?;
            Ok(())
        })?;
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        map.retain(|_, token| token.expires > now());
        map.insert(hash, Token { kind, caller: caller.clone(), expires, binding });
        Ok((token, expires))
    }

    /// Returns who holds an access token.
    ///
    /// # Errors
    /// 498 when it is unknown, over, or bound to another client.
    pub fn caller(&self, token: &str, referer: Option<&str>, peer: Option<IpAddr>) -> Result<Caller> {
        let found = self.find(token).ok_or_else(SiteError::invalid_token)?;
        if found.kind != Kind::Access || !found.binding.allows(referer, peer) {
            return Err(SiteError::invalid_token());
        }
        Ok(found.caller)
    }

    /// Returns who holds a refresh token.
    pub fn refresher(&self, token: &str) -> Option<Caller> {
        self.find(token).filter(|found| found.kind == Kind::Refresh).map(|found| found.caller)
    }

    /// Ends a token; says nothing about whether it existed.
    pub fn revoke(&self, database: &Database, token: &str) -> Result<()> {
        let hash = digest(token);
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&hash);
        database.write(|t| {
            t.execute("delete from tokens where hash = ?", [hash.as_slice()])?;
            Ok(())
        })
    }

    /// Ends every token of a user.
    pub fn revoke_user(&self, database: &Database, username: &str) -> Result<()> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, token| !token.caller.is(username));
        database.write(|t| {
            t.execute("delete from tokens where username = ?", [username])?;
            Ok(())
        })
    }

    fn find(&self, token: &str) -> Option<Token> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&digest(token)).filter(|found| found.expires > now()).cloned()
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A token for `https://host` is good for every page of that host, and so is one for the bare host.
fn same_referer(bound: &str, referer: &str) -> bool {
    let strip = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    let (bound, referer) = (strip(bound), strip(referer));
    if bound == referer {
        return true;
    }
    if let Some(rest) = referer.strip_prefix(&bound) {
        return bound.contains("://") && rest.starts_with('/');
    }
    let host = referer.split_once("://").map_or(referer.as_str(), |(_, rest)| rest);
    host.split(['/', ':']).next() == Some(bound.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_referer_stands_for_its_pages_and_not_for_its_look_alikes() {
        assert!(same_referer("http", "http"));
        assert!(same_referer("https://maps.example", "https://maps.example/app/index.html"));
        assert!(same_referer("maps.example", "https://maps.example:8443/app"));
        assert!(!same_referer("https://maps.example", "https://maps.example.evil.test/"));
        assert!(!same_referer("http", "http://evil.test/"));
        assert!(!same_referer("", "https://evil.test/"));
    }
}
