import os

import geosharing as arcpy
import numpy as np
import pyogrio
import pytest
import shapely


@pytest.fixture
def workspace(tmp_path):
    """A GeoPackage and a shapefile of three points, and a table."""
    arcpy.ResetEnvironments()
    points = shapely.to_wkb(shapely.points([[0, 0], [1, 2], [3, 4]]))
    names = np.array(["a", "b", "c"], dtype=object)
    for path, driver in ((tmp_path / "roads.shp", "ESRI Shapefile"), (tmp_path / "box.gpkg", "GPKG")):
        pyogrio.raw.write(
            path,
            points,
            [names],
            ["NAME"],
            layer="roads",
            driver=driver,
            geometry_type="Point",
            crs="EPSG:3857",
        )
    (tmp_path / "owners.csv").write_text("id,owner\n1,me\n")
    yield tmp_path
    arcpy.ResetEnvironments()


def test_files_folders_and_datasets_exist(workspace):
    assert arcpy.Exists(str(workspace))
    assert arcpy.Exists(workspace / "roads.shp")
    assert arcpy.Exists(os.path.join(str(workspace), "box.gpkg", "roads"))
    assert not arcpy.Exists(os.path.join(str(workspace), "box.gpkg", "rivers"))
    assert not arcpy.Exists("")
    assert not arcpy.Exists(None)
    arcpy.env.workspace = str(workspace)
    assert arcpy.Exists("roads.shp")
    assert not arcpy.Exists("rivers.shp")


def test_the_workspace_is_listed(workspace):
    arcpy.env.workspace = str(workspace)
    assert "roads.shp" in arcpy.ListFeatureClasses()
    assert arcpy.ListFeatureClasses("x*") == []
    assert arcpy.ListFeatureClasses("roads*", "Polygon") == []
    assert "owners.csv" in arcpy.ListTables()
    assert arcpy.ListFiles("*.csv") == ["owners.csv"]
    arcpy.env.workspace = str(workspace / "box.gpkg")
    assert arcpy.ListFeatureClasses() == ["roads"]


def test_listing_without_a_workspace_says_what_to_set():
    arcpy.ResetEnvironments()
    with pytest.raises(ValueError, match=r"set arcpy\.env\.workspace"):
        arcpy.ListTables()


def test_a_dataset_is_described(workspace):
    described = arcpy.Describe(str(workspace / "roads.shp"))
    assert (described.shapeType, described.dataType, described.name) == ("Point", "ShapeFile", "roads.shp")
    assert described.spatialReference.factoryCode == 3857
    assert described.spatialReference.type == "Projected"
    assert (described.extent.XMin, described.extent.YMax) == (0.0, 4.0)
    assert "NAME" in [field.name for field in described.fields]
    assert arcpy.Describe(str(workspace)).dataType == "Folder"
    with pytest.raises(AttributeError, match="gives no `bandCount`"):
        _ = described.bandCount


def test_fields_are_listed_by_name_and_type(workspace):
    path = str(workspace / "roads.shp")
    field = arcpy.ListFields(path, "NA*")[0]
    assert (field.name, field.baseName, field.type) == ("NAME", "NAME", "String")
    assert {field.type for field in arcpy.ListFields(path, None, "String")} == {"String"}


def test_counting_and_deleting_are_tools(workspace):
    path = str(workspace / "roads.shp")
    assert arcpy.management.GetCount(path)[0] == "3"
    assert "Row Count = 3" in arcpy.GetMessages(0)
    assert arcpy.Delete_management(path).status == 4
    assert not list(workspace.glob("roads.*"))
    with pytest.raises(arcpy.ExecuteError, match="ERROR 000732"):
        arcpy.management.Delete(path)


def test_several_things_are_deleted_in_one_go(workspace):
    arcpy.management.Delete([str(workspace / "roads.shp"), str(workspace / "owners.csv")])
    assert not arcpy.Exists(str(workspace / "owners.csv"))


@pytest.mark.parametrize("item", [4326, "4326", "EPSG:4326"])
def test_spatial_references_come_from_codes_and_texts(item):
    reference = arcpy.SpatialReference(item)
    assert (reference.factoryCode, reference.name, reference.type) == (4326, "GCS_WGS_1984", "Geographic")
    assert arcpy.SpatialReference(text=reference.exportToString()).name == reference.name


def test_a_wrong_spatial_reference_is_named():
    with pytest.raises(ValueError, match="`no such system`"):
        arcpy.SpatialReference("no such system")


def test_names_that_nothing_has_are_made(workspace):
    assert arcpy.CreateUniqueName("roads.shp", str(workspace)) == str(workspace / "roads0.shp")
    assert arcpy.CreateScratchName("x", "y", "Shapefile", str(workspace)) == str(workspace / "x0y.shp")


def test_a_spatial_reference_tells_its_units():
    feet = arcpy.SpatialReference(2230)
    assert (feet.linearUnitName, feet.PCSCode, feet.GCSCode) == ("Foot_US", 2230, 0)
    assert feet.metersPerUnit == pytest.approx(1200 / 3937)
    assert feet.GCS.GCSCode == 4269
    assert (feet.GCS.angularUnitName, feet.GCS.linearUnitName, feet.GCS.metersPerUnit) == ("Degree", "", 0.0)
    assert arcpy.SpatialReference(3857).linearUnitName == "Meter"
