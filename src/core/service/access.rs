//! Single values of a description: read typed, checked when they are set.

use serde_json::{Map, Value, json};

use super::{ServiceDescription, normal, validate};
use crate::error::{Error, Result};
use crate::sddraft::table::{self, Key, Part, Shape, nearest};

/// A part of a description whose members have names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Section<'a> {
    /// The service itself: name, type, instances.
    Service,
    /// The properties of its type.
    Properties,
    /// The framework properties.
    Framework,
    /// An extension by its type: `enabled`, `capabilities`.
    Extension(&'a str),
    /// The properties of an extension.
    ExtensionProperties(&'a str),
}

/// Members of an extension that have no row of their own, with what they take.
const EXTENSION: [(&str, Shape); 2] = [("enabled", Shape::Flag), ("capabilities", Shape::Text)];

impl Section<'_> {
    fn parts(self) -> Vec<Part> {
        match self {
            Self::Service => vec![Part::Service, Part::Props, Part::Info],
            Self::Properties => vec![Part::Configuration],
            Self::Framework => vec![Part::Framework],
            Self::Extension(_) => Vec::new(),
            Self::ExtensionProperties(name) => {
                table::extension_type(name).map(|found| Part::Extension(found.name)).into_iter().collect()
            }
        }
    }

    /// Returns the row of a name.
    pub fn key(self, name: &str) -> Option<&'static Key> {
        self.parts().into_iter().find_map(|part| table::key_in_json(part, name))
    }

    /// Returns the rows that a service of a type has here.
    pub fn keys(self, of: &str) -> Vec<&'static Key> {
        let fits = |key: &&Key| {
            let here = key.types.is_empty() || of.is_empty() || key.types.contains(&of);
            here && key.json.as_deref().is_some_and(|name| name != "folderName")
        };
        self.parts().into_iter().flat_map(|part| table::keys_of(part).filter(fits)).collect()
    }

    fn path(self, of: &ServiceDescription) -> String {
        let extension = |name: &str| {
            let at = of.extension_at(name).map_or_else(|| name.to_owned(), |at| at.to_string());
            format!("service.extensions[{at}]")
        };
        match self {
            Self::Service => "service".to_owned(),
            Self::Properties => "service.properties".to_owned(),
            Self::Framework => "service.frameworkProperties".to_owned(),
            Self::Extension(name) => extension(name),
            Self::ExtensionProperties(name) => format!("{}.properties", extension(name)),
        }
    }
}

fn typed(shape: &Shape, value: &Value) -> Value {
    let text = normal::text(value);
    let trimmed = text.trim();
    let read = match shape {
        Shape::Flag => match trimmed.to_ascii_lowercase().as_str() {
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            _ => None,
        },
        Shape::Integer(..) => trimmed.parse::<i64>().ok().map(Value::from),
        Shape::Number(..) => trimmed.parse::<f64>().ok().map(Value::from),
        Shape::Json if value.is_string() => serde_json::from_str(trimmed).ok(),
        _ => None,
    };
    read.unwrap_or_else(|| value.clone())
}

impl ServiceDescription {
    /// Makes a description of which only the name and the type are said.
    pub fn new(name: &str, type_name: &str) -> Self {
        let mut service = Map::new();
        service.insert("serviceName".into(), name.into());
        service.insert("type".into(), type_name.into());
        Self { folder: None, service, draft: None, twice: Vec::new() }
    }

    /// Returns the types of the extensions, in order.
    pub fn extension_names(&self) -> Vec<String> {
        let items = self.service.get("extensions").and_then(Value::as_array);
        let name = |item: &Value| item.get("typeName").map(normal::text).unwrap_or_default();
        items.into_iter().flatten().map(name).collect()
    }

    fn extension_at(&self, name: &str) -> Option<usize> {
        self.extension_names().iter().position(|found| found == name)
    }

    fn section(&self, section: Section<'_>) -> Option<&Map<String, Value>> {
        let extension = |name: &str| {
            let items = self.service.get("extensions")?.as_array()?;
            items.get(self.extension_at(name)?)?.as_object()
        };
        match section {
            Section::Service => Some(&self.service),
            Section::Properties => self.service.get("properties")?.as_object(),
            Section::Framework => self.service.get("frameworkProperties")?.as_object(),
            Section::Extension(name) => extension(name),
            Section::ExtensionProperties(name) => extension(name)?.get("properties")?.as_object(),
        }
    }

    /// Returns a section to write into; it is made when the description has none.
    fn section_mut(&mut self, section: Section<'_>) -> Result<&mut Map<String, Value>> {
        let wrong = |path: &str| Error::invalid(format!("`{path}` is no object: set it right first"));
        let inner = |of: &mut Map<String, Value>, name: &str| {
            let found = of.entry(name.to_owned()).or_insert_with(|| json!({}));
            // Taken out and put back, since the borrow of a match arm would last.
            if found.is_object() { Ok(()) } else { Err(wrong(name)) }
        };
        match section {
            Section::Service => Ok(&mut self.service),
            Section::Properties | Section::Framework => {
                let name = if section == Section::Properties { "properties" } else { "frameworkProperties" };
                inner(&mut self.service, name)?;
                self.service.get_mut(name).and_then(Value::as_object_mut).ok_or_else(|| wrong(name))
            }
            Section::Extension(name) => {
                let at = match self.extension_at(name) {
                    Some(at) => at,
                    None => self.add_extension(name)?,
                };
                let items = self.service.get_mut("extensions").and_then(Value::as_array_mut);
                let item = items.and_then(|items| items.get_mut(at)).and_then(Value::as_object_mut);
                item.ok_or_else(|| wrong(name))
            }
            Section::ExtensionProperties(name) => {
                let item = self.section_mut(Section::Extension(name))?;
                inner(item, "properties")?;
                item.get_mut("properties").and_then(Value::as_object_mut).ok_or_else(|| wrong("properties"))
            }
        }
    }

    fn add_extension(&mut self, name: &str) -> Result<usize> {
        let of = self.type_name();
        let fits: Vec<&str> = table::extension_types()
            .iter()
            .filter(|found| of.is_empty() || found.types.contains(&of.as_str()))
            .map(|found| found.name)
            .collect();
        if !fits.contains(&name) {
            let hint = nearest(fits.iter().copied(), name);
            let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            return Err(Error::not_found(format!(
                "a {of} has no extension `{name}`: it takes {}{hint}",
                if fits.is_empty() { "none".to_owned() } else { fits.join(", ") }
            )));
        }
        let items = self.service.entry("extensions").or_insert_with(|| json!([]));
        let Value::Array(items) = items else {
            return Err(Error::invalid("`service.extensions` is no list: set it right first"));
        };
        let usual = table::extension_type(name).map(|found| found.capabilities.join(",")).unwrap_or_default();
        items.push(json!({ "typeName": name, "enabled": "false", "capabilities": usual, "properties": {} }));
        Ok(items.len() - 1)
    }

    /// The name as the description spells it; some keys have two documented spellings.
    fn spelled(&self, section: Section<'_>, name: &str) -> String {
        let found = self.section(section).and_then(|found| {
            let mut names = found.keys();
            names
                .find(|given| *given == name)
                .or_else(|| found.keys().find(|given| given.eq_ignore_ascii_case(name)))
        });
        let right = || section.key(name).and_then(|key| key.json.as_deref().map(str::to_owned));
        found.cloned().or_else(right).unwrap_or_else(|| name.to_owned())
    }

    fn shape(section: Section<'_>, name: &str) -> Option<Shape> {
        if let Section::Extension(_) = section {
            return EXTENSION.into_iter().find(|(known, _)| *known == name).map(|(_, shape)| shape);
        }
        section.key(name).map(|key| key.value.clone())
    }

    /// Returns the names that a section says something about.
    pub fn names(&self, section: Section<'_>) -> Vec<String> {
        let is_section = |name: &str| matches!(name, "properties" | "extensions" | "frameworkProperties");
        let found = self.section(section).into_iter().flatten().map(|(name, _)| name);
        found.filter(|name| !is_section(name)).cloned().collect()
    }

    /// Returns a value in its type; nothing when the description does not say it.
    pub fn get(&self, section: Section<'_>, name: &str) -> Option<Value> {
        let value = self.section(section)?.get(&self.spelled(section, name))?;
        Some(Self::shape(section, name).map_or_else(|| value.clone(), |shape| typed(&shape, value)))
    }

    /// Returns what servers take when the description does not say it, if that is documented.
    pub fn default_of(section: Section<'_>, name: &str) -> Option<Value> {
        let key = section.key(name)?;
        key.default.map(|default| typed(&key.value, &default.into()))
    }

    /// Sets a value, given typed or as a text; an extension that is not there yet is added.
    ///
    /// # Errors
    /// The section has no such name, or the value does not fit; the text names the nearest name or what is
    /// allowed.
    pub fn set(&mut self, section: Section<'_>, name: &str, value: &Value) -> Result<()> {
        if let Section::Extension(of) | Section::ExtensionProperties(of) = section {
            // The extension first, since its own fault is the more telling one.
            self.section_mut(Section::Extension(of))?;
        }
        let path = format!("{}.{name}", section.path(self));
        let known = self.section(section).is_some_and(|found| found.contains_key(name));
        match (section, section.key(name)) {
            (Section::Extension(_), _) => {
                let shape = Self::shape(section, name).ok_or_else(|| {
                    Error::not_found(format!(
                        "an extension has no `{name}`: it has `enabled` and `capabilities`"
                    ))
                })?;
                if let Some(fault) = shape.fault(&normal::text(value)) {
                    return Err(Error::invalid(format!("`{path}`: {fault}")));
                }
            }
            (_, Some(key)) => {
                if let Some(fault) = validate::value_fault(&path, key, value) {
                    return Err(Error::invalid(fault.to_string()));
                }
            }
            (_, None) if known => {}
            (_, None) => {
                let hint = self.suggest(section, name);
                let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                return Err(Error::not_found(format!("`{path}` is no known property{hint}")));
            }
        }
        self.set_unchecked(section, name, value)
    }

    /// Sets a value that no table knows, as servers keep such values, too.
    ///
    /// # Errors
    /// The type has no such extension.
    pub fn set_unchecked(&mut self, section: Section<'_>, name: &str, value: &Value) -> Result<()> {
        let spelled = self.spelled(section, name);
        let written = match section {
            Section::Service => normal::member_value(&spelled, value),
            Section::Extension(_) if value.is_boolean() => normal::text(value).into(),
            Section::Extension(_) => value.clone(),
            _ => normal::text(value).into(),
        };
        self.section_mut(section)?.insert(spelled, written);
        Ok(())
    }

    /// Takes a value out, which leaves it to the server, and returns whether it was there.
    pub fn remove(&mut self, section: Section<'_>, name: &str) -> bool {
        let spelled = self.spelled(section, name);
        if self.section(section).is_none() {
            return false;
        }
        self.section_mut(section).is_ok_and(|found| found.shift_remove(&spelled).is_some())
    }

    /// Takes an extension out and returns whether it was there.
    pub fn remove_extension(&mut self, name: &str) -> bool {
        let Some(at) = self.extension_at(name) else { return false };
        let items = self.service.get_mut("extensions").and_then(Value::as_array_mut);
        items.map(|items| items.remove(at)).is_some()
    }

    /// Returns the name that a misspelt one may mean.
    pub fn suggest(&self, section: Section<'_>, name: &str) -> Option<String> {
        let of = if let Section::ExtensionProperties(_) = section { String::new() } else { self.type_name() };
        let keys = section.keys(&of);
        let names = keys.iter().filter_map(|key| key.json.as_deref());
        let more = if let Section::Extension(_) = section { &EXTENSION[..] } else { &[] };
        nearest(names.chain(more.iter().map(|(name, _)| *name)), name).map(str::to_owned)
    }

    /// Compares two descriptions: every value that differs, with its path.
    pub fn diff(&self, other: &Self) -> Vec<Difference> {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (of, out) in [(self, &mut before), (other, &mut after)] {
            if let Some(folder) = of.folder() {
                out.push(("folderName".to_owned(), Value::from(folder)));
            }
            flatten("service", &of.to_json(), out);
        }
        let mut out = Vec::new();
        for (path, value) in &before {
            let found = after.iter().find(|(other, _)| other == path).map(|(_, value)| value.clone());
            if found.as_ref() != Some(value) {
                out.push(Difference { path: path.clone(), before: Some(value.clone()), after: found });
            }
        }
        for (path, value) in after {
            if !before.iter().any(|(other, _)| *other == path) {
                out.push(Difference { path, before: None, after: Some(value) });
            }
        }
        out
    }
}

/// One value in which two descriptions differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Such as `service.extensions[KmlServer].properties.dpi`.
    pub path: String,
    /// Its value in the first; nothing when it does not say it.
    pub before: Option<Value>,
    /// Its value in the second; nothing when it does not say it.
    pub after: Option<Value>,
}

fn flatten(path: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                flatten(&format!("{path}.{name}"), value, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                // Extensions are known by their type, wherever they stand.
                let name = item.get("typeName").map_or_else(|| at.to_string(), normal::text);
                flatten(&format!("{path}[{name}]"), item, out);
            }
        }
        value => out.push((path.to_owned(), value.clone())),
    }
}
