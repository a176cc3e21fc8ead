import geosharing as arcpy
import numpy as np
import pyproj
import pytest
import shapely
from tools_support import AMC, error, read

FOOT = arcpy.SpatialReference(2230)._crs().axis_info[0].unit_conversion_factor


def test_a_planar_buffer_is_what_shapely_answers(box):
    _, shapes = read(f"{AMC}/Parcel")
    expected = shapely.buffer(shapely.force_2d(shapes), 10 / FOOT, quad_segs=16)
    _, exact = read(arcpy.analysis.Buffer(f"{AMC}/Parcel", "memory/near", "10 Meters")[0])
    assert (shapely.get_coordinates(exact) == shapely.get_coordinates(expected)).all()
    # A geodatabase keeps coordinates on its grid.
    result = arcpy.analysis.Buffer(f"{AMC}/Parcel", f"{box}/near", "10 Meters")
    fields, grown = read(result[0])
    assert shapely.hausdorff_distance(grown, expected).max() < 0.001
    assert list(fields["ORIG_FID"]) == [1, 2, 3, 4, 5, 6]
    assert fields["BUFF_DIST"] == pytest.approx(10 / FOOT)
    assert fields["Shape_Area"] == pytest.approx(shapely.area(expected), rel=1e-6)
    assert arcpy.Describe(result).spatialReference.factoryCode == 2230
    assert result.getMessages().startswith("Start Time:")
    assert "Succeeded at" in result.getMessages()


def test_both_spellings_are_one_tool():
    assert arcpy.Buffer_analysis is arcpy.analysis.Buffer


def test_attributes_are_kept_with_their_types(box):
    fields, _ = read(f"{AMC}/Polyline")
    kept, _ = read(arcpy.analysis.Buffer(f"{AMC}/Polyline", f"{box}/near", "1 Foot")[0])
    assert (kept["Layer"] == fields["Layer"]).all()
    assert kept["Color"].dtype == fields["Color"].dtype


def test_points_in_degrees_are_buffered_on_the_ellipsoid(box):
    points = arcpy.management.CreateFeatureclass(box, "points", "POINT", spatial_reference=4326)[0]
    with arcpy.da.InsertCursor(points, ["SHAPE@XY"]) as cursor:
        for place in [(10.0, 60.0), (-70.0, -5.0)]:
            cursor.insertRow([place])
    _, grown = read(arcpy.analysis.Buffer(points, f"{box}/near", "5 Kilometers")[0])
    geod = pyproj.Geod(ellps="WGS84")
    for (x, y), shape in zip([(10.0, 60.0), (-70.0, -5.0)], grown, strict=True):
        ring = shapely.get_coordinates(shape)
        _, _, distances = geod.inv([x] * len(ring), [y] * len(ring), ring[:, 0], ring[:, 1])
        assert np.asarray(distances) == pytest.approx(5000.0)


def test_geodesic_buffers_of_lines_hold_their_distance(box):
    line = arcpy.Polyline(arcpy.Array([arcpy.Point(11, 48), arcpy.Point(11.1, 48.05)]), 4326)
    result = arcpy.analysis.Buffer(
        arcpy.CopyFeatures_management([line], "memory/line"), f"{box}/near", "1 Miles"
    )
    _, grown = read(result[0])
    geod = pyproj.Geod(ellps="WGS84")
    edge = shapely.get_coordinates(grown[0])[::7]
    fine = shapely.get_coordinates(shapely.segmentize(line._shape, 0.0002))
    for x, y in edge:
        _, _, far = geod.inv([x] * len(fine), [y] * len(fine), fine[:, 0], fine[:, 1])
        assert min(far) == pytest.approx(1609.344, rel=2e-3)


def test_dissolving_unites_all_or_by_field(box):
    _, shapes = read(f"{AMC}/PIQ")
    fields, _ = read(f"{AMC}/PIQ")
    whole = shapely.union_all(shapely.buffer(shapely.force_2d(shapes), 2.0, quad_segs=16))
    _, united = read(arcpy.analysis.Buffer(f"{AMC}/PIQ", "memory/all", 2, dissolve_option="ALL")[0])
    assert len(united) == 1
    assert united[0].symmetric_difference(whole).area == pytest.approx(0, abs=1e-6)
    kinds, by_layer = read(
        arcpy.analysis.Buffer(f"{AMC}/PIQ", f"{box}/list", 2, "FULL", "ROUND", "LIST", "Layer")[0]
    )
    assert sorted(kinds["Layer"]) == sorted(set(fields["Layer"]))
    assert len(by_layer) == len(set(fields["Layer"]))


def test_distances_may_come_from_a_field(box):
    arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")
    arcpy.management.CalculateField(f"{box}/p", "D", "!OBJECTID! * 2", field_type="DOUBLE")
    arcpy.management.CalculateField(f"{box}/p", "T", "f'{!OBJECTID!} Meters'", field_type="TEXT")
    _, shapes = read(f"{box}/p")
    flat = shapely.force_2d(shapes)
    _, numbers = read(arcpy.analysis.Buffer(f"{box}/p", "memory/n", "D")[0])
    expected = shapely.buffer(flat, np.arange(1, 7) * 2.0, quad_segs=16)
    assert (shapely.get_coordinates(numbers) == shapely.get_coordinates(expected)).all()
    _, texts = read(arcpy.analysis.Buffer(f"{box}/p", f"{box}/t", "T")[0])
    assert shapely.area(texts) == pytest.approx(
        shapely.area(shapely.buffer(flat, np.arange(1, 7) / FOOT, quad_segs=16)), rel=1e-6
    )


def test_sides_are_those_of_shapely(box):
    _, shapes = read(f"{AMC}/Parcel")
    flat = shapely.force_2d(shapes)
    _, ring = read(arcpy.analysis.Buffer(f"{AMC}/Parcel", f"{box}/o", 3, "OUTSIDE_ONLY")[0])
    outside = shapely.difference(shapely.buffer(flat, 3, quad_segs=16), flat)
    assert shapely.area(ring) == pytest.approx(shapely.area(outside), rel=1e-4)
    _, left = read(arcpy.analysis.Buffer(f"{AMC}/PIQ", f"{box}/l", 3, "LEFT", "FLAT")[0])
    lines = shapely.force_2d(read(f"{AMC}/PIQ")[1])
    expected = shapely.buffer(lines, 3, quad_segs=16, single_sided=True, cap_style="flat")
    assert shapely.area(left).sum() == pytest.approx(shapely.area(expected).sum(), rel=1e-6)
    assert "000800" in error(arcpy.analysis.Buffer, f"{AMC}/Parcel", f"{box}/x", 3, "LEFT")


def test_negative_buffers_that_vanish_are_left_out_with_a_warning(box):
    result = arcpy.analysis.Buffer(f"{AMC}/Parcel", f"{box}/inner", "-1000 Feet")
    assert arcpy.GetCount_management(result)[0] == "0"
    assert "have no buffer" in result.getMessages(1)


@pytest.mark.parametrize(
    ("distance", "code"), [("NOPE", "000728"), ("ten metres", "000728"), ("", "000735"), (None, "000735")]
)
def test_a_bad_distance_has_arcpys_number(box, distance, code):
    text = error(arcpy.analysis.Buffer, f"{AMC}/Parcel", f"{box}/x", distance)
    assert f"ERROR {code}" in text
    assert text.rstrip().endswith("Failed to execute (Buffer).")
    assert not arcpy.Exists(f"{box}/x")
