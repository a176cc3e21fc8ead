import pytest
from geosharing.gp.messages import run_tool
from geosharing.gp.result import Result

FINDING = {"severity": "warning", "code": 10045, "text": "<b>No & index</b>", "objects": ["Roads"]}


@pytest.fixture
def result():
    def work(run):
        run.found([FINDING])
        return {"out_service_definition": "a.sd", "second": None}

    return run_tool("StageService", work, {"in_service_definition_draft": "a.sddraft"})


def test_outputs_are_read_by_index_and_by_name(result):
    assert result[0] == result.getOutput(0) == result.getOutput("out_service_definition") == "a.sd"
    assert result[-1] is None
    assert len(result) == result.outputCount == 2
    assert list(result) == ["a.sd", None]
    assert result.getInput(0) == "a.sddraft"
    assert str(result) == "a.sd;"
    assert result.status == 4
    assert result.resultID == ""


def test_a_position_that_is_not_there_is_named(result):
    with pytest.raises(IndexError, match="2 outputs, none at 7"):
        result.getOutput(7)
    with pytest.raises(KeyError, match="there are: out_service_definition"):
        result.getOutput("nope")


def test_the_result_is_also_the_dictionary_of_findings(result):
    assert result["errors"] == {}
    assert result["warnings"] == {("<b>No & index</b>", 10045): ["Roads"]}
    assert dict(result) == result.analysis
    assert "errors" in result
    assert [key for key, _ in result.items()] == ["messages", "warnings", "errors"]


def test_reprs_are_short_and_html_is_escaped(result):
    assert repr(result) == "<Result StageService succeeded: a.sd>"
    page = result._repr_html_()
    assert "&lt;b&gt;No &amp; index&lt;/b&gt;" in page
    assert "<b>No" not in page
    assert "src=" not in page


def test_a_result_without_outputs_is_true():
    assert Result("X")
