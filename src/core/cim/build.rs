//! New CIM definitions: what Pro makes when data or a map is added.

use std::path::Path;

use serde_json::{Value, json};

use crate::cim::{get, items, text, type_of};
use crate::dataset::{Dataset, GeometryType, Source, SpatialReference};

/// Makes an empty map in Web Mercator.
pub fn map(name: &str, cim_path: &str, is_scene: bool) -> Value {
    json!({
        "type": "CIMMap",
        "name": name,
        "uRI": cim_path,
        "useSourceMetadata": true,
        "layers": [],
        "defaultViewingMode": if is_scene { "SceneGlobal" } else { "Map" },
        "mapType": if is_scene { "Scene" } else { "Map" },
        "standaloneTables": [],
        "spatialReference": {"wkid": 102_100, "latestWkid": 3857},
        "colorModel": "RGB",
        "scaleDisplayFormat": "Value",
        "clippingMode": "None",
    })
}

/// Makes an empty group.
pub fn group(name: &str) -> Value {
    json!({
        "type": "CIMGroupLayer",
        "name": name,
        "useSourceMetadata": true,
        "expanded": true,
        "layerType": "Operational",
        "showLegends": true,
        "visibility": true,
        "serviceLayerID": -1,
        "layers": [],
    })
}

/// Makes the data connection of a file, relative to the project's folder.
pub fn connection(source: &Source, is_table: bool, folder: &Path) -> Value {
    let suffix =
        source.path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default().to_ascii_lowercase();
    let relative = |path: &Path| crate::project::relative(path, folder);
    let (factory, database, dataset) = match (&source.layer, suffix.as_str()) {
        (Some(layer), _) if source.path == Path::new("memory") => {
            ("InMemoryDB", "DATABASE=memory".to_owned(), layer.clone())
        }
        (Some(layer), "gpkg" | "sqlite") => (
            "Sql",
            format!("AUTHENTICATION_MODE=OSA;DATABASE={}", relative(&source.path)),
            format!("main.{layer}"),
        ),
        (Some(layer), "xlsx" | "xls") => {
            ("Excel", format!("DATABASE={}", relative(&source.path)), format!("{layer}$"))
        }
        (Some(layer), _) => ("FileGDB", format!("DATABASE={}", relative(&source.path)), layer.clone()),
        (None, kind) => {
            let parent = source.path.parent().unwrap_or(folder);
            let name = source.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let factory = match kind {
                "csv" | "txt" | "tab" => "DelimitedTextFile",
                "shp" | "dbf" => "Shapefile",
                "tif" | "tiff" | "img" | "jpg" | "png" => "Raster",
                _ => "Custom",
            };
            (factory, format!("DATABASE={}", relative(parent)), name)
        }
    };
    let kind = match (factory, is_table) {
        ("Raster", _) => "esriDTRasterDataset",
        (_, true) => "esriDTTable",
        _ => "esriDTFeatureClass",
    };
    json!({
        "type": "CIMStandardDataConnection",
        "workspaceConnectionString": database,
        "workspaceFactory": factory,
        "dataset": dataset,
        "datasetType": kind,
    })
}

/// Makes a layer, or a table for data without geometry.
pub fn from_dataset(name: &str, dataset: &Dataset, connection: &Value) -> Value {
    let display = dataset
        .fields
        .iter()
        .find(|field| field.name.to_lowercase().contains("name"))
        .or_else(|| dataset.fields.iter().find(|field| field.field_type == crate::dataset::FieldType::String))
        .map(|field| field.name.as_str())
        .or(dataset.oid_field.as_deref())
        .unwrap_or_default();
    let Some(geometry) = dataset.geometry_type else {
        return json!({
            "type": "CIMStandaloneTable",
            "name": name,
            "useSourceMetadata": true,
            "displayField": display,
            "editable": true,
            "dataConnection": connection,
            "serviceTableID": -1,
            "showPopups": true,
        });
    };
    feature_layer(name, geometry, display, connection)
}

/// Makes a feature layer with a plain symbol.
pub fn feature_layer(name: &str, geometry: GeometryType, display_field: &str, connection: &Value) -> Value {
    json!({
        "type": "CIMFeatureLayer",
        "name": name,
        "useSourceMetadata": true,
        "expanded": true,
        "layerType": "Operational",
        "showLegends": true,
        "visibility": true,
        "showPopups": true,
        "serviceLayerID": -1,
        "autoGenerateFeatureTemplates": true,
        "featureTable": {
            "type": "CIMFeatureTable",
            "displayField": display_field,
            "editable": true,
            "dataConnection": connection,
        },
        "htmlPopupEnabled": true,
        "selectable": true,
        "renderer": {
            "type": "CIMSimpleRenderer",
            "patch": "Default",
            "symbol": {"type": "CIMSymbolReference", "symbol": symbol(geometry)},
        },
    })
}

/// Makes a layer that shows a service, by the kind in its URL.
pub fn service_layer(name: &str, url: &str) -> Value {
    let lower = url.to_lowercase();
    let base = |kind: &str, connection: Value| {
        json!({
            "type": kind,
            "name": name,
            "expanded": true,
            "layerType": "Operational",
            "showLegends": true,
            "visibility": true,
            "showPopups": true,
            "serviceLayerID": -1,
            "serviceConnection": connection,
        })
    };
    let server = |kind: &str| {
        json!({
            "type": "CIMAGSServiceConnection",
            "objectName": name,
            "objectType": kind,
            "url": url,
            "serverConnection": {"type": "CIMInternetServerConnection", "anonymous": true, "hideUserProperty": true, "url": url},
        })
    };
    if let Some((service, id)) = url.trim_end_matches('/').rsplit_once('/')
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_digit())
    {
        let connection = json!({
            "type": "CIMStandardDataConnection",
            "workspaceConnectionString": format!("URL={service}"),
            "workspaceFactory": "FeatureService",
            "dataset": id,
            "datasetType": "esriDTFeatureClass",
        });
        return feature_layer(name, GeometryType::Polygon, "", &connection);
    }
    if lower.contains("/vectortileserver") || lower.ends_with("root.json") {
        let mut layer = base("CIMVectorTileLayer", Value::Null);
        if let Some(members) = layer.as_object_mut() {
            members.remove("serviceConnection");
            members.insert(
                "dataConnection".to_owned(),
                json!({"type": "CIMVectorTileDataConnection", "uRI": url}),
            );
        }
        return layer;
    }
    if lower.contains("/imageserver") {
        return base("CIMImageServiceLayer", server("ImageServer"));
    }
    if lower.contains("wmsserver") || lower.contains("service=wms") {
        return base("CIMWMSLayer", json!({"type": "CIMWMSServiceConnection", "url": url}));
    }
    base("CIMTiledServiceLayer", server("MapServer"))
}

/// Makes the plain symbol of a geometry type.
pub fn symbol(geometry: GeometryType) -> Value {
    let stroke = |width: f64, color: [i32; 4]| {
        json!({
            "type": "CIMSolidStroke",
            "enable": true,
            "capStyle": "Round",
            "joinStyle": "Round",
            "lineStyle3D": "Strip",
            "miterLimit": 10,
            "width": width,
            "color": {"type": "CIMRGBColor", "values": color},
        })
    };
    let fill = |color: [i32; 4]| json!({"type": "CIMSolidFill", "enable": true, "color": {"type": "CIMRGBColor", "values": color}});
    match geometry {
        GeometryType::Point | GeometryType::Multipoint => json!({
            "type": "CIMPointSymbol",
            "symbolLayers": [{
                "type": "CIMVectorMarker",
                "enable": true,
                "anchorPointUnits": "Relative",
                "size": 4,
                "frame": {"xmin": -2, "ymin": -2, "xmax": 2, "ymax": 2},
                "markerGraphics": [{
                    "type": "CIMMarkerGraphic",
                    "geometry": {"curveRings": [[[0, 2], {"a": [[0, 2], [0, 0], 0, 1]}]]},
                    "symbol": {
                        "type": "CIMPolygonSymbol",
                        "symbolLayers": [stroke(0.7, [0, 0, 0, 100]), fill([0, 112, 255, 100])],
                    },
                }],
                "scaleSymbolsProportionally": true,
                "respectFrame": true,
            }],
            "haloSize": 1,
            "scaleX": 1,
            "angleAlignment": "Display",
        }),
        GeometryType::Polyline => {
            json!({"type": "CIMLineSymbol", "symbolLayers": [stroke(1.0, [0, 92, 230, 100])]})
        }
        GeometryType::Polygon | GeometryType::MultiPatch => json!({
            "type": "CIMPolygonSymbol",
            "symbolLayers": [stroke(0.7, [110, 110, 110, 100]), fill([190, 210, 255, 100])],
        }),
    }
}

/// Writes a spatial reference as CIM documents hold it.
pub fn spatial_reference(reference: &SpatialReference) -> Value {
    json!(reference)
}

/// Tells what a feature layer draws by its first symbol: `point`, `line` or `polygon`.
pub fn geometry_of(layer: &Value) -> Option<&'static str> {
    let renderer = get(layer, "renderer")?;
    let class = || items(items(renderer, "groups").first()?, "classes").first();
    let reference = get(renderer, "symbol")
        .or_else(|| get(class()?, "symbol"))
        .or_else(|| get(items(renderer, "breaks").first()?, "symbol"))
        .or_else(|| get(renderer, "defaultSymbol"))?;
    match get(reference, "symbol").map(type_of)? {
        "CIMPointSymbol" => Some("point"),
        "CIMLineSymbol" => Some("line"),
        "CIMPolygonSymbol" | "CIMMeshSymbol" => Some("polygon"),
        _ => None,
    }
    .filter(|_| text(layer, "type") == Some("CIMFeatureLayer"))
}
