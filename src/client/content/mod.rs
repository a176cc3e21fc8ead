//! Items, folders, groups, sharing and publishing at a portal.

mod definition;
mod folder;
mod job;
mod sharing;

pub use definition::{Definition, Published, Service};
pub use sharing::Sharing;

pub(crate) use job::{PATIENCE, wait};

use serde_json::Value;

use crate::{Repeat, Result, Session};

/// `content/users/<name>`, or the folder below it.
pub(crate) fn owner_path(username: &str, folder: Option<&str>) -> String {
    let user = encode(username);
    match folder {
        Some(folder) => format!("content/users/{user}/{}", encode(folder)),
        None => format!("content/users/{user}"),
    }
}

/// Percent-encodes one segment of a path.
pub(crate) fn encode(segment: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    // `.` and `..` would climb.
    if out.bytes().all(|byte| byte == b'.') { out.replace('.', "%2E") } else { out }
}

/// The texts under `key` of every object in the reply's list `list`.
pub(crate) fn pairs(reply: &Value, list: &str, key: &str, other: &str) -> Vec<(String, String)> {
    let entries = reply.get(list).and_then(Value::as_array);
    entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            Some((text(key)?, text(other)?))
        })
        .collect()
}

impl Session {
    /// Describes one item.
    pub async fn item(&self, id: &str) -> Result<Value> {
        self.call(&format!("content/items/{}", encode(id)), &[], Repeat::Safe).await
    }

    /// Deletes one item of the signed-in user.
    pub async fn delete_item(&self, id: &str) -> Result<()> {
        let owner = owner_path(&self.username().await?, None);
        let path = format!("{owner}/items/{}/delete", encode(id));
        self.call(&path, &[], Repeat::Safe).await.map(drop)
    }

    /// Searches the portal's items.
    pub async fn search(&self, query: &str, limit: usize) -> Result<Vec<Value>> {
        let mut found: Vec<Value> = Vec::new();
        let mut start = "1".to_owned();
        while found.len() < limit {
            let count = (limit - found.len()).min(100).to_string();
            let fields = [("q", query), ("start", &start), ("num", &count)];
            let reply = self.call("search", &fields, Repeat::Safe).await?;
            let Some(results) =
                reply.get("results").and_then(Value::as_array).filter(|list| !list.is_empty())
            else {
                break;
            };
            found.extend(results.iter().cloned());
            match reply.get("nextStart").and_then(Value::as_i64) {
                Some(next) if next > 1 && next.to_string() != start => start = next.to_string(),
                _ => break,
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(owner_path("a/b?c", Some("..")), "content/users/a%2Fb%3Fc/%2E%2E");
        assert_eq!(owner_path("me@home.org", None), "content/users/me@home.org");
    }
}
