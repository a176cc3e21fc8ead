import geosharing as arcpy
import pyproj
import pytest
import shapely
from tools_support import AMC, error, read


def test_projecting_is_what_pyproj_answers(box):
    _, shapes = read(f"{AMC}/Annotation")
    _, moved = read(
        arcpy.management.Project(f"{AMC}/Annotation", "memory/moved", arcpy.SpatialReference(4326))[0]
    )
    change = pyproj.Transformer.from_crs(2230, 4326, always_xy=True)
    x, y = change.transform(*shapely.get_coordinates(shapes).T)
    assert shapely.get_x(moved) == pytest.approx(x, abs=1e-12)
    assert shapely.get_y(moved) == pytest.approx(y, abs=1e-12)
    assert shapely.get_z(moved) == pytest.approx(shapely.get_z(shapes))


def test_dissolving_unites_by_field_with_statistics(box):
    fields, shapes = read(f"{AMC}/Polyline")
    made, united = read(
        arcpy.management.Dissolve(
            f"{AMC}/Polyline", "memory/d", "Layer", [["Color", "MAX"], ["Color", "COUNT"]]
        )[0]
    )
    assert list(made["Layer"]) == sorted(set(fields["Layer"]))
    for index, name in enumerate(made["Layer"]):
        own = fields["Layer"] == name
        assert united[index].length == pytest.approx(shapely.union_all(shapes[own]).length)
        assert made["MAX_Color"][index] == fields["Color"][own].max()
        assert made["COUNT_Color"][index] == own.sum()


def test_points_come_from_a_table(box, tmp_path):
    table = tmp_path / "places.csv"
    table.write_text("name,lon,lat\na,7.5,47.5\nb,8.5,46.5\nc,,\n")
    result = arcpy.management.XYTableToPoint(str(table), f"{box}/places", "lon", "lat")
    fields, points = read(result[0])
    assert list(fields["name"]) == ["a", "b", "c"]
    assert [None if p is None else (p.x, p.y) for p in points] == [(7.5, 47.5), (8.5, 46.5), None]
    assert arcpy.Describe(result).spatialReference.factoryCode == 4326
    assert "1 rows have no coordinates" in result.getMessages(1)
    assert "ERROR 000728" in error(arcpy.management.XYTableToPoint, str(table), f"{box}/x", "x", "lat")


def test_points_of_features_and_their_coordinates(box):
    _, shapes = read(f"{AMC}/Parcel")
    result = arcpy.management.FeatureToPoint(f"{AMC}/Parcel", f"{box}/c")
    _, points = read(result[0])
    assert shapely.distance(points, shapely.centroid(shapes)).max() < 0.001
    arcpy.management.FeatureToPoint(f"{AMC}/Parcel", "memory/inside", "INSIDE")
    assert shapely.within(read("memory/inside")[1], shapely.force_2d(shapes)).all()
    arcpy.management.AddXY(result)
    fields, points = read(result[0])
    assert fields["POINT_X"] == pytest.approx(shapely.get_x(points))
    assert "ERROR 000366" in error(arcpy.management.AddXY, f"{AMC}/Parcel")


def test_invalid_geometries_are_repaired(box):
    path = arcpy.management.CreateFeatureclass("memory", "bow", "POLYGON", spatial_reference=3857)[0]
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    with arcpy.da.InsertCursor(path, ["SHAPE@WKT"]) as cursor:
        cursor.insertRow([bow.wkt])
        cursor.insertRow([None])
    result = arcpy.management.RepairGeometry(path)
    assert "1 geometries repaired, 1 features without geometry deleted" in result.getMessages()
    _, (shape,) = read(path)
    assert shape.is_valid
    assert shape.area == pytest.approx(shapely.make_valid(bow, method="structure").area)


def test_a_shapefile_is_told_its_system(box, tmp_path):
    path = arcpy.CopyFeatures_management(f"{AMC}/Parcel", str(tmp_path / "p.shp"))[0]
    (tmp_path / "p.prj").unlink()
    assert "ERROR 001024" in error(arcpy.management.Project, path, f"{box}/x", 4326)
    arcpy.management.DefineProjection(path, arcpy.SpatialReference(2230))
    assert arcpy.Describe(path).spatialReference.factoryCode == 2230
    assert "CopyFeatures while" in error(arcpy.management.DefineProjection, f"{AMC}/Parcel", 4326)


def test_rows_are_deleted_and_pivoted(box):
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")[0]
    fields, _ = read(path)
    result = arcpy.management.PivotTable(path, "src_OBJECTID", "nbr_OBJECTID", "LENGTH", f"{box}/pivot")
    made, _ = read(result[0])
    assert len(made["src_OBJECTID"]) == len(set(fields["src_OBJECTID"]))
    for source, neighbour, length in zip(
        fields["src_OBJECTID"], fields["nbr_OBJECTID"], fields["LENGTH"], strict=True
    ):
        row = list(made["src_OBJECTID"]).index(source)
        assert made[f"nbr_OBJECTID{neighbour}"][row] == pytest.approx(length)
    arcpy.management.Append(f"{AMC}/Neighbors", path)
    assert arcpy.GetCount_management(path)[0] == "8"
    arcpy.management.DeleteIdentical(path, ["src_OBJECTID", "nbr_OBJECTID"])
    assert arcpy.GetCount_management(path)[0] == "4"
    arcpy.management.TruncateTable(path)
    assert arcpy.GetCount_management(path)[0] == "0"
    arcpy.management.DeleteRows(path)
