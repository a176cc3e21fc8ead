//! `search`: items that the caller may see and that match a query.

mod grammar;

use serde_json::{Value, json};

use super::content;
use crate::auth::may_view;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::state::items::Item;
use crate::state::{Context, groups, items};
use grammar::{Query, Subject};

const LONGEST_QUERY: usize = 16_384;
const DEFAULT_NUM: usize = 10;
const MOST: usize = 100;

/// Which rows of a list a request wants; rows count from 1, and -1 means that there are no more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub(super) start: i64,
    pub(super) num: usize,
}

impl Page {
    /// Reads `start` and `num`.
    pub(super) fn of(params: &Params) -> Result<Self> {
        let start = params.number::<i64>("start")?.unwrap_or(1);
        let num = params.number::<i64>("num")?.unwrap_or(DEFAULT_NUM as i64);
        Ok(Self { start, num: usize::try_from(num).unwrap_or(0).min(MOST) })
    }

    /// Returns the page's part of a list; nothing for `start=-1`, where clients stop.
    pub(super) fn slice<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let Ok(start) = usize::try_from(self.start) else { return &[] };
        let from = start.saturating_sub(1).min(all.len());
        all.get(from..all.len().min(from + self.num)).unwrap_or_default()
    }

    /// Returns where the next page starts, -1 after the last.
    pub(super) fn next(&self, total: usize) -> i64 {
        let Ok(start) = usize::try_from(self.start) else { return -1 };
        let next = start.max(1) + self.num;
        if self.num == 0 || next > total { -1 } else { next as i64 }
    }

    /// Wraps a list as a search's reply.
    pub(super) fn reply(&self, all: &[Value], query: Option<&str>) -> Value {
        json!({
            "query": query.unwrap_or_default(),
            "total": all.len(),
            "start": self.start,
            "num": self.num,
            "nextStart": self.next(all.len()),
            "results": self.slice(all),
        })
    }
}

/// Answers `search`.
pub(super) fn search(context: &Context, params: &Params) -> Result<Reply> {
    let text = params.text("q").unwrap_or_default();
    let filter = params.text("filter").unwrap_or_default();
    if text.len() + filter.len() > LONGEST_QUERY {
        return Err(SiteError::bad_request("The query is too long."));
    }
    let (query, filter) = (Query::parse(text)?, Query::parse(filter)?);
    let page = Page::of(params)?;
    let caller = params.caller()?;
    let portal = context.portal_id();
    let mut found: Vec<Item> = Vec::new();
    context.database().read(|connection| {
        let mut candidates = Vec::new();
        items::for_each(connection, |item| candidates.push(item))?;
        for item in candidates {
            let Some(sharing) = items::sharing(connection, &item.id)? else { continue };
            if !may_view(caller, &sharing) {
                continue;
            }
            let in_groups: Vec<String> = if query.names_groups() || filter.names_groups() {
                groups::of_item(connection, &item.id)?.into_iter().map(|group| group.id).collect()
            } else {
                Vec::new()
            };
            let subject = Subject { item: &item, groups: &in_groups, portal };
            if query.matches(&subject) && filter.matches(&subject) {
                found.push(item);
            }
        }
        Ok(())
    })?;
    sort(&mut found, params);
    let total = found.len();
    let results: Vec<Value> = context.database().read(|connection| {
        page.slice(&found).iter().map(|item| content::shown(connection, context, params, item)).collect()
    })?;
    Ok(json!({
        "query": text,
        "total": total,
        "start": page.start,
        "num": page.num,
        "nextStart": page.next(total),
        "results": results,
    })
    .into())
}

fn sort(found: &mut [Item], params: &Params) {
    let field = params.text("sortField").unwrap_or_default().to_ascii_lowercase();
    let field = field.split(',').next().unwrap_or_default();
    let key = |item: &Item| -> (String, i64) {
        match field {
            "title" => (item.title.to_lowercase(), 0),
            "owner" => (item.owner.to_lowercase(), 0),
            "type" => (item.kind.to_lowercase(), 0),
            "created" | "uploaded" => (String::new(), item.created),
            "size" => (String::new(), item.size),
            _ => (String::new(), item.modified),
        }
    };
    found.sort_by_cached_key(key);
    let named = !field.is_empty();
    let descending = params.text("sortOrder").map_or(!named, |order| order.eq_ignore_ascii_case("desc"));
    if descending {
        found.reverse();
    }
}
