//! Schemas of data sources, in the terms of the REST API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A field type, named as in the REST API.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum FieldType {
    /// The row id.
    #[serde(rename = "esriFieldTypeOID")]
    Oid,
    /// 16-bit integer.
    #[serde(rename = "esriFieldTypeSmallInteger")]
    SmallInteger,
    /// 32-bit integer.
    #[serde(rename = "esriFieldTypeInteger")]
    Integer,
    /// 64-bit integer (Pro 3.2 and later).
    #[serde(rename = "esriFieldTypeBigInteger")]
    BigInteger,
    /// 32-bit float.
    #[serde(rename = "esriFieldTypeSingle")]
    Single,
    /// 64-bit float.
    #[serde(rename = "esriFieldTypeDouble")]
    Double,
    /// Text.
    #[serde(rename = "esriFieldTypeString")]
    String,
    /// Date and time, milliseconds since 1970.
    #[serde(rename = "esriFieldTypeDate")]
    Date,
    /// A day without a time.
    #[serde(rename = "esriFieldTypeDateOnly")]
    DateOnly,
    /// A time without a day.
    #[serde(rename = "esriFieldTypeTimeOnly")]
    TimeOnly,
    /// Date and time with an offset.
    #[serde(rename = "esriFieldTypeTimestampOffset")]
    TimestampOffset,
    /// Bytes.
    #[serde(rename = "esriFieldTypeBlob")]
    Blob,
    /// A GUID in braces.
    #[serde(rename = "esriFieldTypeGUID")]
    Guid,
    /// The global id.
    #[serde(rename = "esriFieldTypeGlobalID")]
    GlobalId,
    /// XML text.
    #[serde(rename = "esriFieldTypeXML")]
    Xml,
    /// The geometry.
    #[serde(rename = "esriFieldTypeGeometry")]
    Geometry,
}

/// A geometry type, named as in the REST API.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum GeometryType {
    /// One point.
    #[serde(rename = "esriGeometryPoint")]
    Point,
    /// Several points.
    #[serde(rename = "esriGeometryMultipoint")]
    Multipoint,
    /// One or more paths.
    #[serde(rename = "esriGeometryPolyline")]
    Polyline,
    /// Rings.
    #[serde(rename = "esriGeometryPolygon")]
    Polygon,
    /// Patches; described, never served.
    #[serde(rename = "esriGeometryMultiPatch")]
    MultiPatch,
}

/// A spatial reference: well-known id, Esri's newer id for the same, and WKT.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct SpatialReference {
    /// Well-known id, `102100` for Web Mercator in Esri's numbering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wkid: Option<u32>,
    /// The newest id of the same system, `3857`.
    #[serde(rename = "latestWkid", skip_serializing_if = "Option::is_none")]
    pub latest_wkid: Option<u32>,
    /// Esri WKT, for systems without an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wkt: Option<String>,
}

/// An extent in the units of its spatial reference.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Envelope {
    /// West.
    pub xmin: f64,
    /// South.
    pub ymin: f64,
    /// East.
    pub xmax: f64,
    /// North.
    pub ymax: f64,
}

/// One value of a coded value domain.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DomainValue {
    /// What users read.
    pub name: String,
    /// What the field holds.
    pub code: serde_json::Value,
}

/// An attribute domain.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type")]
pub enum Domain {
    /// A list of values.
    #[serde(rename = "codedValue")]
    CodedValue {
        /// Name in the geodatabase.
        name: String,
        /// The values, in their order.
        #[serde(rename = "codedValues")]
        coded_values: Vec<DomainValue>,
    },
    /// A closed range.
    #[serde(rename = "range")]
    Range {
        /// Name in the geodatabase.
        name: String,
        /// Least and greatest value.
        range: [serde_json::Value; 2],
    },
}

/// One field.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Field {
    /// Name in the source.
    pub name: String,
    /// Type in the REST API.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// What users read; the name where there is no alias.
    pub alias: String,
    /// Length in characters, for text and GUIDs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Whether the field may be empty.
    pub nullable: bool,
    /// Whether users may edit it.
    pub editable: bool,
    /// The domain, if it has one.
    pub domain: Option<Domain>,
    /// Value of new rows.
    #[serde(rename = "defaultValue")]
    pub default_value: Option<serde_json::Value>,
}

/// One subtype: a code of the subtype field with defaults and domains of its own.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Subtype {
    /// What the subtype field holds.
    pub code: i64,
    /// What users read.
    pub name: String,
    /// Default values by field, as text.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Names of domains by field.
    #[serde(default)]
    pub domains: BTreeMap<String, String>,
}

/// The subtypes of a class.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Subtypes {
    /// Name of the subtype field.
    pub field: String,
    /// Code of new rows.
    pub default: Option<i64>,
    /// The subtypes in their order.
    pub entries: Vec<Subtype>,
}

/// What one feature class or table is.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    /// Name of the feature class or table.
    pub name: String,
    /// What users read, where the source has an alias.
    pub alias: Option<String>,
    /// Driver that reads it: `OpenFileGDB`, `ESRI Shapefile`, `GPKG`, …
    pub driver: String,
    /// `None` for tables.
    pub geometry_type: Option<GeometryType>,
    /// Whether geometries have Z.
    pub has_z: bool,
    /// Whether geometries have M.
    pub has_m: bool,
    /// Spatial reference; `None` when unknown or for tables.
    pub spatial_reference: Option<SpatialReference>,
    /// Extent of all rows; `None` for tables and empty classes.
    pub extent: Option<Envelope>,
    /// Number of rows that the source's definition query lets through.
    pub count: u64,
    /// Name of the row id field, as the source calls it.
    #[serde(rename = "objectIdField")]
    pub oid_field: Option<String>,
    /// Name of the global id field.
    pub global_id_field: Option<String>,
    /// The fields in their order, without row id and geometry.
    pub fields: Vec<Field>,
    /// The subtypes, if the class has a subtype field.
    #[serde(default)]
    pub subtypes: Option<Subtypes>,
}

/// How a geodatabase keeps the history of a class.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Edits replace what was there.
    Plain,
    /// Old rows are kept.
    Archived,
    /// Traditional versions.
    Traditional,
    /// Branch versions.
    Branch,
}

/// What a data source tells beyond its schema; unknown parts are `None`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Details {
    /// Names of fields with an attribute index.
    pub indexed_fields: Option<Vec<String>>,
    /// Whether the class has a spatial index.
    pub has_spatial_index: Option<bool>,
    /// How its history is kept.
    pub registration: Option<Registration>,
    /// Whether it has attachments.
    pub has_attachments: Option<bool>,
    /// Whether program code of its own draws or edits it.
    pub has_class_extension: Option<bool>,
    /// Whether a raster has overviews.
    pub has_overviews: Option<bool>,
    /// Columns and rows of a raster.
    pub raster_size: Option<(u64, u64)>,
}
