//! The types of parameters that services know.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// Type of a service's parameter.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum GpType {
    /// Text.
    #[default]
    Str,
    /// A whole number.
    Long,
    /// A number.
    Double,
    /// True or false.
    Boolean,
    /// A moment, as milliseconds since 1970.
    Date,
    /// A length with its unit.
    LinearUnit,
    /// An area with its unit.
    ArealUnit,
    /// A file, by its address or as an upload.
    DataFile,
    /// A raster, by its address or as an upload.
    RasterData,
    /// A raster that may also be a map image.
    RasterDataLayer,
    /// Features.
    FeatureRecordSetLayer,
    /// Rows.
    RecordSet,
    /// Rows of values of given types.
    ValueTable,
    /// Name of a field of another parameter.
    Field,
    /// A condition.
    SqlExpression,
    /// A list of values.
    MultiValue(Box<GpType>),
}

const NAMES: [(GpType, &str); 15] = [
    (GpType::Str, "GPString"),
    (GpType::Long, "GPLong"),
    (GpType::Double, "GPDouble"),
    (GpType::Boolean, "GPBoolean"),
    (GpType::Date, "GPDate"),
    (GpType::LinearUnit, "GPLinearUnit"),
    (GpType::ArealUnit, "GPArealUnit"),
    (GpType::DataFile, "GPDataFile"),
    (GpType::RasterData, "GPRasterData"),
    (GpType::RasterDataLayer, "GPRasterDataLayer"),
    (GpType::FeatureRecordSetLayer, "GPFeatureRecordSetLayer"),
    (GpType::RecordSet, "GPRecordSet"),
    (GpType::ValueTable, "GPValueTable"),
    (GpType::Field, "Field"),
    (GpType::SqlExpression, "GPSQLExpression"),
];

/// What tools call their types, by keyword and by the English names of older toolboxes.
const OF_TOOLS: &[(&str, GpType)] = &[
    ("any value", GpType::Str),
    ("areal unit", GpType::ArealUnit),
    ("boolean", GpType::Boolean),
    ("date", GpType::Date),
    ("debandfile", GpType::RasterDataLayer),
    ("dedbasetable", GpType::RecordSet),
    ("defeatureclass", GpType::FeatureRecordSetLayer),
    ("defeaturedataset", GpType::Str),
    ("defile", GpType::DataFile),
    ("defolder", GpType::Str),
    ("deimagefile", GpType::RasterDataLayer),
    ("delayer", GpType::DataFile),
    ("deprjfile", GpType::DataFile),
    ("derasterband", GpType::RasterDataLayer),
    ("derasterdataset", GpType::RasterDataLayer),
    ("deshapefile", GpType::FeatureRecordSetLayer),
    ("detable", GpType::RecordSet),
    ("detextfile", GpType::DataFile),
    ("deworkspace", GpType::Str),
    ("double", GpType::Double),
    ("feature class", GpType::FeatureRecordSetLayer),
    ("feature layer", GpType::FeatureRecordSetLayer),
    ("feature set", GpType::FeatureRecordSetLayer),
    ("field", GpType::Field),
    ("file", GpType::DataFile),
    ("folder", GpType::Str),
    ("gpfeaturelayer", GpType::FeatureRecordSetLayer),
    ("gpfeaturerecordsetlayer", GpType::FeatureRecordSetLayer),
    ("gpmosaiclayer", GpType::RasterDataLayer),
    ("gprasterlayer", GpType::RasterDataLayer),
    ("gptableview", GpType::RecordSet),
    ("gptype", GpType::Str),
    ("linear unit", GpType::LinearUnit),
    ("long", GpType::Long),
    ("raster dataset", GpType::RasterDataLayer),
    ("raster layer", GpType::RasterDataLayer),
    ("record set", GpType::RecordSet),
    ("recordset", GpType::RecordSet),
    ("shapefile", GpType::FeatureRecordSetLayer),
    ("sql expression", GpType::SqlExpression),
    ("string", GpType::Str),
    ("table", GpType::RecordSet),
    ("table view", GpType::RecordSet),
    ("text file", GpType::DataFile),
    ("value table", GpType::ValueTable),
    ("workspace", GpType::Str),
];

impl GpType {
    /// Returns the service's type for a tool's data type (`DEFeatureClass`, `Feature Layer`, ...); text
    /// for what services do not know, as published tools take such values by their text.
    pub fn of_tool(data_type: &str, multivalue: bool) -> Self {
        let lower = data_type.trim().to_ascii_lowercase();
        let direct = NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(&lower)).map(|(kind, _)| kind);
        let found = direct.or_else(|| OF_TOOLS.iter().find(|(name, _)| *name == lower).map(|(_, kind)| kind));
        let kind = found.cloned().unwrap_or_default();
        // Value tables are lists already.
        if multivalue && kind != Self::ValueTable { Self::MultiValue(Box::new(kind)) } else { kind }
    }

    /// Returns whether its values stand for data: features, rows, rasters or files.
    pub fn is_data(&self) -> bool {
        match self {
            Self::MultiValue(inner) => inner.is_data(),
            Self::DataFile
            | Self::RasterData
            | Self::RasterDataLayer
            | Self::FeatureRecordSetLayer
            | Self::RecordSet => true,
            _ => false,
        }
    }
}

impl fmt::Display for GpType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::MultiValue(inner) = self {
            return write!(f, "GPMultiValue:{inner}");
        }
        let name = NAMES.iter().find(|(kind, _)| kind == self).map_or("GPString", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for GpType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        if let Some(inner) = name.strip_prefix("GPMultiValue:") {
            // A list of lists has no form on the wire.
            if inner.starts_with("GPMultiValue") {
                return Err(Error::invalid(format!("`{name}` is a list of lists")));
            }
            return Ok(Self::MultiValue(Box::new(inner.parse()?)));
        }
        NAMES
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|(kind, _)| kind.clone())
            .ok_or_else(|| Error::invalid(format!("`{name}` is no type of a service's parameter")))
    }
}

impl Serialize for GpType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GpType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
