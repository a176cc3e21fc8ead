//! Two drafts side by side, and one as a tree.

use std::fmt::Write as _;

use super::{Document, NodeId, Tree};

/// One place where two drafts differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The place: a path of elements, keys of properties in brackets.
    pub path: String,
    /// The draft property that writes this place, if there is one.
    pub property: Option<&'static str>,
    /// The text in the first draft; `None` when the place is not there.
    pub before: Option<String>,
    /// The text in the second draft; `None` when the place is not there.
    pub after: Option<String>,
}

/// Lists every element with a text: properties by key, repeated elements by number.
fn leaves(tree: &Tree, id: NodeId, path: &str, out: &mut Vec<(String, String)>) {
    let mut seen: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    let before = out.len();
    for child in tree.children(id) {
        let name = tree.name(child);
        if name == "PropertyArray" {
            leaves(tree, child, path, out);
            continue;
        }
        if name == "PropertySetProperty" {
            let part = |name| tree.child(child, name);
            let key = part("Key").map(|id| tree.text(id)).unwrap_or_default();
            let value = part("Value").map(|id| tree.text(id).trim().to_owned()).unwrap_or_default();
            out.push((format!("{path}[{key}]"), value));
            continue;
        }
        let count = seen.entry(name).or_insert(0);
        *count += 1;
        let label = match tree.child(child, "TypeName") {
            Some(kind) if name == "SVCExtension" => format!("{path}/{name}[{}]", tree.text(kind)),
            _ if *count > 1 => format!("{path}/{name}[{count}]"),
            _ if path.is_empty() => name.to_owned(),
            _ => format!("{path}/{name}"),
        };
        leaves(tree, child, &label, out);
    }
    if out.len() == before && tree.children(id).next().is_none() && tree.name(id) != "PropertyArray" {
        out.push((path.to_owned(), tree.text(id).trim().to_owned()));
    }
}

/// Compares two drafts property by property; style, order of keys and white space do not count.
pub fn diff(before: &Document, after: &Document) -> Vec<Change> {
    let list = |document: &Document| {
        let mut out = Vec::new();
        leaves(document.tree(), document.tree().root(), "", &mut out);
        out
    };
    let (old, new) = (list(before), list(after));
    let new_by_path: std::collections::HashMap<&str, &str> =
        new.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let old_paths: std::collections::HashSet<&str> = old.iter().map(|(path, _)| path.as_str()).collect();
    let change = |path: &str, before: Option<&str>, after: Option<&str>| Change {
        path: path.to_owned(),
        property: super::table::property_at(path),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let mut out = Vec::new();
    for (path, text) in &old {
        match new_by_path.get(path.as_str()) {
            Some(other) if other == text => {}
            other => out.push(change(path, Some(text), other.copied())),
        }
    }
    for (path, text) in &new {
        if !old_paths.contains(path.as_str()) {
            out.push(change(path, None, Some(text)));
        }
    }
    out
}

/// Shows a draft as an indented tree, property sets as `key = value`.
pub fn render(document: &Document) -> String {
    let mut out = String::new();
    render_element(document.tree(), document.tree().root(), 0, &mut out);
    out
}

fn render_element(tree: &Tree, id: NodeId, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let short = |text: &str| {
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > 100 {
            let head: String = line.chars().take(97).collect();
            format!("{head}...")
        } else {
            line
        }
    };
    let mut children = tree.children(id).peekable();
    if children.peek().is_none() {
        let text = short(&tree.text(id));
        let name = tree.name(id);
        let colon = if text.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "{indent}{name}{colon}{text}");
        return;
    }
    if tree.name(id) == "PropertyArray" {
        for property in children {
            let part = |name| tree.child(property, name).map(|id| short(&tree.text(id))).unwrap_or_default();
            let _ = writeln!(out, "{indent}{} = {}", part("Key"), part("Value"));
        }
        return;
    }
    let _ = writeln!(out, "{indent}{}", tree.name(id));
    for child in children {
        let inner = if tree.name(child) == "PropertyArray" && tree.children(child).next().is_none() {
            continue;
        } else {
            child
        };
        render_element(tree, inner, depth + 1, out);
    }
}
