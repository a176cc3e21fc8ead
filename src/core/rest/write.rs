//! Rows as Esri JSON and GeoJSON, written as they come.

use super::query::QueryRequest;
use super::statistics::column_type;
use crate::Result;
use crate::dataset::{Field, FieldType, GeometryType};
use crate::geometry::number::{push_f32, push_f64, push_i64, push_text};
use crate::geometry::{ShapeWriter, wire_form};
use crate::query::{Groups, OwnedValue, Row, Schema, Value};

/// The forms of an answer with rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WireFormat {
    /// Esri JSON.
    Esri,
    /// GeoJSON.
    GeoJson,
}

/// Appends a value as its field's type wants it.
pub fn write_value(out: &mut Vec<u8>, value: &Value<'_>, field_type: FieldType) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Int(value) | Value::Date(value) => push_i64(out, *value),
        Value::Float(value) if field_type == FieldType::Single => push_f32(out, *value),
        Value::Float(value) => push_f64(out, *value),
        Value::Text(text) => push_text(out, text),
    }
}

/// Appends the list of fields of an answer.
pub fn write_fields<'a>(out: &mut Vec<u8>, fields: impl Iterator<Item = &'a Field>) {
    out.push(b'[');
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_field(out, &field.name, field.field_type, &field.alias, field.length);
        out.pop();
        out.extend_from_slice(b",\"domain\":");
        push_json(out, &field.domain);
        out.extend_from_slice(b",\"defaultValue\":");
        push_json(out, &field.default_value);
        out.push(b'}');
    }
    out.push(b']');
}

fn write_field(out: &mut Vec<u8>, name: &str, field_type: FieldType, alias: &str, length: Option<u32>) {
    out.extend_from_slice(b"{\"name\":");
    push_text(out, name);
    out.extend_from_slice(b",\"type\":");
    push_json(out, &field_type);
    out.extend_from_slice(b",\"alias\":");
    push_text(out, alias);
    out.extend_from_slice(b",\"sqlType\":\"sqlTypeOther\"");
    if let Some(length) = length {
        out.extend_from_slice(b",\"length\":");
        push_i64(out, i64::from(length));
    }
    out.push(b'}');
}

fn push_json<T: serde::Serialize>(out: &mut Vec<u8>, value: &T) {
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.extend_from_slice(b"null");
    }
}

fn push_reference(out: &mut Vec<u8>, request: &QueryRequest) {
    push_json(out, &wire_form(&request.out_reference));
}

/// Writes one answer with rows: head, rows as they come, tail.
#[derive(Debug)]
pub struct PageWriter<'a> {
    schema: &'a Schema,
    request: &'a QueryRequest,
    format: WireFormat,
    fields: &'a [usize],
    geometry: bool,
    /// `"name":` of every field, ready to be copied.
    keys: Vec<(usize, Vec<u8>, FieldType)>,
    shapes: ShapeWriter,
    out: Vec<u8>,
    rows: u64,
}

impl<'a> PageWriter<'a> {
    /// Begins an answer.
    pub fn new(
        schema: &'a Schema,
        request: &'a QueryRequest,
        format: WireFormat,
        fields: &'a [usize],
        geometry: bool,
    ) -> Self {
        let mut keys = Vec::with_capacity(fields.len());
        for index in fields {
            let Some(field) = schema.fields.get(*index) else { continue };
            let mut key = Vec::new();
            if !keys.is_empty() {
                key.push(b',');
            }
            push_text(&mut key, &field.name);
            key.push(b':');
            keys.push((*index, key, field.field_type));
        }
        let shapes = ShapeWriter::new(request.shape.clone());
        let mut writer = Self {
            schema,
            request,
            format,
            fields,
            geometry,
            keys,
            shapes,
            out: Vec::with_capacity(64 * 1024),
            rows: 0,
        };
        writer.head();
        writer
    }

    fn head(&mut self) {
        if self.format == WireFormat::GeoJson {
            self.out.extend_from_slice(b"{\"type\":\"FeatureCollection\"");
            let code = wire_form(&self.request.out_reference).latest_wkid.filter(|wkid| *wkid != 4326);
            if let Some(code) = code {
                let crs =
                    format!(",\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"EPSG:{code}\"}}}}");
                self.out.extend_from_slice(crs.as_bytes());
            }
            self.out.extend_from_slice(b",\"features\":[");
            return;
        }
        self.out.extend_from_slice(b"{\"objectIdFieldName\":");
        push_text(&mut self.out, self.schema.oid_name());
        self.out.extend_from_slice(b",\"uniqueIdField\":{\"name\":");
        push_text(&mut self.out, self.schema.oid_name());
        self.out.extend_from_slice(b",\"isSystemMaintained\":true},\"globalIdFieldName\":");
        let global = self.schema.global_id.and_then(|index| self.schema.fields.get(index));
        push_text(&mut self.out, global.map_or("", |field| field.name.as_str()));
        if let Some(kind) = self.schema.geometry_type {
            self.out.extend_from_slice(b",\"geometryType\":");
            push_json(&mut self.out, &kind);
            self.out.extend_from_slice(b",\"spatialReference\":");
            push_reference(&mut self.out, self.request);
            if self.request.shape.z {
                self.out.extend_from_slice(b",\"hasZ\":true");
            }
            if self.request.shape.m {
                self.out.extend_from_slice(b",\"hasM\":true");
            }
            if let Some(quantization) = &self.request.shape.quantization {
                self.out.extend_from_slice(b",\"transform\":");
                quantization.push_transform(&mut self.out);
            }
        }
        self.out.extend_from_slice(b",\"fields\":");
        write_fields(&mut self.out, self.fields.iter().filter_map(|index| self.schema.fields.get(*index)));
        self.out.extend_from_slice(b",\"features\":[");
    }

    /// Appends a row.
    pub fn row(&mut self, row: &dyn Row) -> Result<()> {
        if self.rows > 0 {
            self.out.push(b',');
        }
        self.rows += 1;
        match self.format {
            WireFormat::Esri => self.esri(row),
            WireFormat::GeoJson => self.geojson(row),
        }
    }

    fn attributes(&mut self, row: &dyn Row) {
        self.out.push(b'{');
        for (index, key, field_type) in &self.keys {
            self.out.extend_from_slice(key);
            write_value(&mut self.out, &row.value(*index), *field_type);
        }
        self.out.push(b'}');
    }

    fn esri(&mut self, row: &dyn Row) -> Result<()> {
        self.out.extend_from_slice(b"{\"attributes\":");
        self.attributes(row);
        if self.geometry
            && let Some(kind) = self.schema.geometry_type
        {
            let shape = row.shape();
            if self.request.centroid && kind == GeometryType::Polygon {
                self.out.extend_from_slice(b",\"centroid\":");
                match shape {
                    Some(shape) => self.shapes.centroid(&mut self.out, shape)?,
                    None => self.out.extend_from_slice(b"null"),
                }
            }
            if let Some(shape) = shape {
                self.out.extend_from_slice(b",\"geometry\":");
                self.shapes.esri(&mut self.out, shape, kind)?;
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn geojson(&mut self, row: &dyn Row) -> Result<()> {
        self.out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
        write_value(&mut self.out, &row.value(self.schema.oid), FieldType::Oid);
        self.out.extend_from_slice(b",\"geometry\":");
        match row.shape().filter(|_| self.geometry) {
            Some(shape) => self.shapes.geojson(&mut self.out, shape)?,
            None => self.out.extend_from_slice(b"null"),
        }
        self.out.extend_from_slice(b",\"properties\":");
        self.attributes(row);
        self.out.push(b'}');
        Ok(())
    }

    /// Returns how many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes what is written so far, so that large answers can be sent in pieces.
    pub fn take(&mut self) -> Vec<u8> {
        let next = Vec::with_capacity(self.out.capacity());
        std::mem::replace(&mut self.out, next)
    }

    /// Returns how much is waiting to be taken.
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// Ends the answer and returns what was not taken yet. `more` says that rows remain.
    pub fn finish(mut self, more: bool) -> Vec<u8> {
        self.out.push(b']');
        if more && self.format == WireFormat::GeoJson {
            // Both places are read: the first by GDAL, the second by Esri's own clients.
            self.out.extend_from_slice(
                b",\"exceededTransferLimit\":true,\"properties\":{\"exceededTransferLimit\":true}",
            );
        } else if more {
            self.out.extend_from_slice(b",\"exceededTransferLimit\":true");
        }
        self.out.push(b'}');
        self.out
    }
}

/// Writes groups: distinct values or statistics, without geometry.
pub fn write_groups(
    schema: &Schema,
    groups: &Groups,
    rows: &[Vec<OwnedValue>],
    more: bool,
    format: WireFormat,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + rows.len() * 64);
    let mut columns: Vec<(String, FieldType, String, Option<u32>)> = Vec::new();
    for key in &groups.keys {
        if let Some(field) = schema.fields.get(*key) {
            columns.push((field.name.clone(), field.field_type, field.alias.clone(), field.length));
        }
    }
    for statistic in groups.statistics.iter().filter(|statistic| !statistic.name.is_empty()) {
        let name = statistic.name.clone();
        let length = statistic.field.and_then(|field| schema.field(field)).and_then(|field| field.length);
        let field_type = column_type(statistic, schema);
        columns.push((name.clone(), field_type, name, length.filter(|_| field_type == FieldType::String)));
    }
    let geojson = format == WireFormat::GeoJson;
    if geojson {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
    } else {
        out.extend_from_slice(b"{\"displayFieldName\":\"\",\"fieldAliases\":{");
        for (index, (name, _, alias, _)) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_text(&mut out, name);
            out.push(b':');
            push_text(&mut out, alias);
        }
        out.extend_from_slice(b"},\"fields\":[");
        for (index, (name, field_type, alias, length)) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_field(&mut out, name, *field_type, alias, *length);
        }
        out.extend_from_slice(b"],\"features\":[");
    }
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(if geojson {
            b"{\"type\":\"Feature\",\"geometry\":null,\"properties\":{".as_slice()
        } else {
            b"{\"attributes\":{".as_slice()
        });
        for (column, ((name, field_type, _, _), value)) in columns.iter().zip(row).enumerate() {
            if column > 0 {
                out.push(b',');
            }
            push_text(&mut out, name);
            out.push(b':');
            write_value(&mut out, value, *field_type);
        }
        out.extend_from_slice(b"}}");
    }
    out.push(b']');
    if more {
        out.extend_from_slice(b",\"exceededTransferLimit\":true");
        if geojson {
            out.extend_from_slice(b",\"properties\":{\"exceededTransferLimit\":true}");
        }
    }
    out.push(b'}');
    out
}
