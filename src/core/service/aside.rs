//! What a service has and its draft has no place for, and the other way round.
//!
//! Both stand as JSON in one key of `StagingSettings`, so that a description survives the way into a draft
//! and back: `{"frameworkProperties": {..}, "without": ["description", "properties.maxSampleSize"]}`.

use serde_json::{Map, Value, json};

use crate::sddraft::{Document, PropertySet, XsType};

/// The key of `StagingSettings`.
const KEY: &str = "geosharing.serviceJSON";
/// The member that lists what the service did not have, though its draft has.
const WITHOUT: &str = "without";

/// One extension's part of it.
#[derive(Clone, Debug, Default)]
struct Extension {
    name: String,
    members: Map<String, Value>,
    properties: Map<String, Value>,
}

/// What drafts have no place for.
#[derive(Clone, Debug, Default)]
pub(super) struct Aside {
    service: Map<String, Value>,
    properties: Map<String, Value>,
    extensions: Vec<Extension>,
    without: Vec<String>,
}

impl Aside {
    pub(super) fn member(&mut self, name: &str, value: &Value) {
        self.service.insert(name.to_owned(), value.clone());
    }

    pub(super) fn property(&mut self, extension: Option<&str>, name: &str, value: &Value) {
        let properties = match extension {
            Some(extension) => &mut self.extension(extension).properties,
            None => &mut self.properties,
        };
        properties.insert(name.to_owned(), value.clone());
    }

    pub(super) fn extension_member(&mut self, extension: &str, name: &str, value: &Value) {
        self.extension(extension).members.insert(name.to_owned(), value.clone());
    }

    pub(super) fn without(&mut self, path: String) {
        self.without.push(path);
    }

    fn extension(&mut self, name: &str) -> &mut Extension {
        let at = self.extensions.iter().position(|found| found.name == name).unwrap_or_else(|| {
            self.extensions.push(Extension { name: name.to_owned(), ..Extension::default() });
            self.extensions.len() - 1
        });
        &mut self.extensions[at]
    }

    fn into_value(mut self) -> Option<Value> {
        let mut out = self.service;
        if !self.properties.is_empty() {
            out.insert("properties".into(), Value::Object(self.properties));
        }
        let extension = |found: Extension| {
            let mut out = Map::new();
            out.insert("typeName".into(), found.name.into());
            out.extend(found.members);
            if !found.properties.is_empty() {
                out.insert("properties".into(), Value::Object(found.properties));
            }
            Value::Object(out)
        };
        if !self.extensions.is_empty() {
            out.insert("extensions".into(), self.extensions.into_iter().map(extension).collect());
        }
        if !self.without.is_empty() {
            // Inner parts first, so that what they leave empty can go.
            self.without.sort_unstable_by(|left, right| right.cmp(left));
            out.insert(WITHOUT.into(), json!(self.without));
        }
        (!out.is_empty()).then_some(Value::Object(out))
    }

    /// Writes it into a draft, unless it stands there already.
    pub(super) fn write(self, draft: &mut Document) {
        let Some(value) = self.into_value() else {
            draft.remove_property(PropertySet::Staging, KEY);
            return;
        };
        let now = draft.staging(KEY).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        if now.as_ref() != Some(&value) {
            draft.set_property(PropertySet::Staging, KEY, &value.to_string(), XsType::String);
        }
    }
}

/// Reads it from a draft: members of the service, and the paths that the service did not have.
pub(super) fn read(draft: &Document) -> (Map<String, Value>, Vec<String>) {
    let found = draft.staging(KEY).and_then(|text| super::read::read(&text).ok());
    // Who edits it by hand into something else gets the draft without it.
    let Some(Value::Object(mut found)) = found.map(|found| found.value) else {
        return (Map::new(), Vec::new());
    };
    let without = match found.shift_remove(WITHOUT) {
        Some(Value::Array(paths)) => {
            paths.iter().filter_map(|path| Some(path.as_str()?.to_owned())).collect()
        }
        _ => Vec::new(),
    };
    (found, without)
}
