//! Layers and groups of a map, and which of them are drawn.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::error::{Result, SiteError};
use crate::params::shorten;
use crate::store::Layer;

/// One entry of the map: a layer, a group or a table.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: u32,
    pub(super) name: String,
    /// `Feature Layer`, `Group Layer`, `Raster Layer`, `Table`.
    pub(super) kind: String,
    pub(super) parent: Option<u32>,
    pub(super) children: Vec<u32>,
    pub(super) visible: bool,
    pub(super) min_scale: f64,
    pub(super) max_scale: f64,
}

impl Node {
    pub(super) fn is_table(&self) -> bool {
        self.kind == "Table"
    }

    fn is_group(&self) -> bool {
        self.kind == "Group Layer"
    }

    /// Whether the layer draws at a scale; 0 stands for no limit.
    fn in_scale(&self, scale: f64) -> bool {
        (self.min_scale <= 0.0 || scale <= self.min_scale)
            && (self.max_scale <= 0.0 || scale >= self.max_scale)
    }
}

/// The entries in the order of the map.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    at: HashMap<u32, usize>,
}

impl Tree {
    /// Reads the published lists; layers of the store that they do not name come last.
    pub(super) fn of(definition: &Value, stored: &[Arc<Layer>]) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        for list in ["layers", "tables"] {
            let entries = definition.get(list).and_then(Value::as_array).into_iter().flatten();
            nodes.extend(entries.filter_map(node));
        }
        for layer in stored {
            if !nodes.iter().any(|node| node.id == layer.id) {
                nodes.push(Node {
                    id: layer.id,
                    name: layer.name.clone(),
                    kind: if layer.has_geometry() { "Feature Layer" } else { "Table" }.to_owned(),
                    parent: None,
                    children: Vec::new(),
                    visible: true,
                    min_scale: 0.0,
                    max_scale: 0.0,
                });
            }
        }
        let at = nodes.iter().enumerate().map(|(index, node)| (node.id, index)).collect();
        Self { nodes, at }
    }

    /// Finds an entry.
    pub(super) fn get(&self, id: u32) -> Option<&Node> {
        self.nodes.get(*self.at.get(&id)?)
    }

    /// The entry and the groups around it, innermost first; a damaged tree ends early.
    fn chain<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a Node> {
        let parent = |node: &&'a Node| node.parent.and_then(|id| self.get(id));
        std::iter::successors(Some(node), parent).take(64)
    }

    /// Leaves that are drawn, top of the map first.
    pub(super) fn drawn(&self, shown: &Shown, scale: f64) -> Vec<&Node> {
        let leaves = self.nodes.iter().filter(|node| !node.is_group() && !node.is_table());
        leaves
            .filter(|leaf| {
                let default = self.chain(leaf).all(|node| node.visible);
                let named = self.chain(leaf).any(|node| shown.ids.contains(&node.id));
                let on = match shown.mode {
                    Mode::Default => default,
                    Mode::Show => named,
                    Mode::Hide => !named,
                    Mode::Include => default || named,
                    Mode::Exclude => default && !named,
                };
                on && self.chain(leaf).all(|node| node.in_scale(scale))
            })
            .collect()
    }
}

fn node(entry: &Value) -> Option<Node> {
    let number = |key: &str| entry.get(key).and_then(Value::as_f64).unwrap_or_default();
    let id = |value: &Value| value.as_i64().and_then(|id| u32::try_from(id).ok());
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let children = entry.get("subLayerIds").and_then(Value::as_array);
    Some(Node {
        id: id(entry.get("id")?)?,
        name: text("name"),
        kind: text("type"),
        parent: entry.get("parentLayerId").and_then(id),
        children: children.map(|list| list.iter().filter_map(id).collect()).unwrap_or_default(),
        visible: entry.get("defaultVisibility").and_then(Value::as_bool).unwrap_or(true),
        min_scale: number("minScale"),
        max_scale: number("maxScale"),
    })
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Default,
    Show,
    Hide,
    Include,
    Exclude,
}

/// The `layers` parameter of `export`: `show:1,2`, `hide:`, `include:`, `exclude:`.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    mode: Mode,
    ids: BTreeSet<u32>,
}

impl Shown {
    /// Reads the parameter; nothing means what the map shows by itself.
    pub(super) fn parse(text: Option<&str>) -> Result<Self> {
        let broken =
            |why: String| SiteError::bad_request("Invalid value for parameter 'layers'.").detail(why);
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Self { mode: Mode::Default, ids: BTreeSet::new() });
        };
        let (word, list) = text.split_once(':').unwrap_or(("show", text));
        let mode = match word.trim().to_ascii_lowercase().as_str() {
            "show" => Mode::Show,
            "hide" => Mode::Hide,
            "include" => Mode::Include,
            "exclude" => Mode::Exclude,
            other => {
                return Err(broken(format!(
                    "`{}` is not one of show, hide, include, exclude",
                    shorten(other)
                )));
            }
        };
        let ids = numbers(list).map_err(broken)?;
        Ok(Self { mode, ids })
    }
}

/// Reads ids with commas.
pub(super) fn numbers(list: &str) -> std::result::Result<BTreeSet<u32>, String> {
    list.split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(|id| id.parse().map_err(|_| format!("`{}` is not the id of a layer", shorten(id))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let definition = serde_json::json!({"layers": [
            {"id": 0, "name": "Group", "type": "Group Layer", "subLayerIds": [1, 2], "defaultVisibility": false},
            {"id": 1, "name": "A", "type": "Feature Layer", "parentLayerId": 0},
            {"id": 2, "name": "B", "type": "Feature Layer", "parentLayerId": 0, "defaultVisibility": false},
            {"id": 3, "name": "C", "type": "Feature Layer", "parentLayerId": -1, "minScale": 1000, "maxScale": 10},
        ], "tables": [{"id": 4, "name": "T", "type": "Table"}]});
        Tree::of(&definition, &[])
    }

    fn drawn(layers: &str, scale: f64) -> Vec<u32> {
        let shown = Shown::parse(Some(layers)).unwrap();
        tree().drawn(&shown, scale).iter().map(|node| node.id).collect()
    }

    #[test]
    fn groups_and_scales_decide_what_is_drawn() {
        assert_eq!(drawn("", 100.0), [3]);
        assert_eq!(drawn("", 5000.0), [0_u32; 0]);
        assert_eq!(drawn("", 5.0), [0_u32; 0]);
    }

    #[test]
    fn the_caller_shows_and_hides_layers() {
        assert_eq!(drawn("show:0", 100.0), [1, 2]);
        assert_eq!(drawn("show:2", 100.0), [2]);
        assert_eq!(drawn("hide:1", 100.0), [2, 3]);
        assert_eq!(drawn("include:1", 100.0), [1, 3]);
        assert_eq!(drawn("exclude:3", 100.0), [0_u32; 0]);
        assert!(Shown::parse(Some("draw:1")).is_err());
        assert!(Shown::parse(Some("show:x")).is_err());
    }
}
