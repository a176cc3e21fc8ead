//! The extensions of a description, in its draft.

use serde_json::{Map, Value};

use super::normal;
use super::to_draft::Writer;
use crate::sddraft::table::{self, Part};
use crate::sddraft::{NodeId, PropertySet};

const LIST: &str = "Configurations/SVCConfiguration/Definition/Extensions";

fn name_of(item: &Map<String, Value>) -> Option<String> {
    item.get("typeName").map(normal::text)
}

impl Writer {
    pub(super) fn extensions(&mut self, wanted: Option<&Vec<Value>>) {
        let items: Vec<&Map<String, Value>> =
            wanted.into_iter().flatten().filter_map(Value::as_object).collect();
        let names: Vec<String> = items.iter().filter_map(|item| name_of(item)).collect();
        for item in &items {
            if let Some(name) = name_of(item) {
                self.extension(&name, item);
            }
        }
        for (name, id) in self.nodes() {
            if !names.contains(&name) && !self.keeps(format!("extensions.{name}")) {
                self.draft.tree_mut().remove(id);
            }
        }
        if wanted.is_none() && self.draft.find(LIST).is_some() {
            self.keeps("extensions".to_owned());
        }
        self.order(&names);
    }

    /// The extensions of the draft, by name.
    fn nodes(&self) -> Vec<(String, NodeId)> {
        let tree = self.draft.tree();
        let name =
            |id| tree.child(id, "TypeName").map(|id| tree.text(id).trim().to_owned()).unwrap_or_default();
        self.draft.select(&format!("{LIST}/SVCExtension")).into_iter().map(|id| (name(id), id)).collect()
    }

    fn extension(&mut self, name: &str, item: &Map<String, Value>) {
        let known = table::extension_type(name).map_or("", |found| found.name);
        let Some(id) = self
            .nodes()
            .into_iter()
            .find(|found| found.0 == name)
            .map(|found| found.1)
            .or_else(|| self.add(name))
        else {
            return;
        };
        let tree = self.draft.tree();
        let on = |text: &str| text.trim().eq_ignore_ascii_case("true");
        let enabled = tree.child(id, "Enabled").map(|id| (id, on(&tree.text(id))));
        match (item.get("enabled").map(normal::text), enabled) {
            (Some(wanted), Some((node, now))) if on(&wanted) != now => {
                self.draft.tree_mut().set_text(node, wanted.trim());
            }
            (None, Some(_)) => {
                self.keeps(format!("extensions.{name}.enabled"));
            }
            _ => {}
        }
        let path = |member: &str| format!("extensions.{name}.{member}");
        self.capabilities(PropertySet::ExtensionInfo(name), item.get("capabilities"), &path("capabilities"));
        let properties = item.get("properties").and_then(Value::as_object);
        let set = PropertySet::ExtensionProps(name);
        self.properties(set, Part::Extension(known), properties, &path("properties"));
        for (member, value) in item {
            if !matches!(member.as_str(), "typeName" | "enabled" | "capabilities" | "properties") {
                self.aside.extension_member(name, member, value);
            }
        }
    }

    /// Adds an extension that the draft does not list yet.
    fn add(&mut self, name: &str) -> Option<NodeId> {
        let list = self.draft.find(LIST)?;
        let tree = self.draft.tree_mut();
        let id = tree.append(list, "SVCExtension", &[("xsi:type", "typens:SVCExtension")], "");
        tree.append(id, "Enabled", &[], "false");
        for set in ["Info", "Props"] {
            let set = tree.append(id, set, &[("xsi:type", "typens:PropertySet")], "");
            tree.append(set, "PropertyArray", &[("xsi:type", "typens:ArrayOfPropertySetProperty")], "");
        }
        tree.append(id, "TypeName", &[], name);
        let enabled = table::keys_of(Part::Info).next().map_or("", |key| key.name);
        let set = PropertySet::ExtensionInfo(name);
        self.draft.set_property(set, enabled, "true", crate::sddraft::XsType::String);
        Some(id)
    }

    /// Brings the extensions into the order of the description, the others behind them.
    fn order(&mut self, names: &[String]) {
        let now: Vec<String> = self.nodes().into_iter().map(|(name, _)| name).collect();
        if now.iter().filter(|name| names.contains(name)).eq(names.iter()) {
            return;
        }
        for name in names.iter().rev() {
            let Some((_, id)) = self.nodes().into_iter().find(|found| found.0 == *name) else { continue };
            self.draft.tree_mut().move_before(id, None);
        }
    }
}
