//! Rules about drafts, servers, tools, rasters and locators.

use serde_json::json;

use super::scene::{database, dataset, layer, memory, reference, table};
use super::{Probe, Scene, probe};
use crate::analyze::*;
use crate::dataset::{Details, Registration};

fn referenced(scene: &mut Scene) {
    scene.target.by_reference = true;
    scene.extend("FeatureServer", &[]);
    scene.offer("Query,Create,Update,Delete,Sync");
}

fn known(scene: &mut Scene) {
    scene.target.by_reference = true;
    let folder = DataItem { kind: "folder".into(), client_path: "memory".into(), connection: String::new() };
    scene.server = Some(ServerFacts { data_items: Some(vec![folder]), ..ServerFacts::default() });
}

fn forget(scene: &mut Scene) {
    scene.server.as_mut().unwrap().data_items = Some(Vec::new());
}

fn listed(scene: &mut Scene) {
    scene.tables.push(table("List", &memory("list")));
    scene.data.push(dataset("list"));
}

fn versioned(scene: &mut Scene, registration: Registration, connection: &str) {
    referenced(scene);
    scene.layers = vec![layer("Roads", &database("city.roads", connection))];
    scene.details = vec![("city.roads", Details { registration: Some(registration), ..Details::default() })];
}

fn tile(wkid: u32) -> impl Fn(&mut Scene) {
    move |scene| {
        scene.target.cached = true;
        scene.target.tiling_wkid = Some(wkid);
    }
}

fn model(scene: &mut Scene) {
    let tool = scene.tool();
    tool.kind = GpToolKind::Model;
    tool.script = None;
}

fn missing(path: &str, is_toolbox: bool) -> GpData {
    GpData { path: path.to_owned(), exists: Some(false), is_toolbox, line: 7 }
}

fn output(scene: &mut Scene) {
    let tool = scene.tool();
    tool.parameters[0].output = true;
    tool.parameters[0].datatype = "GPRasterLayer".to_owned();
    scene.gp.as_mut().unwrap().result_map_service = true;
}

fn errors(scene: &mut Scene) {
    scene.extend("ValidationServer", &[]);
    for name in ["PointErrors", "LineErrors", "PolygonErrors", "ObjectErrors"] {
        scene.tables.push(table(name, &database(&format!("city.gdb_Validation{name}"), "")));
    }
}

#[allow(clippy::too_many_lines, reason = "one line a rule")]
pub(super) fn probes() -> Vec<Probe> {
    use Product::{Feature, Geocode, Geoprocessing, Image, MapImage, MapService, Tile};
    vec![
        probe(56, MapService, |s| {
            s.layers.push(layer("Signs", &memory("roads")));
            s.layers[1]["name"] = json!("roads");
        })
        .on(|s| s.extend("WFSServer", &[])),
        probe(57, MapService, |s| s.roads()["name"] = json!("Roads & signs"))
            .on(|s| s.extend("WMSServer", &[("inheritLayerNames", "true")])),
        probe(101, MapService, |s| s.target.extensions[0].properties.insert("name".into(), String::new()))
            .on(|s| s.extend("WMSServer", &[("name", "WMS")])),
        probe(409, MapService, |s| s.roads()["name"] = json!("Roads v.2")).on(|s| s.extend("NAServer", &[])),
        probe(24_027, MapService, |s| s.map["spatialReference"] = json!({"wkt": "PROJCS[\"City\"]"}))
            .on(|s| s.extend("WMSServer", &[])),
        probe(24_028, MapService, |s| {
            s.target.extensions[0].properties.insert("abstract".into(), "roads & signs".into())
        })
        .on(|s| s.extend("WMSServer", &[("abstract", "roads"), ("onlineResource", "https://a/?a=1&b=2")])),
        probe(24_058, Feature, |s| s.target.summary = Some(" ".into()))
            .on(|s| s.target.summary = Some("Streets".into())),
        probe(24_059, Feature, |s| s.target.tags = Some(Vec::new()))
            .on(|s| s.target.tags = Some(vec!["streets".into()])),
        probe(79, MapService, |s| s.target.tiling_wkid = Some(4326)).on(tile(3857)),
        probe(155, MapImage, |s| s.map["spatialReference"] = json!({"wkid": 27_700})).on(tile(3857)),
        probe(20_034, Tile, |s| s.map["spatialReference"] = json!({"wkid": 2193})).on(tile(3857)),
        probe(20_054, Tile, |s| s.target.tiling_wkid = Some(4326)).on(tile(3857)),
        probe(184, MapImage, |s| s.data[0].global_id_field = None).on(referenced),
        probe(185, MapImage, |s| s.data[1].global_id_field = None).on(|s| {
            referenced(s);
            listed(s);
        }),
        probe(191, MapImage, |s| s.offer("Query,Create,Sync")).on(referenced),
        probe(264, MapImage, |s| s.details[0].1.registration = Some(Registration::Branch))
            .on(|s| versioned(s, Registration::Traditional, "VERSION=sde.DEFAULT")),
        probe(271, MapImage, |s| s.details[0].1.registration = Some(Registration::Traditional))
            .on(|s| versioned(s, Registration::Branch, "BRANCH=sde.DEFAULT")),
        probe(298, MapImage, |s| drop(s.tables.pop())).on(errors),
        probe(231, MapImage, forget).on(|s| {
            referenced(s);
            known(s);
        }),
        probe(24_011, MapService, forget).on(known),
        probe(24_011, MapService, |s| {
            s.server.as_mut().unwrap().data_items.as_mut().unwrap()[0].connection =
                "SERVER=db1;INSTANCE=sde:postgresql:db1;DATABASE=city;USER=other".into();
        })
        .on(|s| {
            known(s);
            s.layers = vec![layer("Roads", &database("city.roads", ""))];
            s.server.as_mut().unwrap().data_items.as_mut().unwrap()[0].connection =
                "SERVER=db1;INSTANCE=sde:postgresql:db1;DATABASE=city;USER=gis".into();
        }),
        probe(24_012, MapService, forget).on(|s| {
            known(s);
            listed(s);
        }),
        probe(147, MapImage, |s| s.server.as_mut().unwrap().roles = Some(vec!["MapServer".into()])).on(|s| {
            s.layers.push(json!({"type": "CIMMosaicLayer", "name": "Ortho", "uRI": "CIMPATH=map/o.json"}));
            s.server =
                Some(ServerFacts { roles: Some(vec!["ImageServer".into()]), ..ServerFacts::default() });
        }),
        probe(3, Image, |s| s.raster.as_mut().unwrap().missing = true).on(dem),
        probe(10_029, Image, |s| s.raster.as_mut().unwrap().overviews = Some(false)).on(dem),
        probe(20_028, Image, |s| s.raster.as_mut().unwrap().spatial_reference = None).on(dem),
        probe(79, Image, |s| s.target.tiling_wkid = Some(4326)).on(|s| {
            dem(s);
            tile(3857)(s);
        }),
        probe(94, Geocode, |s| s.locator.as_mut().unwrap().missing_members.push("Streets.loc".into()))
            .on(locator),
        probe(96, Geocode, |s| s.locator.as_mut().unwrap().path = "City .loc".into()).on(locator),
        probe(96, Geocode, |s| s.locator.as_mut().unwrap().fault = Some("it is empty".into())).on(locator),
        probe(24_020, Geocode, |s| s.locator.as_mut().unwrap().has_spatial_reference = Some(false))
            .on(locator),
        probe(67, Geoprocessing, |s| s.script().paths.push(missing("C:\\Tools\\A.atbx", true))).on(tool),
        probe(68, Geoprocessing, |s| s.script().paths.push(missing("C:\\Data\\a.gdb", false))).on(tool),
        probe(68, Geoprocessing, |s| s.gp.as_mut().unwrap().allowed_paths.clear()).on(|s| {
            s.script().paths.push(missing("D:\\server\\a.gdb", false));
            s.gp.as_mut().unwrap().allowed_paths.push("D:\\server\\a.gdb".into());
        }),
        probe(69, Geoprocessing, |s| s.tool().fault = Some("no class `Buffer`".into())).on(tool),
        probe(70, Geoprocessing, |s| s.target.summary = Some(String::new())).on(tool),
        probe(71, Geoprocessing, |s| s.target.tags = Some(Vec::new())).on(tool),
        probe(72, Geoprocessing, |s| s.script().syntax_error = Some("line 3: invalid syntax".into()))
            .on(tool),
        probe(73, Geoprocessing, |s| s.script().missing = true).on(tool),
        probe(74, Geoprocessing, |s| s.script().path = "buffer.exe".into()).on(tool),
        probe(80, Geoprocessing, |s| s.tool().summary = None).on(tool),
        probe(81, Geoprocessing, |s| s.script().unknown_imports.push("shapes".into())).on(|s| {
            s.tool().kind = GpToolKind::PythonToolbox;
        }),
        probe(82, Geoprocessing, |s| s.gp.as_mut().unwrap().result_map_service = false).on(output),
        probe(92, Geoprocessing, |s| s.tool().parameters[0].description = Some(String::new())).on(tool),
        probe(104, Geoprocessing, |s| s.tool().parameters[0].description = None).on(tool),
        probe(106, Geoprocessing, |s| s.tool().summary = Some(" ".into())).on(tool),
        probe(143, Geoprocessing, |s| s.tool().uses_vb = true).on(model),
        probe(148, Geoprocessing, |s| {
            s.tool().parameters[0].value.as_mut().unwrap().path = "C:\\a.mdb".into();
        })
        .on(|s| {
            s.tool().parameters[0].value =
                Some(GpData { path: "C:\\a.gdb".into(), exists: Some(true), ..GpData::default() });
        }),
        probe(151, Geoprocessing, |s| s.script().tools.push("ddd.Skyline".into())).on(|s| {
            s.script().tools.push("analysis.Buffer".into());
        }),
        probe(152, Geoprocessing, |s| s.tool().uses_lists = true).on(model),
        probe(153, Geoprocessing, |s| s.tool().parameters[0].in_memory = true).on(output),
        probe(1378, Geoprocessing, |s| s.tool().name = "make_rings".into()).on(|s| {
            s.tool().kind = GpToolKind::PythonToolbox;
        }),
        probe(24_010, Geoprocessing, |s| s.tool().kind = GpToolKind::Library).on(tool),
        probe(24_046, Geoprocessing, |s| s.tool().uses_vb = true).on(tool),
    ]
}

fn tool(scene: &mut Scene) {
    scene.target.summary = Some("Rings".into());
    scene.target.tags = Some(vec!["rings".into()]);
    scene.tool();
}

fn dem(scene: &mut Scene) {
    scene.raster = Some(RasterFacts {
        path: "dem.tif".into(),
        size: Some((9000, 9000)),
        overviews: Some(true),
        spatial_reference: Some(reference(3857)),
        ..RasterFacts::default()
    });
}

fn locator(scene: &mut Scene) {
    scene.locator = Some(LocatorFacts {
        path: "City.loc".into(),
        has_spatial_reference: Some(true),
        ..LocatorFacts::default()
    });
}
