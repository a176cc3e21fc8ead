//! How many rows one answer may have.

use super::query::Lookup;
use crate::query::Paging;
use crate::{Error, Result};

/// What a layer lets one answer have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Rows of an ordinary answer (`maxRecordCount`).
    pub rows: u64,
    /// Rows of an answer for one tile of a map (`tileMaxRecordCount`).
    pub tile: u64,
    /// Rows of an answer for `resultType=standard`.
    pub standard: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 2000, tile: 8000, standard: 16_000 }
    }
}

pub(super) fn number(get: Lookup<'_>, name: &str) -> Result<Option<u64>> {
    let Some(text) = get(name).map(str::trim).filter(|text| !text.is_empty() && *text != "null") else {
        return Ok(None);
    };
    let whole = text.strip_suffix(".0").unwrap_or(text);
    whole.parse().map(Some).map_err(|_| {
        let head: String = text.chars().take(40).collect();
        Error::invalid(format!("'{name}' parameter is invalid\n`{head}` is not a whole number from 0 up"))
    })
}

/// Reads the page; the limit is never more than the layer gives.
pub(super) fn paging(get: Lookup<'_>, limits: Limits) -> Result<Paging> {
    let offset = number(get, "resultOffset")?.unwrap_or(0);
    let most = match get("resultType").map(str::trim) {
        Some(kind) if kind.eq_ignore_ascii_case("tile") => limits.tile.max(limits.rows),
        Some(kind) if kind.eq_ignore_ascii_case("standard") => limits.standard.max(limits.rows),
        _ => {
            let factor = number(get, "maxRecordCountFactor")?.unwrap_or(1).clamp(1, 5);
            limits.rows.saturating_mul(factor)
        }
    };
    let wanted = number(get, "resultRecordCount")?.filter(|count| *count > 0).unwrap_or(most);
    Ok(Paging { offset, limit: Some(wanted.min(most)) })
}
