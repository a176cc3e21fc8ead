//! What is wrong with a description: types, ranges, words, depth, what is missing, what contradicts.

mod contradictions;
mod extensions;

use serde_json::{Map, Value};

use super::ServiceDescription;
use super::fault::Fault;
use super::normal::{member, text};
use crate::sddraft::table::{self, Key, Part, ServiceType, Shape, nearest};

/// Members that hold other members; all else of the service is a value.
const SECTIONS: [&str; 3] = ["properties", "extensions", "frameworkProperties"];

pub(super) fn faults(of: &ServiceDescription) -> Vec<Fault> {
    let mut check = Check { out: Vec::new(), service: &of.service, from_draft: of.draft.is_some() };
    for path in &of.twice {
        check.error(path, "it stands twice, and servers differ in which they take: keep one");
    }
    check.service();
    check.out
}

/// Returns what is wrong with one value.
pub(super) fn value_fault(path: &str, key: &Key, value: &Value) -> Option<Fault> {
    let mut check = Check { out: Vec::new(), service: &Map::new(), from_draft: false };
    if key.json.as_deref() == Some("type") {
        check.type_of(Some(value));
    } else if key.json.as_deref() == Some("serviceName") {
        check.name(Some(value));
    } else {
        check.value(path, key, value);
    }
    check.out.into_iter().find(|fault| !fault.warning)
}

struct Check<'a> {
    out: Vec<Fault>,
    service: &'a Map<String, Value>,
    /// Drafts leave paths and directories to the server.
    from_draft: bool,
}

fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl Check<'_> {
    fn error(&mut self, path: &str, text: impl Into<String>) {
        self.out.push(Fault::error(path, text));
    }

    fn warning(&mut self, path: &str, text: impl Into<String>) {
        self.out.push(Fault::warning(path, text));
    }

    fn service(&mut self) {
        let service = self.service;
        let found = self.type_of(service.get("type"));
        self.name(service.get("serviceName"));
        for (name, value) in service {
            if !SECTIONS.contains(&name.as_str()) && name != "type" && name != "serviceName" {
                self.member("service", name, value);
            }
        }
        if let Some(kind) = found {
            self.words("service.capabilities", service.get("capabilities"), &kind.capabilities);
        }
        if let Some(properties) = self.section("service.properties", service.get("properties")) {
            self.properties("service.properties", Part::Configuration, properties, found);
        }
        self.required(found);
        self.extensions(found);
        let framework = self.section("service.frameworkProperties", service.get("frameworkProperties"));
        if let Some(framework) = framework {
            self.properties("service.frameworkProperties", Part::Framework, framework, found);
        }
        self.contradictions();
    }

    /// The type of the service; a fault when there is none or it is unknown.
    fn type_of(&mut self, value: Option<&Value>) -> Option<&'static ServiceType> {
        const PATH: &str = "service.type";
        let known = || list(table::service_types().iter().map(|found| found.name));
        match value {
            None => self.error(PATH, format!("it is missing: give one of {}", known())),
            Some(Value::String(name)) => {
                if let Some(found) = table::server_type(name) {
                    return Some(found);
                }
                let hint = nearest(table::service_types().iter().map(|found| found.name), name);
                let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                let shown: String = name.chars().take(60).collect();
                let text = format!("`{shown}` is no type of service: it must be one of {}{hint}", known());
                self.error(PATH, text);
            }
            Some(other) => {
                self.error(PATH, format!("it is {} and must be a text: one of {}", kind_of(other), known()));
            }
        }
        None
    }

    fn name(&mut self, value: Option<&Value>) {
        const PATH: &str = "service.serviceName";
        let rule = "letters, digits, underscores and hyphens, 1 to 120 of them";
        match value {
            None => self.error(PATH, format!("it is missing: give {rule}")),
            Some(Value::String(name)) => {
                let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                // Names of web tools may have spaces.
                let space = |c: char| self.from_draft && c == ' ';
                if name.is_empty() || name.chars().count() > 120 || !name.chars().all(|c| fits(c) || space(c))
                {
                    let shown: String = name.chars().take(60).collect();
                    self.error(PATH, format!("`{shown}` must be {rule}"));
                }
            }
            Some(other) => self.error(PATH, format!("it is {} and must be a text: {rule}", kind_of(other))),
        }
    }

    /// An object, or a fault.
    fn section<'v>(&mut self, path: &str, value: Option<&'v Value>) -> Option<&'v Map<String, Value>> {
        match value? {
            Value::Object(found) => Some(found),
            other => {
                self.error(
                    path,
                    format!("it is {} and must be an object of names and values", kind_of(other)),
                );
                None
            }
        }
    }

    /// A member of the service or of an extension, beside the sections.
    fn member(&mut self, parent: &str, name: &str, value: &Value) {
        let path = format!("{parent}.{name}");
        if let Some(key) = member(name) {
            self.spelling(&path, name, key);
            self.value(&path, key, value);
        } else if let Some(key) = table::key_in_json(Part::Configuration, name) {
            let name = key.json.as_deref().unwrap_or(name);
            self.error(
                &path,
                format!("it stands one level too high: `{name}` belongs into `{parent}.properties`"),
            );
        } else if table::key_in_json(Part::Framework, name).is_some() {
            self.error(
                &path,
                format!("it stands one level too high: it belongs into `{parent}.frameworkProperties`"),
            );
        } else {
            let known = table::keys().iter().filter(|key| matches!(key.part, Part::Service | Part::Props));
            let known = known.filter_map(|key| key.json.as_deref()).chain(SECTIONS).chain(["capabilities"]);
            self.unknown(&path, name, nearest(known, name));
        }
    }

    fn unknown(&mut self, path: &str, name: &str, hint: Option<&str>) {
        let hint = hint.map_or_else(
            || "servers keep what they do not know".to_owned(),
            |found| format!("did you mean `{found}`?"),
        );
        let shown: String = name.chars().take(60).collect();
        self.warning(path, format!("`{shown}` is no known property: {hint}"));
    }

    /// Servers tell upper and lower case apart; two keys have two documented spellings.
    fn spelling(&mut self, path: &str, name: &str, key: &Key) {
        let Some(right) = key.json.as_deref() else { return };
        if name != right && !name.eq_ignore_ascii_case("dateFieldsRespectsDaylightSavingTime") {
            self.warning(path, format!("servers tell upper and lower case apart: write `{right}`"));
        }
    }

    /// One value against its row.
    fn value(&mut self, path: &str, key: &Key, value: &Value) {
        let allowed = key.value.allowed();
        let wrong = |value: &Value| format!("it is {} and must be {allowed}", kind_of(value));
        match (value, &key.value) {
            (Value::Object(_) | Value::Array(_), Shape::Json) | (Value::Bool(_), Shape::Flag) => {}
            (Value::Object(_) | Value::Array(_), _) => {
                self.error(path, format!("{}: there is one level too many", wrong(value)));
            }
            (Value::Null, _) => {
                self.error(path, format!("it is nothing and must be {allowed}; or leave it out"));
            }
            (Value::String(text), shape) => {
                if text.trim().is_empty() && !matches!(shape, Shape::Text | Shape::Json | Shape::Words(_)) {
                    // An empty text is no number and no word, but drafts hold some.
                    if !key.optional && !self.from_draft {
                        self.error(path, format!("it is empty and must be {allowed}"));
                    }
                } else if *shape == Shape::Json {
                    if !text.trim().is_empty() && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
                    {
                        self.error(path, format!("the text is no JSON and must be {allowed}"));
                    }
                } else if let Some(fault) = shape.fault(text) {
                    self.error(path, fault);
                }
            }
            (Value::Number(number), Shape::Integer(..) | Shape::Number(..)) => {
                if let Some(fault) = key.value.fault(&number.to_string()) {
                    self.error(path, fault);
                }
            }
            // Resampling and the like are numbers that stand for words.
            (Value::Bool(_) | Value::Number(_), _) => self.error(path, wrong(value)),
        }
    }

    /// The properties of a part against their rows.
    fn properties(
        &mut self,
        path: &str,
        part: Part,
        found: &Map<String, Value>,
        kind: Option<&'static ServiceType>,
    ) {
        for (name, value) in found {
            let path = format!("{path}.{name}");
            let Some(key) = table::key_in_json(part, name) else {
                if let Value::Object(_) | Value::Array(_) = value {
                    self.error(&path, format!("it is {} and properties are texts", kind_of(value)));
                } else if part == Part::Configuration && table::key_in_json(Part::Props, name).is_some() {
                    self.error(&path, "it stands one level too deep: it belongs into `service`");
                } else {
                    let known = table::keys_of(part).filter_map(|key| key.json.as_deref());
                    self.unknown(&path, name, nearest(known, name));
                }
                continue;
            };
            self.spelling(&path, name, key);
            self.value(&path, key, value);
            let fits = kind.is_none_or(|kind| key.types.is_empty() || key.types.contains(&kind.name));
            if !fits && !self.from_draft {
                let kinds = list(key.types.iter().copied());
                self.warning(
                    &path,
                    format!("services of this type have no such property: only {kinds} have it"),
                );
            }
        }
    }

    fn required(&mut self, kind: Option<&'static ServiceType>) {
        let Some(kind) = kind.filter(|_| !self.from_draft) else { return };
        if self.service.get("properties").is_some_and(|found| !found.is_object()) {
            return;
        }
        let properties = self.service.get("properties").and_then(Value::as_object);
        for names in &kind.required {
            let given = names.split('/').find_map(|name| Some((name, properties?.get(name)?)));
            let name = names.split('/').next().unwrap_or(names);
            let path = format!("service.properties.{}", given.map_or(name, |(name, _)| name));
            let doc = table::key_in_json(Part::Configuration, name).map_or("", |key| key.doc);
            match given {
                None => {
                    let either = list(names.split('/'));
                    self.error(&path, format!("it is missing: a {} needs {either}. {doc}", kind.name));
                }
                Some((_, value)) if text(value).is_empty() => {
                    self.warning(
                        &path,
                        format!("it is empty: only service definitions leave it to the server. {doc}"),
                    );
                }
                Some(_) => {}
            }
        }
    }

    fn words(&mut self, path: &str, value: Option<&Value>, allowed: &[&'static str]) {
        let Some(Value::String(given)) = value else { return };
        // Extensions of real servers answer with the word.
        if allowed.is_empty() || given == "null" {
            return;
        }
        if let Some(fault) = Shape::Words(allowed.to_vec()).fault(given) {
            self.error(path, fault);
        }
    }
}
