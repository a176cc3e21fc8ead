//! Pop-ups as the `popupInfo` of web maps and items.

use serde_json::{Value, json};

use super::{flag, get, items, text, type_of};
use crate::project::Layer;

/// Converts the pop-up that the author configured; `None` where there is none to carry over.
///
/// Titles, texts, field lists and their formats are carried; charts, related records and
/// attachments keep the defaults of the client.
pub fn popup_info(layer: &Layer) -> Option<Value> {
    let popup = get(&layer.definition, "popupInfo")?;
    let described = layer.field_descriptions();
    let alias = |name: &str| {
        described
            .iter()
            .find(|field| text(field, "fieldName") == Some(name))
            .and_then(|field| text(field, "alias"))
            .unwrap_or(name)
            .to_owned()
    };
    let mut description = Value::Null;
    let mut fields: Vec<String> = Vec::new();
    for media in items(popup, "mediaInfos") {
        match type_of(media) {
            "CIMTextMediaInfo" => description = json!(text(media, "text")),
            "CIMTableMediaInfo" => {
                let names = items(media, "fields").iter().filter_map(Value::as_str).map(str::to_owned);
                if flag(media, "useLayerFields") {
                    fields.extend(
                        described
                            .iter()
                            .filter(|field| flag(field, "visible"))
                            .filter_map(|field| text(field, "fieldName"))
                            .map(str::to_owned),
                    );
                }
                fields.extend(names);
            }
            _ => {}
        }
    }
    fields.dedup();
    let infos: Vec<Value> = fields
        .iter()
        .map(|name| {
            json!({
                "fieldName": name,
                "label": alias(name),
                "visible": true,
                "isEditable": true,
                "stringFieldOption": "textbox",
            })
        })
        .collect();
    let expressions: Vec<Value> = items(popup, "expressionInfos")
        .iter()
        .map(|info| {
            json!({
                "name": text(info, "name"),
                "title": text(info, "title"),
                "expression": text(info, "expression"),
                "returnType": if text(info, "returnType") == Some("Numeric") { "number" } else { "string" },
            })
        })
        .collect();
    Some(json!({
        "title": text(popup, "title").unwrap_or(&layer.name),
        "fieldInfos": infos,
        "description": description,
        "expressionInfos": expressions,
        "showAttachments": true,
        "mediaInfos": [],
    }))
}
