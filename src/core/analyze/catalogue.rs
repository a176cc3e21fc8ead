//! The analyzers that ArcGIS documents: code, title, what triggers it, what helps.
//!
//! `catalogue.tsv` holds the rows; titles are the official short names, causes and remedies are our words.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::Severity;

/// Whether an analyzer can be decided without ArcGIS.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decided {
    /// Always.
    Yes,
    /// For some inputs; else the report says why not.
    Partial,
    /// Never: the report says so where it would matter.
    No,
}

/// One row of the catalogue.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// The number, as `AnalyzeForSD` gives it.
    pub code: u32,
    /// The number as pages and messages print it, `00102`.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The official short name; `<value>` stands for what a finding fills in.
    pub title: &'static str,
    /// What triggers it.
    pub cause: &'static str,
    /// What helps.
    pub fix: &'static str,
    /// Services that it concerns.
    pub services: &'static str,
    /// Products that report it.
    pub product: &'static str,
    /// Whether we can tell.
    pub decided: Decided,
    /// A documentation page.
    pub url: &'static str,
}

impl Entry {
    /// Returns the title with its values filled in, in their order.
    pub fn fill(&self, values: &[&str]) -> String {
        let mut parts = self.title.split("<value>");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (at, part) in parts.enumerate() {
            text.push_str(values.get(at).copied().unwrap_or("?"));
            text.push_str(part);
        }
        text
    }

    /// Returns the title without its values.
    pub fn plain(&self) -> String {
        let text = self.title.replace("<value>", "...");
        text.trim_end_matches([' ', ':', '.']).to_owned()
    }
}

static ROWS: LazyLock<Vec<Entry>> =
    LazyLock::new(|| include_str!("catalogue.tsv").lines().skip(1).filter_map(row).collect());

static BY_CODE: LazyLock<HashMap<u32, usize>> =
    LazyLock::new(|| ROWS.iter().enumerate().map(|(at, entry)| (entry.code, at)).collect());

fn row(line: &'static str) -> Option<Entry> {
    let mut cells = line.split('\t');
    let id = cells.next()?;
    Some(Entry {
        code: id.parse().ok()?,
        id,
        severity: match cells.next()? {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Message,
        },
        title: cells.next()?,
        cause: cells.next()?,
        fix: cells.next()?,
        services: cells.next()?,
        product: cells.next()?,
        decided: match cells.next()? {
            "yes" => Decided::Yes,
            "partial" => Decided::Partial,
            _ => Decided::No,
        },
        url: cells.next()?,
    })
}

/// Returns the rows, by severity and code.
pub fn catalogue() -> &'static [Entry] {
    &ROWS
}

/// Returns the row of a code; nothing for our own remarks.
pub fn entry(code: u32) -> Option<&'static Entry> {
    BY_CODE.get(&code).and_then(|at| ROWS.get(*at))
}
