import geosharing as arcpy
import shapely
from tools_support import AMC, error, read


def test_simplified_shapes_are_those_of_geos(box):
    for tool, name in (
        (arcpy.cartography.SimplifyLine, "PIQ"),
        (arcpy.cartography.SimplifyPolygon, "Parcel"),
    ):
        _, shapes = read(f"{AMC}/{name}")
        _, made = read(tool(f"{AMC}/{name}", f"{box}/{name}", "POINT_REMOVE", "5 Feet_US")[0])
        expected = shapely.simplify(shapes, 5, preserve_topology=True)
        assert shapely.get_num_coordinates(made).sum() == shapely.get_num_coordinates(expected).sum()


def test_other_algorithms_are_refused_by_name(box):
    text = error(arcpy.cartography.SimplifyLine, f"{AMC}/PIQ", f"{box}/x", "BEND_SIMPLIFY", "5 Feet")
    assert "BEND_SIMPLIFY is not supported" in text
