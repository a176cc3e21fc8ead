"""Staging of every kind of service, from genuine drafts and from drafts edited as scripts edit them."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from geosharing.exceptions import NotSupportedError
from geosharing.server import stage
from stage_support import (
    CORPUS,
    connection,
    layer,
    make_map,
    names,
    read,
    read_json,
    write_points,
)

COMPLEX = CORPUS / "projects" / "mapping_complex"
AUTHOR = "E:\\public\\arcpyext\\tests\\samples\\"


@pytest.fixture
def complex_draft(tmp_path: Path) -> Path:
    """The genuine map service draft, with its project on this machine."""
    if not COMPLEX.is_dir():
        pytest.skip("project mapping_complex is not in this clone; it is in the corpus beside it")
    folder = tmp_path / "project"
    shutil.copytree(COMPLEX, folder)
    draft = folder / "test_mapping_complex.sddraft"
    draft.write_text(draft.read_text().replace(AUTHOR, f"{folder}/"))
    return draft


def genuine(name: str, tmp_path: Path, *edits: tuple[str, str]) -> Path:
    """Copy a draft of the corpus, with edits."""
    source = CORPUS / "sddraft" / f"DavidWhittingham__{name}.sddraft"
    if not source.is_file():
        pytest.skip(f"the genuine draft {name} is not in this clone; it is in the corpus beside it")
    text = source.read_text(encoding="utf-8-sig")
    for old, new in edits:
        text, count = re.subn(old, lambda _, new=new: new, text, count=1)
        assert count, old
    draft = tmp_path / f"{name}.sddraft"
    draft.write_text(text, encoding="utf-8")
    return draft


def copied(draft: Path) -> Path:
    text = draft.read_text()
    draft.write_text(text.replace("<ByReference>true<", "<ByReference>false<"))
    return draft


def manifest(sd: Path) -> ElementTree.Element:
    return ElementTree.fromstring(read(sd, "manifest.xml"))


def connections(sd: Path, document: str) -> dict[str, tuple[str, str]]:
    found = {}
    for definition in read_json(sd, document)["layerDefinitions"]:
        table = definition.get("featureTable", definition)
        if "dataConnection" in table:
            data = table["dataConnection"]
            found[definition["name"]] = (data["workspaceConnectionString"], data["dataset"])
    return found


def test_a_map_service_by_reference_holds_documents_and_no_data(complex_draft: Path) -> None:
    sd = stage(complex_draft).path
    assert names(sd) == [
        "esriinfo/item.pkinfo",
        "esriinfo/iteminfo.xml",
        "esriinfo/metadata/metadata.xml",
        "esriinfo/thumbnail/thumbnail.png",
        "initialcachesettings.json",
        "manifest.xml",
        "p20/test_mapping_complex.mapx",
        "p20/test_mapping_complex.msd",
        "serviceconfiguration.json",
        "tilingservice.xml",
    ]
    folder = complex_draft.parent
    assert connections(sd, "p20/test_mapping_complex.mapx")["Layer 1"] == (
        f"DATABASE={folder}",
        "statesp020_clip1.shp",
    )
    root = manifest(sd)
    assert root.findtext("State") == "esriSDState_Staged"
    databases = root.findall("Databases/SVCDatabase")
    assert len(databases) == 2
    for database in databases:
        assert database.findtext("ByReference") == "true"
        assert not database.findtext("InPackagePath")
        assert database.findtext("OnServerConnectionString") == database.findtext("OnPremiseConnectionString")
        for dataset in database.findall("Datasets/SVCDataset"):
            assert not dataset.findtext("InPackagePath")
            assert dataset.findtext("OnServerName") == dataset.findtext("Name")
    shapes = {entry.findtext("Name") for entry in databases[0].findall("Datasets/SVCDataset")}
    assert shapes == {"statesp020_clip1.shp", "statesp020_clip2.shp"}


def test_a_map_service_with_its_data_points_into_the_package(complex_draft: Path) -> None:
    staged = stage(copied(complex_draft))
    sd = staged.path
    assert any(name.startswith("cd/project.gdb/") for name in names(sd))
    assert any(name.startswith("cd/test_data_table1.gdb/") for name in names(sd))
    for string, dataset in connections(sd, "p20/test_mapping_complex.mapx").values():
        assert string == "DATABASE=..\\cd\\project.gdb"
        assert dataset.startswith("statesp020_clip")
    root = manifest(sd)
    ids = {text.text for text in root.findall("Resources/SVCResource/DatasetIDs/String")}
    assert ids == {one.text for one in root.findall("Databases/SVCDatabase/Datasets/SVCDataset/ID")}
    assert root.findtext("Resources/SVCResource/InPackagePath") == "p20\\test_mapping_complex.aprx"
    assert not any(name.startswith("servicedescriptions/") for name in names(sd))


def test_the_configuration_has_pooling_and_every_extension(complex_draft: Path) -> None:
    sd = stage(complex_draft).path
    configuration = read_json(sd, "serviceconfiguration.json")
    assert configuration["folderName"] == "Test"
    service = configuration["service"]
    assert (service["type"], service["capabilities"]) == ("MapServer", "Map,Query,Data")
    assert (service["minInstancesPerNode"], service["maxInstancesPerNode"]) == (1, 2)
    assert service["isolationLevel"] == "HIGH"
    assert service["properties"]["maxImageHeight"] == "4096"
    assert [extension["typeName"] for extension in service["extensions"]] == [
        "WCSServer",
        "WMSServer",
        "FeatureServer",
        "NAServer",
        "KmlServer",
        "WFSServer",
    ]
    assert len(service["extensions"][3]["properties"]) == 94
    assert service["extensions"][2]["properties"]["xssPreventionEnabled"] == "true"


def test_the_first_cache_counts_its_tiles_as_the_draft_does(complex_draft: Path) -> None:
    settings = read_json(stage(complex_draft).path, "initialcachesettings.json")
    assert settings["buildCache"] == "automatic"
    levels = settings["lodInfos"]
    assert len(levels) == 24
    assert levels[0]["estimatedNumberOfTiles"] == "1"
    wanted = re.findall("<NumberOfTiles>([0-9]+)<", complex_draft.read_text())
    assert [level["estimatedNumberOfTiles"] for level in levels] == wanted


@pytest.mark.parametrize(
    ("version", "folder", "data", "schema", "json_parts"),
    [
        (102, "p20", "cd", "2.9.0", False),
        (5, "p20", "cd", "2.9.0", False),
        (200, "p20", "cd", "2.0.0", False),
        (208, "p20", "cd", "2.8.0", False),
        (300, "p30", "cd", "3.0.0", True),
        (330, "p30", "cd", "3.3.0", True),
        (340, "p30", "cd", "3.4.0", True),
    ],
)
def test_staging_versions_choose_folder_schema_and_style(
    complex_draft: Path, version: int, folder: str, data: str, schema: str, json_parts: bool
) -> None:
    sd = stage(copied(complex_draft), staging_version=version).path
    found = names(sd)
    assert f"{folder}/test_mapping_complex.mapx" in found
    assert any(name.startswith(f"{data}/project.gdb/") for name in found)
    assert f"/{schema}'" in read(sd, "manifest.xml").decode()
    with zipfile.ZipFile(BytesIO(read(sd, f"{folder}/test_mapping_complex.msd"))) as inner:
        suffixes = {Path(name).suffix for name in inner.namelist() if name.startswith("layers/")}
        assert suffixes == {".json" if json_parts else ".xml"}


def raster_layer(name: str, folder: str, dataset: str) -> dict[str, object]:
    return {
        "type": "CIMRasterLayer",
        "name": name,
        "uRI": f"CIMPATH=map/{name.lower()}.json",
        "visibility": True,
        "dataConnection": connection(folder, "Raster", dataset, "esriDTRasterDataset"),
    }


def map_draft(complex_draft: Path, project: Path) -> Path:
    text = copied(complex_draft).read_text()
    text = re.sub(r"<OnPremisePath>[^<]*\.aprx", f"<OnPremisePath>{project}", text)
    text = re.sub("<CIMPath>[^<]*", "<CIMPath>", text)
    draft = project.with_suffix(".sddraft")
    draft.write_text(text)
    return draft


def test_rasters_go_beside_the_data_with_their_sidecars(complex_draft: Path, tmp_path: Path) -> None:
    for folder in ("north", "south"):
        (tmp_path / folder).mkdir()
        for name, content in (
            ("dem.tif", folder),
            ("dem.tfw", "1"),
            ("dem.tif.aux.xml", "<a/>"),
            ("x.tif", ""),
        ):
            (tmp_path / folder / name).write_text(content)
    write_points(tmp_path / "points.geojson")
    project = make_map(
        tmp_path / "Relief.mapx",
        [
            layer("Points", connection(".", "DelimitedTextFile", "points.geojson")),
            raster_layer("North", "north", "dem.tif"),
            raster_layer("South", "south", "dem.tif"),
        ],
    )
    sd = stage(map_draft(complex_draft, project)).path
    rasters = [name for name in names(sd) if "/raster_data/" in name]
    assert rasters == [
        "cd/raster_data/dem.tfw",
        "cd/raster_data/dem.tif",
        "cd/raster_data/dem.tif.aux.xml",
        "cd/raster_data/dem_1.tfw",
        "cd/raster_data/dem_1.tif",
        "cd/raster_data/dem_1.tif.aux.xml",
    ]
    assert read(sd, "cd/raster_data/dem.tif") == b"north"
    assert read(sd, "cd/raster_data/dem_1.tif") == b"south"
    found = connections(sd, "p20/Relief.mapx")
    assert found["North"] == ("DATABASE=..\\cd\\raster_data", "dem.tif")
    assert found["South"] == ("DATABASE=..\\cd\\raster_data", "dem_1.tif")
    paths = {one.text for one in manifest(sd).findall(".//SVCDataset/InPackagePath")}
    assert {"cd\\raster_data\\dem.tif", "cd\\raster_data\\dem_1.tif"} <= paths


def test_a_missing_raster_stops_staging(complex_draft: Path, tmp_path: Path) -> None:
    project = make_map(tmp_path / "Relief.mapx", [raster_layer("North", "north", "dem.tif")])
    draft = map_draft(complex_draft, project)
    with pytest.raises(Exception, match="inaccessible"):
        stage(draft)
    assert not draft.with_suffix(".sd").exists()


def test_image_services_by_reference_name_their_raster(tmp_path: Path) -> None:
    sd = stage(genuine("agsconfig__imageservice", tmp_path)).path
    assert names(sd) == [
        "esriinfo/item.pkinfo",
        "esriinfo/iteminfo.xml",
        "esriinfo/metadata/metadata.xml",
        "manifest.xml",
        "serviceconfiguration.json",
        "tilingservice.xml",
    ]
    configuration = read_json(sd, "serviceconfiguration.json")["service"]
    assert configuration["type"] == "ImageServer"
    assert configuration["properties"]["maxImageHeight"] == "4100"
    assert [one["typeName"] for one in configuration["extensions"]] == [
        "WCSServer",
        "WMSServer",
        "JPIPServer",
    ]
    database = manifest(sd).find("Databases/SVCDatabase")
    assert database is not None
    assert database.findtext("ByReference") == "true"
    assert database.findtext("OnPremiseWorkspaceFactoryProgID") == "esriDataSourcesGDB.SdeWorkspaceFactory"
    assert database.findtext("Datasets/SVCDataset/Name") == "RasterExample"


def test_image_services_may_bring_their_raster(tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_bytes(b"pixels")
    (tmp_path / "dem.tfw").write_bytes(b"1")
    draft = genuine(
        "agsconfig__imageservice",
        tmp_path,
        ("<OnPremisePath>[^<]*", f"<OnPremisePath>{tmp_path / 'dem.tif'}"),
        ("<ByReference>true", "<ByReference>false"),
    )
    sd = stage(draft).path
    data = next(name for name in names(sd) if name.endswith("/raster_data/dem.tif"))
    assert read(sd, data) == b"pixels"
    root = manifest(sd)
    assert root.findtext("Resources/SVCResource/InPackagePath") == data.replace("/", "\\")
    draft.write_text(draft.read_text().replace("dem.tif", "gone.tif"))
    with pytest.raises(Exception, match="was not found"):
        stage(draft, tmp_path / "other.sd")


def test_geocode_services_may_bring_their_locator(tmp_path: Path) -> None:
    sd = stage(genuine("agsconfig__geocodeservice", tmp_path)).path
    configuration = read_json(sd, "serviceconfiguration.json")["service"]
    assert configuration["type"] == "GeocodeServer"
    assert configuration["properties"]["maxBatchSize"] == "1003"
    assert configuration["provider"] == "ArcObjects"
    for name in ("streets.loc", "streets.loz", "streets.loc.xml", "streets2.loc", "streets.txt"):
        (tmp_path / name).write_text(name)
    draft = genuine(
        "arcpyext__geocodeservice.savetest",
        tmp_path,
        ("<OnPremisePath>[^<]*", f"<OnPremisePath>{tmp_path / 'streets'}"),
        ("<ByReference>true", "<ByReference>false"),
    )
    sd = stage(draft, staging_version=330).path
    assert [name for name in names(sd) if name.startswith("p30/")] == [
        "p30/streets.loc",
        "p30/streets.loc.xml",
        "p30/streets.loz",
    ]
    assert manifest(sd).findtext("Resources/SVCResource/InPackagePath") == "p30\\streets.loc"


def test_geodata_services_are_their_settings(tmp_path: Path) -> None:
    sd = stage(genuine("agsconfig__geodataservice", tmp_path)).path
    configuration = read_json(sd, "serviceconfiguration.json")["service"]
    assert configuration["type"] == "GeoDataServer"
    assert configuration["capabilities"] == "Query,Extraction,Replication,Uploads"
    assert not any(name.startswith(("cd/", "v101/", "p")) for name in names(sd))


def test_hosted_tiles_keep_their_scheme(complex_draft: Path) -> None:
    text = copied(complex_draft).read_text()
    text = text.replace("esriSVCServerType_FullServer", "esriSVCServerType_LightweightOnline")
    complex_draft.write_text(text)
    sd = stage(complex_draft).path
    assert "tilingservice.xml" in names(sd)
    scheme = ElementTree.fromstring(read(sd, "tilingservice.xml"))
    assert len(scheme.findall("TileCacheInfo/LODInfos/LODInfo")) == 24
    configuration = read_json(sd, "serviceconfiguration.json")
    assert "minInstancesPerNode" not in configuration["service"]
    assert json.dumps(configuration)


def test_kinds_without_a_service_definition_say_what_to_do(tmp_path: Path) -> None:
    draft = genuine("agsconfig__vectortileservice", tmp_path)
    with pytest.raises(NotSupportedError, match="no service definition"):
        stage(draft)
