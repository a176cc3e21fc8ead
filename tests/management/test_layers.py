import geosharing as arcpy
import numpy as np
import pytest
import shapely
from geosharing.mp import Layer, LayerFile
from tools_support import AMC, error, read


def count(thing):
    return int(arcpy.GetCount_management(thing)[0])


@pytest.fixture
def parcels(box):
    return arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")[0]


def test_a_layer_is_known_by_name_object_and_result(parcels):
    result = arcpy.management.MakeFeatureLayer(parcels, "some", "OBJECTID > 2")
    assert isinstance(result[0], Layer)
    assert [count(thing) for thing in ("some", result[0], result)] == [4, 4, 4]
    assert arcpy.Exists("some")
    assert arcpy.Describe("some").dataType == "FeatureLayer"
    arcpy.Delete_management("some")
    assert not arcpy.Exists("some")
    assert count(parcels) == 6


def test_tools_take_only_what_is_selected(parcels, box):
    arcpy.management.MakeFeatureLayer(parcels, "some")
    result = arcpy.management.SelectLayerByAttribute("some", "NEW_SELECTION", "OBJECTID IN (1, 2)")
    assert result[1] == "2"
    assert count(arcpy.CopyFeatures_management("some", f"{box}/two")) == 2
    assert count(arcpy.analysis.Buffer("some", "memory/b", 5)) == 2
    arcpy.management.SelectLayerByAttribute("some", "ADD_TO_SELECTION", "OBJECTID = 3")
    assert count("some") == 3
    arcpy.management.SelectLayerByAttribute("some", "SUBSET_SELECTION", "OBJECTID > 1")
    arcpy.management.SelectLayerByAttribute("some", "REMOVE_FROM_SELECTION", "OBJECTID = 2")
    assert arcpy.Describe("some").FIDSet == "3"
    arcpy.management.SelectLayerByAttribute("some", "SWITCH_SELECTION")
    assert count("some") == 5
    arcpy.management.SelectLayerByAttribute("some", "NEW_SELECTION", "OBJECTID = 3", "INVERT")
    assert count("some") == 5
    arcpy.management.DeleteFeatures("some")
    assert count(parcels) == 1
    arcpy.management.SelectLayerByAttribute("some", "CLEAR_SELECTION")
    assert count("some") == 1


def test_a_selection_by_location_is_that_of_shapely(parcels):
    ours = read(f"{AMC}/PIQ")[1]
    theirs = read(parcels)[1]
    arcpy.CopyFeatures_management(f"{AMC}/PIQ", "memory/lines")
    arcpy.management.MakeFeatureLayer("memory/lines", "lines")
    arcpy.management.MakeFeatureLayer(parcels, "one", "OBJECTID = 2")
    for word, relation in (
        ("INTERSECT", shapely.intersects),
        ("WITHIN", shapely.covered_by),
        ("CROSSED_BY_THE_OUTLINE_OF", lambda a, b: shapely.intersects(a, shapely.boundary(b))),
    ):
        result = arcpy.management.SelectLayerByLocation("lines", word, "one")
        assert int(result[2]) == relation(ours, theirs[1]).sum(), word
    result = arcpy.management.SelectLayerByLocation("lines", "WITHIN_A_DISTANCE", "one", "10 Meters")
    assert int(result[2]) == (shapely.distance(ours, theirs[1]) <= 10 / (1200 / 3937)).sum()
    result = arcpy.management.SelectLayerByLocation(
        "lines", "INTERSECT", "one", None, "NEW_SELECTION", "INVERT"
    )
    assert int(result[2]) == (~shapely.intersects(ours, theirs[1])).sum()


def test_a_layer_file_keeps_layer_and_query(parcels, tmp_path):
    arcpy.management.MakeFeatureLayer(parcels, "some", "OBJECTID > 2")
    path = arcpy.management.SaveToLayerFile("some", str(tmp_path / "some"))[0]
    (layer,) = LayerFile(path).listLayers()
    assert (layer.name, layer.definitionQuery) == ("some", "OBJECTID > 2")
    assert count(layer) == 4


def test_symbology_is_taken_from_another_layer(parcels):
    one = arcpy.management.MakeFeatureLayer(parcels, "one")[0]
    two = arcpy.management.MakeFeatureLayer(parcels, "two")[0]
    renderer = {"type": "CIMSimpleRenderer", "label": "from one"}
    one._native.set(one._uri, "/renderer", renderer)
    arcpy.management.ApplySymbologyFromLayer("two", "one")
    assert two._native.get(two._uri, "/renderer") == renderer


def test_bad_layers_and_conditions_say_so(parcels):
    arcpy.management.MakeFeatureLayer(parcels, "some")
    assert "ERROR 000725" in error(arcpy.management.MakeFeatureLayer, parcels, "some")
    assert "ERROR 000358" in error(arcpy.management.SelectLayerByAttribute, "some", "NEW_SELECTION", "X = 1")
    assert "ERROR 000732" in error(arcpy.management.SelectLayerByAttribute, "other", "NEW_SELECTION", "1 = 1")
    text = error(arcpy.management.AddJoin, "some", "OBJECTID", parcels, "OBJECTID")
    assert "JoinField copies the fields instead" in text


def test_table_views_hide_and_select_rows(box):
    view = arcpy.management.MakeTableView(f"{AMC}/Neighbors", "rows", "OBJECTID < 4")
    assert count(view) == 3
    copied = arcpy.CopyRows_management("rows", f"{box}/r")
    assert list(read(copied[0])[0]["src_OBJECTID"]) == list(read(f"{AMC}/Neighbors")[0]["src_OBJECTID"][:3])
    assert np.all(read(copied[0])[0]["AREA"] >= 0)
