//! A draft as a description.

use serde_json::{Map, Value};

use super::{ServiceDescription, aside, normal};
use crate::sddraft::table::{self, Entry, Form, Key, Part, Shape, lower_first};
use crate::sddraft::{Document, Extension, PropertySet};

/// Returns the form that a draft has.
pub(super) fn form_of(draft: &Document) -> Option<Form> {
    let form = Form::of(table::ServiceKind::of_document(draft)?)?;
    let wps = || draft.extensions().iter().any(|found| found.type_name == "WPSServer");
    Some(if form == Form::WebTool && wps() { Form::GeoprocessingService } else { form })
}

/// Returns the value of an entry as the JSON has it.
fn value_of(key: Option<&Key>, text: Option<String>) -> Value {
    let text = text.unwrap_or_default();
    let Some(key) = key else { return text.into() };
    match &key.value {
        // Other spellings of a number would not be written back as they were.
        Shape::Integer(..) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => number.into(),
            _ => text.into(),
        },
        Shape::Choice(_) => normal::member_value(key.json.as_deref().unwrap_or_default(), &text.into()),
        _ => text.into(),
    }
}

fn properties(set: Vec<(String, Option<String>)>) -> Value {
    let entries = set.into_iter().map(|(name, text)| (lower_first(&name), text.unwrap_or_default().into()));
    Value::Object(entries.collect())
}

pub(super) fn is_capabilities(name: &str) -> bool {
    table::key_named(Part::Info, name).is_some_and(|key| key.json.is_some())
}

fn capabilities(info: Vec<(String, Option<String>)>) -> Option<Value> {
    let found = info.into_iter().find(|(name, _)| is_capabilities(name))?;
    Some(found.1.unwrap_or_default().into())
}

fn extension(found: Extension) -> Value {
    let mut out = Map::new();
    out.insert("enabled".into(), found.enabled.to_string().into());
    out.insert("typeName".into(), found.type_name.into());
    if let Some(words) = capabilities(found.info) {
        out.insert("capabilities".into(), words);
    }
    out.insert("properties".into(), properties(found.props));
    Value::Object(out)
}

/// Reads what the draft itself says, with no regard to what it could not hold.
fn plain(draft: &Document) -> (Option<String>, Map<String, Value>) {
    let mut service = Map::new();
    let mut folder = None;
    let mut later = Map::new();
    for key in table::keys_of(Part::Service) {
        let Some(json) = key.json.as_deref().filter(|_| !key.name.is_empty()) else { continue };
        let Some(text) = draft.text_at(key.name) else { continue };
        match json {
            "folderName" => folder = Some(text.into_owned()),
            "clusterName" => drop(later.insert(json.to_owned(), text.into())),
            json => drop(service.insert(json.to_owned(), text.into())),
        }
    }
    if let Some(words) = capabilities(draft.properties(PropertySet::Info)) {
        service.insert("capabilities".into(), words);
    }
    if draft.find(&PropertySet::Configuration.path()).is_some() {
        service.insert("properties".into(), properties(draft.properties(PropertySet::Configuration)));
    }
    service.extend(later);
    for (name, text) in draft.properties(PropertySet::Props) {
        let key = table::key_named(Part::Props, &name);
        if let Some(json) = key.and_then(|key| key.json.as_deref()) {
            service.insert(json.to_owned(), value_of(key, text));
        }
    }
    if draft.find("Configurations/SVCConfiguration/Definition/Extensions").is_some() {
        let items = draft.extensions().into_iter().map(extension).collect();
        service.insert("extensions".into(), Value::Array(items));
    }
    (folder.filter(|folder| !folder.is_empty()), service)
}

/// Returns the value that an untouched draft has at a path of the JSON.
fn untouched(form: Form, path: &str) -> Option<Value> {
    let listed = table::listing_of(form);
    let text = |entry: &Entry| Some(entry.value.to_owned());
    if let Some(name) = path.strip_prefix("properties.") {
        let entry = listed.configuration.iter().find(|entry| lower_first(entry.name) == name)?;
        return Some(value_of(None, text(entry)));
    }
    if path == "capabilities" {
        return listed.info.iter().find(|entry| is_capabilities(entry.name)).map(|entry| entry.value.into());
    }
    if let Some(entry) = listed.props.iter().find(|entry| entry.key.json.as_deref() == Some(path)) {
        return Some(value_of(Some(entry.key), text(entry)));
    }
    let key = table::key_in_json(Part::Service, path)?;
    Some(key.default.unwrap_or_default().into())
}

/// Removes a member that has the value which an untouched draft gives it.
fn remove_usual(from: &mut Map<String, Value>, name: &str, usual: Option<&Value>) {
    if from.get(name).is_some() && from.get(name) == usual {
        from.shift_remove(name);
    }
}

fn remove_empty(from: &mut Map<String, Value>, name: &str) {
    let empty = from.get(name).is_some_and(|value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    });
    if empty {
        from.shift_remove(name);
    }
}

fn take_out_of_extension(items: &mut Vec<Value>, form: Form, name: &str, member: Option<&str>) {
    let is = |item: &Value| item.get("typeName").and_then(Value::as_str) == Some(name);
    let Some(member) = member else {
        items.retain(|item| !is(item) || item.get("enabled").is_some_and(|on| on != "false"));
        return;
    };
    let listed = table::listing_of(form).extensions.iter().find(|found| found.extension.name == name);
    let Some(Value::Object(item)) = items.iter_mut().find(|item| is(item)) else { return };
    if let Some(name) = member.strip_prefix("properties.") {
        let entry = listed.and_then(|found| found.props.iter().find(|entry| lower_first(entry.name) == name));
        if let Some(Value::Object(properties)) = item.get_mut("properties") {
            remove_usual(properties, name, entry.map(|entry| entry.value.into()).as_ref());
        }
    } else if member == "properties" {
        remove_empty(item, member);
    } else if member == "enabled" {
        remove_usual(item, member, Some(&"false".into()));
    } else {
        let entry = listed.and_then(|found| found.info.iter().find(|entry| is_capabilities(entry.name)));
        remove_usual(item, member, Some(&entry.map_or("", |entry| entry.value).into()));
    }
}

/// Takes out what the service did not say, unless somebody has since said it in the draft.
fn take_out(service: &mut Map<String, Value>, form: Form, path: &str) {
    if let Some(rest) = path.strip_prefix("extensions.") {
        let (name, member) = rest.split_once('.').map_or((rest, None), |(name, member)| (name, Some(member)));
        if let Some(Value::Array(items)) = service.get_mut("extensions") {
            take_out_of_extension(items, form, name, member);
        }
    } else if let Some(name) = path.strip_prefix("properties.") {
        if let Some(Value::Object(properties)) = service.get_mut("properties") {
            remove_usual(properties, name, untouched(form, path).as_ref());
        }
    } else if path == "extensions" || path == "properties" {
        remove_empty(service, path);
    } else {
        remove_usual(service, path, untouched(form, path).as_ref());
    }
}

/// Adds what drafts have no place for.
fn put_back(service: &mut Map<String, Value>, rest: &Map<String, Value>) {
    for (name, value) in rest {
        match (name.as_str(), service.get_mut(name), value) {
            (_, Some(Value::Object(found)), Value::Object(more)) => {
                for (name, value) in more {
                    found.entry(name.as_str()).or_insert_with(|| value.clone());
                }
            }
            ("extensions", Some(Value::Array(items)), Value::Array(more)) => {
                for more in more.iter().filter_map(Value::as_object) {
                    let is = |item: &&mut Value| item.get("typeName") == more.get("typeName");
                    if let Some(Value::Object(item)) = items.iter_mut().find(is) {
                        put_back(item, more);
                    }
                }
            }
            (_, None, value) => drop(service.insert(name.clone(), value.clone())),
            _ => {}
        }
    }
}

impl ServiceDescription {
    /// Reads the description out of a draft, and keeps the draft.
    pub fn from_sddraft(draft: &Document) -> Self {
        let (folder, mut service) = plain(draft);
        let (rest, without) = aside::read(draft);
        if let Some(form) = form_of(draft) {
            for path in &without {
                take_out(&mut service, form, path);
            }
        }
        put_back(&mut service, &rest);
        Self { folder, service, draft: Some(draft.clone()), twice: Vec::new() }
    }
}
