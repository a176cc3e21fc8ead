import datetime

import geosharing as arcpy
import pytest
from geosharing.gp import convert
from geosharing.gp.datatypes import display_name, keyword


def test_defaults_are_those_of_pro():
    parameter = arcpy.Parameter()
    assert (parameter.direction, parameter.parameterType, parameter.keyword) == (
        "Input",
        "Required",
        "GPString",
    )
    assert (parameter.enabled, parameter.multiValue, parameter.category) == (True, False, None)
    assert parameter.value is None
    assert parameter.valueAsText is None
    assert (parameter.altered, parameter.hasBeenValidated) == (False, False)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("GPFeatureLayer", "GPFeatureLayer"),
        ("Feature Layer", "GPFeatureLayer"),
        ("feature class", "DEFeatureClass"),
        ("Long", "GPLong"),
        ("Workspace", "DEWorkspace"),
        ("SQL Expression", "GPSQLExpression"),
        ("GPSomethingOfLater", "GPSomethingOfLater"),
    ],
)
def test_types_are_known_by_both_names(word, expected):
    assert keyword(word) == expected


def test_a_misspelt_type_is_named():
    with pytest.raises(ValueError, match="did you mean `feature layer`"):
        arcpy.Parameter(datatype="Featur Layer")
    with pytest.raises(ValueError, match="`Inout` is no direction"):
        arcpy.Parameter(direction="Inout")
    assert display_name("DERasterDataset") == "Raster Dataset"


@pytest.mark.parametrize(
    ("word", "given", "value", "text"),
    [
        ("GPLong", "7", 7, "7"),
        ("GPLong", 7.0, 7, "7"),
        ("GPDouble", "2.50", 2.5, "2.5"),
        ("GPBoolean", "TRUE", True, "true"),
        ("GPBoolean", 0, False, "false"),
        ("GPLinearUnit", "10 Meters", "10 Meters", "10 Meters"),
        ("GPLinearUnit", "2,5 kilometer", "2.5 Kilometers", "2.5 Kilometers"),
        ("GPLinearUnit", {"distance": 3, "units": "esriMiles"}, "3 Miles", "3 Miles"),
        ("GPArealUnit", "4 Square Meters", "4 SquareMeters", "4 SquareMeters"),
        ("GPDate", "2024-02-03", datetime.datetime(2024, 2, 3), "2024-02-03 00:00:00"),
        ("GPDate", "2/3/2024 1:02:03 PM", datetime.datetime(2024, 2, 3, 13, 2, 3), "2024-02-03 13:02:03"),
        ("GPDate", 0, datetime.datetime(1970, 1, 1), "1970-01-01 00:00:00"),
        ("GPString", 4, "4", "4"),
        ("GPString", "#", None, None),
        ("GPString", "", None, None),
        ("GPExtent", "MAXOF", "MAXOF", "MAXOF"),
    ],
)
def test_values_become_the_parameter_s_type(word, given, value, text):
    parameter = arcpy.Parameter("a", datatype=word)
    parameter.value = given
    assert (parameter.value, parameter.valueAsText) == (value, text)


@pytest.mark.parametrize(
    ("word", "given"),
    [("GPLong", "7.5"), ("GPLong", "many"), ("GPDouble", "nan"), ("GPBoolean", "perhaps"), ("GPDate", "soon"),
     ("GPLinearUnit", "ten Meters"), ("GPLinearUnit", "10 Parsecs"), ("GPExtent", "1 2 3")],
)  # fmt: skip
def test_values_of_another_type_are_refused_with_their_number(word, given):
    with pytest.raises(ValueError, match="is not of the type") as caught:
        arcpy.Parameter("a", datatype=word).value = given
    assert caught.value.code == 840


def test_extents_and_systems_are_objects():
    parameter = arcpy.Parameter("a", datatype="GPExtent")
    parameter.value = "1 2 3 4"
    assert (parameter.value.XMin, parameter.value.YMax) == (1, 4)
    system = arcpy.Parameter("b", datatype="Spatial Reference")
    system.value = 3857
    assert system.value.factoryCode == 3857
    assert system.valueAsText.startswith("PROJCS[")


def test_multivalues_and_tables_keep_quoted_entries():
    many = arcpy.Parameter("a", datatype="GPString", multiValue=True)
    many.value = "one;'two; three';four"
    assert many.values == ["one", "two; three", "four"]
    assert many.valueAsText == "one;'two; three';four"
    assert many.value.rowCount == 3
    numbers = arcpy.Parameter("n", datatype="GPLong", multiValue=True)
    numbers.values = ["1", 2]
    assert numbers.values == [1, 2]
    table = arcpy.Parameter("t", datatype="GPValueTable")
    table.columns = [["Field", "Field"], ["GPLong", "Rank"]]
    table.filters[1].list = [1, 2]
    table.value = "NAME 1;'OLD NAME' 2"
    assert table.values == [["NAME", 1], ["OLD NAME", 2]]
    assert table.valueAsText == "NAME 1;'OLD NAME' 2"
    table.values = [["A", "2"]]
    assert table.value.getValue(0, 1) == 2


def test_a_composite_takes_the_first_type_that_fits():
    parameter = arcpy.Parameter("a", datatype=["GPLinearUnit", "Field"])
    parameter.value = "10 feet"
    assert parameter.value == "10 Feet"
    parameter.value = "WIDTH"
    assert parameter.value == "WIDTH"
    assert parameter.describe()["datatypes"] == ["GPLinearUnit", "Field"]


def test_keywords_of_a_boolean_are_true_and_false():
    parameter = arcpy.Parameter("a", datatype="Boolean")
    parameter.filter.list = ["DISSOLVE", "KEEP"]
    parameter.value = "keep"
    assert parameter.value is False


def test_messages_of_validation():
    parameter = arcpy.Parameter("a")
    parameter.setIDMessage("ERROR", 12, "roads")
    assert (parameter.hasError(), parameter.message) == (True, "ERROR 000012: roads")
    parameter.setWarningMessage("look")
    assert (parameter.hasError(), parameter.hasWarning()) == (False, True)
    parameter.clearMessage()
    assert (parameter.hasWarning(), parameter.message) == (False, "")
    with pytest.raises(AttributeError, match="did you mean `filter`"):
        parameter.fliter = 1
    with pytest.raises(ValueError, match="is no type of a filter"):
        parameter.filter.type = "Colour"


def test_value_tables_are_edited():
    table = arcpy.ValueTable(2)
    table.addRow("a b")
    table.addRow(["c d", ""])
    assert table.exportToString() == "a b;'c d' #"
    table.setValue(0, 1, 5)
    table.removeRow(1)
    assert (table.rowCount, table.getRow(0), table.getTrueValue(0, 0)) == (1, "a 5", "a")
    table.setColumns(1)
    assert str(table) == "a"
    table.loadFromString("x;'y z'")
    assert [row[0] for row in table.rows] == ["x", "y z"]


def test_units_are_known_in_both_services_and_tools():
    assert convert.LINEAR_UNITS["Miles"] == ("esriMiles", 1609.344)
    assert convert.AREAL_UNITS["Acres"][0] == "esriAcres"
