//! Spatial references as drafts spell them, with domain and tolerances.

use serde::{Deserialize, Serialize};

use super::{Markup, NodeId, Tree, number};
use crate::dataset::Envelope;

/// A spatial reference with the domain that maps and datasets carry; keys as in CIM.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Reference {
    /// Well-known id; 0 for a system without one.
    pub wkid: u32,
    /// The newest id of the same system.
    pub latest_wkid: u32,
    /// Esri WKT.
    pub wkt: String,
    /// Smallest X.
    pub false_x: Option<f64>,
    /// Smallest Y.
    pub false_y: Option<f64>,
    /// Units of the X and Y grid.
    pub xy_units: Option<f64>,
    /// Smallest Z.
    pub false_z: Option<f64>,
    /// Units of the Z grid.
    pub z_units: Option<f64>,
    /// Smallest M.
    pub false_m: Option<f64>,
    /// Units of the M grid.
    pub m_units: Option<f64>,
    /// Tolerance of X and Y.
    pub xy_tolerance: Option<f64>,
    /// Tolerance of Z.
    pub z_tolerance: Option<f64>,
    /// Tolerance of M.
    pub m_tolerance: Option<f64>,
}

const WEB_MERCATOR_WKT: &str = "PROJCS[\"WGS_1984_Web_Mercator_Auxiliary_Sphere\",GEOGCS[\"GCS_WGS_1984\",\
DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],\
UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Mercator_Auxiliary_Sphere\"],\
PARAMETER[\"False_Easting\",0.0],PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",0.0],\
PARAMETER[\"Standard_Parallel_1\",0.0],PARAMETER[\"Auxiliary_Sphere_Type\",0.0],UNIT[\"Meter\",1.0],\
AUTHORITY[\"EPSG\",3857]]";

impl Reference {
    /// Returns Web Mercator with the constants of ArcGIS Pro.
    pub fn web_mercator() -> Self {
        Self { wkid: 102_100, latest_wkid: 3857, wkt: WEB_MERCATOR_WKT.into(), ..Self::default() }
    }

    /// Returns whether this is Web Mercator, by any of its ids.
    pub fn is_web_mercator(&self) -> bool {
        [self.wkid, self.latest_wkid].iter().any(|id| matches!(id, 3857 | 102_100 | 102_113))
    }

    /// Returns whether coordinates are degrees.
    pub fn is_geographic(&self) -> bool {
        self.wkt.trim_start().starts_with("GEOGCS")
    }

    /// Returns the WKT with the authority at its end, as drafts have it.
    fn full_wkt(&self) -> String {
        if self.is_web_mercator() {
            return WEB_MERCATOR_WKT.into();
        }
        let wkt = self.wkt.trim();
        let id = if self.latest_wkid > 0 { self.latest_wkid } else { self.wkid };
        if id == 0 || wkt.is_empty() || wkt.contains("AUTHORITY[") {
            return wkt.to_owned();
        }
        let authority = if id < 32_768 { "EPSG" } else { "ESRI" };
        let open = wkt.strip_suffix(']').unwrap_or(wkt);
        format!("{open},AUTHORITY[\"{authority}\",{id}]]")
    }

    fn kind(&self) -> &'static str {
        if self.wkt.trim().is_empty() && self.wkid == 0 {
            "UnknownCoordinateSystem"
        } else if self.is_geographic() {
            "GeographicCoordinateSystem"
        } else {
            "ProjectedCoordinateSystem"
        }
    }

    /// The domain that ArcGIS gives new data: XOrigin, YOrigin, XYScale, XYTolerance.
    fn usual_domain(&self) -> [f64; 4] {
        if self.is_web_mercator() {
            [-20_037_700.0, -30_241_100.0, 148_923_141.928_385_38, 0.001]
        } else if self.is_geographic() {
            [-400.0, -400.0, 999_999_999.999_999_9, 8.983_152_841_195_215e-9]
        } else {
            [-20_037_700.0, -30_241_100.0, 10_000.0, 0.001]
        }
    }

    /// Reads an element that [`Reference::write`] or a product wrote.
    pub fn read(tree: &Tree, node: NodeId) -> Self {
        let text = |name: &str| tree.child(node, name).map(|id| tree.text(id).trim().to_owned());
        let number = |name: &str| text(name).and_then(|text| text.parse::<f64>().ok());
        let id = |name: &str| text(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        Self {
            wkid: id("WKID"),
            latest_wkid: id("LatestWKID"),
            wkt: text("WKT").unwrap_or_default(),
            false_x: number("XOrigin"),
            false_y: number("YOrigin"),
            xy_units: number("XYScale"),
            false_z: number("ZOrigin"),
            z_units: number("ZScale"),
            false_m: number("MOrigin"),
            m_units: number("MScale"),
            xy_tolerance: number("XYTolerance"),
            z_tolerance: number("ZTolerance"),
            m_tolerance: number("MTolerance"),
        }
    }

    /// Writes the element `name`.
    pub fn write(&self, out: &mut Markup, name: &str) {
        let [x, y, scale, tolerance] = self.usual_domain();
        out.open(name, self.kind()).leaf("WKT", &self.full_wkt());
        let mut put = |key: &str, value: Option<f64>, usual: f64| {
            out.leaf(key, &number(value.unwrap_or(usual)));
        };
        put("XOrigin", self.false_x, x);
        put("YOrigin", self.false_y, y);
        put("XYScale", self.xy_units, scale);
        put("ZOrigin", self.false_z, -100_000.0);
        put("ZScale", self.z_units, 10_000.0);
        put("MOrigin", self.false_m, -100_000.0);
        put("MScale", self.m_units, 10_000.0);
        put("XYTolerance", self.xy_tolerance, tolerance);
        put("ZTolerance", self.z_tolerance, 0.001);
        put("MTolerance", self.m_tolerance, 0.001);
        out.leaf("HighPrecision", "true");
        if self.is_geographic() {
            out.leaf("LeftLongitude", "-180");
        }
        let latest = if self.latest_wkid > 0 { self.latest_wkid } else { self.wkid };
        if self.wkid > 0 {
            out.leaf("WKID", &self.wkid.to_string()).leaf("LatestWKID", &latest.to_string());
        }
        out.close(name);
    }

    /// Writes an extent with its spatial reference.
    pub fn write_extent(&self, out: &mut Markup, name: &str, extent: &Envelope) {
        out.open(name, "EnvelopeN")
            .leaf("XMin", &number(extent.xmin))
            .leaf("YMin", &number(extent.ymin))
            .leaf("XMax", &number(extent.xmax))
            .leaf("YMax", &number(extent.ymax));
        self.write(out, "SpatialReference");
        out.close(name);
    }
}
