//! The table as documents read it: one object a row.

use serde_json::{Value, json};

use super::{Form, Key, Part, extension_types, keys, listing_of, service_types};

/// Returns where a key stands in the JSON, from the service on.
fn json_path(key: &Key) -> Option<String> {
    let name = key.json.as_deref()?;
    Some(match key.part {
        Part::Configuration => format!("service.properties.{name}"),
        Part::Framework => format!("service.frameworkProperties.{name}"),
        Part::Extension(extension) => format!("service.extensions[{extension}].properties.{name}"),
        Part::Service if name == "folderName" => name.to_owned(),
        _ => format!("service.{name}"),
    })
}

/// Returns where a key stands in the draft.
pub(super) fn place(key: &Key) -> Option<String> {
    const DEFINITION: &str = "Configurations/SVCConfiguration/Definition";
    let set = match key.part {
        _ if key.name.is_empty() => return None,
        Part::Service => return Some(key.name.to_owned()),
        Part::Props => format!("{DEFINITION}/Props"),
        Part::Configuration => format!("{DEFINITION}/ConfigurationProperties"),
        Part::Info => format!("{DEFINITION}/Info"),
        Part::Staging => "StagingSettings".to_owned(),
        Part::Template => "TemplateSettings".to_owned(),
        Part::Extension(name) => format!("{DEFINITION}/Extensions/SVCExtension[{name}]/Props"),
        Part::Framework => return None,
    };
    Some(format!("{set}[{}]", key.name))
}

fn part_name(part: Part) -> String {
    match part {
        Part::Service => "service".to_owned(),
        Part::Props => "instances".to_owned(),
        Part::Configuration => "properties".to_owned(),
        Part::Info => "info".to_owned(),
        Part::Framework => "frameworkProperties".to_owned(),
        Part::Staging => "StagingSettings".to_owned(),
        Part::Template => "TemplateSettings".to_owned(),
        Part::Extension(name) => name.to_owned(),
    }
}

/// Returns the whole table: `keys`, `extensions` and `types`, each a list of objects.
pub fn documentation() -> Value {
    let drafts = |key: &Key| {
        let value = |form: &Form| {
            let listed = listing_of(*form);
            let sets =
                [&listed.staging, &listed.template, &listed.configuration, &listed.info, &listed.props];
            let own = sets.into_iter().flatten();
            let mut all = own.chain(listed.extensions.iter().flat_map(|found| &found.props));
            let entry = all.find(|entry| std::ptr::eq(entry.key, key))?;
            Some((format!("{form:?}"), Value::from(entry.value)))
        };
        Value::Object(Form::ALL.iter().filter_map(value).collect())
    };
    let key = |key: &Key| {
        json!({
            "part": part_name(key.part),
            "key": key.name,
            "json": key.json,
            "json_path": json_path(key),
            "place": place(key),
            "allowed": key.value.allowed(),
            "may_be_empty": key.optional,
            "default": key.default,
            "types": key.types,
            "since": key.since,
            "drafts": drafts(key),
            "doc": key.doc,
        })
    };
    let extensions = extension_types().iter().map(|found| {
        json!({
            "name": found.name, "types": found.types, "capabilities": found.capabilities,
            "since": found.since, "doc": found.doc,
        })
    });
    let types = service_types().iter().map(|found| {
        json!({
            "name": found.name, "capabilities": found.capabilities, "required": found.required,
            "providers": found.providers, "doc": found.doc,
        })
    });
    json!({
        "keys": keys().iter().map(key).collect::<Vec<_>>(),
        "extensions": extensions.collect::<Vec<_>>(),
        "types": types.collect::<Vec<_>>(),
    })
}
