import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from geosharing import _portal


class FakePortal:
    """A portal that is signed in; drafting asks it for nothing but what it is."""

    url = "https://portal.example.com/portal/"
    username = "author"

    def properties(self) -> dict[str, Any]:
        return {"currentVersion": "11.3", "isPortal": True}


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> FakePortal:
    portal = FakePortal()
    monkeypatch.setattr(_portal, "active", lambda: portal)
    return portal


@pytest.fixture(autouse=True)
def signed_out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "signed_in" not in request.fixturenames:
        monkeypatch.setattr(_portal, "active", lambda: None)


def connection(dataset: str) -> dict[str, Any]:
    return {
        "type": "CIMStandardDataConnection",
        "workspaceConnectionString": "DATABASE=.\\data",
        "workspaceFactory": "Shapefile",
        "dataset": dataset,
        "datasetType": "esriDTFeatureClass",
    }


def feature_layer(name: str, dataset: str) -> dict[str, Any]:
    return {
        "type": "CIMFeatureLayer",
        "name": name,
        "uRI": f"CIMPATH=map/{name.lower()}.json",
        "visibility": True,
        "featureTable": {"type": "CIMFeatureTable", "dataConnection": connection(dataset)},
    }


def write_project(path: Path) -> None:
    documents: dict[str, dict[str, Any]] = {
        "GISProject.json": {
            "type": "CIMGISProject",
            "projectItems": [
                {
                    "type": "CIMProjectItem",
                    "itemType": "Map",
                    "name": "Map",
                    "catalogPath": "CIMPATH=map/map.json",
                }
            ],
        },
        "map/map.json": {
            "type": "CIMMap",
            "name": "Map",
            "uRI": "CIMPATH=map/map.json",
            "mapType": "Map",
            "layers": [
                "CIMPATH=map/net.json",
                "CIMPATH=map/signs.json",
                "CIMPATH=map/lost.json",
                "CIMPATH=map/base.json",
            ],
            "spatialReference": {"wkid": 4326, "latestWkid": 4326},
            "defaultExtent": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4},
        },
        "map/net.json": {
            "type": "CIMGroupLayer",
            "name": "Net",
            "uRI": "CIMPATH=map/net.json",
            "layers": ["CIMPATH=map/roads.json"],
        },
        "map/roads.json": feature_layer("Roads", "roads"),
        "map/signs.json": feature_layer("Signs", "signs"),
        "map/lost.json": feature_layer("Lost", "nowhere"),
        "map/base.json": {
            "type": "CIMTiledServiceLayer",
            "name": "Base",
            "uRI": "CIMPATH=map/base.json",
            "serviceConnection": {
                "type": "CIMAGSServiceConnection",
                "url": "https://tiles.example.com/MapServer",
            },
        },
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, document in documents.items():
            archive.writestr(name, json.dumps(document))


@pytest.fixture
def project(tmp_path: Path) -> Any:
    """A project with two good layers, one of them in a group, a broken one and a basemap."""
    from geosharing.mp import ArcGISProject

    (tmp_path / "data").mkdir()
    points = shapely.to_wkb(shapely.points([[1.0, 2.0], [3.0, 4.0]]))
    for name in ("roads", "signs"):
        pyogrio.raw.write(
            tmp_path / "data" / f"{name}.shp",
            geometry=points,
            field_data=[np.array([1, 2])],
            fields=["n"],
            geometry_type="Point",
            crs="EPSG:4326",
        )
    write_project(tmp_path / "town.aprx")
    return ArcGISProject(str(tmp_path / "town.aprx"))


@pytest.fixture
def town(project: Any) -> Any:
    """The map of the project."""
    return project.listMaps()[0]


@pytest.fixture
def good(town: Any) -> list[Any]:
    """The two layers with data."""
    return [layer for layer in town.listLayers() if layer.name in ("Roads", "Signs")]


@pytest.fixture
def draft(town: Any, good: list[Any]) -> Any:
    return town.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "Town", good)
