import importlib
import sys
import textwrap
import zipfile
from pathlib import Path

import geosharing as arcpy
import pytest
from geosharing.gp import toolbox
from geosharing.gp.messages import GetMessages

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "toolboxes"

BOX = """
    import arcpy
    from arcpy.sa import *
    import not_installed_anywhere as absent

    class Toolbox(object):
        def __init__(self):
            self.label = "Parcel tools"
            self.alias = "parcels"
            self.tools = [Report, Broken]

    class Report(object):
        def __init__(self):
            self.label = "Parcel report"
            self.description = "Counts old parcels."
            self.category = "Reports"

        def getParameterInfo(self):
            age = arcpy.Parameter(
                displayName="Age", name="age", datatype="Long", parameterType="Required", direction="Input")
            age.filter.type = "Range"
            age.filter.list = [1, 100]
            kind = arcpy.Parameter("kind", "Kind", "Input", "GPString", "Optional")
            kind.filter.list = ["old", "new"]
            kind.value = "old"
            many = arcpy.Parameter("many", "Many", "Input", "GPString", "Optional", multiValue=True)
            table = arcpy.Parameter("table", "Table", "Input", "GPValueTable", "Optional")
            table.columns = [["GPString", "Name"], ["GPLong", "Number"]]
            table.parameterDependencies = [0, "kind"]
            out = arcpy.Parameter("out", "Out", "Output", "GPDouble", "Derived")
            return [age, kind, many, table, out]

        def isLicensed(self):
            return True

        def updateParameters(self, parameters):
            if parameters[0].altered and parameters[0].value == 50:
                parameters[1].value = "new"

        def updateMessages(self, parameters):
            if parameters[0].value == 13:
                parameters[0].setErrorMessage("thirteen is not an age")
            if parameters[0].value == 12:
                parameters[0].setWarningMessage("twelve is young")

        def execute(self, parameters, messages):
            messages.addMessage("running " + parameters[1].valueAsText)
            arcpy.SetProgressor("step", "working", 0, 10, 5)
            arcpy.SetProgressorPosition()
            age = parameters[0].value
            if age == 66:
                absent.compute()
            if age == 67:
                arcpy.env.overwriteOutput = True
                raise ValueError("sixty seven")
            if age == 68:
                import sys
                sys.exit(3)
            if age == 69:
                messages.addErrorMessage("said, not raised")
            if age == 70:
                arcpy.management.GetCount("nowhere.gdb/nothing")
            arcpy.SetParameterAsText(4, str(age * 2))
            self.done = True

        def postExecute(self, parameters):
            arcpy.AddMessage("after")

    class Broken:
        def getParameterInfo(self):
            return ["no parameter"]
"""


@pytest.fixture
def box(tmp_path):
    path = tmp_path / "Parcels.pyt"
    path.write_text(textwrap.dedent(BOX), encoding="utf-8")
    return toolbox.load(path)


def test_a_python_toolbox_tells_its_tools_and_parameters(box):
    assert (box.label, box.alias, list(box.tools)) == ("Parcel tools", "parcels", ["Report", "Broken"])
    report = box.tools["Report"]
    assert (report.label, report.category, report.kind) == ("Parcel report", "Reports", "python")
    age, kind, many, table, out = report.parameters()
    assert (age.keyword, age.datatype, age.filter.type, age.filter.list) == (
        "GPLong",
        "Long",
        "Range",
        [1, 100],
    )
    assert (kind.value, kind.filter.type) == ("old", "ValueList")
    assert many.multiValue
    assert table.describe()["columns"][1] == {"datatype": "GPLong", "name": "Number"}
    assert table.parameterDependencies == ["age", "kind"]
    assert (out.direction, out.parameterType) == ("Output", "Derived")


def test_a_tool_runs_through_validation_execute_and_post_execute(box):
    said, progress = [], []

    class Listener:
        def __call__(self, message):
            said.append(message.text)

        def progress(self, label, position):
            progress.append((label, position))

    result = box.tools["Report"].run(["50", "#", "a;'b c';d"], Listener())
    assert result[0] == result.getOutput("out") == "100"
    assert result.getInput("kind") == "new"
    assert result.getInput("many") == "a;'b c';d"
    assert [line for line in said if line in ("running new", "after")] == ["running new", "after"]
    assert progress == [("working", 0), ("working", 5)]
    assert "running new" in GetMessages(0)
    assert result.status == 4
    assert result.source.toolbox.endswith("Parcels.pyt")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "ERROR 000735: Age: Value is required"),
        ({"age": "#"}, "ERROR 000735: Age: Value is required"),
        ({"age": "old"}, "ERROR 000840: Age: The value `old` is not of the type Long (GPLong)."),
        ({"age": 500}, "ERROR 000800: Age: The value 500 is not between 1 and 100."),
        ({"age": 5, "kind": "blue"}, "ERROR 000800: Kind: The value is not a member of old | new."),
        ({"age": 13}, "thirteen is not an age"),
        ({"age": 5, "table": "a x"}, "ERROR 000840: Table: The value `x` is not of the type Long"),
        ({"agee": 5}, "Report has no parameter `agee`; it has `age`"),
    ],
)
def test_wrong_values_fail_before_the_tool_runs(box, values, text):
    with pytest.raises(arcpy.ExecuteError) as caught:
        box.tools["Report"].run(values)
    assert text in str(caught.value)
    assert "Failed to execute (Report)." in str(caught.value)
    assert "running" not in GetMessages()


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (66, "No module named 'not_installed_anywhere'"),
        (67, "ValueError: sixty seven"),
        (68, "SystemExit: 3"),
        (69, "said, not raised"),
        (70, "ERROR 000732"),
    ],
)
def test_a_failing_tool_fails_with_its_own_messages(box, age, text):
    with pytest.raises(arcpy.ExecuteError) as caught:
        box.tools["Report"].run({"age": age})
    assert text in str(caught.value)
    assert str(caught.value).endswith("Failed to execute (Report).\n")
    assert "running old" in GetMessages(0)
    assert arcpy.env.overwriteOutput is False
    if age == 67:
        # Its own lines, none of ours.
        assert 'Parcels.pyt", line' in str(caught.value)
        assert "running.py" not in str(caught.value)


def test_warnings_of_validation_are_messages(box):
    result = box.tools["Report"].run({"age": 12})
    assert result.getMessages(1) == "twelve is young"
    assert result.maxSeverity == 1


def test_a_tool_that_gives_no_parameters_is_listed_and_named(box):
    with pytest.raises(ValueError, match=r"Broken.getParameterInfo .* returned a str"):
        box.tools["Broken"].parameters()


def test_imported_tools_have_all_their_names(box):
    module = arcpy.ImportToolbox(box.path)
    assert module.Report(4)[0] == "8"
    assert arcpy.Report_parcels(4)[0] == arcpy.parcels.Report(age=4)[0] == "8"
    assert "Report_parcels" in dir(arcpy)
    assert "Report_parcels" in arcpy.ListTools("*parcels")
    assert "Parcel tools(parcels)" in arcpy.ListToolboxes()
    assert arcpy.Usage("Report_parcels") == "Tool: Report_parcels <age> {kind} {many} {table}"
    assert [p.name for p in arcpy.GetParameterInfo("Report_parcels")][:2] == ["age", "kind"]
    assert arcpy.GetParameterCount("parcels.Report") == 5
    assert arcpy.GetParameterValue("Report_parcels", 1) == "old"
    with pytest.raises(AttributeError, match="has no tool `Reprot`; it has Report, Broken"):
        _ = module.Reprot
    with pytest.raises(TypeError, match="takes 4 parameters, got 5"):
        module.Report(1, 2, 3, 4, 5)
    named = arcpy.AddToolbox(box.path, "own_name")
    assert arcpy.Report_own_name(3)[0] == "6"
    assert named.__name__ == "own_name"
    arcpy.RemoveToolbox(box.path)
    with pytest.raises(AttributeError):
        _ = arcpy.Report_parcels


def test_two_toolboxes_with_a_module_of_one_name_do_not_meet(tmp_path):
    boxes = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "helpers.py").write_text(f"NUMBER = {number}\n")
        (folder / "Box.pyt").write_text(
            textwrap.dedent("""
            import arcpy, helpers
            class Toolbox:
                def __init__(self):
                    self.label = self.alias = "box"
                    self.tools = [Which]
            class Which:
                def getParameterInfo(self):
                    return [arcpy.Parameter("n", "n", "Output", "GPLong", "Derived")]
                def execute(self, parameters, messages):
                    import helpers as again
                    assert again is helpers
                    parameters[0].value = helpers.NUMBER
            """)
        )
        boxes.append(toolbox.load(folder / "Box.pyt"))
    path = list(sys.path)
    assert [box.tools["Which"].run()[0] for box in boxes] == ["1", "2"]
    assert [box.tools["Which"].run()[0] for box in reversed(boxes)] == ["2", "1"]
    assert "helpers" not in sys.modules
    assert "arcpy" not in sys.modules
    assert sys.path == path
    assert [Path(file).name for file in boxes[0].tools["Which"].files] == ["helpers.py"]
    (tmp_path / "1" / "helpers.py").write_text("NUMBER = 1000000\n")
    importlib.invalidate_caches()
    assert toolbox.load(tmp_path / "1" / "Box.pyt").tools["Which"].run()[0] == "1000000"


def archive(path, script, content, validate=None):
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("toolbox.content", '{"version":"1.0","alias":"arc","displayname":"$rc:title",'
                     '"toolsets":{"<root>":{"tools":["Go:Go.tool"]}}}')  # fmt: skip
        out.writestr("toolbox.content.rc", '{"map":{"title":"Arc"}}')
        out.writestr("Go.tool/tool.content", content)
        out.writestr("Go.tool/tool.script.execute.py", script)
        if validate:
            out.writestr("Go.tool/tool.script.validate.py", validate)
    return path


CONTENT = """{"type":"ScriptTool","displayname":"Go","params":{
 "text":{"displayname":"Text","datatype":{"type":"GPString"}},
 "size":{"type":"optional","datatype":{"type":"GPLinearUnit"},"value":"10 Meters"},
 "answer":{"type":"derived","direction":"out","datatype":{"type":"GPString"}}}}"""


def test_a_script_tool_of_an_archive_runs(tmp_path):
    script = (
        "import arcpy, sys\nassert __name__ == '__main__'\n"
        "arcpy.AddMessage(arcpy.GetParameterAsText(0) + sys.argv[2])\n"
        "arcpy.SetParameterAsText(2, arcpy.GetParameter(1) + ' ' + str(arcpy.GetArgumentCount()))\n"
    )
    validate = (
        "class ToolValidator:\n  def __init__(self):\n    self.params = arcpy.GetParameterInfo()\n"
        "  def updateMessages(self):\n    if self.params[0].value == 'bad':\n"
        "      self.params[0].setErrorMessage('no bad words')\n"
    )
    box = toolbox.load(archive(tmp_path / "arc.atbx", script, CONTENT, validate))
    assert (box.label, box.alias) == ("Arc", "arc")
    result = box.tools["Go"].run({"text": "hello", "size": "2.5 kilometers"})
    assert "hello2.5 Kilometers" in result.getMessages()
    assert result[0] == "2.5 Kilometers 3"
    with pytest.raises(arcpy.ExecuteError, match="no bad words"):
        box.tools["Go"].run({"text": "bad"})


def test_models_are_listed_and_refuse_to_run(tmp_path):
    box = toolbox.load(archive(tmp_path / "m.atbx", "", CONTENT.replace("ScriptTool", "ModelTool")))
    assert [p.name for p in box.tools["Go"].parameters()] == ["text", "size", "answer"]
    with pytest.raises(arcpy.ExecuteError, match="is a model, which only ArcGIS Pro runs"):
        box.tools["Go"].run({"text": "a"})


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.tbx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as an `.atbx`"),
        ("a.atbx", b"PK\x03\x04 not a zip", "is no `.atbx` toolbox"),
        ("a.pyt", b"print 'two'", "is no Python 3"),
        ("a.pyt", b"x = 1", "has no class `Toolbox`"),
        ("a.pyt", b"raise KeyError('k')", "KeyError: 'k'"),
        ("a.txt", b"text", "is no toolbox"),
    ],
)
def test_what_is_no_toolbox_is_said(tmp_path, name, data, text):
    (tmp_path / name).write_bytes(data)
    with pytest.raises((ValueError, NotImplementedError), match=text):
        toolbox.load(tmp_path / name)


def test_missing_toolboxes_and_services_are_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"x\.pyt"):
        arcpy.ImportToolbox(tmp_path / "x.pyt")
    with pytest.raises(NotImplementedError, match="import_toolbox"):
        arcpy.ImportToolbox("https://example.com/arcgis/services;Tools")
    (tmp_path / "n.pyt").write_text("class Toolbox:\n  tools = []\n")
    with pytest.raises(ValueError, match="pass a module_name"):
        arcpy.ImportToolbox(tmp_path / "n.pyt")


def test_two_tools_of_one_name_are_refused(tmp_path):
    (tmp_path / "t.pyt").write_text("class A: pass\nclass Toolbox:\n  tools = [A, A]\n")
    with pytest.raises(ValueError, match="two tools named `A`"):
        toolbox.load(tmp_path / "t.pyt")


def test_an_archive_that_lies_about_its_size_is_bounded(tmp_path, monkeypatch):
    from geosharing.gp.toolbox import _archive

    monkeypatch.setattr(_archive, "MAX_ENTRY", 1000)
    path = archive(tmp_path / "big.atbx", "#" * 5000, CONTENT)
    box = toolbox.load(path)
    with pytest.raises(arcpy.ExecuteError, match="has 5000 bytes, more than 1000"):
        box.tools["Go"].run({"text": "a"})


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the repository")
def test_every_toolbox_of_the_corpus_loads_with_its_parameters():
    found = {path.name: toolbox.load(path) for path in sorted(CORPUS.glob("*.atbx"))}
    assert len(found) == 7
    parameters = {
        tool.name: [p.name for p in tool.parameters()]
        for box in found.values()
        for tool in box.tools.values()
    }
    assert parameters["Script"] == ["test_input", "test_output"]
    assert parameters["MyRedlineModelTool"][:2] == ["Redlines", "Redlines_Buffer"]
    assert len(parameters) == 5


def test_arcpys_own_tools_are_a_toolbox():
    box = toolbox.load("management")
    assert [p.name for p in box.tools["GetCount"].parameters()] == ["in_rows"]
    assert box.tools["GetCount"].kind == "system"


def test_a_result_stands_for_its_output(box, tmp_path):
    (tmp_path / "Text.pyt").write_text(
        textwrap.dedent("""
        import arcpy
        class Toolbox:
            alias = "text"
            def __init__(self):
                self.tools = [Say]
        class Say:
            def getParameterInfo(self):
                return [arcpy.Parameter("what", "What", "Input", "GPString", "Required"),
                        arcpy.Parameter("said", "Said", "Output", "GPString", "Derived")]
            def execute(self, parameters, messages):
                parameters[1].value = parameters[0].valueAsText + "!"
        """)
    )
    said = toolbox.load(tmp_path / "Text.pyt").tools["Say"]
    assert said.run([box.tools["Report"].run([4])])[0] == "8!"


def test_toolboxes_run_from_several_threads(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    boxes = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "helpers.py").write_text(f"NUMBER = {number}\n")
        (folder / "Box.pyt").write_text(
            "import arcpy, time\nclass Toolbox:\n  tools = []\n"
            "class Which:\n  def getParameterInfo(self):\n"
            "    return [arcpy.Parameter('n', 'n', 'Output', 'GPLong', 'Derived')]\n"
            "  def execute(self, p, m):\n    import helpers\n    time.sleep(0.01)\n    import helpers as again\n"
            "    assert again is helpers\n    p[0].value = helpers.NUMBER\n"
            "Toolbox.tools = [Which]\n"
        )
        boxes.append(toolbox.load(folder / "Box.pyt"))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda box: box.tools["Which"].run()[0], boxes * 3))
    assert found == ["0", "1", "2", "3"] * 3
