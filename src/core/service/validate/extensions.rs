//! What is wrong with the extensions of a description.

use serde_json::{Map, Value};

use super::{Check, kind_of, list};
use crate::sddraft::table::{self, Part, ServiceType, Shape, nearest};

impl Check<'_> {
    pub(super) fn extensions(&mut self, kind: Option<&'static ServiceType>) {
        let items = match self.service.get("extensions") {
            None => return,
            Some(Value::Array(items)) => items,
            Some(other) => {
                let text = format!("it is {} and must be a list of extensions", kind_of(other));
                return self.error("service.extensions", text);
            }
        };
        let mut seen: Vec<&str> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("service.extensions[{at}]");
            let Some(item) = self.section(&path, Some(item)) else { continue };
            let name = self.extension_type(&path, item, kind);
            if let Some(name) = name {
                if seen.contains(&name) {
                    self.error(&format!("{path}.typeName"), format!("`{name}` stands twice: keep one"));
                }
                seen.push(name);
            }
            self.extension(&path, item, name);
        }
    }

    fn extension_type<'v>(
        &mut self,
        path: &str,
        item: &'v Map<String, Value>,
        kind: Option<&'static ServiceType>,
    ) -> Option<&'v str> {
        let path = format!("{path}.typeName");
        let of = kind.map_or("", |kind| kind.name);
        let known = || {
            let fits =
                table::extension_types().iter().filter(|found| of.is_empty() || found.types.contains(&of));
            list(fits.map(|found| found.name))
        };
        let name = match item.get("typeName") {
            None => {
                self.error(&path, format!("it is missing: give one of {}", known()));
                return None;
            }
            Some(Value::String(name)) => name.as_str(),
            Some(other) => {
                self.error(&path, format!("it is {} and must be a text: one of {}", kind_of(other), known()));
                return None;
            }
        };
        match table::extension_type(name) {
            None => {
                let hint = nearest(table::extension_types().iter().map(|found| found.name), name);
                let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                let shown: String = name.chars().take(60).collect();
                self.error(&path, format!("`{shown}` is no extension: it must be one of {}{hint}", known()));
            }
            Some(found) if !of.is_empty() && !found.types.contains(&of) => {
                let text = format!(
                    "`{name}` is no extension of a {of}: it must be one of {}",
                    if known().is_empty() { "none".to_owned() } else { known() }
                );
                self.error(&path, text);
            }
            Some(_) => {}
        }
        Some(name)
    }

    fn extension(&mut self, path: &str, item: &Map<String, Value>, name: Option<&str>) {
        let found = name.and_then(table::extension_type);
        match item.get("enabled") {
            None if self.from_draft => {}
            None => self.error(&format!("{path}.enabled"), "it is missing: give `true` or `false`"),
            Some(Value::Bool(_)) => {}
            Some(value) => {
                let text = if let Value::String(text) = value { text.as_str() } else { "" };
                if Shape::Flag.fault(text).is_some() {
                    let shown: String = value.to_string().chars().take(60).collect();
                    self.error(&format!("{path}.enabled"), format!("`{shown}` must be `true` or `false`"));
                }
            }
        }
        for (member, value) in item {
            match member.as_str() {
                "typeName" | "enabled" => {}
                "properties" => {
                    let path = format!("{path}.properties");
                    let Some(properties) = self.section(&path, Some(value)) else { continue };
                    // Extensions without rows take what they are given.
                    match found.filter(|found| table::keys_of(Part::Extension(found.name)).next().is_some()) {
                        Some(found) => self.properties(&path, Part::Extension(found.name), properties, None),
                        None => self.loose(&path, properties),
                    }
                }
                "capabilities" => {
                    let path = format!("{path}.capabilities");
                    match value {
                        Value::String(_) => {
                            let allowed = found.map(|found| found.capabilities.clone()).unwrap_or_default();
                            self.words(&path, Some(value), &allowed);
                        }
                        Value::Null => {}
                        other => self.error(&path, format!("it is {} and must be a text", kind_of(other))),
                    }
                }
                other => {
                    let path_of = format!("{path}.{other}");
                    let inside =
                        found.and_then(|found| table::key_in_json(Part::Extension(found.name), other));
                    if inside.is_some() {
                        let text =
                            format!("it stands one level too high: it belongs into `{path}.properties`");
                        self.error(&path_of, text);
                    } else if matches!(other, "maxUploadFileSize" | "allowedUploadFileTypes") {
                        self.member(path, other, value);
                    } else {
                        let known = ["typeName", "enabled", "properties", "capabilities"];
                        self.unknown(&path_of, other, nearest(known, other));
                    }
                }
            }
        }
    }

    fn loose(&mut self, path: &str, properties: &Map<String, Value>) {
        for (name, value) in properties {
            if let Value::Object(_) | Value::Array(_) = value {
                self.error(
                    &format!("{path}.{name}"),
                    format!("it is {} and properties are texts", kind_of(value)),
                );
            }
        }
    }
}
