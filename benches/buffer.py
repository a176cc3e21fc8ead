"""Buffer of 200,000 polygons: the tool against shapely called directly on the same files."""

import sys
from pathlib import Path

from measure import Goal, median_ratio, pairs, run

NEEDS = ("python:shapely", "python:pyarrow")

COUNT = 200_000
OURS = """
import sys
import geosharing as arcpy
arcpy.analysis.Buffer(sys.argv[1], sys.argv[2], "5 Meters")
"""
# What one writes by hand: everything at once.
PEER = """
import sys, os
import pyogrio.raw, shapely
source, target = sys.argv[1:]
meta, _, wkb, columns = pyogrio.raw.read(os.path.dirname(source), layer=os.path.basename(source))
grown = shapely.to_wkb(shapely.buffer(shapely.from_wkb(wkb), 5.0, quad_segs=16))
pyogrio.raw.write(
    os.path.dirname(target), grown, columns, meta["fields"], layer=os.path.basename(target),
    driver="OpenFileGDB", geometry_type="MultiPolygon", crs=meta["crs"],
    layer_options={"CREATE_SHAPE_AREA_AND_LENGTH_FIELDS": "YES"},
)
"""
# The bare computation, for a sense of what reading and writing cost.
EMPTY = "import sys, pyogrio.raw, shapely, pyarrow"


def polygons(folder: Path) -> None:
    """Write the input: polygons of nine vertices with four attributes."""
    import numpy as np
    import pyogrio.raw
    import shapely

    random = np.random.default_rng(20261122)
    centres = random.uniform(0, 500_000, (COUNT, 1, 2))
    angles = np.sort(random.uniform(0, 2 * np.pi, (COUNT, 8)), axis=1)
    radii = random.uniform(5, 40, (COUNT, 8))
    rings = centres + np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=2)
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    shapes = shapely.to_wkb(shapely.polygons(rings))
    ids = np.arange(COUNT, dtype="int32")
    names = np.array([f"parcel {number}" for number in ids], dtype=object)
    box = folder / "parcels.gdb"
    pyogrio.raw.write(
        box,
        shapes,
        [ids, ids % 7, radii[:, 0], names],
        ["NUMBER", "KIND", "SIZE", "NAME"],
        layer="parcels",
        driver="OpenFileGDB",
        geometry_type="MultiPolygon",
        crs="EPSG:32633",
    )


def measure(work: Path, count: int) -> list[Goal]:
    """Return the ratio of wall and CPU seconds, and the peaks of memory."""
    import shutil

    from geosharing.tools.outputs import create_geodatabase

    source = work / "parcels.gdb" / "parcels"
    # In processes of their own, since children inherit the peak of their parent.
    run([sys.executable, __file__, "make", work])
    numbers = iter(range(10_000))

    def side(script: str):
        box = work / f"out{next(numbers)}.gdb"
        create_geodatabase(str(box))
        usage = run([sys.executable, "-c", script, source, box / "grown"])
        last[script] = box
        for other in work.glob("out*.gdb"):
            if other not in last.values():
                shutil.rmtree(other)
        return usage

    last: dict[str, Path] = {}
    measured = pairs(lambda: side(OURS), lambda: side(PEER), count)
    run([sys.executable, __file__, "check", last[OURS], last[PEER]])
    goals = []
    for field, bound in (("wall", 1.2), ("cpu", None)):
        ratio, detail = median_ratio(measured, field)
        goals.append(
            Goal(
                "buffer",
                f"Buffer of {COUNT:,} polygons / shapely: {field}",
                ratio,
                bound,
                detail=detail + " s",
            )
        )
    base = run([sys.executable, "-c", EMPTY]).peak
    peak = max(ours.peak for ours, _ in measured)
    theirs = max(peer.peak for _, peer in measured)
    detail = f"shapely directly {theirs:.0f}, the libraries alone {base:.0f}"
    goals.append(Goal("buffer", "Buffer: peak memory", peak, None, unit="MiB", detail=detail))
    goals.append(Goal("buffer", "Buffer: peak memory above the libraries", peak - base, 256, unit="MiB"))
    return goals


def _check(ours: Path, theirs: Path) -> None:
    """Compare the answers, since a quick wrong one is none."""
    import pyogrio.raw
    import shapely

    areas = []
    for box in (ours, theirs):
        wkb = pyogrio.raw.read(box, layer="grown", columns=[])[2]
        areas.append(shapely.area(shapely.from_wkb(wkb)))
    if len(areas[0]) != len(areas[1]) or abs(areas[0] - areas[1]).max() > 1e-6:
        raise RuntimeError("the tool and shapely do not agree")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        polygons(Path(sys.argv[2]))
    else:
        _check(Path(sys.argv[2]), Path(sys.argv[3]))
