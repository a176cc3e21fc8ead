import datetime

import geosharing as arcpy
import numpy as np
import pytest
import shapely
from tools_support import AMC, read


def test_rows_and_tokens_are_what_pyogrio_reads(box):
    fields, shapes = read(f"{AMC}/PIQ")
    names = ["OID@", "Layer", "Color", "SHAPE@", "SHAPE@XY", "SHAPE@LENGTH", "SHAPE@WKT", "DocUpdate"]
    with arcpy.da.SearchCursor(f"{AMC}/PIQ", names) as cursor:
        assert cursor.fields == tuple(names)
        rows = list(cursor)
    assert len(rows) == len(shapes)
    for index, (oid, layer, color, shape, xy, length, wkt, _) in enumerate(rows):
        assert oid == index + 1
        assert (layer, color) == (fields["Layer"][index], fields["Color"][index])
        assert shape._shape == shapes[index]
        assert xy == (shapes[index].centroid.x, shapes[index].centroid.y)
        assert length == pytest.approx(shapes[index].length)
        assert wkt == shapes[index].wkt


def test_cursors_obey_query_order_and_top(box):
    query = "OBJECTID < 100"
    clause = ("TOP 3", "ORDER BY Color DESC, OBJECTID")
    rows = list(arcpy.da.SearchCursor(f"{AMC}/PIQ", ["Color", "OID@"], query, sql_clause=clause))
    fields, _ = read(f"{AMC}/PIQ")
    expected = sorted(((-int(c), i + 1) for i, c in enumerate(fields["Color"][:99])))[:3]
    assert rows == [(-color, oid) for color, oid in expected]
    distinct = list(arcpy.da.SearchCursor(f"{AMC}/PIQ", ["Layer"], sql_clause=("DISTINCT", "ORDER BY Layer")))
    assert distinct == [(name,) for name in sorted(set(fields["Layer"]))]
    with pytest.raises(NotImplementedError, match="GROUP BY"):
        arcpy.da.SearchCursor(f"{AMC}/PIQ", ["Layer"], sql_clause=(None, "GROUP BY Layer"))


def test_reading_streams(box):
    cursor = arcpy.da.SearchCursor(f"{AMC}/Polyline", "*")
    first = next(cursor)
    cursor.reset()
    assert next(cursor) == first
    with cursor:
        pass
    assert len(list(cursor)) == 775


def test_a_cursor_gives_another_spatial_reference(box):
    (row,) = arcpy.da.SearchCursor(
        f"{AMC}/Parcel6", ["SHAPE@XY"], spatial_reference=arcpy.SpatialReference(4326)
    )
    assert -118 < row[0][0] < -116
    assert 32 < row[0][1] < 34


@pytest.mark.parametrize("place", ["gdb", "memory", "shapefile"])
def test_rows_are_inserted_changed_and_deleted(box, tmp_path, place):
    folder = {"gdb": box, "memory": "memory", "shapefile": str(tmp_path)}[place]
    path = arcpy.management.CreateFeatureclass(folder, "t", "POLYGON", spatial_reference=3857)[0]
    for name, kind in (("NAME", "TEXT"), ("N", "LONG"), ("X", "DOUBLE"), ("D", "DATE")):
        arcpy.management.AddField(path, name, kind)
    square = arcpy.Polygon(arcpy.Array([arcpy.Point(*p) for p in ((0, 0), (0, 2), (2, 2), (2, 0))]))
    day = datetime.datetime(2026, 1, 2)
    with arcpy.da.InsertCursor(path, ["SHAPE@", "NAME", "N", "X", "D"]) as cursor:
        ids = [cursor.insertRow([square, f"n{i}", i, i / 2, day]) for i in range(4)]
    assert len(set(ids)) == 4
    with arcpy.da.UpdateCursor(
        path, ["N", "NAME", "SHAPE@"], "N > 0", sql_clause=(None, "ORDER BY N DESC")
    ) as cursor:
        for row in cursor:
            if row[0] == 3:
                cursor.deleteRow()
                continue
            row[1] = None if row[0] == 1 else row[1].upper()
            row[2] = row[2].buffer(1)
            cursor.updateRow(row)
    rows = list(arcpy.da.SearchCursor(path, ["N", "NAME", "X", "D", "SHAPE@AREA"]))
    grown = shapely.box(0, 0, 2, 2).buffer(1, quad_segs=32).area
    assert [(n, name or None, x) for n, name, x, _, _ in rows] == [
        (0, "n0", 0.0),
        (1, None, 0.5),
        (2, "N2", 1.0),
    ]
    assert [row[4] for row in rows] == pytest.approx([4, grown, grown], rel=1e-5)
    assert {row[3].year for row in rows} == {2026}


def test_an_error_inside_a_block_undoes_it_where_transactions_exist(box):
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", "memory/n")[0]
    before = list(arcpy.da.SearchCursor(path, ["AREA"]))

    def broken():
        with arcpy.da.UpdateCursor(path, ["AREA"]) as cursor:
            for row in cursor:
                cursor.updateRow([row[0] + 1])
                raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert list(arcpy.da.SearchCursor(path, ["AREA"])) == before


def test_bad_fields_values_and_tables_are_refused(box):
    with pytest.raises(ValueError, match="Cannot find field 'NOPE'"):
        arcpy.da.SearchCursor(f"{AMC}/Parcel", ["NOPE"])
    with pytest.raises(FileNotFoundError):
        arcpy.da.SearchCursor(f"{AMC}/Nothing", ["*"])
    with pytest.raises(ValueError, match="Invalid expression"):
        arcpy.da.SearchCursor(f"{AMC}/Parcel", ["OID@"], "NOPE = 1")
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")[0]
    with arcpy.da.InsertCursor(path, ["AREA", "src_OBJECTID"]) as cursor:
        with pytest.raises(TypeError, match="does not fit the field `AREA`"):
            cursor.insertRow(["wide", 1])
        with pytest.raises(TypeError, match="2 fields, 1 values"):
            cursor.insertRow([1])
    assert arcpy.GetCount_management(path)[0] == "4"


def test_layers_narrow_cursors(box):
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")
    arcpy.management.MakeFeatureLayer(f"{box}/p", "some", "OBJECTID > 1")
    arcpy.management.SelectLayerByAttribute("some", "NEW_SELECTION", "OBJECTID > 4")
    assert [row[0] for row in arcpy.da.SearchCursor("some", "OID@")] == [5, 6]
    with arcpy.da.UpdateCursor("some", "OID@") as cursor:
        for _ in cursor:
            cursor.deleteRow()
    assert arcpy.GetCount_management(f"{box}/p")[0] == "4"


def test_arrays_hold_the_same_values(box):
    fields, shapes = read(f"{AMC}/PIQ")
    array = arcpy.da.FeatureClassToNumPyArray(f"{AMC}/PIQ", ["OID@", "Color", "Layer", "SHAPE@XY"])
    assert (array["Color"] == fields["Color"]).all()
    assert (array["Layer"] == fields["Layer"]).all()
    assert array["SHAPE@XY"] == pytest.approx(shapely.get_coordinates(shapely.centroid(shapes)))
    arcpy.da.NumPyArrayToTable(array[["Color", "Layer"]], f"{box}/t")
    again = arcpy.da.TableToNumPyArray(f"{box}/t", ["Color", "Layer"])
    assert (again == array[["Color", "Layer"]]).all()
    points = np.array([(1.0, 2.0, "a")], dtype=[("x", "f8"), ("y", "f8"), ("n", "U4")])
    arcpy.da.NumPyArrayToFeatureClass(points, f"{box}/pts", ["x", "y"], 3857)
    assert list(arcpy.da.SearchCursor(f"{box}/pts", ["SHAPE@XY", "n"])) == [((1.0, 2.0), "a")]


def test_an_edit_session_says_that_it_has_no_undo(box):
    with arcpy.da.Editor(box) as edit:
        assert edit.isEditing
    assert not edit.isEditing
    with pytest.warns(RuntimeWarning, match="no undo"), pytest.raises(KeyError), arcpy.da.Editor(box):
        raise KeyError
