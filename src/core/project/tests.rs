use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;
use crate::Kind;

/// Returns the shared corpus, or says why a test ends here.
fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no corpus at ../shared/corpus");
    None
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/amc16/AMC16AGP.aprx")
}

fn entries(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn zip_of(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.aprx");
    std::fs::write(&path, writer.finish().unwrap().into_inner()).unwrap();
    (folder, path)
}

fn small() -> (tempfile::TempDir, PathBuf) {
    let root = json!({"type": "CIMGISProject", "projectItems": [
        {"type": "CIMProjectItem", "itemType": "Map", "name": "Map", "catalogPath": "CIMPATH=map/map.json"}]});
    let map = json!({"type": "CIMMap", "name": "Map", "uRI": "CIMPATH=map/map.json",
        "layers": ["CIMPATH=map/group.json", "CIMPATH=map/b.json"]});
    let group = json!({"type": "CIMGroupLayer", "name": "Group", "uRI": "CIMPATH=map/group.json",
        "layers": ["CIMPATH=map/a.json", "CIMPATH=map/group.json"]});
    let layer = |name: &str| {
        json!({"type": "CIMFeatureLayer", "name": name, "uRI": format!("CIMPATH=map/{name}.json"), "visibility": true,
            "featureTable": {"type": "CIMFeatureTable", "definitionExpression": "A > 1", "dataConnection": {
                "type": "CIMStandardDataConnection", "workspaceConnectionString": "DATABASE=.\\d.gdb",
                "workspaceFactory": "FileGDB", "dataset": name, "datasetType": "esriDTFeatureClass"}}})
    };
    let text = |value: &Value| value.to_string().into_bytes();
    zip_of(&[
        ("GISProject.json", &text(&root)),
        ("map/map.json", &text(&map)),
        ("map/group.json", &text(&group)),
        ("map/a.json", &text(&layer("a"))),
        ("map/b.json", &text(&layer("b"))),
        ("Index.json", b"{\"Nodes\":[1,000]}"),
        ("Thumbnails/x.dat", b"\x00\x01opaque"),
    ])
}

#[test]
fn every_document_of_the_corpus_has_the_layers_that_its_index_notes() {
    let Some(corpus) = corpus() else { return };
    let index = std::fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
    let mut opened = 0;
    let mut wrong = Vec::new();
    for row in index.lines().filter(|row| row.starts_with("documents/")) {
        let cells: Vec<&str> = row.split('\t').collect();
        let project =
            Project::open(corpus.join(cells[0])).unwrap_or_else(|error| panic!("{}: {error}", cells[0]));
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let maps = project.maps().unwrap();
        if project.kind() == FileKind::Project {
            counts.insert("maps".into(), maps.len());
        }
        for map in &maps {
            let (layers, tables) = map.contents().unwrap_or_else(|error| panic!("{}: {error}", cells[0]));
            if !tables.is_empty() {
                *counts.entry("StandaloneTable".into()).or_default() += tables.len();
            }
            let layers = layers.iter().map(|layer| layer.type_name().to_owned());
            for name in layers.chain(map.surfaces().unwrap().iter().map(|layer| layer.type_name().to_owned()))
            {
                *counts.entry(name.trim_start_matches("CIM").to_owned()).or_default() += 1;
            }
        }
        // The notes count whatever lies in the file; some layers belong to no map any more.
        let orphans = orphans(&corpus.join(cells[0]), &project);
        for note in cells[5].split_whitespace().filter_map(|note| note.split_once('=')) {
            let listed = counts.get(note.0).copied().unwrap_or_default();
            let count = listed + orphans.get(note.0).copied().unwrap_or_default();
            if note.1.parse() != Ok(count) {
                wrong
                    .push(format!("{}: {} is {count} ({listed} listed), noted {}", cells[0], note.0, note.1));
            }
        }
        opened += 1;
    }
    assert!(opened > 120, "{opened}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Counts the definitions in a project that no map leads to.
fn orphans(path: &Path, project: &Project) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    if project.kind() != FileKind::Project {
        return counts;
    }
    let mut reached = std::collections::BTreeSet::new();
    let mut open: Vec<String> = project.maps().unwrap().into_iter().map(|map| map.cim_path).collect();
    while let Some(name) = open.pop() {
        let name = store::entry_name(&name).to_owned();
        if let Ok(document) = project.document(&name)
            && reached.insert(name)
        {
            references(&document, &mut open);
        }
    }
    for name in entries(path).into_keys().filter(|name| !reached.contains(name)) {
        if let Ok(document) = project.document(&name) {
            let kind = crate::cim::type_of(&document).trim_start_matches("CIM").to_owned();
            *counts.entry(kind).or_default() += 1;
        }
    }
    counts
}

fn references(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("CIMPATH=") => out.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|item| references(item, out)),
        // Field mappings of attribute rules name layers that the map need not have.
        Value::Object(members) if crate::cim::type_of(value) != "CIMFieldMapping" => {
            members.values().for_each(|member| references(member, out));
        }
        _ => {}
    }
}

#[test]
fn xml_documents_convert_to_the_json_that_pro_3_wrote_of_the_same_project() {
    let Some(corpus) = corpus() else { return };
    for (name, layers) in [("Park_Amenities__Parks", 4), ("Service_Calls__ServiceCalls", 2)] {
        let package = corpus
            .join(format!("packages/Esri+dictionary-renderer-toolkit__dictionary_examples__{name}.ppkx"));
        let project = match Project::open(&package) {
            Ok(project) => project,
            Err(error) => panic!("{name}: {error}"),
        };
        assert!(!project.is_xml(), "the document for Pro 3 is taken");
        let inner = project.folder().parent().unwrap();
        let folder = std::fs::read_dir(inner.join("p20")).unwrap();
        let old = folder.filter_map(Result::ok).map(|entry| entry.path());
        let old =
            old.into_iter().find(|path| path.extension().is_some_and(|suffix| suffix == "aprx")).unwrap();
        let old = Project::open(old).unwrap();
        assert!(old.is_xml());
        let (new, old) = (project.maps().unwrap().remove(0), old.maps().unwrap().remove(0));
        let (new_layers, old_layers) = (new.layers().unwrap(), old.layers().unwrap());
        assert_eq!(new_layers.len(), old_layers.len());
        let data = new_layers.iter().filter(|layer| layer.kind == LayerKind::Feature).count();
        assert!(data + new.tables().unwrap().len() + 2 >= layers, "{data}");
        for (new, old) in new_layers.iter().zip(&old_layers) {
            assert_eq!((&new.name, new.kind, new.visible), (&old.name, old.kind, old.visible));
            let mut differences = Vec::new();
            compare(&new.definition, &old.definition, "", &mut differences);
            assert!(differences.len() <= 10, "{}: {differences:#?}", new.name);
        }
        assert_eq!(new.spatial_reference(), old.spatial_reference());
    }
}

/// Lists the leaves of the new document that the old one has otherwise.
fn compare(new: &Value, old: &Value, path: &str, out: &mut Vec<String>) {
    match (new, old) {
        (Value::Object(new), Value::Object(old)) => {
            for (key, value) in new {
                if let Some(was) = old.get(key) {
                    compare(value, was, &format!("{path}/{key}"), out);
                }
            }
        }
        (Value::Array(new), Value::Array(old)) if new.len() == old.len() => {
            for (at, (value, was)) in new.iter().zip(old).enumerate() {
                compare(value, was, &format!("{path}/{at}"), out);
            }
        }
        _ if new
            .as_f64()
            .zip(old.as_f64())
            .is_some_and(|(new, old)| (new - old).abs() <= 1e-9 * new.abs().max(1.0)) => {}
        _ if new != old => out.push(format!("{path}: {new} was {old}")),
        _ => {}
    }
}

#[test]
fn the_example_project_of_pro_2_shows_its_layers_and_finds_its_data() {
    let project = Project::open(example()).unwrap();
    assert_eq!((project.version(), project.is_xml()), ("2.6.0", true));
    let map = project.maps().unwrap().remove(0);
    let names: Vec<String> = map.layers().unwrap().into_iter().map(|layer| layer.name).collect();
    assert_eq!(names.len(), 7);
    assert!(names.contains(&"Polyline".to_owned()));
    assert_eq!(map.spatial_reference().unwrap().latest_wkid, Some(2230));
    let gdb = example().parent().unwrap().join("AMC16AGP.gdb");
    for layer in map.layers().unwrap().iter().filter(|layer| layer.kind == LayerKind::Feature) {
        let source = layer.source().unwrap();
        assert_eq!(source.path.canonicalize().unwrap(), gdb.canonicalize().unwrap());
        assert!(!layer.is_broken());
    }
    let table = map.tables().unwrap().remove(0);
    assert_eq!(table.source().unwrap().layer.as_deref(), Some("Neighbors"));
}

#[test]
fn an_edit_in_xml_changes_that_element_and_no_other_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.aprx");
    std::fs::copy(example(), &path).unwrap();
    let project = Project::open(&path).unwrap();
    project
        .update("CIMPATH=map/polyline.xml", |layer| {
            layer.insert("transparency".into(), json!(25));
            layer.insert("name".into(), json!("Lines & <more>"));
            Ok(())
        })
        .unwrap();
    project.save().unwrap();
    let (before, after) = (entries(&example()), entries(&path));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, bytes) in &before {
        if name == "map/polyline.xml" {
            let expected = String::from_utf8(bytes.clone())
                .unwrap()
                .replace("<Transparency>0</Transparency>", "<Transparency>25</Transparency>")
                .replacen("<Name>Polyline</Name>", "<Name>Lines &amp; &lt;more&gt;</Name>", 1);
            assert_eq!(String::from_utf8(after[name].clone()).unwrap(), expected);
        } else {
            assert_eq!(&after[name], bytes, "{name}");
        }
    }
    let again = Project::open(&path).unwrap();
    let layer = again.maps().unwrap()[0].layer("CIMPATH=map/polyline.xml").unwrap();
    assert_eq!((layer.name.as_str(), layer.transparency), ("Lines & <more>", 25.0));
}

#[test]
fn every_xml_document_survives_its_own_merge_and_carries_every_edit() {
    let Some(corpus) = corpus() else { return };
    let mut merged = 0;
    for entry in std::fs::read_dir(corpus.join("documents/aprx")).unwrap() {
        for (name, bytes) in entries(&entry.unwrap().path()) {
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if !text.starts_with("<CIM") {
                continue;
            }
            let before = crate::cim::xml::parse(&text, &name).unwrap();
            let mut after = before.clone();
            after["name"] = json!("other \u{e9} <&>");
            after["added"] = json!({"type": "CIMThing", "values": [1.5, 2], "names": ["a"], "flag": true});
            if let Some(list) = after.get_mut("layers").and_then(Value::as_array_mut) {
                list.insert(0, json!("CIMPATH=map/new.xml"));
                list.pop();
            }
            let same = crate::cim::xml::merge(&text, &before, &before).unwrap();
            assert_eq!(same, text);
            let edited = crate::cim::xml::merge(&text, &before, &after).unwrap();
            let read = crate::cim::xml::parse(&edited, &name).unwrap();
            assert_eq!(read, after, "{name}");
            merged += 1;
        }
    }
    assert!(merged > 50, "{merged}");
}

#[test]
fn members_of_groups_follow_their_group_and_a_group_in_itself_ends() {
    let (_folder, path) = small();
    let map = Project::open(&path).unwrap().maps().unwrap().remove(0);
    let names: Vec<String> = map.layers().unwrap().into_iter().map(|layer| layer.long_name).collect();
    assert_eq!(names, ["Group", "Group\\a", "b"]);
    assert_eq!(map.layers().unwrap()[1].parent.as_deref(), Some("CIMPATH=map/group.json"));
}

#[test]
fn a_missing_geodatabase_is_named_in_both_spellings() {
    let (folder, path) = small();
    let map = Project::open(&path).unwrap().maps().unwrap().remove(0);
    let layer = map.layer("CIMPATH=map/b.json").unwrap();
    assert!(layer.is_broken());
    let error = layer.source().unwrap_err().to_string();
    let native = folder.path().join("d.gdb");
    assert!(error.contains(r".\d.gdb") && error.contains(&native.display().to_string()), "{error}");
    std::fs::create_dir(native).unwrap();
    assert_eq!(layer.source().unwrap().filter.as_deref(), Some("A > 1"));
}

#[test]
fn structure_edits_are_saved_and_the_stale_index_is_dropped() {
    let (_folder, path) = small();
    let project = Project::open(&path).unwrap();
    let map = project.maps().unwrap().remove(0);
    let group = map.create_group("New group", &Place::Bottom).unwrap();
    map.move_layer("CIMPATH=map/b.json", &Place::Into(group.clone())).unwrap();
    map.remove("CIMPATH=map/group.json").unwrap();
    project.set_metadata("CIMPATH=map/b.json", "<metadata/>").unwrap();
    let second = project.create_map("Map", false).unwrap();
    assert_eq!(second.name, "Map1");
    second.add_copy(&project, "CIMPATH=map/b.json", &Place::Auto).unwrap();
    project.save().unwrap();
    assert!(!project.is_dirty());

    let names = entries(&path);
    assert!(!names.contains_key("Index.json") && !names.contains_key("map/a.json"));
    assert_eq!(names["Thumbnails/x.dat"], b"\x00\x01opaque");
    let again = Project::open(&path).unwrap();
    let maps = again.maps().unwrap();
    let listed =
        |map: &Map| map.layers().unwrap().into_iter().map(|layer| layer.long_name).collect::<Vec<_>>();
    assert_eq!(listed(&maps[0]), ["New group", "New group\\b"]);
    assert_eq!(listed(&maps[1]), ["b"]);
    let copied = &maps[1].layers().unwrap()[0];
    assert_eq!(again.metadata_of(&copied.definition).unwrap().as_deref(), Some("<metadata/>"));
    assert!(maps[0].move_layer(&group, &Place::Into(group.clone())).is_err());
}

#[test]
fn a_copy_in_another_folder_points_at_the_same_data() {
    let (folder, path) = small();
    std::fs::create_dir(folder.path().join("d.gdb")).unwrap();
    std::fs::create_dir_all(folder.path().join("out/deep")).unwrap();
    let project = Project::open(&path).unwrap();
    let copy = folder.path().join("out/deep/copy.aprx");
    project.save_copy(&copy).unwrap();
    assert!(!project.is_dirty());
    let layer = Project::open(&copy).unwrap().maps().unwrap()[0].layer("CIMPATH=map/b.json").unwrap();
    assert_eq!(layer.connection.as_ref().unwrap().workspace_value("DATABASE"), Some(r"..\..\d.gdb"));
    assert_eq!(layer.source().unwrap().path, folder.path().join("d.gdb"));
}

#[test]
fn a_map_exported_and_imported_keeps_its_layers() {
    let (folder, path) = small();
    let project = Project::open(&path).unwrap();
    let map = project.maps().unwrap().remove(0);
    let mapx = folder.path().join("m.mapx");
    project.export_map(&map, &mapx).unwrap();
    let exported = Project::open(&mapx).unwrap();
    assert_eq!(exported.kind(), FileKind::Map);
    assert_eq!(exported.maps().unwrap()[0].layers().unwrap().len(), 3);
    let new = project.import(&exported).unwrap().remove(0);
    assert_eq!((new.name.as_str(), new.layers().unwrap().len()), ("Map1", 3));
    let lyrx = folder.path().join("g.lyrx");
    project.export_layer("CIMPATH=map/group.json", &lyrx).unwrap();
    let file = Project::open(&lyrx).unwrap();
    assert_eq!(file.maps().unwrap()[0].layers().unwrap().len(), 2);
    file.update("CIMPATH=map/a.json", |layer| {
        layer.insert("visibility".into(), json!(false));
        Ok(())
    })
    .unwrap();
    let before = std::fs::read_to_string(&lyrx).unwrap();
    file.save().unwrap();
    let after = std::fs::read_to_string(&lyrx).unwrap();
    assert_eq!(after, before.replace("\"visibility\" : true", "\"visibility\" : false"));
}

#[test]
fn hostile_and_damaged_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let refused = |path: &Path, kind: Kind, part: &str| {
        let error =
            Project::open(path).and_then(|project| project.maps()).map(|maps| maps.len()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    };
    refused(&folder.path().join("absent.aprx"), Kind::NotFound, "absent.aprx");
    refused(folder.path(), Kind::InvalidInput, "folder");
    refused(&put("empty.aprx", b""), Kind::InvalidInput, "empty");
    refused(&put("text.aprx", b"hello world"), Kind::InvalidInput, "no project");
    refused(&put("old.mxd", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), Kind::Unsupported, "ArcMap");
    refused(&put("other.lyrx", b"{\"type\":\"CIMLayout\"}"), Kind::InvalidInput, "CIMLayout");
    refused(&put("cut.lyrx", b"{\"layers\":["), Kind::InvalidInput, "cut short");
    let (_keep, good) = small();
    let bytes = std::fs::read(good).unwrap();
    refused(&put("cut.aprx", &bytes[..bytes.len() / 2]), Kind::InvalidInput, "cut.aprx");
    let (_keep, path) = zip_of(&[("../evil.json", b"{}"), ("GISProject.json", b"{}")]);
    refused(&path, Kind::InvalidInput, "../evil.json");
    let (_keep, path) = zip_of(&[("readme.txt", b"x")]);
    refused(&path, Kind::InvalidInput, "GISProject");
}

#[test]
fn bombs_entities_and_deep_nesting_in_documents_are_refused_by_name() {
    let map_of = |name: &str, bytes: &[u8]| {
        let root = json!({"type": "CIMGISProject", "projectItems": [
            {"itemType": "Map", "catalogPath": format!("CIMPATH={name}")}]});
        let (_keep, path) = zip_of(&[("GISProject.json", root.to_string().as_bytes()), (name, bytes)]);
        Project::open(path).unwrap().maps().map(|maps| maps.len()).unwrap_err()
    };
    let laughs = b"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><CIMMap xsi:type='typens:CIMMap'>&b;</CIMMap>";
    let error = map_of("map/laughs.xml", laughs);
    assert!(error.to_string().contains("document type"), "{error}");
    let error = map_of("map/entity.xml", b"<CIMMap xsi:type='typens:CIMMap'><Name>&x;</Name></CIMMap>");
    assert!(error.to_string().contains("&x;"), "{error}");
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let error = map_of("map/deep.xml", deep.as_bytes());
    assert_eq!(error.kind(), Kind::Limit, "{error}");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let error = map_of("map/deep.json", deep.as_bytes());
    assert_eq!(error.kind(), Kind::Limit, "{error}");
    let error = map_of("map/bomb.json", &vec![b' '; (super::container::MAX_DOCUMENT + 1) as usize]);
    assert_eq!(error.kind(), Kind::Limit, "{error}");
    assert!(error.to_string().contains("map/bomb.json"), "{error}");
    let error = map_of("map/cut.xml", b"<CIMMap xsi:type='typens:CIMMap'><Name>x</Name>");
    assert!(error.to_string().contains("cut short") || error.to_string().contains("CIMMap"), "{error}");
}
