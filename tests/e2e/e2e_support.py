"""What the end-to-end tests share: publish a map, read it back with GDAL, compare with the source."""

from __future__ import annotations

import json
import os
import urllib.parse
import urllib.request
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geosharing as arcpy
import numpy as np
import pyogrio
import shapely
from geosharing import _portal
from geosharing.client import Portal

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / ".." / "shared" / "corpus"
SIMPLE = ROOT / "tests" / "fixtures" / "projects" / "simple" / "simple.aprx"
AMC16 = ROOT / "examples" / "amc16" / "AMC16AGP.aprx"
NO_CORPUS = "the corpus is not beside this clone (../shared/corpus)"


@dataclass(frozen=True)
class User:
    """Somebody who publishes, with a token that GDAL can send: it is bound to no referer."""

    portal: Portal
    token: str


def sign_in(site: Any) -> User:
    name = f"user_{os.urandom(4).hex()}"
    site.add_user(name, "pass.word", "org_publisher")
    portal = Portal(site.portal_url, name, "pass.word", retry_pause=0.01)
    _portal.activate(portal)
    answer = post(
        f"{site.portal_url}/sharing/rest/generateToken",
        username=name,
        password="pass.word",
        client="requestip",
    )
    return User(portal, answer["token"])


def post(url: str, **fields: Any) -> Any:
    body = urllib.parse.urlencode({"f": "json", **fields}).encode()
    with urllib.request.urlopen(url, body, timeout=60) as reply:
        return json.load(reply)


def count(url: str, token: str, where: str = "1=1") -> int:
    return int(post(f"{url}/query", where=where, returnCountOnly="true", token=token)["count"])


def publishable(map_: Any) -> list[Any]:
    """The layers and tables that a feature layer can hold, groups left to their members."""
    found = [layer for layer in map_.listLayers() if layer.isFeatureLayer and not layer.isBroken]
    return found + [table for table in map_.listTables() if not table.isBroken]


def stage(map_: Any, members: list[Any], name: str, folder: Path, **properties: Any) -> Path:
    """Draft, export and stage as scripts do; returns the `.sd`."""
    draft = map_.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", name, members)
    for key, value in properties.items():
        setattr(draft, key, value)
    sddraft, sd = folder / f"{name}.sddraft", folder / f"{name}.sd"
    draft.exportToSDDraft(str(sddraft))
    arcpy.server.StageService(str(sddraft), str(sd))
    return sd


def upload(sd: Path) -> str:
    """Upload to the active portal; returns the service's address."""
    result = arcpy.server.UploadServiceDefinition(str(sd), "HOSTING_SERVER")
    assert result["errors"] == {}
    return str(result[1])


def files(folder: Path) -> list[str]:
    """Every file below a folder, but those that a database keeps while it is open."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in found if path.suffix[-4:] not in ("-wal", "-shm"))


def split_source(place: str) -> tuple[str, str | None]:
    """A `dataSource` as GDAL wants it: the container, and the dataset inside it."""
    for ending in (".gdb", ".gpkg"):
        head, found, tail = place.replace("\\", "/").partition(ending + "/")
        if found:
            return head + ending, tail.rsplit("/", 1)[-1]
    return place, None


@dataclass
class Rows:
    """A dataset as GDAL reads it, in the order of its row ids."""

    fields: dict[str, Any]
    shapes: Any
    ids: Any


def read_source(place: str, layer: str | None = None, where: str | None = None) -> Rows:
    return _read(place, layer=layer, where=where, return_fids=True)


def read_served(url: str, token: str) -> Rows:
    """Read a layer through GDAL's driver, which asks for page after page."""
    about = post(url, token=token)
    assert "error" not in about, about
    fields = {
        "where": "1=1",
        "outFields": "*",
        "returnZ": "true",
        "returnM": "true",
        "orderByFields": f"{about['objectIdField']} ASC",
        "f": "json",
        "token": token,
    }
    address = f"{url}/query?{urllib.parse.urlencode(fields)}"
    if count(url, token) == 0:
        # GDAL takes a page without rows for no page at all.
        answer = post(f"{url}/query", **fields)
        return Rows({field["name"]: np.array([]) for field in answer["fields"]}, np.array([]), None)
    rows = _read(f"ESRIJSON:{address}")
    rows.ids = rows.fields.pop(about["objectIdField"])
    return rows


def _read(place: str, **options: Any) -> Rows:
    with warnings.catch_warnings():
        # pyogrio says that it has no M values to give, for GEOS had none.
        warnings.simplefilter("ignore")
        meta, ids, shapes, columns = pyogrio.raw.read(place, **options)
    return Rows(dict(zip(meta["fields"], columns, strict=True)), shapes, ids)


def values(column: Any) -> list[Any]:
    """The values of a column in a form that says nothing of the column's type."""
    return [_value(value) for value in column]


def _value(value: Any) -> Any:
    if value is None or value is np.ma.masked:
        return None
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value.astype("datetime64[ms]"))
    if isinstance(value, np.float32):
        return None if np.isnan(value) else float(str(value))
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    if isinstance(value, np.integer | np.bool_):
        return float(value)
    return value


def assert_same_shapes(expected: Any, found: Any, tolerance: float, what: str) -> None:
    """Compare vertex by vertex, Z too; where rings begin is nobody's business."""
    assert len(expected) == len(found), what
    left, right = (shapely.from_wkb(shapes) for shapes in (expected, found))
    for number, (one, other) in enumerate(zip(left, right, strict=True)):
        where = f"{what}, row {number}"
        if shapely.is_missing(one) or shapely.is_empty(one):
            assert shapely.is_missing(other) or shapely.is_empty(other), where
            continue
        assert not shapely.is_missing(other), where
        assert shapely.has_z(one) == shapely.has_z(other), where
        if shapely.get_dimensions(one) == 2:
            one, other = shapely.normalize(one), shapely.normalize(other)
        before, after = (shapely.get_coordinates(shape, include_z=True) for shape in (one, other))
        assert before.shape == after.shape, f"{where}: {len(before)} vertices became {len(after)}"
        assert np.allclose(before, after, rtol=0, atol=tolerance, equal_nan=True), where


def tolerance_of(reference: dict[str, Any] | None) -> float:
    """One millimetre on the ground, as geodatabases have it by default."""
    from pyproj import CRS

    if not reference:
        return 1e-3
    known = reference.get("latestWkid") or reference.get("wkid")
    for authority in ("EPSG", "ESRI"):
        try:
            system = CRS.from_authority(authority, known) if known else CRS.from_wkt(reference["wkt"])
        except Exception:
            continue
        return (
            1e-3 / 111_319.49 if system.is_geographic else 1e-3 / system.axis_info[0].unit_conversion_factor
        )
    raise AssertionError(f"nobody knows {reference}")


def assert_same_rows(
    expected: Rows, found: Rows, tolerance: float, what: str, leave: Iterable[str] = ()
) -> int:
    """Compare every field and geometry; returns how many fields were compared."""
    leave = set(leave)
    compared = 0
    for name, column in expected.fields.items():
        if name in leave:
            continue
        assert name in found.fields, f"{what}: field {name} is not among {list(found.fields)}"
        assert values(column) == values(found.fields[name]), f"{what}: values of {name}"
        compared += 1
    if expected.shapes is not None and found.shapes is not None:
        assert_same_shapes(expected.shapes, found.shapes, tolerance, what)
    return compared
