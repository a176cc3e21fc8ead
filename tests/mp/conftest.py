import json
import shutil
import zipfile
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "amc16"


@pytest.fixture
def amc16(tmp_path: Path) -> Path:
    """A copy of the example project with its data; returns the .aprx."""
    shutil.copytree(EXAMPLE, tmp_path / "amc16")
    return tmp_path / "amc16" / "AMC16AGP.aprx"


@pytest.fixture
def modern(tmp_path: Path) -> Path:
    """A small project in the JSON of Pro 3, without data."""

    def layer(name: str) -> dict:
        return {
            "type": "CIMFeatureLayer",
            "name": name,
            "uRI": f"CIMPATH=map/{name.lower()}.json",
            "visibility": True,
            "serviceLayerID": -1,
            "featureTable": {
                "type": "CIMFeatureTable",
                "dataConnection": {
                    "type": "CIMStandardDataConnection",
                    "workspaceConnectionString": "DATABASE=.\\missing.gdb",
                    "workspaceFactory": "FileGDB",
                    "dataset": name,
                    "datasetType": "esriDTFeatureClass",
                },
            },
        }

    documents = {
        "GISProject.json": {
            "type": "CIMGISProject",
            "defaultGeoDatabase": ".\\missing.gdb",
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
            "layers": ["CIMPATH=map/group.json", "CIMPATH=map/lines.json"],
            "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        },
        "map/group.json": {
            "type": "CIMGroupLayer",
            "name": "Group",
            "uRI": "CIMPATH=map/group.json",
            "layers": ["CIMPATH=map/points [a].json"],
        },
        "map/points [a].json": layer("Points [A]"),
        "map/lines.json": layer("Lines"),
    }
    documents["map/points [a].json"]["uRI"] = "CIMPATH=map/points [a].json"
    path = tmp_path / "modern.aprx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in documents.items():
            archive.writestr(name, json.dumps(document))
        archive.writestr("Thumbnails/x.dat", b"\0opaque")
    return path
