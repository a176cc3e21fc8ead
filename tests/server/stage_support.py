"""Drafts, maps and data that the staging tests are made of."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from geosharing import _native

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / ".." / "shared" / "corpus"
TEMPLATE = ROOT / "tests" / "fixtures" / "sddraft" / "hosted_feature_pro23.sddraft"


def make_draft(
    path: Path,
    project: Path | str,
    cim_path: str = "",
    layers: Iterable[str] = (),
    tables: Iterable[str] = (),
) -> Path:
    """Edit a genuine draft as scripts do, so that it shares a map of ours."""
    tree = ElementTree.parse(TEMPLATE)
    root = tree.getroot()
    for name, text in (("OnPremisePath", str(project)), ("CIMPath", cim_path)):
        element = root.find(f"Resources/SVCResource/{name}")
        assert element is not None
        element.text = text
    set_staging(root, "PackageLayerList", "|".join(layers))
    set_staging(root, "PackageTableList", "|".join(tables))
    set_staging(root, "ServerRunTimeVersion", "330")
    tree.write(path)
    return path


def set_staging(root: ElementTree.Element, key: str, value: str) -> None:
    for pair in root.iterfind("StagingSettings/PropertyArray/PropertySetProperty"):
        if pair.findtext("Key") == key:
            element = pair.find("Value")
            assert element is not None
            element.text = value
            return
    raise AssertionError(f"the draft has no {key}")


def edit_draft(path: Path, edits: dict[str, str]) -> Path:
    """Set the text at paths of a draft."""
    tree = ElementTree.parse(path)
    for place, text in edits.items():
        element = tree.getroot().find(place)
        assert element is not None, place
        element.text = text
    tree.write(path)
    return path


def make_map(
    path: Path, layers: list[dict[str, Any]], tables: list[dict[str, Any]] | None = None, **map_: Any
) -> Path:
    """Write a `.mapx`; layers are CIM definitions by `layer` and `group`."""
    tables = tables or []
    top = [layer["uRI"] for layer in layers if not layer.pop("inside", None)]
    document = {
        "type": "CIMMapDocument",
        "version": "3.3.0",
        "build": 52636,
        "mapDefinition": {
            "type": "CIMMap",
            "name": "Map",
            "uRI": "CIMPATH=map/map.json",
            "spatialReference": {"wkid": 4326, "latestWkid": 4326},
            "defaultExtent": {
                "xmin": -10,
                "ymin": -10,
                "xmax": 10,
                "ymax": 10,
                "spatialReference": {"wkid": 4326},
            },
            "layers": top,
            "standaloneTables": [table["uRI"] for table in tables],
            **map_,
        },
        "layerDefinitions": layers,
        "tableDefinitions": tables,
    }
    path.write_text(json.dumps(document))
    return path


def connection(folder: str, factory: str, dataset: str, kind: str = "esriDTFeatureClass") -> dict[str, Any]:
    return {
        "type": "CIMStandardDataConnection",
        "workspaceConnectionString": f"DATABASE={folder}",
        "workspaceFactory": factory,
        "dataset": dataset,
        "datasetType": kind,
    }


def layer(name: str, data: dict[str, Any] | None, *, uri: str | None = None, **more: Any) -> dict[str, Any]:
    table = {"type": "CIMFeatureTable", "displayField": "name", **more.pop("table", {})}
    if data is not None:
        table["dataConnection"] = data
    return {
        "type": "CIMFeatureLayer",
        "name": name,
        "uRI": f"CIMPATH=map/{uri or name.lower()}.json",
        "visibility": True,
        "featureTable": table,
        "renderer": {"type": "CIMSimpleRenderer"},
        **more,
    }


def group(name: str, inside: list[str]) -> dict[str, Any]:
    return {
        "type": "CIMGroupLayer",
        "name": name,
        "uRI": f"CIMPATH=map/{name.lower()}.json",
        "visibility": True,
        "layers": inside,
    }


def write_points(path: Path, count: int = 5, name: str = "n") -> Path:
    """Write a GeoJSON file of points."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"{name}{i}", "size": i},
            "geometry": {"type": "Point", "coordinates": [i - 2, i / 2]},
        }
        for i in range(count)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def names(sd: Path) -> list[str]:
    return [entry[0] for entry in _native.archive_list(str(sd))]


def read(sd: Path, name: str) -> bytes:
    return bytes(_native.archive_read(str(sd), name, 1 << 26))


def read_json(sd: Path, name: str) -> Any:
    return json.loads(read(sd, name))


def service(sd: Path) -> dict[str, Any]:
    """The service description with its layers and tables by id."""
    document = read_json(sd, "servicedescriptions/featureserver/featureserver.json")
    found = {
        entry["contents"]["id"]: entry["contents"]
        for resource in document["resources"]
        for entry in resource["resources"]
    }
    return {**document["contents"], "by_id": found}


def unpack(sd: Path, folder: Path) -> Path:
    """Unpack with software that we did not write."""
    code = "import sys, py7zr; py7zr.SevenZipFile(sys.argv[1]).extractall(sys.argv[2])"
    subprocess.run([sys.executable, "-c", code, str(sd), str(folder)], check=True)
    return folder
