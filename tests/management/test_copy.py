import os

import geosharing as arcpy
import pyogrio
import pytest
import shapely
from tools_support import AMC, error, read


def test_copies_keep_every_value_alias_and_shape(box):
    fields, shapes = read(f"{AMC}/Annotation")
    made, points = read(arcpy.CopyFeatures_management(f"{AMC}/Annotation", f"{box}/a")[0])
    for name in fields:
        assert list(map(str, made[name])) == list(map(str, fields[name])), name
    assert shapely.equals_exact(shapely.force_2d(points), shapely.force_2d(shapes), 1e-3).all()
    before, after = arcpy.data.describe(AMC, "Annotation"), arcpy.data.describe(box, "a")
    shown = ("name", "type", "alias", "length")
    assert [[f[k] for k in shown] for f in after["fields"]] == [
        [f[k] for k in shown] for f in before["fields"]
    ]


def test_every_geometry_type_is_copied(box, fiona):
    for name in arcpy.data.list_datasets(fiona):
        about = arcpy.data.describe(fiona, name)
        if about["geometryType"] is None:
            continue
        arcpy.CopyFeatures_management(f"{fiona}/{name}", f"{box}/{name}")
        copied = arcpy.data.describe(box, name)
        assert [copied[k] for k in ("geometryType", "count", "hasZ", "hasM")] == [
            about[k] for k in ("geometryType", "count", "hasZ", "hasM")
        ], name


def test_domains_go_along_into_a_geodatabase(box, tmp_path):
    other = arcpy.management.CreateFileGDB(str(tmp_path), "other")[0]
    for name, kind, value in (("kinds", "TEXT", "a"), ("numbers", "SHORT", 3)):
        arcpy.management.CreateDomain(other, name, "", kind)
        arcpy.management.AddCodedValueToDomain(other, name, value, "shown")
    arcpy.management.CreateTable(other, "t")
    arcpy.management.AddFields(
        f"{other}/t", [["K", "TEXT", None, 5, None, "kinds"], ["N", "SHORT", None, None, None, "numbers"]]
    )
    arcpy.CopyRows_management(f"{other}/t", f"{box}/t")
    before, after = (arcpy.data.describe(place, "t")["fields"] for place in (other, box))
    assert [f["domain"] for f in after] == [f["domain"] for f in before]
    assert [f.domain for f in arcpy.ListFields(f"{box}/t")] == ["", "kinds", "numbers"]


def test_the_output_coordinate_system_is_obeyed(box):
    arcpy.env.outputCoordinateSystem = arcpy.SpatialReference(4326)
    result = arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")
    described = arcpy.Describe(result)
    assert described.spatialReference.factoryCode == 4326
    assert -118 < described.extent.XMin < -116


def test_the_extent_chooses_features(box):
    extent = arcpy.Describe(f"{AMC}/Parcel").extent
    with arcpy.EnvManager(extent=arcpy.Extent(extent.XMin, extent.YMin, extent.XMin + 1, extent.YMax)):
        result = arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")
    assert 0 < int(arcpy.GetCount_management(result)[0]) < 6


def test_overwriting_needs_the_environment(box):
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")
    text = error(arcpy.CopyFeatures_management, f"{AMC}/Parcel", f"{box}/p")
    assert f"ERROR 000725: Output Feature Class: Dataset {box}/p already exists" in text
    arcpy.env.overwriteOutput = True
    arcpy.CopyFeatures_management(f"{AMC}/Parcel6", f"{box}/p")
    assert arcpy.GetCount_management(f"{box}/p")[0] == "1"
    assert "ERROR 000670" in error(arcpy.CopyFeatures_management, f"{box}/p", f"{box}/p")


@pytest.mark.parametrize("place", ["out.shp", "out.geojson", "out"])
def test_outputs_in_folders_are_written_whole(box, tmp_path, place):
    result = arcpy.CopyFeatures_management(f"{AMC}/Parcel", str(tmp_path / place))
    assert arcpy.GetCount_management(result)[0] == "6"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_a_geopackage_may_be_read_and_written_at_once(box, tmp_path):
    file = tmp_path / "a.gpkg"
    pyogrio.raw.write(file, shapely.to_wkb([shapely.Point(1, 2)]), [], [], layer="one", driver="GPKG",
                      geometry_type="Point", crs="EPSG:3857")  # fmt: skip
    for number in range(2):
        arcpy.env.overwriteOutput = bool(number)
        arcpy.analysis.Buffer(f"{file}/one", f"{file}/two", 5)
    assert sorted(arcpy.data.list_datasets(file)) == ["one", "two"]


def test_a_failure_leaves_no_half_of_an_output(box, tmp_path, monkeypatch):
    from geosharing.tools import buffering

    calls = []

    def broken(shapes, distances, options):
        calls.append(1)
        if len(calls) > 2:
            raise MemoryError("no more")
        return shapely.buffer(shapes, distances)

    monkeypatch.setattr(buffering, "planar", broken)
    monkeypatch.setattr(buffering.batches, "__kwdefaults__", {"box": None, "rows": 100})
    for out in (f"{box}/half", str(tmp_path / "half.shp"), "memory/half"):
        calls.clear()
        assert "no more" in error(arcpy.analysis.Buffer, f"{AMC}/Polyline", out, 1)
        assert not arcpy.Exists(out)
    assert not [name for name in os.listdir(tmp_path) if "half" in name]


def test_bad_inputs_and_outputs_have_arcpys_numbers(box, tmp_path):
    copy = arcpy.CopyFeatures_management
    assert "ERROR 000732: Input Features: Dataset nope does not exist" in error(copy, "nope", f"{box}/x")
    assert "ERROR 000735: Input Features: Value is required" in error(copy, "", f"{box}/x")
    assert "ERROR 000840" in error(copy, f"{AMC}/Neighbors", f"{box}/x")
    assert "ERROR 000210" in error(copy, f"{AMC}/Parcel", str(tmp_path / "none.gdb" / "x"))
    assert "ERROR 000210" in error(copy, f"{AMC}/Parcel", str(tmp_path / "none" / "x.shp"))
    assert "ERROR 000354" in error(copy, f"{AMC}/Parcel", f"{box}/a-b")


def test_names_count_from_the_workspace(box):
    arcpy.env.workspace = AMC
    arcpy.CopyFeatures_management("Parcel", f"{box}/p")
    arcpy.env.workspace = box
    arcpy.CopyFeatures_management("p", "q")
    assert arcpy.ListFeatureClasses() == ["p", "q"]
    assert arcpy.ListFeatureClasses("q*", "Polygon") == ["q"]


def test_merge_and_append_put_rows_together(box):
    merged = arcpy.management.Merge(
        [f"{AMC}/Parcel", f"{AMC}/Parcel6"], f"{box}/m", add_source="ADD_SOURCE_INFO"
    )
    fields, _ = read(merged[0])
    assert len(fields["MERGE_SRC"]) == 7
    result = arcpy.management.Append(f"{AMC}/Parcel6", merged, "NO_TEST")
    assert result[1] == "1"
    assert arcpy.GetCount_management(merged)[0] == "8"
    assert "ERROR 000466" in error(arcpy.management.Append, f"{AMC}/Parcel6", merged, "TEST")
    assert "ERROR 000840" in error(arcpy.management.Merge, [f"{AMC}/Parcel", f"{AMC}/PIQ"], f"{box}/n")


def test_copy_rename_and_delete(box, tmp_path):
    arcpy.management.Copy(AMC, str(tmp_path / "whole.gdb"))
    assert arcpy.Exists(str(tmp_path / "whole.gdb" / "Parcel"))
    arcpy.management.Copy(f"{AMC}/Parcel", f"{box}/p")
    arcpy.management.Rename(f"{box}/p", "q")
    assert arcpy.data.list_datasets(box) == ["q"]
    arcpy.management.Rename(str(tmp_path / "whole.gdb"), "part.gdb")
    arcpy.Delete_management([f"{box}/q", str(tmp_path / "part.gdb")])
    assert arcpy.data.list_datasets(box) == []
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", "memory/m")
    arcpy.management.Rename("memory/m", "n")
    assert arcpy.Exists("memory/n")
    arcpy.Delete_management("memory/n")
    assert not arcpy.Exists("memory/n")
    assert "ERROR 000732" in error(arcpy.Delete_management, f"{box}/q")


def test_geometries_and_feature_sets_are_inputs(box):
    shape = arcpy.PointGeometry(arcpy.Point(1, 2), arcpy.SpatialReference(3857))
    assert arcpy.GetCount_management(arcpy.CopyFeatures_management([shape], f"{box}/g"))[0] == "1"
    text = arcpy.FeatureSet(f"{AMC}/Parcel").JSON
    copied = arcpy.CopyFeatures_management(text, f"{box}/s")
    assert shapely.equals_exact(
        shapely.normalize(shapely.force_2d(read(copied[0])[1])),
        shapely.normalize(shapely.force_2d(read(f"{AMC}/Parcel")[1])), 1e-3,
    ).all()  # fmt: skip
    assert arcpy.GetCount_management(arcpy.RecordSet(f"{AMC}/Neighbors"))[0] == "4"
