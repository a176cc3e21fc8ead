//! The tables of a record: GeoPackage's own, ours, and one per layer.

use geosharing_core::Result;
use geosharing_core::dataset::{Field, FieldType, GeometryType, SpatialReference};
use geosharing_core::query::Schema;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::failed;
use crate::store::layer::{Layer, ServiceDescription};

/// [`Schema`] as it is kept in the record.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct StoredSchema {
    fields: Vec<Field>,
    oid: usize,
    global_id: Option<usize>,
    geometry_type: Option<GeometryType>,
    has_z: bool,
    has_m: bool,
    spatial_reference: SpatialReference,
}

/// Quotes an identifier.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Name of a layer's R-tree, without quotes.
pub(super) fn rtree_name(layer: &Layer) -> String {
    format!("rtree_{}_{}", layer.table, layer.geometry_column())
}

/// Makes the tables that every record has.
pub(super) fn create(connection: &Connection, record: &str, service: &ServiceDescription) -> Result<()> {
    connection.execute_batch(include_str!("tables.sql")).map_err(failed)?;
    let item_data = service.item_data.as_ref().map(ToString::to_string);
    let definition = Some(service.definition.to_string());
    for (key, value) in [("record", Some(record.to_owned())), ("service", definition), ("item", item_data)] {
        let sql = "INSERT INTO geosharing_service VALUES (?1, ?2)";
        connection.execute(sql, params![key, value]).map_err(failed)?;
    }
    Ok(())
}

fn column_type(field: &Field) -> String {
    match field.field_type {
        FieldType::SmallInteger => "SMALLINT".into(),
        FieldType::Integer => "MEDIUMINT".into(),
        FieldType::Oid | FieldType::BigInteger => "INTEGER".into(),
        FieldType::Single => "FLOAT".into(),
        FieldType::Double => "DOUBLE".into(),
        FieldType::Date => "DATETIME".into(),
        FieldType::DateOnly => "DATE".into(),
        FieldType::Blob | FieldType::Geometry => "BLOB".into(),
        FieldType::String | FieldType::Guid | FieldType::GlobalId => match field.length {
            Some(length) if (1..1_000_000).contains(&length) => format!("TEXT({length})"),
            _ => "TEXT".into(),
        },
        FieldType::TimeOnly | FieldType::TimestampOffset | FieldType::Xml => "TEXT".into(),
    }
}

/// Makes sure that a spatial reference is in the record, and returns its id there.
fn spatial_reference(connection: &Connection, reference: &SpatialReference) -> Result<i32> {
    let (id, organization) = match (reference.latest_wkid.or(reference.wkid), &reference.wkt) {
        // Esri's own codes lie between 37000 and 200000, EPSG's below.
        (Some(id), _) if (37_000..200_000).contains(&id) => (id as i32, "ESRI"),
        (Some(id), _) => (id as i32, "EPSG"),
        // Ids of systems without one start where neither EPSG nor Esri has any.
        (None, Some(wkt)) if !wkt.is_empty() => (900_001, "NONE"),
        _ => return Ok(-1),
    };
    let definition = reference.wkt.as_deref().unwrap_or("undefined");
    connection
        .execute(
            "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, NULL)",
            params![format!("{organization}:{id}"), id, organization, definition],
        )
        .map_err(failed)?;
    Ok(id)
}

/// Makes a layer's table and registers it; gives the id of its spatial reference.
pub(super) fn create_layer(connection: &Connection, layer: &Layer) -> Result<i32> {
    let schema = &layer.schema;
    let geometry = layer.geometry_column();
    let table = &layer.table;
    let mut columns = vec![format!("{} INTEGER PRIMARY KEY NOT NULL", quote(schema.oid_name()))];
    if layer.has_geometry() {
        columns.push(format!("{} {}", quote(geometry), layer.geometry_type_name()));
    }
    for field in layer.columns().filter_map(|index| schema.field(index)) {
        columns.push(format!("{} {}", quote(&field.name), column_type(field)));
    }
    let sql = format!("CREATE TABLE {} ({})", quote(table), columns.join(", "));
    connection.execute_batch(&sql).map_err(failed)?;
    let stored = StoredSchema {
        fields: schema.fields.clone(),
        oid: schema.oid,
        global_id: schema.global_id,
        geometry_type: schema.geometry_type,
        has_z: schema.has_z,
        has_m: schema.has_m,
        spatial_reference: schema.spatial_reference.clone(),
    };
    let stored = serde_json::to_string(&stored).unwrap_or_default();
    let sql = "INSERT INTO geosharing_layers (layer, table_name, name, schema, definition)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let definition = layer.definition.to_string();
    connection.execute(sql, params![layer.id, table, layer.name, stored, definition]).map_err(failed)?;
    for field in schema.fields.iter().filter(|field| field.alias != field.name) {
        let sql = "INSERT INTO gpkg_data_columns (table_name, column_name, title) VALUES (?1, ?2, ?3)";
        connection.execute(sql, params![table, field.name, field.alias]).map_err(failed)?;
    }
    let (kind, srs) = if layer.has_geometry() {
        ("features", spatial_reference(connection, &schema.spatial_reference)?)
    } else {
        ("attributes", 0)
    };
    let sql = "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?1, ?2, ?3, ?4)";
    let identifier = format!("{} ({})", layer.name, layer.id);
    connection.execute(sql, params![table, kind, identifier, srs]).map_err(failed)?;
    if layer.has_geometry() {
        // 2 means that rows may have the dimension: sources are not always of one mind.
        let may = |has: bool| if has { 2 } else { 0 };
        let sql = "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let name = layer.geometry_type_name();
        connection
            .execute(sql, params![table, geometry, name, srs, may(schema.has_z), may(schema.has_m)])
            .map_err(failed)?;
        let sql = "INSERT INTO gpkg_extensions VALUES (?1, ?2, 'gpkg_rtree_index',
                   'http://www.geopackage.org/spec121/#extension_rtree', 'write-only')";
        connection.execute(sql, params![table, geometry]).map_err(failed)?;
        let tree = quote(&rtree_name(layer));
        let sql = format!("CREATE VIRTUAL TABLE {tree} USING rtree(id, minx, maxx, miny, maxy)");
        connection.execute_batch(&sql).map_err(failed)?;
    }
    Ok(srs)
}

/// Makes the triggers that keep the R-tree and the list of changes; after the bulk of the rows.
pub(super) fn create_triggers(connection: &Connection, layer: &Layer) -> Result<()> {
    let (table, oid) = (quote(&layer.table), quote(layer.schema.oid_name()));
    let mut triggers = Vec::new();
    for (event, row) in [("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")] {
        let name = format!("geosharing_{}_{}", layer.table, event.to_ascii_lowercase());
        let body = format!("INSERT INTO geosharing_changes (layer, oid) VALUES ({}, {row}.{oid});", layer.id);
        triggers.push((name, event.to_owned(), "1".to_owned(), body));
    }
    if layer.has_geometry() {
        let geometry = quote(layer.geometry_column());
        let name = rtree_name(layer);
        let tree = quote(&name);
        let filled = format!("(NEW.{geometry} NOTNULL AND NOT ST_IsEmpty(NEW.{geometry}))");
        let empty = format!("(NEW.{geometry} ISNULL OR ST_IsEmpty(NEW.{geometry}))");
        let same = format!("OLD.{oid} = NEW.{oid}");
        let moved = format!("OLD.{oid} != NEW.{oid}");
        let insert = format!(
            "INSERT OR REPLACE INTO {tree} VALUES (NEW.{oid}, ST_MinX(NEW.{geometry}),
             ST_MaxX(NEW.{geometry}), ST_MinY(NEW.{geometry}), ST_MaxY(NEW.{geometry}));"
        );
        let delete = format!("DELETE FROM {tree} WHERE id = OLD.{oid};");
        let delete_both = format!("DELETE FROM {tree} WHERE id IN (OLD.{oid}, NEW.{oid});");
        let update = format!("UPDATE OF {geometry}");
        triggers.extend([
            (format!("{name}_insert"), "INSERT".into(), filled.clone(), insert.clone()),
            (format!("{name}_update1"), update.clone(), format!("{same} AND {filled}"), insert.clone()),
            (format!("{name}_update2"), update, format!("{same} AND {empty}"), delete.clone()),
            (
                format!("{name}_update3"),
                "UPDATE".into(),
                format!("{moved} AND {filled}"),
                format!("{delete} {insert}"),
            ),
            (format!("{name}_update4"), "UPDATE".into(), format!("{moved} AND {empty}"), delete_both),
            (format!("{name}_delete"), "DELETE".into(), format!("OLD.{geometry} NOT NULL"), delete),
        ]);
    }
    for (name, event, when, body) in triggers {
        let name = quote(&name);
        let sql = format!("CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {when} BEGIN {body} END");
        connection.execute_batch(&sql).map_err(failed)?;
    }
    Ok(())
}

/// Reads the record's own name, the service and its layers.
pub(super) fn load(connection: &Connection) -> Result<(String, ServiceDescription, Vec<Layer>)> {
    let value = |key: &str| -> Result<Option<String>> {
        let sql = "SELECT value FROM geosharing_service WHERE key = ?1";
        let found = connection.query_row(sql, [key], |row| row.get(0)).optional().map_err(failed)?;
        Ok(found.flatten())
    };
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    let record = value("record")?.unwrap_or_default();
    let definition = json(value("service")?).unwrap_or_default();
    let service = ServiceDescription { definition, item_data: json(value("item")?) };
    let sql = "SELECT layer, table_name, name, schema, definition FROM geosharing_layers ORDER BY layer";
    let mut statement = connection.prepare(sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut layers = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let text = |at: usize| row.get::<_, String>(at).map_err(failed);
        let stored: StoredSchema = serde_json::from_str(&text(3)?).map_err(|error| {
            geosharing_core::Error::invalid(format!("a layer of the record cannot be read: {error}"))
        })?;
        let schema = Schema {
            fields: stored.fields,
            oid: stored.oid,
            global_id: stored.global_id,
            geometry_type: stored.geometry_type,
            has_z: stored.has_z,
            has_m: stored.has_m,
            spatial_reference: stored.spatial_reference,
        };
        let definition = serde_json::from_str(&text(4)?).unwrap_or_default();
        let mut layer = Layer::new(row.get(0).map_err(failed)?, text(2)?, schema, definition)?;
        layer.table = text(1)?;
        layers.push(layer);
    }
    Ok((record, service, layers))
}
