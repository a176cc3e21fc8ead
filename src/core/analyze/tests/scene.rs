//! A map, its data and a draft, made for one rule at a time.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_schema::Schema;
use serde_json::{Value, json};

use crate::Result;
use crate::analyze::*;
use crate::cim::build;
use crate::dataset::{
    Batches, Copy, Dataset, Datasets, Details, Field, FieldType, GeometryType, MemoryDatasets, Source,
    SpatialReference,
};
use crate::project::Project;

/// Everything that an analysis looks at; roads in Web Mercator and nothing to say about them.
pub(super) struct Scene {
    pub(super) version: &'static str,
    pub(super) is_layer_file: bool,
    pub(super) map: Value,
    pub(super) layers: Vec<Value>,
    pub(super) tables: Vec<Value>,
    pub(super) data: Vec<Dataset>,
    pub(super) details: Vec<(&'static str, Details)>,
    pub(super) files: Vec<&'static str>,
    pub(super) target: Target,
    pub(super) gp: Option<GpFacts>,
    pub(super) raster: Option<RasterFacts>,
    pub(super) locator: Option<LocatorFacts>,
    pub(super) server: Option<ServerFacts>,
}

pub(super) fn reference(wkid: u32) -> SpatialReference {
    SpatialReference { wkid: Some(wkid), latest_wkid: Some(wkid), wkt: None }
}

/// A connection to a dataset in memory.
pub(super) fn memory(dataset: &str) -> Value {
    json!({"type": "CIMStandardDataConnection", "workspaceConnectionString": "DATABASE=memory",
        "workspaceFactory": "InMemoryDB", "dataset": dataset, "datasetType": "esriDTFeatureClass"})
}

/// A connection to an enterprise geodatabase.
pub(super) fn database(dataset: &str, more: &str) -> Value {
    json!({"type": "CIMStandardDataConnection",
        "workspaceConnectionString": format!("SERVER=db1;INSTANCE=sde:postgresql:db1;DATABASE=city;USER=gis;{more}"),
        "workspaceFactory": "SDE", "dataset": dataset, "datasetType": "esriDTFeatureClass"})
}

pub(super) fn layer(name: &str, connection: &Value) -> Value {
    let mut layer = build::feature_layer(name, GeometryType::Polyline, "NAME", connection);
    layer["uRI"] = json!(format!("CIMPATH=map/{}.json", name.to_lowercase().replace(['&', '.', ' '], "_")));
    layer
}

pub(super) fn table(name: &str, connection: &Value) -> Value {
    json!({"type": "CIMStandaloneTable", "name": name, "uRI": format!("CIMPATH=map/t_{name}.json"),
        "dataConnection": connection})
}

pub(super) fn dataset(name: &str) -> Dataset {
    let field = |name: &str, field_type| Field {
        name: name.to_owned(),
        field_type,
        alias: name.to_owned(),
        length: None,
        nullable: true,
        editable: true,
        domain: None,
        default_value: None,
    };
    Dataset {
        name: name.to_owned(),
        driver: "OpenFileGDB".to_owned(),
        geometry_type: Some(GeometryType::Polyline),
        spatial_reference: Some(reference(3857)),
        oid_field: Some("OBJECTID".to_owned()),
        global_id_field: Some("GlobalID".to_owned()),
        fields: vec![field("NAME", FieldType::String), field("LANES", FieldType::Integer)],
        ..Dataset::default()
    }
}

impl Scene {
    pub(super) fn new(product: Product) -> Self {
        Self {
            version: "3.3.0",
            is_layer_file: false,
            map: json!({"type": "CIMMap", "name": "City", "uRI": "CIMPATH=map/map.json", "mapType": "Map",
                "spatialReference": {"wkid": 102_100, "latestWkid": 3857}}),
            layers: vec![layer("Roads", &memory("roads"))],
            tables: Vec::new(),
            data: vec![dataset("roads")],
            details: Vec::new(),
            files: Vec::new(),
            target: Target::new(product),
            gp: None,
            raster: None,
            locator: None,
            server: None,
        }
    }

    pub(super) fn roads(&mut self) -> &mut Value {
        &mut self.layers[0]
    }

    pub(super) fn symbol_layers(&mut self) -> &mut Value {
        &mut self.layers[0]["renderer"]["symbol"]["symbol"]["symbolLayers"]
    }

    pub(super) fn extend(&mut self, type_name: &str, properties: &[(&str, &str)]) {
        self.target.extensions.push(Extension {
            type_name: type_name.to_owned(),
            capabilities: Vec::new(),
            properties: properties.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        });
    }

    pub(super) fn offer(&mut self, words: &str) {
        self.target.capabilities = words.split(',').map(str::to_owned).collect();
    }

    pub(super) fn tool(&mut self) -> &mut GpTool {
        let facts = self.gp.get_or_insert_with(GpFacts::default);
        if facts.tools.is_empty() {
            facts.tools.push(GpTool {
                name: "Buffer".to_owned(),
                summary: Some("Draws rings".to_owned()),
                script: Some(GpScript { path: "buffer.py".to_owned(), ..GpScript::default() }),
                parameters: vec![GpParameter {
                    name: "distance".to_owned(),
                    datatype: "GPDouble".to_owned(),
                    description: Some("How far".to_owned()),
                    ..GpParameter::default()
                }],
                ..GpTool::default()
            });
        }
        &mut facts.tools[0]
    }

    pub(super) fn script(&mut self) -> &mut GpScript {
        self.tool().script.as_mut().unwrap()
    }

    pub(super) fn report(&self) -> Report {
        self.counted().0
    }

    /// Returns the report and how often data was described.
    pub(super) fn counted(&self) -> (Report, usize) {
        let folder = tempfile::tempdir().unwrap();
        for file in &self.files {
            std::fs::write(folder.path().join(file), b"").unwrap();
        }
        let uris = |things: &[Value]| things.iter().map(|thing| thing["uRI"].clone()).collect::<Vec<_>>();
        let document = if self.is_layer_file {
            json!({"type": "CIMLayerDocument", "version": self.version, "layers": uris(&self.layers),
                "layerDefinitions": self.layers, "tableDefinitions": self.tables})
        } else {
            let mut map = self.map.clone();
            map["layers"] = json!(uris(&self.layers));
            map["standaloneTables"] = json!(uris(&self.tables));
            json!({"type": "CIMMapDocument", "version": self.version, "mapDefinition": map,
                "layerDefinitions": self.layers, "tableDefinitions": self.tables})
        };
        let path = folder.path().join(if self.is_layer_file { "city.lyrx" } else { "city.mapx" });
        std::fs::write(&path, document.to_string()).unwrap();
        let map = Project::open(&path).unwrap().maps().unwrap().remove(0);
        let mut datasets = MemoryDatasets::default();
        for dataset in &self.data {
            datasets.insert(dataset.clone(), Arc::new(Schema::empty()), Vec::new());
        }
        for (name, details) in &self.details {
            datasets.detail(*name, details.clone());
        }
        let alone = self.gp.is_some() || self.raster.is_some() || self.locator.is_some();
        let input = Input {
            map: (!alone).then_some(&map),
            chosen: &[],
            gp: self.gp.as_ref(),
            raster: self.raster.as_ref(),
            locator: self.locator.as_ref(),
            server: self.server.as_ref(),
        };
        let counting = Counting { datasets, described: AtomicUsize::new(0) };
        let report = analyze(&input, &self.target, &counting).unwrap();
        (report, counting.described.into_inner())
    }
}

struct Counting {
    datasets: MemoryDatasets,
    described: AtomicUsize,
}

impl Datasets for Counting {
    fn list(&self, path: &Path) -> Result<Vec<String>> {
        self.datasets.list(path)
    }

    fn describe(&self, source: &Source) -> Result<Dataset> {
        self.described.fetch_add(1, Ordering::Relaxed);
        self.datasets.describe(source)
    }

    fn details(&self, source: &Source) -> Result<Details> {
        self.datasets.details(source)
    }

    fn read(&self, source: &Source, columns: Option<&[String]>) -> Result<Batches> {
        self.datasets.read(source, columns)
    }

    fn copy_to_geodatabase(&self, copies: &[Copy], geodatabase: &Path) -> Result<()> {
        self.datasets.copy_to_geodatabase(copies, geodatabase)
    }
}
