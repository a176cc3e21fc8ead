//! What a service and its layers are.

use geosharing_core::dataset::{FieldType, GeometryType};
use geosharing_core::query::Schema;
use geosharing_core::{Error, Result};
use serde_json::Value;

use super::cell::{Storage, storage_of};

/// What a service says about itself, as published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceDescription {
    /// The FeatureServer resource without its layers and tables.
    pub definition: Value,
    /// The item data that came with the service definition: pop-ups and the like.
    pub item_data: Option<Value>,
}

/// One layer or table.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Id in the service.
    pub id: u32,
    /// Name that users read.
    pub name: String,
    /// Fields, geometry and spatial reference.
    pub schema: Schema,
    /// The REST resource as published; counts, extents and abilities are the handlers' to add.
    pub definition: Value,
    /// Table in the record.
    pub(crate) table: String,
}

/// Longest table or column name that is kept.
const MAX_NAME: usize = 200;

impl Layer {
    /// Makes a layer; its table in the record gets a name from its own.
    pub fn new(id: u32, name: impl Into<String>, schema: Schema, definition: Value) -> Result<Self> {
        let name = name.into();
        if schema.fields.get(schema.oid).is_none_or(|field| field.field_type != FieldType::Oid) {
            return Err(Error::invalid(format!("layer `{name}` has no row id field")));
        }
        for (at, field) in schema.fields.iter().enumerate() {
            let twice =
                schema.fields.iter().take(at).any(|other| other.name.eq_ignore_ascii_case(&field.name));
            if field.name.is_empty() || field.name.len() > MAX_NAME || field.name.contains('\0') || twice {
                return Err(Error::invalid(format!(
                    "field `{}` of layer `{name}` is empty, too long or there twice; rename it",
                    field.name
                )));
            }
        }
        let mut stem: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
        if !stem.starts_with(|c: char| c.is_ascii_alphabetic()) {
            stem.insert(0, 'L');
        }
        Ok(Self { id, table: format!("{stem}_{id}"), name, schema, definition })
    }

    /// Whether rows have a geometry that is served.
    pub fn has_geometry(&self) -> bool {
        self.schema.geometry_type.is_some()
    }

    /// Name of the geometry column in the record.
    pub(crate) fn geometry_column(&self) -> &'static str {
        // A field of the user's may have the usual name already.
        let taken = |name| self.schema.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
        ["geom", "shape_geom", "geometry_blob"].into_iter().find(|name| !taken(name)).unwrap_or("geom_")
    }

    /// Indexes of the fields that are columns of the image: all but the row id.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.schema.fields.len()).filter(|index| *index != self.schema.oid)
    }

    /// How the columns of the image are held.
    pub(crate) fn storages(&self) -> Vec<Storage> {
        self.columns().map(|index| storage_of(self.schema.field_type(index))).collect()
    }

    /// GeoPackage's name of the geometry type.
    pub(crate) fn geometry_type_name(&self) -> &'static str {
        match self.schema.geometry_type {
            Some(GeometryType::Point) => "POINT",
            Some(GeometryType::Multipoint) => "MULTIPOINT",
            // Sources mix single and multi parts; the abstract name holds both.
            Some(GeometryType::Polyline | GeometryType::Polygon | GeometryType::MultiPatch) | None => {
                "GEOMETRY"
            }
        }
    }
}
