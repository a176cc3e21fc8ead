import geosharing as arcpy
import numpy as np
import pytest
import shapely
from tools_support import AMC, error, read


@pytest.fixture
def squares(box):
    """Two classes of squares that overlap by halves."""
    made = {}
    for name, offset in (("a", 0.0), ("b", 0.5)):
        path = arcpy.management.CreateFeatureclass(box, name, "POLYGON", spatial_reference=32633)[0]
        arcpy.management.AddField(path, "NAME", "TEXT", field_length=10)
        with arcpy.da.InsertCursor(path, ["SHAPE@", "NAME"]) as cursor:
            for at in range(3):
                cursor.insertRow([shapely.box(2 * at + offset, 0, 2 * at + offset + 1, 1), f"{name}{at}"])
        made[name] = path
    return made


def test_clip_is_the_intersection_with_the_united_polygons(box):
    _, lines = read(f"{AMC}/Polyline")
    _, parcels = read(f"{AMC}/Parcel")
    mask = shapely.union_all(shapely.force_2d(parcels))
    expected = shapely.intersection(shapely.force_2d(lines), mask)
    _, clipped = read(arcpy.analysis.Clip(f"{AMC}/Polyline", f"{AMC}/Parcel", f"{box}/clip")[0])
    assert shapely.length(clipped).sum() == pytest.approx(shapely.length(expected).sum(), rel=1e-6)
    assert len(clipped) == (shapely.length(expected) > 0).sum()


def test_erase_is_the_difference(box):
    grown = arcpy.analysis.Buffer(f"{AMC}/Parcel", "memory/grown", "10 Feet")
    _, a = read("memory/grown")
    _, b = read(f"{AMC}/Parcel")
    expected = shapely.area(shapely.difference(a, shapely.union_all(shapely.force_2d(b)))).sum()
    _, left = read(arcpy.analysis.Erase(grown, f"{AMC}/Parcel", f"{box}/left")[0])
    assert shapely.area(left).sum() == pytest.approx(expected, rel=1e-6)


def test_intersect_joins_the_attributes_of_each_pair(box, squares):
    result = arcpy.analysis.Intersect([squares["a"], squares["b"]], f"{box}/both")
    fields, shapes = read(result[0])
    assert [name for name in fields if not name.startswith("Shape")] == ["FID_a", "NAME", "FID_b", "NAME_1"]
    pairs = sorted(zip(fields["NAME"], fields["NAME_1"], strict=True))
    assert pairs == [("a0", "b0"), ("a1", "b1"), ("a2", "b2")]
    assert shapely.area(shapes) == pytest.approx([0.5] * 3)
    only, _ = read(arcpy.analysis.Intersect(f"{squares['a']};{squares['b']}", f"{box}/ids", "ONLY_FID")[0])
    assert [name for name in only if not name.startswith("Shape")] == ["FID_a", "FID_b"]


def test_union_has_every_piece_once(box, squares):
    fields, shapes = read(arcpy.analysis.Union([squares["a"], squares["b"]], f"{box}/u")[0])
    assert shapely.area(shapes).sum() == pytest.approx(4.5)
    assert shapely.union_all(shapes).area == pytest.approx(4.5)
    assert sorted(fields["FID_a"]) == [-1, -1, -1, 1, 1, 2, 2, 3, 3]


def test_overlays_move_inputs_into_one_coordinate_system(box):
    moved = arcpy.management.Project(f"{AMC}/Parcel", f"{box}/wgs", 4326)[0]
    grown = arcpy.analysis.Buffer(f"{AMC}/PIQ", "memory/grown", "3 Feet")
    _, here = read(arcpy.analysis.Clip(grown, f"{AMC}/Parcel", f"{box}/one")[0])
    _, there = read(arcpy.analysis.Clip(grown, moved, f"{box}/two")[0])
    assert shapely.area(there).sum() == pytest.approx(shapely.area(here).sum(), rel=1e-5)


def test_spatial_join_counts_and_takes_the_first(box, squares):
    fields, _ = read(arcpy.analysis.SpatialJoin(squares["a"], squares["b"], f"{box}/j")[0])
    assert list(fields["Join_Count"]) == [1, 1, 1]
    assert list(fields["NAME_1"]) == ["b0", "b1", "b2"]
    many, _ = read(
        arcpy.analysis.SpatialJoin(
            squares["a"], squares["b"], f"{box}/m", "JOIN_ONE_TO_MANY", match_option="WITHIN_A_DISTANCE",
            search_radius="1 Meters",
        )[0]
    )  # fmt: skip
    a, b = read(squares["a"])[1], read(squares["b"])[1]
    assert len(many["JOIN_FID"]) == (shapely.distance(a[:, None], b[None, :]) <= 1).sum()


def test_near_finds_the_nearest(box, squares):
    arcpy.management.FeatureToPoint(squares["a"], f"{box}/p")
    arcpy.analysis.Near(f"{box}/p", squares["b"], location="LOCATION")
    fields, points = read(f"{box}/p")
    others = read(squares["b"])[1]
    distances = shapely.distance(points[:, None], others[None, :])
    assert fields["NEAR_DIST"] == pytest.approx(distances.min(axis=1))
    assert list(fields["NEAR_FID"]) == list(np.argmin(distances, axis=1) + 1)
    arcpy.analysis.Near(f"{box}/p", arcpy.analysis.Select(squares["b"], "memory/none", "NAME = 'x'"))
    assert list(read(f"{box}/p")[0]["NEAR_FID"]) == [-1, -1, -1]


def test_statistics_are_those_of_numpy(box):
    fields, _ = read(f"{AMC}/Polyline")
    made, _ = read(
        arcpy.analysis.Statistics(
            f"{AMC}/Polyline", f"{box}/s", [["Color", "MEAN"], ["Color", "MAX"]], "Layer"
        )[0]
    )
    for index, name in enumerate(made["Layer"]):
        own = fields["Color"][fields["Layer"] == name]
        assert made["FREQUENCY"][index] == len(own)
        assert made["MEAN_Color"][index] == pytest.approx(own.mean())
        assert made["MAX_Color"][index] == own.max()


def test_select_refuses_what_it_does_not_understand(box):
    assert (
        arcpy.GetCount_management(arcpy.analysis.Select(f"{AMC}/Parcel", f"{box}/s", "OBJECTID < 3"))[0]
        == "2"
    )
    assert "ERROR 000358" in error(arcpy.analysis.Select, f"{AMC}/Parcel", f"{box}/t", "NOPE = 1")
    rows = arcpy.analysis.TableSelect(f"{AMC}/Neighbors", f"{box}/r", "OBJECTID = 1")
    assert arcpy.GetCount_management(rows)[0] == "1"


def test_pairwise_tools_answer_like_their_elders(box, squares):
    a, b = squares["a"], squares["b"]
    assert arcpy.GetCount_management(arcpy.analysis.PairwiseIntersect([a, b], "memory/pi"))[0] == "3"
    for pairwise, elder in (
        (arcpy.analysis.PairwiseClip, arcpy.analysis.Clip),
        (arcpy.analysis.PairwiseErase, arcpy.analysis.Erase),
    ):
        one, two = read(pairwise(a, b, f"{box}/one")[0])[1], read(elder(a, b, f"{box}/two")[0])[1]
        assert shapely.area(one).sum() == pytest.approx(shapely.area(two).sum())
        arcpy.management.Delete([f"{box}/one", f"{box}/two"])
    _, united = read(arcpy.analysis.PairwiseDissolve(a, f"{box}/d")[0])
    assert united[0].area == pytest.approx(3)


@pytest.mark.parametrize("tool", ["Clip", "Erase"])
def test_the_other_features_must_be_wide_enough(box, tool):
    text = error(getattr(arcpy.analysis, tool), f"{AMC}/Parcel", f"{AMC}/PIQ", f"{box}/x")
    assert "ERROR 000366" in text


def test_empty_inputs_are_answered_with_empty_outputs(box, squares):
    none = arcpy.analysis.Select(squares["a"], f"{box}/nothing", "NAME = 'x'")[0]
    for call in (
        lambda out: arcpy.analysis.Clip(squares["a"], none, out),
        lambda out: arcpy.analysis.Clip(none, squares["a"], out),
        lambda out: arcpy.analysis.Intersect([squares["a"], none], out),
        lambda out: arcpy.analysis.Buffer(none, out, 5),
        lambda out: arcpy.management.Dissolve(none, out),
    ):
        arcpy.env.overwriteOutput = True
        assert arcpy.GetCount_management(call(f"{box}/out"))[0] == "0"
    for call in (
        lambda out: arcpy.analysis.Erase(squares["a"], none, out),
        lambda out: arcpy.analysis.Union([squares["a"], none], out),
        lambda out: arcpy.analysis.SpatialJoin(squares["a"], none, out),
    ):
        assert arcpy.GetCount_management(call(f"{box}/out"))[0] == "3"
