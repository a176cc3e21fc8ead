//! `applyEdits`, `addFeatures`, `updateFeatures`, `deleteFeatures`.

use geosharing_core::query::{
    CompareOp, EditFailure, EditOutcome, EditReply, Expr, Literal, OwnedValue, Selection, Value as Cell,
    canonical_guid,
};
use geosharing_core::rest::{EditRequest, parse_selection, read_edits, read_object_ids, write_reply};
use serde_json::{Map, Value, json};

use super::{Call, refusal};
use crate::auth::Need;
use crate::error::{Result, SiteError};
use crate::params::Params;
use crate::reply::Reply;
use crate::store::Layer;

const REFUSED: &str = "Unable to complete operation.";

/// What one request asks of one layer.
#[derive(Debug, Default)]
struct Asked {
    adds: Option<String>,
    updates: Option<String>,
    deletes: Option<String>,
}

/// Answers `/{layer}/applyEdits`.
pub(super) fn apply(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    let text = |name: &str| call.params.text(name).map(str::to_owned);
    let asked = Asked { adds: text("adds"), updates: text("updates"), deletes: text("deletes") };
    if text("attachments").is_some_and(|attachments| attachments != "{}" && attachments != "[]") {
        return Err(SiteError::bad_request(REFUSED).detail("attachments are not supported by this layer"));
    }
    let reply = run(call, &[(layer, asked)])?;
    let mut document = reply.into_iter().next().unwrap_or_default();
    if call.params.flag("returnEditMoment") {
        document.insert("editMoment".to_owned(), crate::state::now().into());
    }
    document.shift_remove("id");
    Ok(Value::Object(document).into())
}

/// Answers `/applyEdits` of the service.
pub(super) fn service(call: &Call<'_>) -> Result<Reply> {
    let text = call.params.require("edits")?;
    let list = geosharing_core::geometry::parse_relaxed(text).map_err(refusal(REFUSED))?;
    let Value::Array(list) = list else {
        return Err(SiteError::bad_request(REFUSED).detail("'edits' is not a list of layers' edits"));
    };
    let mut layers = Vec::new();
    for entry in &list {
        let id = entry.get("id").map(ToString::to_string).unwrap_or_default();
        let part = |key: &str| entry.get(key).filter(|value| !value.is_null()).map(ToString::to_string);
        let asked = Asked { adds: part("adds"), updates: part("updates"), deletes: part("deletes") };
        layers.push((super::find(call, &id)?, asked));
    }
    let layers: Vec<(&Layer, Asked)> = layers
        .iter()
        .map(|(layer, asked)| {
            (
                layer.as_ref(),
                Asked {
                    adds: asked.adds.clone(),
                    updates: asked.updates.clone(),
                    deletes: asked.deletes.clone(),
                },
            )
        })
        .collect();
    let reply = run(call, &layers)?;
    let list = Value::Array(reply.into_iter().map(Value::Object).collect());
    if call.params.flag("returnEditMoment") {
        return Ok(json!({ "editMoment": crate::state::now(), "editedFeatures": list }).into());
    }
    Ok(list.into())
}

/// Answers `/{layer}/addFeatures`.
pub(super) fn add(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    one(
        call,
        layer,
        Asked { adds: Some(call.params.require("features")?.to_owned()), ..Asked::default() },
        "addResults",
    )
}

/// Answers `/{layer}/updateFeatures`.
pub(super) fn update(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    one(
        call,
        layer,
        Asked { updates: Some(call.params.require("features")?.to_owned()), ..Asked::default() },
        "updateResults",
    )
}

/// Answers `/{layer}/deleteFeatures`: by ids, clause and geometry.
pub(super) fn delete(call: &Call<'_>, layer: &Layer) -> Result<Reply> {
    let given = ["objectIds", "where", "geometry"].iter().any(|name| call.params.text(name).is_some());
    if !given {
        return Err(SiteError::bad_request(REFUSED).detail("give 'objectIds', 'where' or 'geometry'"));
    }
    permit(call, "Delete")?;
    let by_id = call.params.text("where").is_none() && call.params.text("geometry").is_none();
    let deletes = if by_id {
        call.params.text("objectIds").unwrap_or_default().to_owned()
    } else {
        let get = super::query::lookup(|name| call.params.get(name));
        let selection = parse_selection(&get, &layer.schema).map_err(refusal(REFUSED))?;
        let ids = call.store.ids(layer.id, &selection, &[])?;
        ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
    };
    let reply = one(call, layer, Asked { deletes: Some(deletes), ..Asked::default() }, "deleteResults")?;
    match reply {
        Reply::Json(value) if !call.params.flag_or("returnDeleteResults", true) => {
            let results = value.get("deleteResults").and_then(Value::as_array);
            let success =
                results.into_iter().flatten().all(|result| result.get("success") == Some(&true.into()));
            Ok(json!({ "success": success }).into())
        }
        reply => Ok(reply),
    }
}

fn one(call: &Call<'_>, layer: &Layer, asked: Asked, key: &str) -> Result<Reply> {
    let mut reply = run(call, &[(layer, asked)])?;
    let results = reply.first_mut().and_then(|document| document.shift_remove(key));
    let mut document = Map::new();
    document.insert(key.to_owned(), results.unwrap_or_else(|| json!([])));
    if call.params.flag("returnEditMoment") {
        document.insert("editMoment".to_owned(), crate::state::now().into());
    }
    Ok(Value::Object(document).into())
}

fn permit(call: &Call<'_>, capability: &'static str) -> Result<()> {
    call.params.require_post()?;
    (call.allow)(Need::Edit(capability))
}

/// Reads the edits of every layer before any is applied, so that a typing error in one stops all.
fn run(call: &Call<'_>, layers: &[(&Layer, Asked)]) -> Result<Vec<Map<String, Value>>> {
    let params = call.params;
    let rollback = params.flag_or("rollbackOnFailure", true);
    let mut requests = Vec::with_capacity(layers.len());
    for (layer, asked) in layers {
        requests.push((*layer, read(call, layer, asked)?));
    }
    let stopped = rollback
        && requests.iter().any(|(_, (request, unknown))| request.has_failures() || !unknown.is_empty());
    let mut replies: Vec<EditReply> = Vec::with_capacity(requests.len());
    if stopped {
        replies.extend(requests.iter().map(|(_, (request, _))| rolled_back(request)));
    } else {
        for (_, (request, _)) in &mut requests {
            request.edits.rollback_on_failure = rollback;
        }
        let edits: Vec<_> = requests.iter().map(|(layer, (request, _))| (layer.id, &request.edits)).collect();
        let nothing = edits
            .iter()
            .all(|(_, edits)| edits.adds.is_empty() && edits.updates.is_empty() && edits.deletes.is_empty());
        replies = if nothing {
            edits.iter().map(|_| EditReply::default()).collect()
        } else {
            call.store.apply_all(&edits).map_err(refusal(REFUSED))?
        };
    }
    let mut documents = Vec::with_capacity(requests.len());
    for ((layer, (request, unknown)), reply) in requests.into_iter().zip(replies) {
        let merged = |parts: Vec<std::result::Result<usize, EditOutcome>>,
                      outcomes: &[EditOutcome]|
         -> Vec<EditOutcome> {
            parts
                .into_iter()
                .map(|part| match part {
                    Err(outcome) => outcome,
                    Ok(index) => outcomes.get(index).cloned().unwrap_or_else(undone),
                })
                .collect()
        };
        let adds = merged(request.adds, &reply.adds);
        let updates = merged(request.updates, &reply.updates);
        let mut deletes = reply.deletes;
        deletes.extend(unknown);
        let mut document = Map::new();
        document.insert("id".to_owned(), layer.id.into());
        document.insert("addResults".to_owned(), write_reply(&adds));
        document.insert("updateResults".to_owned(), write_reply(&updates));
        document.insert("deleteResults".to_owned(), write_reply(&deletes));
        documents.push(document);
    }
    Ok(documents)
}

fn undone() -> EditOutcome {
    let failure = EditFailure { code: 1003, description: "Operation rolled back.".to_owned() };
    EditOutcome { object_id: -1, global_id: None, failure: Some(failure) }
}

fn rolled_back(request: &EditRequest) -> EditReply {
    let of = |id: i64| EditOutcome { object_id: id, ..undone() };
    EditReply {
        adds: request.edits.adds.iter().map(|_| of(-1)).collect(),
        updates: request.edits.updates.iter().map(|update| of(update.object_id)).collect(),
        deletes: request.edits.deletes.iter().map(|id| of(*id)).collect(),
    }
}

/// Reads one layer's edits; deletes of unknown global ids come back as failures beside them.
fn read(call: &Call<'_>, layer: &Layer, asked: &Asked) -> Result<(EditRequest, Vec<EditOutcome>)> {
    let params = call.params;
    let present = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| !matches!(text.trim(), "" | "[]" | "null"))
    };
    for (text, capability) in
        [(&asked.adds, "Create"), (&asked.updates, "Update"), (&asked.deletes, "Delete")]
    {
        if present(text) {
            permit(call, capability)?;
        }
    }
    params.require_post()?;
    let use_global_ids = params.flag("useGlobalIds");
    if use_global_ids && layer.schema.global_id.is_none() {
        return Err(SiteError::bad_request(REFUSED)
            .detail("'useGlobalIds' needs a global id field, the layer has none"));
    }
    let find = |global: &str| -> geosharing_core::Result<Option<i64>> {
        let Some(field) = layer.schema.global_id else { return Ok(None) };
        let filter = Expr::Compare {
            op: CompareOp::Equal,
            left: Box::new(Expr::Field(field)),
            right: Box::new(Expr::Literal(Literal::Text(canonical_guid(global)))),
        };
        let selection = Selection { filter: Some(filter), ..Selection::default() };
        Ok(call.store.ids(layer.id, &selection, &[])?.first().copied())
    };
    let mut request =
        read_edits(asked.adds.as_deref(), asked.updates.as_deref(), &layer.schema, use_global_ids, &find)
            .map_err(refusal(REFUSED))?;
    let mut unknown = Vec::new();
    if let Some(deletes) = asked.deletes.as_deref().filter(|_| present(&asked.deletes)) {
        if use_global_ids {
            let list = deletes.trim().trim_start_matches('[').trim_end_matches(']');
            for global in
                list.split(',').map(|part| part.trim().trim_matches('"')).filter(|part| !part.is_empty())
            {
                match find(global)? {
                    Some(id) => request.edits.deletes.push(id),
                    None => unknown.push(EditOutcome {
                        object_id: -1,
                        global_id: Some(canonical_guid(global)),
                        failure: Some(EditFailure {
                            code: 1019,
                            description: "there is no row with this global id".to_owned(),
                        }),
                    }),
                }
            }
        } else {
            request.edits.deletes = read_object_ids(deletes).map_err(refusal(REFUSED))?;
        }
    }
    track(layer, params, &mut request);
    Ok((request, unknown))
}

/// Fills who and when into the fields of `editFieldsInfo`.
fn track(layer: &Layer, params: &Params, request: &mut EditRequest) {
    let Some(info) = layer.definition.get("editFieldsInfo") else { return };
    let field = |key: &str| layer.schema.index_of(info.get(key)?.as_str().filter(|name| !name.is_empty())?);
    let user =
        params.caller().ok().flatten().map_or(Cell::Null, |caller| Cell::from(caller.username.to_string()));
    let now = Cell::Date(crate::state::now());
    let set = |values: &mut Vec<(usize, OwnedValue)>, field: Option<usize>, value: &OwnedValue| {
        if let Some(field) = field {
            values.retain(|(index, _)| *index != field);
            values.push((field, value.clone()));
        }
    };
    let (creator, created) = (field("creatorField"), field("creationDateField"));
    let (editor, edited) = (field("editorField"), field("editDateField"));
    for row in &mut request.edits.adds {
        set(&mut row.values, creator, &user);
        set(&mut row.values, created, &now);
        set(&mut row.values, editor, &user);
        set(&mut row.values, edited, &now);
    }
    for change in &mut request.edits.updates {
        // Who made a row, and when, is not for the caller to rewrite.
        change.values.retain(|(index, _)| Some(*index) != creator && Some(*index) != created);
        set(&mut change.values, editor, &user);
        set(&mut change.values, edited, &now);
    }
}
