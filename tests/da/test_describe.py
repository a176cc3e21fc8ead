import geosharing as arcpy
import numpy as np
import pytest
from tools_support import AMC


def test_a_walk_finds_datasets_in_folders_and_geodatabases(box, tmp_path):
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")
    arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", str(tmp_path / "p.shp"))
    assert list(arcpy.da.Walk(str(tmp_path))) == [
        (str(tmp_path), ["box.gdb"], ["p.shp"]),
        (box, [], ["p", "n"]),
    ]
    assert list(arcpy.da.Walk(box, datatype="FeatureClass", type="Polygon")) == [(box, [], ["p"])]
    assert list(arcpy.da.Walk(box, datatype=["Table"])) == [(box, [], ["n"])]


def test_a_dictionary_describes_a_class():
    described = arcpy.da.Describe(f"{AMC}/Parcel")
    assert (described["shapeType"], described["dataType"], described["hasZ"]) == (
        "Polygon",
        "FeatureClass",
        True,
    )
    assert described["spatialReference"].factoryCode == 2230


def test_subtypes_without_any_are_one_default():
    assert arcpy.da.ListSubtypes(f"{AMC}/Parcel")[0]["Default"]


def test_names_are_made_valid(box, tmp_path):
    assert arcpy.ValidateFieldName("1 a-b", box) == "F1_a_b"
    assert arcpy.ValidateFieldName("a_very_long_name", str(tmp_path)) == "a_very_lon"
    assert arcpy.ValidateTableName("select") == "select_"
    assert arcpy.AddFieldDelimiters(box, "A") == "A"
    assert arcpy.AddFieldDelimiters(str(tmp_path / "a.shp"), "A") == '"A"'
    assert arcpy.ParseFieldName("db.me.t.F") == "db, me, t, F"
    assert arcpy.ParseTableName("t") == "(null), (null), t"


@pytest.fixture
def raster(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    path = tmp_path / "r.tif"
    cells = np.repeat(np.repeat(np.array([[1, 2], [3, 3]], "uint8"), 50, 0), 50, 1)
    transform = rasterio.transform.from_origin(500_000, 5_000_000, 10, 10)
    with rasterio.open(path, "w", driver="GTiff", width=100, height=100, count=1, dtype="uint8",
                       crs="EPSG:32633", transform=transform) as file:  # fmt: skip
        file.write(cells, 1)
    return str(path)


def test_rasters_are_described_listed_and_copied(raster, tmp_path):
    described = arcpy.Describe(raster)
    assert (described.bandCount, described.width, described.format) == (1, 100, "TIFF")
    assert described.spatialReference.factoryCode == 32633
    arcpy.env.workspace = str(tmp_path)
    assert arcpy.ListRasters() == arcpy.ListDatasets("*", "Raster") == ["r.tif"]
    arcpy.management.MakeRasterLayer(raster, "raster layer")
    copy = arcpy.management.CopyRaster("raster layer", str(tmp_path / "c.tif"), pixel_type="16_BIT_SIGNED")
    assert arcpy.Describe(copy[0]).pixelType == "S16"
    assert "mean 2.25" in arcpy.management.CalculateStatistics(copy).getMessages()
    moved = arcpy.management.ProjectRaster(raster, str(tmp_path / "m.tif"), arcpy.SpatialReference(3857))
    assert arcpy.Describe(moved[0]).spatialReference.factoryCode == 3857
    whole = arcpy.management.MosaicToNewRaster([raster, copy[0]], str(tmp_path), "w.tif")
    assert arcpy.Describe(whole[0]).width == 100
    arcpy.ResetEnvironments()


def test_cells_become_polygons(raster, box):
    result = arcpy.conversion.RasterToPolygon(raster, f"{box}/patches", "NO_SIMPLIFY")
    rows = sorted(arcpy.da.SearchCursor(result, ["gridcode", "SHAPE@AREA"]))
    assert rows == [(1, 250_000.0), (2, 250_000.0), (3, 500_000.0)]


def test_feature_datasets_are_places_of_their_own(box):
    ds = arcpy.management.CreateFeatureDataset(box, "water", arcpy.SpatialReference(2230))[0]
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{ds}/lakes")
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/parcels")
    arcpy.env.workspace = box
    assert arcpy.ListDatasets("", "Feature") == ["water"]
    assert arcpy.ListFeatureClasses() == ["parcels"]
    assert arcpy.ListFeatureClasses(feature_dataset="water") == ["lakes"]
    assert arcpy.GetCount_management(f"{box}/water/lakes")[0] == "6"
    assert list(arcpy.da.Walk(box)) == [(box, ["water"], ["parcels"]), (f"{box}/water", [], ["lakes"])]
