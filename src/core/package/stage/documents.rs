//! The map document of the package: `.mapx` and `.msd`, reduced to what is staged and pointed at
//! the copied data.

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use serde_json::{Map as Object, Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::consolidate::Plan;
use super::files::json as to_json;
use super::members::{Item, Member, Members};
use super::target::Target;
use crate::cim::{items, text, uri_of, xml};
use crate::package::archive::Entry;
use crate::project::Map;
use crate::{Error, Kind, Result};

/// Makes `<folder>/<project>.mapx` and `<folder>/<project>.msd`.
pub(super) fn entries(
    map: &Map,
    members: &Staging<'_>,
    plan: &Plan,
    target: &Target,
    project: &str,
) -> Result<Vec<Entry>> {
    let mut document = map.to_mapx()?;
    reduce(&mut document, members);
    connect(&mut document, members, plan, target);
    if target.json {
        rename_paths(&mut document);
        if let Some(object) = document.as_object_mut() {
            object.insert("version".to_owned(), json!(target.schema));
        }
    }
    let folder = target.folder;
    let msd = msd(&document, map, target)?;
    Ok(vec![
        Entry::bytes(format!("{folder}/{project}.mapx"), to_json(&document)?),
        Entry::bytes(format!("{folder}/{project}.msd"), msd),
    ])
}

/// The members with the sources that they had before their data was copied.
pub(super) struct Staging<'a> {
    pub(super) members: &'a Members,
    pub(super) sources: Vec<Option<crate::dataset::Source>>,
}

/// Takes out of the document what is not staged.
fn reduce(document: &mut Value, staging: &Staging<'_>) {
    let members = &staging.members.0;
    let kept: HashSet<&str> = members.iter().map(Member::cim_path).collect();
    let keeps = |value: &Value| value.as_str().is_some_and(|uri| kept.contains(uri));
    let top = |tables: bool| -> Vec<Value> {
        let chosen = members.iter().filter(|member| member.parent.is_none() && member.is_table() == tables);
        chosen.map(|member| json!(member.cim_path())).collect()
    };
    for list in ["layerDefinitions", "tableDefinitions"] {
        let Some(Value::Array(definitions)) = document.get_mut(list) else { continue };
        definitions.retain(|definition| uri_of(definition).is_some_and(|uri| kept.contains(uri)));
        for definition in definitions {
            for key in ["layers", "subtypeLayers", "standaloneTables"] {
                if let Some(Value::Array(inside)) = definition.get_mut(key) {
                    inside.retain(keeps);
                }
            }
        }
    }
    let Some(object) = document.as_object_mut() else { return };
    object.shift_remove("elevationSurfaceLayerDefinitions");
    let Some(Value::Object(map)) = object.get_mut("mapDefinition") else { return };
    map.insert("layers".to_owned(), Value::Array(top(false)));
    let tables = top(true);
    if tables.is_empty() {
        map.shift_remove("standaloneTables");
    } else {
        map.insert("standaloneTables".to_owned(), Value::Array(tables));
    }
    for gone in ["groundElevationSurfaceLayer", "elevationSurfaces", "elevationSurfaceLayers"] {
        map.shift_remove(gone);
    }
    // Ids of the service stand in the layers, so that readers need no counting.
    map.insert("useServiceLayerIDs".to_owned(), Value::Bool(true));
}

/// Points connections at the copies and writes the ids of the service.
fn connect(document: &mut Value, staging: &Staging<'_>, plan: &Plan, target: &Target) {
    for list in ["layerDefinitions", "tableDefinitions"] {
        let Some(Value::Array(definitions)) = document.get_mut(list) else { continue };
        for definition in definitions {
            let Some(at) =
                staging.members.0.iter().position(|member| Some(member.cim_path()) == uri_of(definition))
            else {
                continue;
            };
            let (Some(member), Some(source)) = (staging.members.0.get(at), staging.sources.get(at)) else {
                continue;
            };
            let place = source.as_ref().and_then(|source| plan.place(source));
            let Value::Object(definition) = definition else { continue };
            let id_key = if member.is_table() { "serviceTableID" } else { "serviceLayerID" };
            definition.insert(id_key.to_owned(), json!(member.id));
            if let Some(registered) =
                source.as_ref().or(member.raster.as_ref()).and_then(|source| plan.registered(source))
            {
                // Paths relative to the project lead nowhere from the package.
                if let Some(connection) = connection_mut(definition) {
                    connection.insert("workspaceConnectionString".to_owned(), json!(registered));
                }
                continue;
            }
            if let Some(raster) = &member.raster {
                if let (Some(place), Some(connection)) =
                    (plan.place_raster(raster), connection_mut(definition))
                {
                    let inside = raster.layer.as_ref().map(|_| place.name.as_str());
                    connection.insert(
                        "workspaceConnectionString".to_owned(),
                        json!(target.raster_connection(inside)),
                    );
                    let dataset = raster.layer.clone().unwrap_or_else(|| place.name.clone());
                    connection.insert("dataset".to_owned(), json!(dataset));
                }
                continue;
            }
            let Some(place) = place else { continue };
            let connection = json!({
                "type": "CIMStandardDataConnection",
                "workspaceConnectionString": target.connection(place.geodatabase),
                "workspaceFactory": "FileGDB",
                "dataset": place.dataset,
                "datasetType": if member.is_table() { "esriDTTable" } else { "esriDTFeatureClass" },
            });
            match member.item {
                Item::Layer(_) => {
                    let table =
                        definition.entry("featureTable").or_insert_with(|| Value::Object(Object::new()));
                    if let Value::Object(table) = table {
                        table.insert("dataConnection".to_owned(), connection);
                    }
                }
                Item::Table(_) => {
                    definition.insert("dataConnection".to_owned(), connection);
                }
            }
        }
    }
}

/// The connection of a layer or table, in its feature table or its own.
fn connection_mut(definition: &mut Object<String, Value>) -> Option<&mut Object<String, Value>> {
    let holder = if definition.contains_key("featureTable") {
        definition.get_mut("featureTable")?.as_object_mut()?
    } else {
        definition
    };
    holder.get_mut("dataConnection")?.as_object_mut()
}

/// Gives definitions of Pro 2 projects the names that Pro 3 gives: `CIMPATH=map/roads.json`.
fn rename_paths(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.starts_with("CIMPATH=")
                && let Some(stem) = text.strip_suffix(".xml")
            {
                *text = format!("{stem}.json");
            }
        }
        Value::Array(list) => list.iter_mut().for_each(rename_paths),
        Value::Object(object) => object.values_mut().for_each(rename_paths),
        _ => {}
    }
}

/// Packs the definitions as a project of their own, as XML for old targets where XML can carry them.
fn msd(document: &Value, map: &Map, target: &Target) -> Result<Vec<u8>> {
    match packed(document, map, target, target.json) {
        Err(error) if !target.json && error.kind() == Kind::Unsupported => {
            packed(document, map, target, true)
        }
        done => done,
    }
}

fn packed(document: &Value, map: &Map, target: &Target, json: bool) -> Result<Vec<u8>> {
    let definition = document.get("mapDefinition").unwrap_or(&Value::Null);
    let path = uri_of(definition).unwrap_or(&map.cim_path);
    let project = json!({
        "type": "CIMGISProject",
        "version": target.schema,
        "build": 0,
        "projectItems": [{
            "type": "CIMProjectItem",
            "name": text(definition, "name").unwrap_or(&map.name),
            "catalogPath": path,
            "itemType": "Map",
        }],
    });
    let mut parts = vec![("CIMPATH=GISProject.json", &project), (path, definition)];
    for list in ["layerDefinitions", "tableDefinitions"] {
        parts.extend(items(document, list).iter().filter_map(|part| Some((uri_of(part)?, part))));
    }
    let blobs: Vec<(&str, &str)> = items(document, "binaryReferences")
        .iter()
        .filter_map(|blob| Some((text(blob, "uRI")?, text(blob, "data")?)))
        .collect();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (path, part) in parts {
        let name = path.strip_prefix("CIMPATH=").unwrap_or(path);
        if json {
            files.push((name.to_owned(), to_json(part)?));
        } else {
            let name =
                name.strip_suffix(".json").map_or_else(|| name.to_owned(), |stem| format!("{stem}.xml"));
            files.push((name, xml::write(part, &target.schema)?.into_bytes()));
        }
    }
    for (path, data) in blobs {
        files.push((path.strip_prefix("CIMPATH=").unwrap_or(path).to_owned(), data.as_bytes().to_vec()));
    }
    zipped(files)
}

/// Zips files with fixed times, in their order, each name once.
fn zipped(files: Vec<(String, Vec<u8>)>) -> Result<Vec<u8>> {
    let failed =
        |error: zip::result::ZipError| Error::internal("cannot pack the map document").because(error);
    let mut seen = HashSet::new();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes) in files {
        if !seen.insert(name.clone()) {
            continue;
        }
        out.start_file(name, options).map_err(failed)?;
        out.write_all(&bytes)
            .map_err(|error| Error::internal("cannot pack the map document").because(error))?;
    }
    Ok(out.finish().map_err(failed)?.into_inner())
}
