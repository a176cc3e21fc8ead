import os
import subprocess
import sys
import textwrap

import pytest
from geosharing import _run
from geosharing.__main__ import _split, main


@pytest.fixture
def script(tmp_path):
    def write(text):
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(text))
        return str(path)

    return write


def test_a_script_finds_arcpy_under_every_name(script, capfd):
    path = script("""
        import sys
        import arcpy
        import arcpy as ARCPY
        import arcpy.management
        import arcgisscripting
        from arcpy import env
        from arcpy.server import UploadServiceDefinition
        env.overwriteOutput = True
        assert arcpy.env.overwriteOutput
        assert ARCPY.server.UploadServiceDefinition is arcpy.UploadServiceDefinition_server is UploadServiceDefinition
        assert arcgisscripting.ExecuteError is arcpy.ExecuteError
        assert __name__ == "__main__" and sys.modules["__main__"].__file__ == __file__
        print(sys.argv[1:], arcpy.GetParameterAsText(0), repr(arcpy.GetParameterAsText(7)))
        env.overwriteOutput = False
    """)
    assert _run.run_script(path, ["one", "two"]) == 0
    assert capfd.readouterr().out == "['one', 'two'] one ''\n"
    assert "arcpy" not in sys.modules
    assert sys.argv[0] != path


def test_modules_beside_the_script_are_found(script, tmp_path):
    (tmp_path / "my_settings.py").write_text("answer = 42")
    assert _run.run_script(script("import my_settings, sys; sys.exit(my_settings.answer)")) == 42
    sys.modules.pop("my_settings")


@pytest.mark.parametrize(
    ("text", "status"), [("", 0), ("raise SystemExit", 0), ("raise SystemExit(3)", 3), ("1/0", 1)]
)
def test_the_exit_status_is_that_of_python(script, text, status, capfd):
    assert _run.run_script(script(text)) == status
    capfd.readouterr()


def test_a_text_given_to_exit_is_printed(script, capfd):
    assert _run.run_script(script("import sys; sys.exit('gave up')")) == 1
    assert capfd.readouterr().err == "gave up\n"


def test_a_traceback_shows_the_script_only(script, capfd):
    path = script("""
        import arcpy
        def publish():
            arcpy.server.UploadServiceDefinition("none.sd", "HOSTING_SERVER")
        publish()
    """)
    assert _run.run_script(path) == 1
    shown = capfd.readouterr().err
    assert shown.count('File "') == 2
    assert f'File "{path}", line 4, in publish' in shown
    assert "ERROR 000732" in shown
    assert "direct cause" not in shown


def test_the_full_traceback_can_be_asked_for(script, capfd, monkeypatch):
    monkeypatch.setenv("GEOSHARING_TRACEBACK", "full")
    _run.run_script(script("import arcpy; arcpy.server.UploadServiceDefinition('none.sd', 'HOSTING_SERVER')"))
    assert "_upload.py" in capfd.readouterr().err


def test_what_arcpy_has_and_we_do_not_is_named(script, capfd):
    assert _run.run_script(script("from arcpy.sa import Slope")) == 1
    assert "geosharing does not have arcpy.sa" in capfd.readouterr().err
    assert _run.run_script(script("import arcpy; arcpy.SignInToPortl")) == 1
    assert "did you mean `SignInToPortal`" in capfd.readouterr().err


def test_options_stand_before_the_script_or_at_the_end():
    assert _split(["a", "--site", "--project", "p.aprx"]) == (["a"], ["--site", "--project", "p.aprx"])
    assert _split(["--user", "x", "y"]) == (["--user", "x", "y"], [])
    assert _split(["--", "--site"]) == (["--site"], [])
    assert _split(["a", "--portal=https://h"]) == (["a"], ["--portal=https://h"])


def test_the_command_runs_in_a_process_of_its_own(script):
    path = script("import arcpy, sys; arcpy.AddMessage('hello'); arcpy.AddError('bad'); sys.exit(5)")
    ran = subprocess.run(
        [sys.executable, "-m", "geosharing", "run", path, "x"], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (5, "hello\n", "bad\n")


def test_a_missing_script_and_file_are_named(capfd):
    assert main(["run", "no such.py"]) == 1
    assert "no such.py" in capfd.readouterr().err
    assert main(["inspect", "none.aprx"]) == 1
    assert "none.aprx" in capfd.readouterr().err


def test_windows_names_are_literal_files_on_posix(script, tmp_path, monkeypatch):
    if os.name != "posix":
        pytest.skip("Windows has drives")
    monkeypatch.chdir(tmp_path)
    path = script(r"""
        import arcpy, os
        out = os.path.join(r"C:\Project\Output", "a.sd")
        assert not arcpy.Exists(out)
        os.makedirs(os.path.dirname(out))
        open(out, "w").close()
        assert arcpy.Exists(out)
        arcpy.management.Delete(out)
        assert not arcpy.Exists(out)
    """)
    assert _run.run_script(path) == 0
