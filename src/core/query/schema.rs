//! The fields that queries and edits refer to.

use crate::dataset::{Field, FieldType, GeometryType, SpatialReference};

/// What a layer or table is made of, in the order in which its fields are served.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// All fields with the row id, without the geometry.
    pub fields: Vec<Field>,
    /// Index of the row id in `fields`.
    pub oid: usize,
    /// Index of the global id in `fields`.
    pub global_id: Option<usize>,
    /// `None` for tables.
    pub geometry_type: Option<GeometryType>,
    /// Whether geometries have Z.
    pub has_z: bool,
    /// Whether geometries have M.
    pub has_m: bool,
    /// The spatial reference that geometries are stored in.
    pub spatial_reference: SpatialReference,
}

impl Schema {
    /// Finds a field by name, whatever its case.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        let exact = self.fields.iter().position(|field| field.name == name);
        exact.or_else(|| self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name)))
    }

    /// Returns a field.
    pub fn field(&self, index: usize) -> Option<&Field> {
        self.fields.get(index)
    }

    /// Returns a field's type; text for an index that is out of range.
    pub fn field_type(&self, index: usize) -> FieldType {
        self.fields.get(index).map_or(FieldType::String, |field| field.field_type)
    }

    /// Returns the name of the row id field.
    pub fn oid_name(&self) -> &str {
        self.fields.get(self.oid).map_or("OBJECTID", |field| field.name.as_str())
    }
}
