import json
import pickle

import geosharing as arcpy
import pytest
from geosharing.exceptions import AnalyzerError, MissingError, PortalError
from geosharing.gp.messages import run_tool


@pytest.fixture(autouse=True)
def _the_usual_severity_level():
    yield
    arcpy.SetSeverityLevel(2)


def missing(_run):
    raise MissingError("Input: Dataset C:\\a.shp does not exist or is not supported", 732)


def test_a_tool_leaves_its_messages_for_the_script():
    def work(run):
        run.message("one")
        run.warning("two", 24011)
        return {"out": "a.sd"}

    result = run_tool("StageService", work)
    assert arcpy.GetMessages(1) == "WARNING 024011: two"
    assert [severity for severity, _, _ in arcpy.GetAllMessages()] == [0, 0, 1, 0]
    assert arcpy.GetAllMessages()[2][1] == 24011
    assert arcpy.GetMaxSeverity() == 1
    assert arcpy.GetMessageCount() == result.messageCount == 4
    assert arcpy.GetMessage(0).startswith("Start Time: ")
    assert arcpy.GetMessage(3).startswith("Succeeded at ")


def test_a_failed_parameter_reads_as_in_arcpy():
    with pytest.raises(arcpy.ExecuteError) as caught:
        run_tool("StageService", missing)
    assert str(caught.value) == (
        "Failed to execute. Parameters are not valid.\n"
        "ERROR 000732: Input: Dataset C:\\a.shp does not exist or is not supported\n"
        "Failed to execute (StageService).\n"
    )
    assert caught.value.code == 732
    assert arcpy.GetMessages(2) + "\n" == str(caught.value)
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_an_error_without_a_number_is_999999_and_keeps_its_text():
    def work(_run):
        raise PortalError("the portal is down", 503, details=["try later"])

    with pytest.raises(
        arcpy.ExecuteError, match=r"^ERROR 999999: .*\nthe portal is down\ntry later\nFailed to"
    ):
        run_tool("UploadServiceDefinition", work)


def test_level_zero_returns_a_failed_result():
    arcpy.SetSeverityLevel(0)
    result = run_tool("StageService", missing)
    assert result.status == 5
    assert result.maxSeverity == 2
    assert "ERROR 000732" in result.getMessages(2)


def test_level_one_raises_at_warnings():
    arcpy.SetSeverityLevel(1)
    with pytest.raises(arcpy.ExecuteWarning, match="careful"):
        run_tool("StageService", lambda run: run.warning("careful"))


def test_an_unknown_level_is_refused():
    with pytest.raises(ValueError, match="0, 1 or 2"):
        arcpy.SetSeverityLevel(3)


def test_analyzer_errors_carry_json_that_scripts_parse():
    findings = [
        {"severity": "warning", "code": 24011, "text": "Data will be copied", "objects": ["Roads"]},
        {"severity": "error", "code": 231, "text": "Must be registered", "objects": ["g\\Roads", "Lakes"]},
    ]
    with pytest.raises(AnalyzerError) as caught:
        run_tool("StageService", lambda run: run.found(findings))
    line = next(text for text in caught.value.messages if text.startswith("ERROR 001272"))
    listed = json.loads(line[line.index("([") + 1 : line.rindex("])") + 1])
    assert listed == [
        {"code": "00231", "message": "Must be registered", "object": "Roads"},
        {"code": "00231", "message": "Must be registered", "object": "Lakes"},
    ]
    assert "24011" in arcpy.GetMessages(1)
    assert caught.value.analysis["errors"] == {("Must be registered", 231): ["g\\Roads", "Lakes"]}
    assert [layer.name for layer in caught.value.analysis["errors"]["Must be registered", 231]] == [
        "Roads",
        "Lakes",
    ]
    assert len(caught.value.analyzers) == 1


def test_what_a_script_says_is_on_its_console_and_in_its_messages(capsys):
    run_tool("StageService", lambda run: None)
    arcpy.AddMessage("hello")
    arcpy.AddIDMessage("ERROR", 12, "roads")
    assert arcpy.GetMessages(2) == "ERROR 000012: roads"
    assert capsys.readouterr().out == "hello\n"


def test_tools_inside_tools_share_the_messages_and_fail_as_one():
    def outer(run):
        run.message("before")
        run_tool("Delete", missing)

    with pytest.raises(arcpy.ExecuteError) as caught:
        run_tool("StageService", outer)
    assert str(caught.value).count("ERROR 000732") == 1
    assert str(caught.value).endswith("Failed to execute (Delete).\nFailed to execute (StageService).\n")


def test_errors_survive_pickling():
    with pytest.raises(arcpy.ExecuteError) as caught:
        run_tool("StageService", missing)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.code, copy.messages) == (str(caught.value), 732, caught.value.messages)


def test_scripts_may_raise_execute_error_themselves():
    with pytest.raises(arcpy.ExecuteError):
        raise arcpy.ExecuteError
    assert arcpy.ExecuteError("ERROR 001117: x").args[0].startswith("ERROR 001117")


def test_numbered_messages_have_their_text():
    assert arcpy.GetIDMessage(735) == "<param>: Value is required"
    with pytest.raises(ValueError, match="no message 123456 is known here"):
        arcpy.GetIDMessage(123456)
