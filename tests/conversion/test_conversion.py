import json

import geosharing as arcpy
import pytest
import shapely
from tools_support import AMC, error, read


def test_json_and_back_keeps_features(box, tmp_path):
    file = arcpy.conversion.FeaturesToJSON(f"{AMC}/Parcel", str(tmp_path / "p.json"))[0]
    value = json.loads((tmp_path / "p.json").read_text())
    assert value["geometryType"] == "esriGeometryPolygon"
    assert value["spatialReference"]["latestWkid"] == 2230
    _, again = read(arcpy.conversion.JSONToFeatures(file, f"{box}/p")[0])
    assert shapely.area(again) == pytest.approx(shapely.area(read(f"{AMC}/Parcel")[1]), rel=1e-6)


def test_geojson_is_in_degrees(box, tmp_path):
    file = arcpy.conversion.FeaturesToJSON(f"{AMC}/Parcel", str(tmp_path / "p"), geoJSON="GEOJSON")[0]
    bounds = shapely.from_geojson((tmp_path / "p.geojson").read_text()).bounds
    assert -118 < bounds[0] < bounds[2] < -116
    result = arcpy.conversion.JSONToFeatures(file, f"{box}/p")
    assert arcpy.Describe(result).spatialReference.factoryCode == 4326


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", '{"features": 5}', '{"features": [], "geometryType": "esriGeometryBag"}']
)
def test_broken_json_is_an_error_and_no_output(box, tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert "ERROR" in error(arcpy.conversion.JSONToFeatures, str(tmp_path / "x.json"), f"{box}/x")
    assert not arcpy.Exists(f"{box}/x")


def test_exports_take_conditions_and_field_mappings(box, tmp_path):
    chosen = arcpy.conversion.ExportFeatures(f"{AMC}/Parcel", f"{box}/some", "OBJECTID < 3")
    assert arcpy.GetCount_management(chosen)[0] == "2"
    mappings = arcpy.FieldMappings()
    for old, new in (("Layer", "LAYER_NAME"), ("Color", "C")):
        entry = arcpy.FieldMap()
        entry.addInputField(f"{AMC}/PIQ", old)
        field = entry.outputField
        field.name = new
        entry.outputField = field
        mappings.addFieldMap(entry)
    result = arcpy.conversion.FeatureClassToFeatureClass(f"{AMC}/PIQ", box, "mapped", None, mappings)
    fields, _ = read(result[0])
    before, _ = read(f"{AMC}/PIQ")
    assert [name for name in fields if not name.startswith("Shape")] == ["LAYER_NAME", "C"]
    assert (fields["LAYER_NAME"] == before["Layer"]).all()
    assert fields["C"].dtype == before["Color"].dtype
    assert "ERROR 000358" in error(arcpy.conversion.ExportTable, f"{AMC}/Neighbors", f"{box}/t", "NOPE")


def test_tables_go_to_files_and_geodatabases(box, tmp_path):
    for name in ("n.csv", "n.dbf"):
        path = arcpy.conversion.TableToTable(f"{AMC}/Neighbors", str(tmp_path), name)[0]
        assert arcpy.GetCount_management(path)[0] == "4"
    arcpy.conversion.TableToGeodatabase([f"{AMC}/Neighbors"], box)
    arcpy.conversion.FeatureClassToGeodatabase([f"{AMC}/Parcel", f"{AMC}/PIQ"], box)
    assert sorted(arcpy.data.list_datasets(box)) == ["Neighbors", "PIQ", "Parcel"]
    arcpy.conversion.FeatureClassToGeodatabase(f"{AMC}/Parcel", box)
    assert "Parcel_1" in arcpy.data.list_datasets(box)
    arcpy.conversion.FeatureClassToShapefile(f"{AMC}/Parcel", str(tmp_path))
    arcpy.conversion.TableToDBASE(f"{AMC}/Neighbors", str(tmp_path))
    assert (tmp_path / "Parcel.shp").exists()
    assert (tmp_path / "Neighbors.dbf").exists()
    exported = arcpy.conversion.ExportTable(f"{AMC}/Neighbors", f"{box}/again")
    assert arcpy.GetCount_management(exported)[0] == "4"


def test_workbooks_are_written_and_read(box, tmp_path):
    path = arcpy.conversion.TableToExcel(f"{AMC}/Neighbors", str(tmp_path / "n.xlsx"))[0]
    made, _ = read(arcpy.conversion.ExcelToTable(path, f"{box}/n")[0])
    before, _ = read(f"{AMC}/Neighbors")
    assert list(made["LENGTH"]) == pytest.approx(list(before["LENGTH"]))
