//! A description as a draft.

use serde_json::{Map, Value};

use super::aside::{self, Aside};
use super::blank::blank;
use super::from_draft::{form_of, is_capabilities};
use super::{ServiceDescription, normal};
use crate::error::{Error, Result};
use crate::sddraft::table::{self, Entry, Form, Key, Part, ServiceKind, Shape, lower_first};
use crate::sddraft::{Document, NodeId, PropertySet, XsType};

const DEFINITION: &str = "Configurations/SVCConfiguration/Definition";

/// A draft in the making.
pub(super) struct Writer {
    pub(super) draft: Document,
    pub(super) form: Form,
    /// Whether the draft was made just now: then it keeps what the description does not say.
    fresh: bool,
    /// What the draft that the description came from had without the service having it.
    before: Vec<String>,
    pub(super) aside: Aside,
}

/// Whether a value of the JSON and a text of the draft say the same.
pub(super) fn same(key: Option<&Key>, value: &Value, text: &str) -> bool {
    let given = normal::text(value);
    let number = |text: &str| text.trim().parse::<i64>().ok();
    given == text
        || match key.map(|key| &key.value) {
            Some(Shape::Choice(_)) => given.eq_ignore_ascii_case(text),
            Some(Shape::Integer(..)) => number(text).is_some_and(|found| number(&given) == Some(found)),
            _ => false,
        }
}

impl ServiceDescription {
    /// Returns the draft: that from which the description came with what was changed, or a full new one.
    ///
    /// A new draft holds what an untouched draft of the product holds, and the description's values over it.
    /// What drafts have no place for stands in `StagingSettings` under a key of ours, beside a list of what
    /// the service did not say, so that reading the draft gives the same description.
    ///
    /// # Errors
    /// The description has faults, its type has no drafts, or a value cannot stand in XML.
    pub fn to_sddraft(&self) -> Result<Document> {
        let service = normal::service(&self.service);
        printable("service", &Value::Object(service.clone()))?;
        let aside = Aside::default();
        let mut writer = if let Some(draft) = &self.draft {
            let form = form_of(draft).unwrap_or(Form::Server);
            Writer { draft: draft.clone(), form, fresh: false, before: aside::read(draft).1, aside }
        } else {
            self.check()?;
            let form = self.form()?;
            Writer { draft: blank(form)?, form, fresh: true, before: Vec::new(), aside }
        };
        writer.service(&service);
        writer.folder(self.folder.as_deref().unwrap_or_default());
        let Writer { mut draft, aside, .. } = writer;
        aside.write(&mut draft);
        Ok(draft)
    }

    fn form(&self) -> Result<Form> {
        let name = self.type_name();
        let is_wps = |item: &Value| item.get("typeName").is_some_and(|name| name == "WPSServer");
        let wps = self.service.get("extensions").and_then(Value::as_array);
        match ServiceKind::of(&name, false) {
            Some(ServiceKind::Geoprocessing) if wps.is_some_and(|items| items.iter().any(is_wps)) => {
                Ok(Form::GeoprocessingService)
            }
            Some(kind) => Form::of(kind).ok_or_else(|| {
                Error::unsupported(format!(
                    "services of type `{name}` have no drafts: publish the layer with arcpy.sharing.Publish"
                ))
            }),
            None => Ok(Form::Server),
        }
    }
}

/// Refuses texts that XML cannot hold.
fn printable(path: &str, value: &Value) -> Result<()> {
    // A carriage return is a line feed to whoever reads it back.
    let fits = |c: char| matches!(c, '\t' | '\n') || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'));
    let check = |path: &str, text: &str| match text.chars().find(|c| !fits(*c)) {
        Some(c) => Err(Error::invalid(format!(
            "`{path}` holds the character U+{:04X}, which drafts cannot: take it out",
            u32::from(c)
        ))),
        None => Ok(()),
    };
    match value {
        Value::String(text) => check(path, text),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| printable(&format!("{path}[{at}]"), item))
        }
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            check(path, name)?;
            printable(&format!("{path}.{name}"), value)
        }),
        _ => Ok(()),
    }
}

impl Writer {
    /// Decides about what the draft has and the service has not: whether the draft keeps it.
    pub(super) fn keeps(&mut self, path: String) -> bool {
        let keeps = self.fresh || self.before.contains(&path);
        if keeps {
            self.aside.without(path);
        }
        keeps
    }

    fn service(&mut self, service: &Map<String, Value>) {
        self.elements(service);
        self.instances(service);
        self.capabilities(PropertySet::Info, service.get("capabilities"), "capabilities");
        let properties = service.get("properties").and_then(Value::as_object);
        self.properties(PropertySet::Configuration, Part::Configuration, properties, "properties");
        self.extensions(service.get("extensions").and_then(Value::as_array));
        for (name, value) in service {
            let section = match name.as_str() {
                "properties" => value.is_object(),
                "extensions" => value.is_array(),
                _ => false,
            };
            let placed = |key: &Key| {
                key.json.as_deref() == Some(name) && (key.part == Part::Info || !key.name.is_empty())
            };
            if !section && !normal::member(name).is_some_and(placed) {
                self.aside.member(name, value);
            }
        }
    }

    /// Name, type and the like, which are elements of the draft.
    fn elements(&mut self, service: &Map<String, Value>) {
        for key in table::keys_of(Part::Service).filter(|key| !key.name.is_empty()) {
            let Some(json) = key.json.as_deref().filter(|json| *json != "folderName") else { continue };
            let now = self.draft.text_at(key.name).map(std::borrow::Cow::into_owned);
            match (service.get(json), now) {
                (Some(value), Some(now)) if same(None, value, &now) => {}
                (Some(value), _) if json == "serviceName" => self.name(&normal::text(value)),
                (Some(value), _) => drop(self.draft.set_text_at(key.name, &normal::text(value))),
                (None, Some(_)) => {
                    if !self.keeps(json.to_owned()) {
                        self.draft.set_text_at(key.name, "");
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// The name stands in several places; a title that repeated it goes along.
    fn name(&mut self, name: &str) {
        let before = self.draft.service_name();
        self.draft.set_service_name(name);
        if self.draft.text_at("ItemInfo/Title").is_some_and(|title| title == before) {
            self.draft.set_text_at("ItemInfo/Title", name);
        }
        if self.draft.staging("ServiceTitle").is_some_and(|title| title == before) {
            self.draft.set_staging("ServiceTitle", name);
        }
    }

    fn folder(&mut self, folder: &str) {
        let Some(key) = table::key_in_json(Part::Service, "folderName") else { return };
        if self.draft.text_at(key.name).is_some_and(|now| now != folder) {
            self.draft.set_text_at(key.name, folder);
        }
    }

    /// The keys of `Props`.
    fn instances(&mut self, service: &Map<String, Value>) {
        let set = PropertySet::Props;
        let now = self.draft.properties(set);
        for key in table::keys_of(Part::Props) {
            let Some(json) = key.json.as_deref() else { continue };
            let found = now.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(key.name));
            match (service.get(json), found) {
                (Some(value), Some((_, text)))
                    if same(Some(key), value, text.as_deref().unwrap_or_default()) => {}
                (Some(value), found) => {
                    let mut text = normal::text(value);
                    // The products write the words of the isolation in lower case.
                    if key.name == "Isolation" {
                        text = text.to_lowercase();
                    }
                    let listed = table::listing_of(self.form).props.iter().find(|entry| entry.key == key);
                    let usual = listed.map_or(key.name, |entry| entry.name);
                    let name = found.map_or(usual, |(name, _)| name.as_str());
                    if !self.draft.set_property(set, name, &text, XsType::String) {
                        self.aside.member(json, value);
                    }
                }
                (None, Some((name, _))) => {
                    if !self.keeps(json.to_owned()) {
                        self.draft.remove_property(set, name);
                    }
                }
                (None, None) => {}
            }
        }
    }

    pub(super) fn capabilities(&mut self, set: PropertySet<'_>, words: Option<&Value>, path: &str) {
        let now = self.draft.properties(set).into_iter().find(|(name, _)| is_capabilities(name));
        match (words, now) {
            (Some(words), Some((_, text))) if same(None, words, text.as_deref().unwrap_or_default()) => {}
            (Some(words), now) => {
                self.ensure_info(set);
                let usual = table::keys_of(Part::Info).find(|key| key.json.is_some());
                let usual = usual.map_or("", |key| key.name);
                let name = now.as_ref().map_or(usual, |(name, _)| name.as_str());
                self.draft.set_property(set, name, &normal::text(words), XsType::String);
            }
            (None, Some((name, _))) => {
                if !self.keeps(path.to_owned()) {
                    self.draft.remove_property(set, &name);
                }
            }
            (None, None) => {}
        }
    }

    /// Drafts of tools have no `Info` until there is something to say.
    fn ensure_info(&mut self, set: PropertySet<'_>) {
        if set != PropertySet::Info || self.draft.find(&set.path()).is_some() {
            return;
        }
        let Some(definition) = self.draft.find(DEFINITION) else { return };
        let after = self.draft.find(&PropertySet::Props.path());
        let tree = self.draft.tree_mut();
        let id = tree.append(definition, "Info", &[("xsi:type", "typens:PropertySet")], "");
        tree.append(id, "PropertyArray", &[("xsi:type", "typens:ArrayOfPropertySetProperty")], "");
        if after.is_some() {
            tree.move_before(id, after);
        }
    }

    /// One property set whose keys are those of the JSON with their first letter as the product has it.
    pub(super) fn properties(
        &mut self,
        set: PropertySet<'_>,
        part: Part,
        wanted: Option<&Map<String, Value>>,
        path: &str,
    ) {
        let now = self.draft.properties(set);
        for (json, value) in wanted.into_iter().flatten() {
            // Two keys that differ by their first letter only are one in the JSON, and the last one counts.
            let found = now.iter().rev().find(|(name, _)| lower_first(name) == *json);
            match found {
                Some((_, text)) if same(None, value, text.as_deref().unwrap_or_default()) => {}
                Some((name, _)) => {
                    let kind = self.listed(part, |entry| entry.name == name).and_then(|entry| entry.kind);
                    self.put(set, part, name, value, kind.unwrap_or(XsType::String));
                }
                None => {
                    let (name, kind) = self.spelled(part, json);
                    if lower_first(&name) == *json && self.draft.find(&set.path()).is_some() {
                        self.put(set, part, &name, value, kind);
                        self.follow(set, &name);
                    } else {
                        let extension = if let Part::Extension(name) = part { Some(name) } else { None };
                        self.aside.property(extension, json, value);
                    }
                }
            }
        }
        let said = |name: &str| wanted.is_some_and(|wanted| wanted.contains_key(&lower_first(name)));
        for (name, _) in now.iter().filter(|(name, _)| !said(name)) {
            if !self.keeps(format!("{path}.{}", lower_first(name))) {
                self.draft.remove_property(set, name);
            }
        }
        if wanted.is_none() && self.draft.find(&set.path()).is_some() {
            self.keeps(path.to_owned());
        }
    }

    fn put(&mut self, set: PropertySet<'_>, part: Part, name: &str, value: &Value, kind: XsType) {
        let text = normal::text(value);
        self.draft.set_property(set, name, &text, kind);
        // Drafts of tools repeat some keys among the instances.
        let repeated = table::key_named(Part::Props, name).is_some_and(|key| key.json.is_none());
        if part == Part::Configuration && repeated {
            let now = self.draft.properties(PropertySet::Props);
            if let Some((name, _)) = now.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)) {
                self.draft.set_property(PropertySet::Props, name, &text, XsType::String);
            }
        }
    }

    fn listed(&self, part: Part, is: impl Fn(&Entry) -> bool) -> Option<&'static Entry> {
        let listing = table::listing_of(self.form);
        match part {
            Part::Extension(name) => {
                let found = listing.extensions.iter().find(|found| found.extension.name == name)?;
                found.props.iter().find(|entry| is(entry))
            }
            _ => listing.configuration.iter().find(|entry| is(entry)),
        }
    }

    /// The name that the form gives a key of the JSON, and its type.
    fn spelled(&self, part: Part, json: &str) -> (String, XsType) {
        if let Some(entry) = self.listed(part, |entry| lower_first(entry.name) == json) {
            return (entry.name.to_owned(), entry.kind.unwrap_or(XsType::String));
        }
        let key = table::key_in_json(part, json).map(|key| key.name).filter(|name| lower_first(name) == json);
        (key.unwrap_or(json).to_owned(), XsType::String)
    }

    /// Puts a new key where servers look for it.
    fn follow(&mut self, set: PropertySet<'_>, name: &str) {
        let path = format!("{}/PropertyArray/PropertySetProperty", set.path());
        let node = |draft: &Document, name: &str| -> Option<NodeId> {
            let tree = draft.tree();
            let is = |id: &NodeId| {
                tree.child(*id, "Key").is_some_and(|key| tree.text(key).eq_ignore_ascii_case(name))
            };
            draft.select(&path).into_iter().find(is)
        };
        let before = normal::comes_after(name).iter().find_map(|name| node(&self.draft, name));
        let (Some(first), Some(moved)) = (before, node(&self.draft, name)) else { return };
        let tree = self.draft.tree_mut();
        let Some(parent) = tree.parent(first) else { return };
        let next = tree.children(parent).skip_while(|id| *id != first).nth(1);
        if next.is_some() && next != Some(moved) {
            tree.move_before(moved, next);
        }
    }
}
