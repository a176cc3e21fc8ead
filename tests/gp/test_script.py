import sys

import geosharing as arcpy
import pytest
from geosharing.gp import values


def test_parameters_come_from_the_command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script.py", "one", "#"])
    assert [arcpy.GetParameterAsText(index) for index in range(3)] == ["one", "", ""]
    assert arcpy.GetParameter(0) == "one"
    assert arcpy.GetArgumentCount() == 2
    arcpy.SetParameterAsText(5, 42)
    assert arcpy.GetParameter(5) == "42"
    with pytest.raises(TypeError, match="parameters have numbers"):
        arcpy.GetParameter("x")


def test_nothing_needs_a_licence():
    assert arcpy.CheckExtension("spatial") == "Available"
    assert arcpy.CheckOutExtension("Spatial") == "CheckedOut"
    assert arcpy.CheckInExtension("Spatial") == "CheckedIn"
    assert arcpy.GetInstallInfo()["Version"] == "3.6"
    assert arcpy.ProductInfo() == "ArcInfo"


def test_windows_outputs_get_their_literal_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(values.os, "name", "posix")
    assert values.output_path("C:\\Out\\x/a.sd") == "C:\\Out\\x/a.sd"
    assert (tmp_path / "C:\\Out\\x").is_dir()
    assert values.output_path("C:\\Out\\a.sd") == "C:\\Out\\a.sd"
    assert values.output_path("plain/a.sd") == "plain/a.sd"
    assert not (tmp_path / "plain").exists()


@pytest.mark.parametrize(
    ("text", "expected"), [(None, []), ("", []), ("#", []), ("a;b", ["a", "b"]), (["a"], ["a"])]
)
def test_multivalues_are_lists_or_texts(text, expected):
    assert values.names(text) == expected


def test_what_scripts_say_of_the_environment_is_answered(capsys):
    assert arcpy.IsSynchronous("Buffer_analysis") is True
    assert arcpy.GetLogHistory() is False
    assert arcpy.Usage("GetCount_management").startswith("Tool: GetCount_management <in_rows>")
    assert arcpy.Usage("Exists").startswith("Function: Exists(")
    assert [p.name for p in arcpy.GetParameterInfo("management.GetCount")] == ["in_rows"]
    with pytest.raises(ValueError, match="no tool is named `Nothing`"):
        arcpy.Usage("Nothing")
    with pytest.raises(ValueError, match="no tool is running"):
        arcpy.GetParameterInfo()
    arcpy.SetProgressor("step", "working", 0, 3, 1)
    arcpy.SetProgressorPosition()
    arcpy.SetProgressorLabel("more")
    arcpy.ResetProgressor()
    assert capsys.readouterr().out == ""
