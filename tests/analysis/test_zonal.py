import geosharing as arcpy
import numpy as np
import pytest
import shapely
from tools_support import error


def test_cells_are_summarised_by_zone(box, tmp_path):
    rasterio = pytest.importorskip("rasterio")
    cells = np.arange(10_000, dtype="int32").reshape(100, 100)
    path = str(tmp_path / "r.tif")
    transform = rasterio.transform.Affine(10, 0, 500_000, 0, -10, 5_000_000)
    with rasterio.open(path, "w", driver="GTiff", width=100, height=100, count=1, dtype="int32",
                       crs="EPSG:32633", transform=transform) as file:  # fmt: skip
        file.write(cells, 1)
    zones = arcpy.management.CreateFeatureclass(box, "zones", "POLYGON", spatial_reference=32633)[0]
    arcpy.management.AddField(zones, "NAME", "TEXT")
    parts = {"upper": (slice(0, 50), slice(0, 100)), "corner": (slice(90, 100), slice(0, 10))}
    with arcpy.da.InsertCursor(zones, ["SHAPE@", "NAME"]) as cursor:
        cursor.insertRow([shapely.box(500_000, 4_999_500, 501_000, 5_000_000), "upper"])
        cursor.insertRow([shapely.box(500_000, 4_999_000, 500_100, 4_999_100), "corner"])
        cursor.insertRow([shapely.box(0, 0, 1, 1), "far"])
    result = arcpy.sa.ZonalStatisticsAsTable(zones, "NAME", path, f"{box}/z")
    names = ["NAME", "COUNT", "AREA", "MIN", "MAX", "MEAN", "STD", "SUM"]
    rows = {row[0]: row[1:] for row in arcpy.da.SearchCursor(result, names)}
    assert rows.keys() == parts.keys()
    for name, part in parts.items():
        own = cells[part].astype(float)
        expected = [own.size, own.size * 100, own.min(), own.max(), own.mean(), own.std(), own.sum()]
        assert rows[name] == pytest.approx(expected)
    assert "ERROR 000728" in error(arcpy.sa.ZonalStatisticsAsTable, zones, "NOPE", path, f"{box}/y")
