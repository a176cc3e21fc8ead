//! `find`: features by a text in their attributes.

use geosharing_core::dataset::FieldType;
use geosharing_core::query::{Row, Rows, Selection, Value as Attribute};
use serde_json::{Value, json};

use super::identify::rows;
use super::select::{filters, invalid, reference};
use super::tree::numbers;
use super::{Ask, page};
use crate::error::Result;
use crate::reply::{Format, Reply};
use crate::store::{FeatureStore, Layer};

/// Most results of one layer.
const MOST: usize = 1000;

/// Answers `find`.
pub(super) fn answer(ask: &Ask<'_>) -> Result<Reply> {
    ask.require("Query")?;
    let params = ask.params;
    if params.format() == Format::Html && params.text("searchText").is_none() {
        return Ok(Reply::Html(page::find(params, None)));
    }
    let search = Search {
        text: params.require("searchText")?.to_lowercase(),
        inside: params.flag_or("contains", true),
    };
    let wanted: Vec<String> = params.list("searchFields").into_iter().map(str::to_owned).collect();
    let ids = numbers(params.require("layers")?).map_err(|why| invalid("layers", why))?;
    let system = reference(params, "sr")?.unwrap_or_else(|| ask.reference.clone());
    let filters = filters(ask)?;
    let mut results = Vec::new();
    for node in ask.tree.nodes.iter().filter(|node| ids.contains(&node.id)) {
        let Some(layer) = ask.view.layer(node.id) else { continue };
        let fields = fields(&layer, &wanted);
        let selection = Selection { filter: filters.get(&node.id).cloned(), ..Selection::default() };
        let found = search.run(ask, &layer, &fields, &selection)?;
        let selection =
            Selection { object_ids: Some(found.iter().map(|(id, _)| *id).collect()), ..Selection::default() };
        for mut result in rows(ask, &layer, node, selection, &system)? {
            let oid = layer.schema.field(layer.schema.oid);
            let named = oid.and_then(|field| {
                let attributes = result.get("attributes")?;
                attributes
                    .get(&field.alias)
                    .or_else(|| attributes.get(&field.name))?
                    .as_str()?
                    .parse::<i64>()
                    .ok()
            });
            let field = found.iter().find(|(id, _)| Some(*id) == named).map(|(_, field)| field.clone());
            if let Some(object) = result.as_object_mut() {
                object.insert("foundFieldName".to_owned(), json!(field.unwrap_or_default()));
                if !layer.has_geometry() {
                    object.shift_remove("geometry");
                    object.shift_remove("geometryType");
                }
            }
            results.push(result);
        }
    }
    let document: Value = json!({ "results": results });
    if params.format() == Format::Html {
        return Ok(Reply::Html(page::find(params, Some(&document))));
    }
    Ok(document.into())
}

/// The fields to look into: those that are named, else all with text or numbers.
fn fields(layer: &Layer, wanted: &[String]) -> Vec<usize> {
    let searchable =
        |kind: FieldType| !matches!(kind, FieldType::Geometry | FieldType::Blob | FieldType::Date);
    let all = layer.schema.fields.iter().enumerate();
    all.filter(|(_, field)| {
        searchable(field.field_type)
            && (wanted.is_empty() || wanted.iter().any(|name| name.eq_ignore_ascii_case(&field.name)))
    })
    .map(|(index, _)| index)
    .collect()
}

struct Search {
    text: String,
    inside: bool,
}

impl Search {
    fn hits(&self, value: &Attribute<'_>) -> bool {
        let text = match value {
            Attribute::Text(text) => text.to_lowercase(),
            Attribute::Int(number) => number.to_string(),
            Attribute::Float(number) => number.to_string(),
            _ => return false,
        };
        if self.inside { text.contains(&self.text) } else { text == self.text }
    }

    /// Finds rows, each with the first field that holds the text.
    fn run(
        &self,
        ask: &Ask<'_>,
        layer: &Layer,
        fields: &[usize],
        selection: &Selection,
    ) -> Result<Vec<(i64, String)>> {
        let mut read = fields.to_vec();
        read.push(layer.schema.oid);
        let rows = Rows { fields: read, ..Rows::default() };
        let mut found = Vec::new();
        ask.view.rows(layer.id, selection, &rows, &mut |row: &dyn Row| {
            if found.len() >= MOST {
                return Ok(());
            }
            let hit = fields.iter().find(|at| self.hits(&row.value(**at)));
            let name = hit.and_then(|at| layer.schema.field(*at)).map(|field| field.name.clone());
            if let (Some(name), Attribute::Int(id)) = (name, row.value(layer.schema.oid)) {
                found.push((id, name));
            }
            Ok(())
        })?;
        Ok(found)
    }
}
