import os

import geosharing as arcpy
import pytest


@pytest.fixture(autouse=True)
def _defaults():
    arcpy.ResetEnvironments()
    yield
    arcpy.ResetEnvironments()


def test_sloppy_booleans_become_booleans():
    for value in (True, 1, "true", "TRUE", "1"):
        arcpy.env.overwriteOutput = value
        assert arcpy.env.overwriteOutput is True
    for value in (False, 0, "false", ""):
        arcpy.env.overwriteOutput = value
        assert arcpy.env.overwriteOutput is False


def test_a_misspelt_name_is_refused_with_the_right_one():
    with pytest.raises(AttributeError, match="did you mean `overwriteOutput`"):
        arcpy.env.overwriteOuput = True


def test_names_are_found_in_any_case():
    arcpy.env.overWriteOutput = True
    assert arcpy.env["overwriteoutput"] is True


def test_a_manager_sets_and_restores():
    arcpy.env.workspace = "before"
    with arcpy.EnvManager(workspace="inside", cellSize=30):
        assert (arcpy.env.workspace, arcpy.env.cellSize) == ("inside", 30)
    assert (arcpy.env.workspace, arcpy.env.cellSize) == ("before", "MAXOF")


def test_a_manager_decorates():
    @arcpy.EnvManager(overwriteOutput=True)
    def inside():
        return arcpy.env.overwriteOutput

    assert inside() is True
    assert arcpy.env.overwriteOutput is False


def test_the_scratch_folder_exists_and_follows_the_scratch_workspace(tmp_path):
    assert os.path.isdir(arcpy.env.scratchFolder)
    arcpy.env.scratchWorkspace = str(tmp_path / "x.gdb")
    assert arcpy.env.scratchFolder == str(tmp_path / "scratch")
    assert arcpy.env.scratchGDB == str(tmp_path / "x.gdb")
    assert (tmp_path / "x.gdb" / "gdb").is_file()
    with pytest.raises(AttributeError, match="read-only"):
        arcpy.env.scratchFolder = "elsewhere"


def test_environments_are_listed_and_cleared():
    assert arcpy.ListEnvironments("scratch*") == ["scratchFolder", "scratchGDB", "scratchWorkspace"]
    arcpy.env.workspace = "w"
    arcpy.ClearEnvironment("workspace")
    assert arcpy.env.workspace is None
