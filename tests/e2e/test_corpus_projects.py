"""Genuine projects, published from end to end; GDAL reads every layer back, equal to its source."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geosharing as arcpy
import pytest
from e2e_support import (
    CORPUS,
    NO_CORPUS,
    ROOT,
    SIMPLE,
    User,
    assert_same_rows,
    count,
    post,
    publishable,
    read_served,
    read_source,
    sign_in,
    split_source,
    stage,
    tolerance_of,
    upload,
)
from geosharing import _portal, data

DICTIONARIES = CORPUS / "packages"
PROJECTS = {
    "amc16": ([ROOT / "examples" / "amc16" / "AMC16AGP.aprx"], 7),
    "simple": ([SIMPLE], 4),
    "mapping_complex": ([CORPUS / "projects" / "mapping_complex" / "test_mapping_complex.aprx"], 5),
    "parks": (list(DICTIONARIES.glob("*Parks.ppkx")), 2),
    "service_calls": (list(DICTIONARIES.glob("*ServiceCalls.ppkx")), 1),
}


@pytest.fixture
def user(site: Any) -> Iterator[User]:
    yield sign_in(site)
    _portal.deactivate()


def assert_served(
    url: str, token: str, entry: dict[str, Any], source: tuple[str, str | None], where: str | None
) -> None:
    layer = f"{url}/{entry['id']}"
    about = data.describe(source[0], source[1], where=where)
    assert count(layer, token) == about["count"], entry["name"]
    expected, found = read_source(source[0], source[1], where), read_served(layer, token)
    # The REST API has no way to carry the bytes of a blob in a row.
    blobs = {field["name"] for field in about["fields"] if field["type"] == "esriFieldTypeBlob"}
    tolerance = tolerance_of(about.get("spatialReference"))
    compared = assert_same_rows(expected, found, tolerance, entry["name"], leave=blobs)
    assert compared == len(expected.fields) - len(blobs)


@pytest.mark.parametrize("name", PROJECTS)
def test_a_genuine_project_is_served_as_its_source_is(name: str, user: User, tmp_path: Path) -> None:
    places, members_of_map = PROJECTS[name]
    if not places or not places[0].exists():
        pytest.skip(NO_CORPUS)
    project = arcpy.mp.ArcGISProject(str(places[0]))
    map_ = next(found for found in project.listMaps() if publishable(found))
    members = publishable(map_)
    assert len(members) == members_of_map
    url = upload(stage(map_, members, f"Corpus_{name}", tmp_path))

    described = post(url, token=user.token)
    entries = [
        entry for entry in described["layers"] + described["tables"] if entry.get("type") != "Group Layer"
    ]
    assert [entry["name"] for entry in entries] == [member.name for member in members]
    for entry, member in zip(entries, members, strict=True):
        assert_served(url, user.token, entry, split_source(member.dataSource), member.definitionQuery or None)


def test_every_kind_of_geometry_is_served_as_its_source_is(user: User, tmp_path: Path) -> None:
    packed = CORPUS / "data" / "Fiona__testopenfilegdb.gdb.zip"
    if not packed.exists():
        pytest.skip(NO_CORPUS)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path)
    geodatabase = next(tmp_path.glob("*.gdb"))
    shutil.copy(ROOT / "examples" / "amc16" / "AMC16AGP.aprx", tmp_path / "kinds.aprx")
    map_ = arcpy.mp.ArcGISProject(str(tmp_path / "kinds.aprx")).createMap("Kinds")
    sources = {}
    for name in data.list_datasets(geodatabase):
        about = data.describe(geodatabase, name)
        # Esri's analyzers take features only where the coordinate system is known (00047).
        known = about["geometryType"] is None or about["spatialReference"] is not None
        if known and not name.startswith("multipatch"):
            sources[map_.addDataFromPath(str(geodatabase / name)).name] = name
    assert len(sources) > 30
    url = upload(stage(map_, publishable(map_), "Kinds", tmp_path))

    described = post(url, token=user.token)
    entries = described["layers"] + described["tables"]
    assert {entry["name"] for entry in entries} == set(sources)
    for entry in entries:
        assert_served(url, user.token, entry, (str(geodatabase), sources[entry["name"]]), None)
