"""The million points of the ingest and query benchmarks, and the service definition made of them.

Everything is kept below `target/bench`, so that a second run starts at once.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pyogrio.raw
from mixed_folder import points, write_vector

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "target" / "bench"
COUNT = int(os.environ.get("GEOSHARING_BENCH_POINTS", "1000000"))
PROJECT = ROOT / "examples" / "amc16" / "AMC16AGP.aprx"


def geodatabase() -> Path:
    """Return a file geodatabase with the points, made on first use."""
    path = CACHE / f"points{COUNT}.gdb"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"part-{path.name}")
        shutil.rmtree(part, ignore_errors=True)
        write_vector(part, "points", "OpenFileGDB", "Point", points(COUNT, 20260101))
        part.rename(path)
    return path


def geojson() -> Path:
    """Return the same rows as GeoJSON, with the geodatabase's row ids as OBJECTID."""
    path = CACHE / f"points{COUNT}.geojson"
    if path.exists():
        return path
    _, ids, geometry, columns = pyogrio.raw.read(geodatabase(), layer="points", return_fids=True)
    names = list(pyogrio.read_info(geodatabase(), layer="points")["fields"])
    xy = np.frombuffer(b"".join(geometry), dtype=np.uint8).reshape(len(geometry), 21)[:, 5:].copy()
    xy = xy.view("<f8")
    part = path.with_name(f"part-{path.name}")
    with part.open("w") as out:
        out.write('{"type":"FeatureCollection","features":[\n')
        for row in range(len(ids)):
            properties: dict[str, object] = {"OBJECTID": int(ids[row])}
            for name, column in zip(names, columns, strict=True):
                value = column[row]
                if isinstance(value, np.datetime64):
                    value = int(value.astype("datetime64[ms]").astype("int64"))
                properties[name] = value.item() if isinstance(value, np.generic) else value
            feature = {
                "type": "Feature",
                "properties": properties,
                "geometry": {"type": "Point", "coordinates": xy[row].tolist()},
            }
            # One feature a line, for readers that cannot hold the whole.
            out.write((",\n" if row else "") + json.dumps(feature, separators=(",", ":")))
        out.write("\n]}")
    part.rename(path)
    return path


def service_definition() -> Path:
    """Return a staged service definition of the points, made by the package under test."""
    path = CACHE / f"points{COUNT}.sd"
    # Staged by an older build of the package it would measure that one.
    if path.exists() and path.stat().st_mtime > newest(ROOT / "python" / "geosharing"):
        return path
    geodatabase()
    import geosharing as arcpy

    project = arcpy.mp.ArcGISProject(str(PROJECT))
    chosen = project.createMap("points")
    chosen.addDataFromPath(str(geodatabase() / "points"))
    draft = chosen.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "points")
    draft.offline = True
    name = CACHE / "points.sddraft"
    draft.exportToSDDraft(str(name))
    arcpy.env.overwriteOutput = True
    arcpy.server.StageService(str(name), str(path))
    return path


def newest(folder: Path) -> float:
    """Return when a file below a folder was last written."""
    files = (path for path in folder.rglob("*") if path.suffix in (".py", ".so"))
    return max(path.stat().st_mtime for path in files)
