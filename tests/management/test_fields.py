import datetime

import geosharing as arcpy
import pytest
from tools_support import AMC, error, read


@pytest.fixture(params=["gdb", "gpkg memory", "shapefile"])
def parcels(box, tmp_path, request):
    out = {"gdb": f"{box}/p", "gpkg memory": "memory/p", "shapefile": str(tmp_path / "p.shp")}[request.param]
    return arcpy.CopyFeatures_management(f"{AMC}/Parcel", out)[0]


def test_fields_are_added_calculated_renamed_and_deleted(parcels):
    arcpy.management.AddField(parcels, "NAME", "TEXT", field_length=40)
    arcpy.management.AddField(parcels, "SIZE_", "DOUBLE")
    block = "def label(number):\n    return f'parcel {number}'"
    arcpy.management.CalculateField(
        parcels,
        "NAME",
        "label(!OBJECTID!)" if "p.shp" not in parcels else "label(!FID! + 1)",
        "PYTHON3",
        block,
    )
    arcpy.management.CalculateField(parcels, "SIZE_", "!shape.area! * 2")
    fields, shapes = read(parcels)
    assert list(fields["NAME"]) == [f"parcel {n}" for n in range(1, 7)]
    assert fields["SIZE_"] == pytest.approx([shape.area * 2 for shape in shapes])
    arcpy.management.AlterField(parcels, "NAME", "TITLE")
    arcpy.management.DeleteField(parcels, "SIZE_")
    names = [field.name for field in arcpy.ListFields(parcels)]
    assert "TITLE" in names
    assert not {"NAME", "SIZE_"} & set(names)


def test_several_fields_are_added_and_calculated_at_once(box):
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")[0]
    arcpy.management.AddFields(
        path, [["A", "LONG", "An alias", None, 7], ["B", "TEXT", "", 12], ["C", "DATE"]]
    )
    arcpy.management.CalculateFields(path, "PYTHON3", [["A", "int(!LENGTH!)"], ["B", "str(!src_OBJECTID!)"]])
    fields, _ = read(path)
    assert list(fields["A"]) == [int(v) for v in fields["LENGTH"]]
    described = {f.name: f for f in arcpy.ListFields(path)}
    assert (described["A"].aliasName, described["A"].defaultValue) == ("An alias", 7)
    assert (described["B"].length, described["C"].type) == (12, "Date")


def test_a_field_that_is_not_there_is_added_by_its_calculation(box):
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")[0]
    arcpy.management.CalculateField(path, "WHEN", "datetime.datetime(2026, 1, 2, 3)", field_type="DATE")
    rows = [row[0] for row in arcpy.da.SearchCursor(path, ["WHEN"])]
    assert rows == [datetime.datetime(2026, 1, 2, 3)] * 4


@pytest.mark.parametrize(
    ("expression", "kind", "says"),
    [
        ("1 / 0", "PYTHON3", "ERROR 000539: Error running expression: 1 / 0: ZeroDivisionError"),
        ("!AREA! +", "PYTHON3", "ERROR 000539"),
        ("!NOPE!", "PYTHON3", "ERROR 000728: Field NOPE does not exist within table"),
        ("'text'", "PYTHON3", "ERROR 000539"),
        ("$feature.AREA", "ARCADE", "`ARCADE` expressions are not supported; write the expression in Python"),
    ],
)
def test_a_bad_expression_says_so(box, expression, kind, says):
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")[0]
    assert says in error(arcpy.management.CalculateField, path, "AREA", expression, kind)


def test_bad_fields_have_arcpys_numbers(box):
    path = arcpy.CopyRows_management(f"{AMC}/Neighbors", f"{box}/n")[0]
    assert "ERROR 000728" in error(arcpy.management.DeleteField, path, "NOPE")
    assert "ERROR 000012" in error(arcpy.management.AddField, path, "AREA", "LONG")
    assert "ERROR 000310" in error(arcpy.management.AddField, path, "a b", "LONG")
    assert "ERROR 000800" in error(arcpy.management.AddField, path, "X", "COMPLEX")
    assert "ERROR 000735" in error(arcpy.management.AddField, path, "")


def test_geometry_attributes_are_geodesic_or_planar(box):
    path = arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")[0]
    arcpy.management.CalculateGeometryAttributes(
        path, [["ACRES_", "AREA_GEODESIC"], ["PLANE", "AREA"], ["X", "CENTROID_X"], ["N", "POINT_COUNT"]],
        area_unit="ACRES", coordinate_system=arcpy.SpatialReference(4326),
    )  # fmt: skip
    geod = arcpy.SpatialReference(2230)._crs().get_geod()
    for acres, x, shape in arcpy.da.SearchCursor(path, ["ACRES_", "X", "SHAPE@"]):
        moved = shape.projectAs(4326)
        square = abs(geod.geometry_area_perimeter(moved._shape)[0])
        assert acres == pytest.approx(square / 4046.8564224, rel=1e-5)
        assert x == pytest.approx(moved.centroid.X)


def test_join_field_copies_the_first_match(box):
    path = arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")[0]
    arcpy.management.JoinField(path, "OBJECTID", f"{AMC}/Neighbors", "nbr_OBJECTID", ["LENGTH"])
    theirs, _ = read(f"{AMC}/Neighbors")
    known = dict(reversed(list(zip(theirs["nbr_OBJECTID"], theirs["LENGTH"], strict=True))))
    for oid, length in arcpy.da.SearchCursor(path, ["OID@", "LENGTH"]):
        assert length == pytest.approx(known.get(oid))


def test_domains_are_made_given_and_taken(box):
    path = arcpy.management.CreateTable(box, "t")[0]
    arcpy.management.AddField(path, "KIND", "TEXT")
    arcpy.management.CreateDomain(box, "kinds", "Kinds of parcels", "TEXT", "CODED")
    arcpy.management.AddCodedValueToDomain(box, "kinds", "a", "Ay")
    arcpy.management.AddCodedValueToDomain(box, "kinds", "b", "Bee")
    arcpy.management.AssignDomainToField(path, "KIND", "kinds")
    (domain,) = arcpy.da.ListDomains(box)
    assert (domain.name, domain.domainType, domain.codedValues) == (
        "kinds",
        "CodedValue",
        {"a": "Ay", "b": "Bee"},
    )
    assert arcpy.ListFields(path, "KIND")[0].domain == "kinds"
    assert arcpy.Describe(box).domains == ["kinds"]
    arcpy.management.CreateDomain(box, "sizes", "", "LONG", "RANGE")
    arcpy.management.SetValueForRangeDomain(box, "sizes", 1, 9)
    assert {d.name: d.range for d in arcpy.da.ListDomains(box)}["sizes"] == (1, 9)
    arcpy.management.RemoveDomainFromField(path, "KIND")
    arcpy.management.DeleteCodedValueFromDomain(box, "kinds", "a")
    arcpy.management.DeleteDomain(box, "sizes")
    assert [d.codedValues for d in arcpy.da.ListDomains(box)] == [{"b": "Bee"}]
    assert "there is no domain `nope`" in error(arcpy.management.AssignDomainToField, path, "KIND", "nope")


def test_global_ids_differ(box):
    path = arcpy.CopyFeatures_management(f"{AMC}/Parcel", f"{box}/p")[0]
    arcpy.management.AddGlobalIDs(path)
    assert len({row[0] for row in arcpy.da.SearchCursor(path, ["GlobalID"])}) == 6
