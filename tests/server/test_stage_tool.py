from __future__ import annotations

import json
import re
from pathlib import Path

import geosharing as arcpy
import pytest
from stage_support import connection, layer, make_draft, make_map, write_points


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    write_points(tmp_path / "points.geojson")
    data = connection(".", "DelimitedTextFile", "points.geojson")
    return make_draft(tmp_path / "points.sddraft", make_map(tmp_path / "City.mapx", [layer("Points", data)]))


def test_the_result_has_the_path_and_the_findings(draft: Path) -> None:
    out = str(draft.with_name("out.sd"))
    result = arcpy.StageService_server(str(draft), out)
    assert result.status == 4
    assert result[0] == result.getOutput(0) == out
    assert result.getInput(0) == str(draft)
    assert result["errors"] == {}
    assert 24011 in [code for _, code in result["messages"]]
    assert "WARNING 002893" in result.getMessages(1)
    assert "20015" in arcpy.GetMessages(1)
    assert Path(out).exists()


def test_the_output_defaults_to_the_folder_of_the_draft(draft: Path) -> None:
    assert arcpy.server.StageService(str(draft))[0] == str(draft.with_suffix(".sd"))


@pytest.mark.parametrize("nothing", [None, "", "#"])
def test_empty_parameters_mean_the_defaults(draft: Path, nothing: str | None) -> None:
    assert arcpy.server.StageService(str(draft), nothing, nothing)[0] == str(draft.with_suffix(".sd"))


def test_an_existing_output_needs_the_environment(draft: Path) -> None:
    out = draft.with_suffix(".sd")
    out.write_text("old")
    with pytest.raises(arcpy.ExecuteError, match="ERROR 000725"):
        arcpy.server.StageService(str(draft), str(out))
    with arcpy.EnvManager(overwriteOutput=True):
        arcpy.server.StageService(str(draft), str(out))
    assert out.read_bytes()[:2] == b"7z"


def test_a_missing_draft_fails_with_the_lines_of_arcpy(tmp_path: Path) -> None:
    with pytest.raises(arcpy.ExecuteError) as failure:
        arcpy.server.StageService(str(tmp_path / "no.sddraft"), str(tmp_path / "no.sd"))
    lines = str(failure.value).splitlines()
    assert lines[0] == "Failed to execute. Parameters are not valid."
    assert lines[1].startswith("ERROR 000732: ")
    assert "no.sddraft" in lines[1]
    assert lines[-1] == "Failed to execute (StageService)."


def test_analyzer_errors_come_as_the_json_that_scripts_parse(tmp_path: Path) -> None:
    gone = layer("Gone", connection("nowhere.gdb", "FileGDB", "x"))
    draft = make_draft(tmp_path / "m.sddraft", make_map(tmp_path / "M.mapx", [gone]))
    with pytest.raises(arcpy.ExecuteError) as failure:
        arcpy.server.StageService(str(draft), str(tmp_path / "m.sd"))
    found = re.search(r"ERROR 001272: Analyzer errors were encountered \((\[.*\])\)\.", str(failure.value))
    assert found
    entries = json.loads(found[1])
    assert {"code": "00003", "object": "Gone"}.items() <= entries[0].items()
    assert str(failure.value).rstrip().endswith("Failed to execute (StageService).")
    assert not (tmp_path / "m.sd").exists()


def test_a_profile_can_be_chosen_by_the_environment(draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path(arcpy.server.StageService(str(draft), str(draft.with_name("a.sd")))[0]).stat().st_size
    monkeypatch.setenv("GEOSHARING_STAGE_PROFILE", "store")
    stored = Path(arcpy.server.StageService(str(draft), str(draft.with_name("b.sd")))[0]).stat().st_size
    assert stored > plain


def test_a_staging_version_that_is_no_number_is_refused(draft: Path) -> None:
    with pytest.raises(arcpy.ExecuteError, match="ERROR 000840"):
        arcpy.server.StageService(str(draft), None, "latest")
