from __future__ import annotations

import hashlib
import json
import os
import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from geosharing import _native, data
from geosharing.exceptions import (
    AnalyzerError,
    ExistsError,
    InvalidInputError,
    MissingError,
    NotSupportedError,
    SharingError,
)
from geosharing.server import stage
from stage_support import (
    connection,
    edit_draft,
    group,
    layer,
    make_draft,
    make_map,
    names,
    read,
    read_json,
    service,
    write_points,
)

POINTS = connection(".", "DelimitedTextFile", "points.geojson")


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    """A draft of one layer of five points."""
    write_points(tmp_path / "points.geojson")
    project = make_map(tmp_path / "City.mapx", [layer("Points", POINTS)])
    return make_draft(tmp_path / "points.sddraft", project)


def test_the_archive_has_the_files_of_a_service_definition(simple: Path) -> None:
    staged = stage(simple)
    assert staged.path == simple.with_suffix(".sd")
    found = names(staged.path)
    assert found == sorted(found)
    assert {
        "manifest.xml",
        "serviceconfiguration.json",
        "tilingservice.xml",
        "esriinfo/iteminfo.xml",
        "esriinfo/item.pkinfo",
        "esriinfo/metadata/metadata.xml",
        "esriinfo/thumbnail/thumbnail.png",
        "servicedescriptions/featureserver/featureserver.json",
        "servicedescriptions/featureserver/featureserveritemdata.json",
        "p30/City.mapx",
        "p30/City.msd",
    } <= set(found)
    assert any(name.startswith("cd/") and name.endswith(".gdbtable") for name in found)
    assert read(staged.path, "esriinfo/thumbnail/thumbnail.png")[1:4] == b"PNG"


def test_the_service_description_has_fields_and_drawing(simple: Path) -> None:
    found = service(stage(simple).path)
    assert [entry["name"] for entry in found["layers"]] == ["Points"]
    points = found["by_id"][0]
    assert points["geometryType"] == "esriGeometryPoint"
    assert {field["name"]: field["type"] for field in points["fields"]} == {
        points["objectIdField"]: "esriFieldTypeOID",
        "name": "esriFieldTypeString",
        "size": "esriFieldTypeInteger",
    }
    assert points["drawingInfo"]["renderer"]["type"] == "simple"
    assert points["extent"]["xmin"] == pytest.approx(-2)
    assert points["extent"]["spatialReference"]["wkid"] == 4326
    assert points["displayField"] == "name"


def test_the_document_points_at_the_copied_data(simple: Path, tmp_path: Path) -> None:
    sd = stage(simple).path
    document = read_json(sd, "p30/City.mapx")
    (definition,) = document["layerDefinitions"]
    found = definition["featureTable"]["dataConnection"]
    geodatabase = next(name.split("/")[1] for name in names(sd) if name.startswith("cd/"))
    assert found["workspaceConnectionString"] == f"DATABASE=..\\cd\\{geodatabase}"
    assert found["dataset"] == "points"
    assert definition["serviceLayerID"] == 0
    with zipfile.ZipFile(BytesIO(read(sd, "p30/City.msd"))) as packed:
        assert json.loads(packed.read("map/points.json"))["featureTable"]["dataConnection"] == found
        assert (
            json.loads(packed.read("GISProject.json"))["projectItems"][0]["catalogPath"]
            == "CIMPATH=map/map.json"
        )


def test_the_manifest_names_the_data(simple: Path) -> None:
    sd = stage(simple).path
    root = ElementTree.fromstring(read(sd, "manifest.xml"))
    assert root.findtext("State") == "esriSDState_Staged"
    assert root.find("Configurations") is None
    dataset = root.find("Databases/SVCDatabase/Datasets/SVCDataset")
    assert dataset is not None
    assert (dataset.findtext("InPackagePath") or "").endswith("\\points")
    assert root.findtext("Resources/SVCResource/DatasetIDs/String") == dataset.findtext("ID")


def test_unchanged_input_gives_the_same_bytes(simple: Path) -> None:
    digests = [
        hashlib.sha256(stage(simple, simple.parent / f"{folder}.sd").path.read_bytes()).digest()
        for folder in ("a", "a2")
    ]
    same_name = hashlib.sha256(
        stage(simple, simple.parent / "a.sd", overwrite=True).path.read_bytes()
    ).digest()
    assert same_name == digests[0]
    assert digests[1] != digests[0], "the name of the file is in it"


def test_edits_of_a_draft_saved_under_another_name_count(simple: Path) -> None:
    other = simple.with_name("points_mod_xml.sddraft")
    other.write_bytes(simple.read_bytes())
    edit_draft(
        other,
        {
            "ItemInfo/Title": "Edited & more",
            "ItemInfo/Snippet": "by hand",
            "Configurations/SVCConfiguration/Name": "renamed",
            "Type": "esriServiceDefinitionType_Replacement",
        },
    )
    sd = stage(other).path
    info = ElementTree.fromstring(read(sd, "esriinfo/iteminfo.xml"))
    assert info.findtext("title") == "Edited & more"
    assert info.findtext("snippet") == info.findtext("summary") == "by hand"
    assert read_json(sd, "serviceconfiguration.json")["service"]["serviceName"] == "renamed"
    manifest = ElementTree.fromstring(read(sd, "manifest.xml"))
    assert manifest.findtext("Type") == "esriServiceDefinitionType_Replacement"


def test_the_item_extent_is_in_degrees(simple: Path) -> None:
    info = ElementTree.fromstring(read(stage(simple).path, "esriinfo/iteminfo.xml"))
    assert float(info.findtext("extent/xmin") or "nan") == pytest.approx(137.9946, abs=1e-3)


def test_groups_tables_and_queries_keep_their_places(tmp_path: Path) -> None:
    write_points(tmp_path / "a.geojson")
    write_points(tmp_path / "b.geojson", 9)
    (tmp_path / "rows.csv").write_text("id,word\n1,a\n2,b\n3,c\n")
    inside = layer("Inside", connection(".", "DelimitedTextFile", "a.geojson"), inside=True)
    query = layer(
        "Large",
        connection(".", "DelimitedTextFile", "b.geojson"),
        table={"definitionExpression": "size >= 4"},
        inside=True,
    )
    table = {
        "type": "CIMStandaloneTable",
        "name": "Rows",
        "uRI": "CIMPATH=map/rows.json",
        "dataConnection": connection(".", "DelimitedTextFile", "rows.csv", "esriDTTable"),
    }
    top = group("Top", [inside["uRI"], query["uRI"]])
    project = make_map(tmp_path / "M.mapx", [top, inside, query], [table])
    sd = stage(make_draft(tmp_path / "m.sddraft", project)).path
    found = service(sd)
    assert [
        (entry["id"], entry["name"], entry["parentLayerId"], entry["subLayerIds"])
        for entry in found["layers"]
    ] == [
        (0, "Top", -1, [1, 2]),
        (1, "Inside", 0, None),
        (2, "Large", 0, None),
    ]
    assert found["layers"][0]["type"] == "Group Layer"
    assert [(entry["id"], entry["name"]) for entry in found["tables"]] == [(3, "Rows")]
    document = read_json(sd, "p30/M.mapx")
    (large,) = [entry for entry in document["layerDefinitions"] if entry["name"] == "Large"]
    assert large["featureTable"]["definitionExpression"] == "size >= 4"
    folder = tmp_path / "data"

    _native.archive_extract(str(sd), str(folder), "cd/")
    (geodatabase,) = (folder / "cd").iterdir()
    assert data.describe(geodatabase, "b")["count"] == 5
    assert data.describe(geodatabase, "rows")["count"] == 3


def test_only_the_layers_of_the_draft_are_staged(tmp_path: Path) -> None:
    write_points(tmp_path / "points.geojson")
    layers = [layer(name, POINTS) for name in ("One", "Two", "Three")]
    project = make_map(tmp_path / "M.mapx", layers)
    draft = make_draft(tmp_path / "m.sddraft", project, layers=["CIMPATH=map/two.json"])
    found = service(stage(draft).path)
    assert [entry["name"] for entry in found["layers"]] == ["Two"]


def test_ids_of_the_author_count_where_the_map_says_so(tmp_path: Path) -> None:
    write_points(tmp_path / "points.geojson")
    layers = [layer("One", POINTS, serviceLayerID=7), layer("Two", POINTS, serviceLayerID=-1)]
    assigned = make_map(tmp_path / "A.mapx", [dict(entry) for entry in layers], useServiceLayerIDs=True)
    plain = make_map(tmp_path / "B.mapx", [dict(entry) for entry in layers])
    ids = [
        [
            entry["id"]
            for entry in service(stage(make_draft(tmp_path / f"{project.stem}.sddraft", project)).path)[
                "layers"
            ]
        ]
        for project in (assigned, plain)
    ]
    assert ids == [[7, 0], [0, 1]]


def test_layers_share_a_copy_and_namesakes_do_not(tmp_path: Path) -> None:
    for folder, count in (("north", 2), ("south", 6)):
        (tmp_path / folder).mkdir()
        write_points(tmp_path / folder / "roads.geojson", count)
    north = connection("north", "DelimitedTextFile", "roads.geojson")
    layers = [
        layer("A", north),
        layer("B", north),
        layer("C", connection("south", "DelimitedTextFile", "roads.geojson")),
        layer("D", north, table={"definitionExpression": "size = 1"}),
    ]
    sd = stage(make_draft(tmp_path / "m.sddraft", make_map(tmp_path / "M.mapx", layers))).path
    places = {
        entry["name"]: (found["workspaceConnectionString"], found["dataset"])
        for entry in read_json(sd, "p30/M.mapx")["layerDefinitions"]
        for found in [entry["featureTable"]["dataConnection"]]
    }
    assert places["A"] == places["B"] == ("DATABASE=..\\cd\\north.gdb", "roads")
    assert places["C"] == ("DATABASE=..\\cd\\south.gdb", "roads")
    assert places["D"] == ("DATABASE=..\\cd\\north.gdb", "roads_1")


def test_a_geodatabase_that_is_wholly_used_is_taken_as_it_is(tmp_path: Path) -> None:
    write_points(tmp_path / "points.geojson")
    source = tmp_path / "Whole.gdb"
    data.copy_to_geodatabase(
        [{"path": str(tmp_path / "points.geojson"), "target": name} for name in ("a", "b")], source
    )
    (source / "_gdb.HOST.1.sr.lock").touch()
    layers = [layer(name, connection("Whole.gdb", "FileGDB", name)) for name in ("a", "b")]
    sd = stage(make_draft(tmp_path / "m.sddraft", make_map(tmp_path / "M.mapx", layers))).path
    packed = {name.removeprefix("cd/whole.gdb/") for name in names(sd) if name.startswith("cd/")}
    assert packed == {path.name for path in source.iterdir()} - {"_gdb.HOST.1.sr.lock"}
    assert read(sd, "cd/whole.gdb/a00000009.gdbtable") == (source / "a00000009.gdbtable").read_bytes()

    half = make_draft(tmp_path / "half.sddraft", tmp_path / "M.mapx", layers=["CIMPATH=map/a.json"])
    folder = tmp_path / "half"

    _native.archive_extract(str(stage(half).path), str(folder), "cd/")
    assert data.list_datasets(folder / "cd" / "whole.gdb") == ["a"], "what is not shared is not handed out"


@pytest.mark.parametrize(
    ("version", "folder", "schema", "connection_string"),
    [
        (102, "p30", "3.3.0", "DATABASE=..\\cd\\"),
        (5, "p30", "3.3.0", "DATABASE=..\\cd\\"),
        (209, "p20", "2.9.0", "DATABASE=..\\cd\\"),
        (340, "p30", "3.4.0", "DATABASE=..\\cd\\"),
    ],
)
def test_the_staging_version_chooses_folder_and_schema(
    simple: Path, version: int, folder: str, schema: str, connection_string: str
) -> None:
    sd = stage(simple, staging_version=version).path
    assert f"/ArcGIS/{schema}'".encode() in read(sd, "manifest.xml")
    (definition,) = read_json(sd, f"{folder}/City.mapx")["layerDefinitions"]
    assert definition["featureTable"]["dataConnection"]["workspaceConnectionString"].startswith(
        connection_string
    )


def test_an_unknown_staging_version_is_refused(simple: Path) -> None:
    with pytest.raises(InvalidInputError, match="staging version 2 does not exist"):
        stage(simple, staging_version=2)


def test_the_profiles_hold_the_same_files(simple: Path) -> None:
    contents = []
    for profile in ("compatible", "fast", "store"):
        sd = stage(simple, overwrite=True, profile=profile).path
        contents.append({name: read(sd, name) for name in names(sd)})
    assert contents[0] == contents[1] == contents[2]


def test_missing_data_is_an_analyzer_error_and_leaves_nothing(tmp_path: Path) -> None:
    write_points(tmp_path / "points.geojson")
    gone = layer("Gone", connection("nowhere.gdb", "FileGDB", "x"))
    draft = make_draft(tmp_path / "m.sddraft", make_map(tmp_path / "M.mapx", [layer("Points", POINTS), gone]))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(AnalyzerError) as failure:
        stage(draft)
    ((text, code),) = failure.value.analysis["errors"]
    assert code == 3
    assert "nowhere.gdb" in text
    assert failure.value.analysis["errors"][text, code] == ["Gone"]
    assert '"code":"00003"' in str(failure.value)
    assert sorted(tmp_path.iterdir()) == before


def test_a_bad_definition_query_names_layer_and_field(tmp_path: Path) -> None:
    write_points(tmp_path / "points.geojson")
    bad = layer("Bad", POINTS, table={"definitionExpression": "nosuch > 3"})
    draft = make_draft(tmp_path / "m.sddraft", make_map(tmp_path / "M.mapx", [bad]))
    with pytest.raises(AnalyzerError, match="nosuch") as failure:
        stage(draft)
    assert [code for _, code in failure.value.analysis["errors"]] == [7, 102]


def test_what_a_feature_layer_cannot_hold_is_left_out_with_a_warning(tmp_path: Path) -> None:
    write_points(tmp_path / "points.geojson")
    raster = {"type": "CIMRasterLayer", "name": "Photo", "uRI": "CIMPATH=map/photo.json"}
    tiles = {"type": "CIMTiledServiceLayer", "name": "Basemap", "uRI": "CIMPATH=map/tiles.json"}
    remote = layer("Remote", connection("", "FeatureService", "0"))
    remote["featureTable"]["dataConnection"]["workspaceConnectionString"] = (
        "URL=https://host/rest/FeatureServer"
    )
    project = make_map(tmp_path / "M.mapx", [layer("Points", POINTS), raster, tiles, remote])
    staged = stage(make_draft(tmp_path / "m.sddraft", project))
    left_out = {
        name
        for (text, _), found in staged.analysis["warnings"].items()
        if "left out" in text
        for name in found
    }
    assert left_out == {"Photo", "Basemap", "Remote"}
    assert [entry["name"] for entry in service(staged.path)["layers"]] == ["Points"]
    assert {entry["name"] for entry in read_json(staged.path, "p30/M.mapx")["layerDefinitions"]} == {"Points"}


def test_an_empty_map_is_an_error(tmp_path: Path) -> None:
    draft = make_draft(tmp_path / "m.sddraft", make_map(tmp_path / "M.mapx", []))
    with pytest.raises(AnalyzerError) as failure:
        stage(draft)
    assert [code for _, code in failure.value.analysis["errors"]] == [1]


def test_copied_data_is_told(simple: Path) -> None:
    found = stage(simple).analysis
    assert [code for _, code in found["messages"]] == [24011]
    assert 20015 in [code for _, code in found["warnings"]]


def test_a_missing_draft_has_the_code_of_arcpy(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as failure:
        stage(tmp_path / "no.sddraft")
    assert failure.value.code == 732


def test_a_missing_project_is_named(simple: Path) -> None:
    (simple.parent / "City.mapx").unlink()
    with pytest.raises(MissingError, match=r"City\.mapx"):
        stage(simple)


def test_a_draft_of_another_service_says_what_is_staged(tmp_path: Path) -> None:
    from stage_support import ROOT

    draft = (ROOT / "tests" / "fixtures" / "sddraft" / "map_service_pro30.sddraft").read_text()
    globe = tmp_path / "globe.sddraft"
    globe.write_text(draft.replace("<TypeName>MapServer<", "<TypeName>GlobeServer<"))
    with pytest.raises(NotSupportedError, match=r"GlobeServer.*staged are FeatureServer, MapServer"):
        stage(globe)


def test_an_existing_file_stands_unless_told(simple: Path) -> None:
    out = simple.with_suffix(".sd")
    out.write_text("keep me")
    with pytest.raises(ExistsError) as failure:
        stage(simple)
    assert failure.value.code == 725
    assert out.read_text() == "keep me"
    assert "manifest.xml" in names(stage(simple, overwrite=True).path)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX limits")
def test_a_full_disk_leaves_nothing(simple: Path) -> None:
    import resource
    import signal

    before = sorted(simple.parent.iterdir())
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limit[1]))
    try:
        with pytest.raises(SharingError) as failure:
            stage(simple)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert failure.value.code in (1269, 1270)
    assert sorted(simple.parent.iterdir()) == before


def test_a_folder_that_does_not_exist_is_named(simple: Path) -> None:
    with pytest.raises(SharingError, match="nowhere"):
        stage(simple, simple.parent / "nowhere" / "x.sd")


def test_progress_reaches_the_end_and_can_stop(simple: Path) -> None:
    seen: list[tuple[int, int]] = []
    stage(simple, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 0

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage(simple, simple.parent / "stopped.sd", progress=stop)
    assert not (simple.parent / "stopped.sd").exists()
