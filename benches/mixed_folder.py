"""Make the folder that the staging benchmark packs: what a geodata project looks like.

`python benches/mixed_folder.py OUT [--scale N]` writes 268 MB (times N) with fixed seeds: a file
geodatabase, a shapefile, two GeoPackages, a float32 terrain, CIM-like JSON documents, and a
quarter of bytes that no packer makes smaller, as compressed rasters are.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import struct
from pathlib import Path

import numpy as np
import pyogrio.raw

CATEGORIES = np.array(
    ["road", "river", "parcel", "building", "park", "school", "well", "pipe", "tree", "stop"]
)


def points(count: int, seed: int) -> tuple[np.ndarray, list[np.ndarray], list[str]]:
    """Return WKB points, six tenths of them clustered, with attributes and their names."""
    rng = np.random.default_rng(seed)
    clustered = int(count * 0.6)
    centres = rng.uniform((-180, -80), (180, 80), (200, 2))
    near = centres[rng.integers(0, 200, clustered)] + rng.normal(0, 0.5, (clustered, 2))
    xy = np.concatenate([near, rng.uniform((-180, -80), (180, 80), (count - clustered, 2))])
    rng.shuffle(xy)
    records = np.empty(count, dtype=[("order", "u1"), ("kind", "<u4"), ("xy", "<f8", 2)])
    records["order"], records["kind"], records["xy"] = 1, 1, xy
    raw = records.tobytes()
    geometry = np.array([raw[i : i + 21] for i in range(0, len(raw), 21)], dtype=object)
    category = CATEGORIES[rng.integers(0, 10, count)].astype(object)
    names = np.array(
        [f"{c} {n:07d}" for c, n in zip(category, rng.integers(0, 10**7, count), strict=True)], object
    )
    seconds = rng.integers(0, 10**8, count)
    updated = (np.datetime64("2023-01-01T00:00:00", "ms") + seconds.astype("timedelta64[s]")).astype(
        "datetime64[ms]"
    )
    fields = [
        np.arange(1, count + 1, dtype=np.int32),
        names,
        category,
        np.round(rng.gamma(2.0, 1000.0, count), 3),
        rng.integers(0, 100_000, count).astype(np.int32),
        updated,
    ]
    return geometry, fields, ["id", "name", "category", "value", "pop", "updated"]


def polygons(count: int, seed: int) -> tuple[np.ndarray, list[np.ndarray], list[str]]:
    """Return WKB polygons of 4 to 400 vertices with attributes and their names."""
    rng = np.random.default_rng(seed)
    vertices = np.clip((4 + rng.pareto(1.2, count) * 6).astype(int), 4, 400)
    size = np.clip(0.02 * (1 + rng.pareto(1.5, count)), 0.02, 6)
    centre = rng.uniform((-174, -80), (174, 80), (count, 2))
    geometry = np.empty(count, dtype=object)
    for i in range(count):
        n = int(vertices[i])
        angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
        radius = size[i] * (0.7 + 0.3 * rng.random(n))
        ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + centre[i]
        ring = np.concatenate([ring, ring[:1]])
        geometry[i] = struct.pack("<BIII", 1, 3, 1, n + 1) + ring.astype("<f8").tobytes()
    kind = CATEGORIES[rng.integers(0, 10, count)].astype(object)
    fields = [np.arange(1, count + 1, dtype=np.int32), kind, np.round(size * size * 12345.6, 2)]
    return geometry, fields, ["id", "kind", "area"]


def write_vector(path: Path, layer: str, driver: str, kind: str, data: tuple, append: bool = False) -> None:
    """Write one layer through GDAL."""
    geometry, fields, names = data
    pyogrio.raw.write(
        str(path),
        geometry,
        fields,
        names,
        layer=layer,
        driver=driver,
        geometry_type=kind,
        crs="EPSG:4326",
        append=append,
    )


def terrain(path: Path, size: int, seed: int) -> None:
    """Write a float32 terrain: hills of several wave lengths and a sensor's noise, as raw rows."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 40, size, dtype=np.float32)
    waves = [
        (rng.uniform(0.05, 3), rng.uniform(0.05, 3), rng.uniform(0, 6.3), 200 / (k + 1)) for k in range(12)
    ]
    with path.open("wb") as out:
        for y in np.linspace(0, 40, size, dtype=np.float32):
            row = sum((a * np.sin(fx * x + fy * y + p) for fx, fy, p, a in waves), np.float32(500))
            row = np.round(row * 64 + rng.normal(0, 1.5, size)) / 64
            out.write(row.astype("<f4").tobytes())


def document(rng: np.random.Generator, layers: int) -> str:
    """Return a map document as ArcGIS Pro writes it: deep, wordy and repetitive."""

    def symbol() -> dict:
        colour = {"type": "CIMRGBColor", "values": [*rng.integers(0, 256, 3).tolist(), 100]}
        stroke = {
            "type": "CIMSolidStroke",
            "enable": True,
            "width": round(float(rng.random()), 4),
            "color": colour,
        }
        fill = {"type": "CIMSolidFill", "enable": True, "color": colour}
        return {
            "type": "CIMSymbolReference",
            "symbol": {"type": "CIMPolygonSymbol", "symbolLayers": [stroke, fill], "angleAlignment": "Map"},
        }

    def layer(number: int) -> dict:
        fields = [
            {
                "type": "CIMFieldDescription",
                "alias": str(c),
                "fieldName": str(c),
                "visible": True,
                "searchMode": "Exact",
            }
            for c in CATEGORIES
        ]
        groups = [
            {
                "type": "CIMUniqueValueClass",
                "label": str(c),
                "symbol": symbol(),
                "values": [str(c)],
                "visible": True,
            }
            for c in CATEGORIES
        ]
        return {
            "type": "CIMFeatureLayer",
            "name": f"Layer {number}",
            "uRI": f"CIMPATH=map/layer{number}_{rng.integers(0, 2**31)}.json",
            "featureTable": {"type": "CIMFeatureTable", "fieldDescriptions": fields},
            "renderer": {"type": "CIMUniqueValueRenderer", "groups": groups, "defaultSymbol": symbol()},
            "extent": rng.uniform(-180, 180, 4).tolist(),
        }

    return json.dumps(
        {"type": "CIMMapDocument", "layerDefinitions": [layer(n) for n in range(layers)]}, indent=2
    )


def write_folder(out: Path, scale: int = 1) -> None:
    """Write the folder; `scale` repeats the recipe with other seeds in sub-folders."""
    # GDAL stamps GeoPackages with the time unless told otherwise.
    os.environ["OGR_CURRENT_DATE"] = "2026-01-01T00:00:00Z"
    shutil.rmtree(out, ignore_errors=True)
    for part in range(scale):
        folder = out if scale == 1 else out / f"part{part}"
        seed = 100 * part
        (folder / "documents").mkdir(parents=True)
        (folder / "rasters").mkdir()
        write_vector(folder / "data.gdb", "points", "OpenFileGDB", "Point", points(400_000, seed + 1))
        write_vector(
            folder / "data.gdb", "areas", "OpenFileGDB", "Polygon", polygons(100_000, seed + 2), append=True
        )
        geometry, fields, names = points(100_000, seed + 3)
        # Shapefiles have no times, only dates.
        fields[-1] = fields[-1].astype("datetime64[D]")
        write_vector(folder / "points.shp", "points", "ESRI Shapefile", "Point", (geometry, fields, names))
        write_vector(folder / "points.gpkg", "points", "GPKG", "Point", points(200_000, seed + 4))
        write_vector(folder / "areas.gpkg", "areas", "GPKG", "Polygon", polygons(80_000, seed + 5))
        terrain(folder / "rasters" / "terrain.flt", 3_250, seed + 6)
        rng = np.random.default_rng(seed + 7)
        for number in range(4):
            (folder / "rasters" / f"ortho{number}.tif").write_bytes(
                b"II*\0\x08\0\0\0" + rng.bytes(16_100_000)
            )
        for number in range(43):
            text = document(rng, int(rng.integers(2, 16)))
            (folder / "documents" / f"map{number}.json").write_text(text)


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, default=1)
    arguments = parser.parse_args()
    write_folder(arguments.out, arguments.scale)
    files = [path for path in arguments.out.rglob("*") if path.is_file()]
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
