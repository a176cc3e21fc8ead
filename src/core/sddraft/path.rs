//! The part of XPath that the mapping table and the tools around drafts use.
//!
//! `Definition/Props/PropertyArray/PropertySetProperty[Key='MinInstances']/Value`, with or without a leading
//! `./`: child steps, `*`, and one `[Child='text']` or `[@attribute='text']` filter for each step.

use super::tree::{NodeId, Tree};

enum Filter<'a> {
    None,
    Child(&'a str, &'a str),
    Attribute(&'a str, &'a str),
}

struct Step<'a> {
    name: &'a str,
    filter: Filter<'a>,
}

fn unquote(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.or_else(|| text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')))
}

fn step(text: &str) -> Option<Step<'_>> {
    let Some((name, filter)) = text.split_once('[') else {
        return Some(Step { name: text, filter: Filter::None });
    };
    let (key, value) = filter.strip_suffix(']')?.split_once('=')?;
    let value = unquote(value)?;
    let filter = match key.trim().strip_prefix('@') {
        Some(attribute) => Filter::Attribute(attribute.rsplit(':').next().unwrap_or(attribute), value),
        None => Filter::Child(key.trim(), value),
    };
    Some(Step { name, filter })
}

/// Splits at the slashes that stand outside brackets.
fn split(path: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    let separator = move |c: char| {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            _ => {}
        }
        c == '/' && !inside
    };
    path.split(separator).filter(|part| !part.is_empty() && *part != ".")
}

/// Returns the elements that `path` leads to from `from`; none if the path is not one of ours.
pub(super) fn select(tree: &Tree, from: NodeId, path: &str) -> Vec<NodeId> {
    let mut found = vec![from];
    for part in split(path) {
        let Some(step) = step(part) else { return Vec::new() };
        let matches = |id: &NodeId| {
            (step.name == "*" || tree.name(*id) == step.name)
                && match step.filter {
                    Filter::None => true,
                    Filter::Child(name, value) => {
                        tree.children(*id).any(|child| tree.name(child) == name && tree.text(child) == value)
                    }
                    Filter::Attribute(name, value) => {
                        tree.attribute(*id, name).is_some_and(|text| text == value)
                    }
                }
        };
        found = found.iter().flat_map(|id| tree.children(*id).filter(matches).collect::<Vec<_>>()).collect();
    }
    found
}
