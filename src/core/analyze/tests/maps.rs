//! Rules about maps, layers, data and symbols.

use serde_json::json;

use super::scene::{database, dataset, layer, memory, table};
use super::{Probe, legacy, probe};
use crate::analyze::Product;
use crate::dataset::{Details, GeometryType};

fn levels(scene: &mut super::Scene) {
    scene.roads()["symbolLayerDrawing"] =
        json!({"type": "CIMSymbolLayerDrawing", "useSymbolLayerDrawing": true});
}

fn raster(scene: &mut super::Scene) {
    scene.files.push("dem.tif");
    scene.layers.push(json!({"type": "CIMRasterLayer", "name": "Dem", "uRI": "CIMPATH=map/dem.json",
        "visibility": true, "colorizer": {"type": "CIMRasterStretchColorizer"},
        "dataConnection": {"type": "CIMStandardDataConnection", "workspaceConnectionString": "DATABASE=.",
            "workspaceFactory": "Raster", "dataset": "dem.tif", "datasetType": "esriDTRasterDataset"}}));
}

fn marker(kind: &str) -> serde_json::Value {
    json!([{"type": kind, "enable": true}])
}

#[allow(clippy::too_many_lines, reason = "one line a rule")]
pub(super) fn probes() -> Vec<Probe> {
    use Product::{Feature, MapImage, MapService, Package, Scene, WebMap};
    vec![
        probe(1, Feature, |s| s.layers.clear()),
        probe(2, Feature, |s| drop(s.map.as_object_mut().unwrap().remove("spatialReference"))),
        probe(3, Feature, |s| s.data.clear()),
        probe(4, Feature, |s| s.roads()["featureTable"]["dataConnection"] = database("city.roads", "")),
        legacy(4, MapService, |s| {
            s.roads()["featureTable"]["dataConnection"]["workspaceFactory"] = json!("Custom");
        }),
        probe(5, Feature, |s| s.data[0].geometry_type = None),
        probe(5, Feature, |s| s.data[0].geometry_type = Some(GeometryType::MultiPatch)),
        legacy(5, MapService, |s| s.roads()["type"] = json!("CIMVectorTileLayer")),
        legacy(6, MapService, |s| s.roads()["renderer"]["type"] = json!("CIMHeatMapRenderer")),
        probe(7, Feature, |s| s.roads()["featureTable"]["definitionExpression"] = json!("WIDTH > 2"))
            .on(|s| s.roads()["featureTable"]["definitionExpression"] = json!("LANES > 2 AND NAME LIKE 'A%'")),
        legacy(11, MapService, |s| s.layers[1]["colorizer"]["statsType"] = json!("AreaOfView")).on(raster),
        legacy(13, MapService, |s| *s.symbol_layers() = marker("CIMObjectMarker3D")),
        legacy(17, MapService, |s| s.layers[1]["graphics"] = json!([{"type": "CIMGraphicElement"}])).on(|s| {
            s.layers.push(json!({"type": "CIMGraphicsLayer", "name": "Notes", "visibility": true,
                "uRI": "CIMPATH=map/notes.json"}));
        }),
        legacy(18, MapService, |s| {
            s.map["backgroundSymbol"]["symbol"]["symbolLayers"] = json!([{"type": "CIMHatchFill"}]);
        })
        .on(|s| s.map["backgroundSymbol"] = json!({"symbol": {"symbolLayers": [{"type": "CIMSolidFill"}]}})),
        legacy(19, MapService, |s| {
            s.roads()["renderer"]["symbol"]["symbol"]["type"] = json!("CIMPointSymbol");
        }),
        legacy(21, MapService, |s| {
            s.roads()["featureTable"]["selectionSetURI"] = json!("CIMPATH=ObjectIdentifierSet/1.dat");
        }),
        legacy(23, MapService, |s| s.layers[1]["colorizer"]["useMapIlluminationProperties"] = json!(true))
            .on(raster),
        probe(25, Feature, |s| s.roads()["name"] = json!("Roads selection")).on(|s| {
            s.roads()["featureTable"]["selectionSetURI"] = json!("CIMPATH=ObjectIdentifierSet/1.dat");
        }),
        probe(32, Feature, |s| drop(s.data.pop())).on(|s| {
            s.tables.push(table("List", &memory("list")));
            s.data.push(dataset("list"));
        }),
        probe(33, Feature, |s| s.tables[0]["dataConnection"] = database("city.list", "")).on(|s| {
            s.tables.push(table("List", &memory("list")));
            s.data.push(dataset("list"));
        }),
        probe(47, Feature, |s| s.data[0].spatial_reference = None),
        probe(53, Feature, |s| s.details[0].1.has_class_extension = Some(true)).on(|s| {
            s.details.push(("roads", Details { has_class_extension: Some(false), ..Details::default() }));
        }),
        probe(62, MapService, |s| {
            s.layers[1]["featureTable"]["dataConnection"] = database("city.signs", "VERSION=other");
        })
        .on(|s| {
            s.target.by_reference = true;
            s.extend("FeatureServer", &[]);
            s.layers = vec![
                layer("Roads", &database("city.roads", "VERSION=sde.DEFAULT")),
                layer("Signs", &database("city.signs", "VERSION=sde.DEFAULT")),
            ];
        }),
        probe(85, Feature, |s| s.roads()["renderer"]["type"] = json!("CIMRepresentationRenderer")),
        probe(85, Scene, |s| s.roads()["renderer"]["type"] = json!("CIMHeatMapRenderer")),
        probe(102, Feature, |s| s.roads()["layerType"] = json!("BasemapBackground")),
        probe(102, MapService, |s| s.extend("WCSServer", &[])),
        probe(115, Feature, |s| s.roads()["name"] = json!(" ")),
        legacy(130, MapService, |s| s.map["name"] = json!("City: roads")),
        probe(236, Scene, |s| s.roads()["layerElevation"]["isRelativeToScene"] = json!(true))
            .on(|s| s.roads()["layerElevation"] = json!({"type": "CIMLayerElevationSurface"})),
        probe(236, Scene, |s| {
            s.roads()["featureElevationExpressionInfo"] = json!({"expression": "$feature.A * 2"});
        })
        .on(|s| s.roads()["featureElevationExpressionInfo"] = json!({"expression": "$feature.HEIGHT"})),
        probe(374, Feature, |s| s.map["useServiceLayerIDs"] = json!(false)).on(|s| {
            s.target.check_unique_ids = true;
            s.map["useServiceLayerIDs"] = json!(true);
        }),
        probe(374, MapImage, |s| {
            s.roads()["serviceLayerID"] = json!(3);
            s.layers.push(layer("Signs", &memory("roads")));
            s.layers[1]["serviceLayerID"] = json!(3);
        })
        .on(|s| {
            s.target.check_unique_ids = true;
            s.map["useServiceLayerIDs"] = json!(true);
        }),
        probe(407, MapImage, |s| {
            s.layers.push(json!({"type": "CIMCatalogLayer", "name": "Catalog", "uRI": "CIMPATH=map/c.json"}));
        })
        .on(|s| s.target.cached = true),
        probe(10_001, Feature, |s| s.data[0].spatial_reference = Some(super::scene::reference(4326))),
        legacy(10_014, MapService, |s| {
            s.roads()["renderer"] =
                json!({"type": "CIMUniqueValueRenderer", "fields": ["owners.KIND"]});
        })
        .on(|s| {
            s.roads()["featureTable"]["dataConnection"] = json!({"type": "CIMRelQueryTableDataConnection",
                "sourceTable": memory("roads"), "destinationTable": memory("owners"),
                "primaryKey": "NAME", "foreignKey": "NAME"});
        }),
        legacy(10_017, MapService, levels).on(|s| *s.symbol_layers() = marker("CIMPictureMarker")),
        legacy(10_018, MapService, levels).on(|s| *s.symbol_layers() = marker("CIMCharacterMarker")),
        legacy(10_019, MapService, levels).on(|s| *s.symbol_layers() = marker("CIMHatchFill")),
        legacy(10_029, MapService, |s| s.details[0].1.has_overviews = Some(false)).on(|s| {
            raster(s);
            let details =
                Details { has_overviews: Some(true), raster_size: Some((9000, 9000)), ..Details::default() };
            s.details.push(("", details));
        }),
        legacy(10_036, MapService, |s| s.details[0].1.indexed_fields = Some(Vec::new())).on(|s| {
            s.roads()["labelVisibility"] = json!(true);
            s.roads()["labelClasses"] =
                json!([{"type": "CIMLabelClass", "name": "Wide", "visibility": true, "whereClause": "LANES > 4"}]);
            let indexed_fields = Some(vec!["Lanes".to_owned()]);
            s.details.push(("roads", Details { indexed_fields, ..Details::default() }));
        }),
        legacy(10_038, MapService, |s| {
            s.map["generalPlacementProperties"]["type"] = json!("CIMMaplexGeneralPlacementProperties");
        })
        .on(|s| {
            s.roads()["labelVisibility"] = json!(true);
            s.map["generalPlacementProperties"] = json!({"type": "CIMStandardGeneralPlacementProperties"});
        }),
        legacy(10_040, MapService, |s| s.roads()["renderer"]["type"] = json!("CIMRepresentationRenderer")),
        legacy(10_041, MapService, levels).on(|s| s.roads()["layerMasks"] = json!(["CIMPATH=map/m.json"])),
        probe(10_057, MapService, |s| s.details[0].1.has_spatial_index = Some(false)).on(|s| {
            s.details.push(("roads", Details { has_spatial_index: Some(true), ..Details::default() }));
        }),
        probe(20_015, Feature, |s| s.data[0].driver = "ESRI Shapefile".to_owned()),
        probe(20_027, Feature, levels),
        probe(20_028, MapService, |s| s.data[0].spatial_reference = None),
        probe(20_055, Feature, |s| {
            s.roads()["featureReduction"] = json!({"type": "CIMBinningFeatureReduction", "enabled": true});
        })
        .on(|s| s.roads()["featureReduction"] = json!({"type": "CIMBinningFeatureReduction"})),
        probe(24_033, Feature, |s| s.data[0].has_m = true),
        probe(24_034, Feature, |s| s.data[0].has_z = true).on(|s| {
            s.target.z_defaults = Some(false);
            s.offer("Query,Create,Update,Delete");
        }),
        probe(24_040, Feature, |s| {
            s.roads()["featureTable"]["relates"] = json!([{"type": "CIMRelateInfo", "name": "Owners"}]);
        }),
        probe(24_078, Feature, |s| {
            s.layers.push(json!({"type": "CIMTiledServiceLayer", "name": "Base", "uRI": "CIMPATH=map/b.json",
                "layerType": "BasemapBackground"}));
        }),
        probe(24_082, Feature, |s| s.roads()["renderer"]["type"] = json!("CIMProportionalRenderer")),
        probe(24_082, Feature, |s| {
            let layers = s.symbol_layers().as_array_mut().unwrap();
            layers.push(layers[0].clone());
        }),
        probe(24_110, WebMap, |s| {
            s.map["elevationSurfaceLayers"] = json!(["CIMPATH=map/ground.json", "CIMPATH=map/sky.json"]);
        })
        .on(|s| {
            s.map["mapType"] = json!("Scene");
            s.map["groundElevationSurfaceLayer"] = json!("CIMPATH=map/ground.json");
            s.map["elevationSurfaceLayers"] = json!(["CIMPATH=map/ground.json"]);
        }),
        probe(24_162, WebMap, |s| {
            s.roads()["featureTable"]["dataConnection"] = json!({"type": "CIMStandardDataConnection",
                "workspaceConnectionString": "AUTHENTICATION_MODE=OSA;DATABASE=.\\a.gpkg",
                "workspaceFactory": "Sql", "dataset": "main.roads"});
        }),
        legacy(30_003, MapService, |s| s.roads()["minScale"] = json!(0))
            .on(|s| s.roads()["minScale"] = json!(50_000)),
        probe(45, Package, |s| drop(s.roads().as_object_mut().unwrap().remove("description"))).on(|s| {
            s.is_layer_file = true;
            s.roads()["description"] = json!("Streets of the city");
        }),
        probe(91, Package, |s| {
            s.files.push("signs.shp");
            s.layers.push(layer("Signs", &json!({"type": "CIMStandardDataConnection",
                "workspaceConnectionString": "DATABASE=.", "workspaceFactory": "Shapefile", "dataset": "signs.shp"})));
        })
        .on(|s| s.extend("SchemaOnly", &[])),
        probe(93, Package, |s| drop(s.map.as_object_mut().unwrap().remove("description")))
            .on(|s| s.map["description"] = json!("The city's streets")),
        probe(105, Package, |s| {
            s.layers.push(json!({"type": "CIMNALayer", "name": "Route", "uRI": "CIMPATH=map/na.json"}));
        })
        .on(|s| s.version = "1.2.0"),
    ]
}
