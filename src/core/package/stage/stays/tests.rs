//! Maps of which a server knows some of the data.

use std::path::Path;
use std::sync::Arc;

use arrow_schema::Schema;
use serde_json::{Value, json};

use super::super::consolidate::Plan;
use super::super::documents::{self, Staging};
use super::super::members::{Choice, Members};
use super::super::target::Target;
use super::Stays;
use crate::Result;
use crate::analyze::{DataItem, Finding, ServerFacts, Severity};
use crate::cim::build;
use crate::dataset::{Batches, Copy, Dataset, Datasets, GeometryType, MemoryDatasets, Source};
use crate::package::archive::EntrySource;
use crate::project::{Map, Project};

/// Datasets in memory, whose copies are folders with one file.
struct Copying(MemoryDatasets);

impl Datasets for Copying {
    fn list(&self, path: &Path) -> Result<Vec<String>> {
        self.0.list(path)
    }

    fn describe(&self, source: &Source) -> Result<Dataset> {
        self.0.describe(source)
    }

    fn read(&self, source: &Source, columns: Option<&[String]>) -> Result<Batches> {
        self.0.read(source, columns)
    }

    fn copy_to_geodatabase(&self, _copies: &[Copy], geodatabase: &Path) -> Result<()> {
        std::fs::create_dir_all(geodatabase).unwrap();
        std::fs::write(geodatabase.join("a00000001.gdbtable"), b"rows").unwrap();
        Ok(())
    }
}

fn datasets() -> Copying {
    let mut memory = MemoryDatasets::default();
    for name in ["roads", "lots"] {
        let dataset = Dataset {
            name: name.to_owned(),
            driver: "OpenFileGDB".to_owned(),
            geometry_type: Some(GeometryType::Polyline),
            ..Dataset::default()
        };
        memory.insert(dataset, Arc::new(Schema::empty()), Vec::new());
    }
    Copying(memory)
}

/// A map of `known/city.gdb/roads` and `other/city.gdb/lots`, and a raster beside each of them.
fn map(folder: &Path) -> Map {
    let mut layers = Vec::new();
    for (place, name) in [("known", "roads"), ("other", "lots")] {
        std::fs::create_dir_all(folder.join(place).join("city.gdb")).unwrap();
        std::fs::write(folder.join(place).join("dem.tif"), b"II").unwrap();
        let connection = |database: &str, factory: &str, dataset: &str, kind: &str| {
            let place = folder.join(place).join(database);
            json!({"type": "CIMStandardDataConnection", "workspaceFactory": factory, "dataset": dataset,
                "datasetType": kind, "workspaceConnectionString": format!("DATABASE={}", place.display())})
        };
        let rows = connection("city.gdb", "FileGDB", name, "esriDTFeatureClass");
        let mut layer = build::feature_layer(name, GeometryType::Polyline, "NAME", &rows);
        layer["uRI"] = json!(format!("CIMPATH=map/{name}.json"));
        layers.push(layer);
        layers.push(json!({"type": "CIMRasterLayer", "name": format!("dem of {place}"),
            "uRI": format!("CIMPATH=map/{place}_dem.json"),
            "dataConnection": connection("", "Raster", "dem.tif", "esriDTRasterDataset")}));
    }
    let uris: Vec<&Value> = layers.iter().map(|layer| &layer["uRI"]).collect();
    let document = json!({"type": "CIMMapDocument", "version": "3.3.0", "layerDefinitions": layers,
        "mapDefinition": {"type": "CIMMap", "name": "City", "uRI": "CIMPATH=map/map.json", "layers": uris}});
    std::fs::write(folder.join("city.mapx"), document.to_string()).unwrap();
    Project::open(folder.join("city.mapx")).unwrap().maps().unwrap().remove(0)
}

fn facts(folder: &Path) -> ServerFacts {
    let client_path = folder.join("known").to_string_lossy().into_owned();
    let item = DataItem { kind: "folder".into(), client_path, connection: String::new() };
    ServerFacts { data_items: Some(vec![item]), ..ServerFacts::default() }
}

struct Outcome {
    copied: Vec<String>,
    names: Vec<String>,
    /// `by_reference` and path in the package of each database of the manifest.
    databases: Vec<(bool, String)>,
    connections: Vec<String>,
}

fn run(folder: &Path, stays: Stays<'_>) -> Outcome {
    let (map, datasets, scratch) = (map(folder), datasets(), tempfile::tempdir().unwrap());
    let target = Target::served();
    let mut findings: Vec<Finding> = Vec::new();
    let choice = Choice { draws: true, stays, ..Choice::default() };
    let members = Members::choose(&map, &choice, &datasets, &mut findings).unwrap();
    let plan = Plan::of(&members, stays, "{ID}", &target, &datasets).unwrap();
    plan.remark(&mut findings);
    let copied = findings.iter().filter(|found| found.code == 24_011);
    let copied = copied.inspect(|found| assert_eq!(found.severity, Severity::Warning));
    let copied = copied.flat_map(|found| found.objects.clone()).collect();
    let mut entries = plan.run(scratch.path(), &datasets).unwrap();
    let sources = members.0.iter().map(|member| Some(member.data.as_ref()?.source.clone())).collect();
    let members = plan.describe(members, scratch.path(), &datasets).unwrap();
    let staging = Staging { members: &members, sources };
    let documents = documents::entries(&map, &staging, &plan, &target, "city").unwrap();
    let EntrySource::Bytes(document) = &documents[0].source else { panic!("the document is in memory") };
    let staged: Value = serde_json::from_slice(document).unwrap();
    let connections = staged["layerDefinitions"].as_array().unwrap().iter().map(|layer| {
        let own = [&layer["featureTable"]["dataConnection"], &layer["dataConnection"]];
        let own = own.into_iter().find_map(|one| one["workspaceConnectionString"].as_str());
        own.unwrap().replace(&*folder.to_string_lossy(), "")
    });
    let connections = connections.collect();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let databases = plan.databases().into_iter().map(|one| (one.by_reference, one.in_package_path));
    Outcome {
        copied,
        names: entries.into_iter().map(|entry| entry.name).collect(),
        databases: databases.collect(),
        connections,
    }
}

#[test]
fn only_what_the_server_does_not_know_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let server = facts(folder.path());
    let done = run(folder.path(), Stays { by_reference: true, server: Some(&server) });
    assert_eq!(done.copied, ["lots", "dem"]);
    assert_eq!(done.names, ["cd/city_1.gdb/a00000001.gdbtable", "cd/raster_data/dem_1.tif"]);
    assert_eq!(
        done.databases,
        [
            (true, String::new()),
            (false, "cd\\city_1.gdb".to_owned()),
            (true, String::new()),
            (false, "cd\\raster_data".to_owned())
        ]
    );
    let connections: Vec<&str> = done.connections.iter().map(String::as_str).collect();
    assert_eq!(
        connections,
        [
            "DATABASE=/known/city.gdb",
            "DATABASE=/known",
            "DATABASE=..\\cd\\city_1.gdb",
            "DATABASE=..\\cd\\raster_data"
        ]
    );
}

#[test]
fn without_an_answer_all_stay_and_with_nothing_registered_all_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    for server in [None, Some(ServerFacts::default())] {
        let done = run(folder.path(), Stays { by_reference: true, server: server.as_ref() });
        assert!(done.copied.is_empty() && done.names.is_empty());
        assert!(done.databases.iter().all(|(by_reference, _)| *by_reference));
    }
    let nothing = ServerFacts { data_items: Some(Vec::new()), ..ServerFacts::default() };
    let done = run(folder.path(), Stays { by_reference: true, server: Some(&nothing) });
    assert_eq!(done.copied.len(), 4);
    assert!(done.databases.iter().all(|(by_reference, _)| !by_reference));
}
