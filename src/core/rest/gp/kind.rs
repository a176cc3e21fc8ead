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

impl GpType {
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
