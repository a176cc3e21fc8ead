"""Genuine projects, staged and read back by software that we did not write."""

from __future__ import annotations

import importlib.util
import warnings
import zipfile
from pathlib import Path

import geosharing as arcpy
import pyogrio
import pytest
from geosharing import data
from geosharing.exceptions import AnalyzerError
from geosharing.server import stage
from stage_support import CORPUS, connection, layer, make_draft, make_map, names, read_json, service, unpack

pytestmark = [
    pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside this clone (../shared/corpus)"),
    pytest.mark.skipif(
        importlib.util.find_spec("py7zr") is None, reason="py7zr is not installed (group peers)"
    ),
]


def count(path: Path, name: str) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return int(pyogrio.read_info(path, layer=name, force_feature_count=True)["features"])


PROJECTS = [
    ("projects/amc16/AMC16AGP.aprx", 7),
    ("projects/simple/simple.aprx", 4),
    ("projects/mapping_complex/test_mapping_complex.aprx", 5),
    ("packages/Esri+dictionary-renderer-toolkit__dictionary_examples__Park_Amenities__Parks.ppkx", 2),
    (
        "packages/Esri+dictionary-renderer-toolkit__dictionary_examples__Service_Calls__ServiceCalls.ppkx",
        1,
    ),
]


@pytest.mark.parametrize(("path", "datasets"), PROJECTS, ids=[Path(p[0]).stem[-12:] for p in PROJECTS])
def test_a_genuine_project_is_staged_with_all_its_rows(tmp_path: Path, path: str, datasets: int) -> None:
    project = arcpy.mp.ArcGISProject(str(CORPUS / path))
    maps = [found for found in project.listMaps() if found.listLayers()]
    draft = maps[0].getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "genuine")
    draft.offline = True
    sddraft, sd = tmp_path / "genuine.sddraft", tmp_path / "genuine.sd"
    draft.exportToSDDraft(str(sddraft))
    result = arcpy.StageService_server(str(sddraft), str(sd))
    assert result["errors"] == {}

    folder = unpack(sd, tmp_path / "out")
    found = service(sd)
    mapx = next(name for name in names(sd) if name.endswith(".mapx"))
    document = read_json(sd, mapx)
    places = {}
    for definition in [*document.get("layerDefinitions", []), *document.get("tableDefinitions", [])]:
        place = definition.get("featureTable", definition).get("dataConnection")
        if place:
            workspace = place["workspaceConnectionString"].removeprefix("DATABASE=..\\").replace("\\", "/")
            places[definition["name"]] = (folder / workspace, place["dataset"])
    members = [*maps[0].listLayers(), *maps[0].listTables()]
    compared = 0
    for member in members:
        if not getattr(member, "isFeatureLayer", True):
            continue
        geodatabase, dataset = places[member.name]
        source = data.describe(member.dataSource, where=member.definitionQuery or None)
        assert count(geodatabase, dataset) == source["count"], member.longName
        compared += 1
    assert compared == datasets
    listed = {
        entry["name"] for entry in [*found["layers"], *found["tables"]] if entry["type"] != "Group Layer"
    }
    assert listed == set(places)


@pytest.fixture
def fiona(tmp_path: Path) -> Path:
    with zipfile.ZipFile(CORPUS / "data" / "Fiona__testopenfilegdb.gdb.zip") as packed:
        packed.extractall(tmp_path / "fiona")
    return next((tmp_path / "fiona").glob("*.gdb"))


def test_every_geometry_type_is_staged(fiona: Path, tmp_path: Path) -> None:
    described = {name: data.describe(fiona, name) for name in data.list_datasets(fiona)}
    # Esri's analyzers take features only where the coordinate system is known (00047).
    unknown = {n for n, found in described.items() if found["geometryType"] and not found["spatialReference"]}
    assert unknown == {"hole", "several_polygons", "testnotnullable"}
    described = {name: found for name, found in described.items() if name not in unknown}
    layers, tables = [], []
    for name, found in described.items():
        source = connection(str(fiona), "FileGDB", name)
        if found["geometryType"] is None:
            source["datasetType"] = "esriDTTable"
            tables.append(
                {
                    "type": "CIMStandaloneTable",
                    "name": name,
                    "uRI": f"CIMPATH=map/{name}.json",
                    "dataConnection": source,
                }
            )
        elif name != "multipatch":
            layers.append(layer(name, source, uri=name))
    sd = stage(make_draft(tmp_path / "f.sddraft", make_map(tmp_path / "F.mapx", layers, tables))).path
    folder = unpack(sd, tmp_path / "out")
    (geodatabase,) = (folder / "cd").iterdir()
    for name, found in described.items():
        if name != "multipatch":
            assert count(geodatabase, name) == found["count"]
    by_name = {entry["name"]: entry for entry in service(sd)["by_id"].values()}
    assert by_name["polygonzm"]["hasZ"]
    assert by_name["polygonzm"]["hasM"]
    assert by_name["multipointm"]["geometryType"] == "esriGeometryMultipoint"
    assert by_name["none"]["type"] == "Table"
    assert by_name["null_polygon"]["extent"]["xmin"] == "NaN"


def test_multipatch_is_named_as_the_reason(fiona: Path, tmp_path: Path) -> None:
    solid = layer("Solid", connection(str(fiona), "FileGDB", "multipatch"))
    draft = make_draft(tmp_path / "f.sddraft", make_map(tmp_path / "F.mapx", [solid]))
    with pytest.raises(AnalyzerError, match="multipatch") as failure:
        stage(draft)
    assert [code for _, code in failure.value.analysis["errors"]] == [5]
