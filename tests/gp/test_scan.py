import pytest
from geosharing.gp.scan import local_files, scan


def paths(text, folder):
    return [(named.path, named.exists) for named in scan(text.encode(), str(folder / "tool.py")).paths]


def test_paths_of_data_are_told_from_other_texts(tmp_path):
    (tmp_path / "table.csv").touch()
    text = f'''
"""Reads C:\\\\docs\\\\only.gdb, see https://example.com/a.gdb."""
import os, re
GIS = "https://www.arcgis.com/sharing/rest"
lots = r"C:\\gone\\lots.gdb\\taxlots"
share = r"\\\\server\\share\\roads.shp"
here = {str(tmp_path / "table.csv")!r}
beside = "table.csv"
elsewhere = "other.csv"
out_file = r"C:\\gone\\report.pdf"
tool(output=r"C:\\gone\\other.pdf")
pattern = re.compile(r"C:\\\\[a-z]+")
formatted = "C:/data/{{}}.shp"
rest = "/arcgis/rest/services"
posix = "/gone/data/parcels.gdb"
def f():
    """C:\\\\more\\\\docs.shp"""
    return f"C:/made/{{GIS}}.shp"
'''
    assert paths(text, tmp_path) == [
        (r"C:\gone\lots.gdb\taxlots", False),
        (r"\\server\share\roads.shp", False),
        (str(tmp_path / "table.csv"), True),
        ("table.csv", True),
        ("/gone/data/parcels.gdb", False),
    ]


def test_toolboxes_tools_and_modules_are_named(tmp_path):
    (tmp_path / "beside.py").touch()
    found = scan(
        b"import arcpy, numpy, beside, nobody_has_this.part\n"
        b"try:\n    import perhaps\nexcept ImportError:\n    pass\n"
        b"arcpy.ImportToolbox(r'C:\\boxes\\a.tbx')\n"
        b"arcpy.Buffer_analysis('a')\narcpy.management.CopyFeatures('a', 'b')\narcpy.AddMessage('x')\n",
        str(tmp_path / "tool.py"),
    )
    assert found.unknown_imports == ["nobody_has_this"]
    assert found.tools == ["analysis.Buffer", "management.CopyFeatures"]
    assert [named.is_toolbox for named in found.paths] == [True]


@pytest.mark.parametrize("text", [b"print 'two'", b"def f(:\n", b"\x00"])
def test_what_does_not_compile_says_where(text, tmp_path):
    assert scan(text, str(tmp_path / "tool.py")).syntax_error


def test_modules_beside_a_script_are_followed(tmp_path):
    (tmp_path / "one.py").write_text("from two import *\nimport json\n")
    (tmp_path / "two.py").write_text("import one\n")
    package = tmp_path / "three"
    (package / "__pycache__").mkdir(parents=True)
    for name in ("__init__.py", "data.json", "__pycache__/x.pyc"):
        (package / name).touch()
    found = local_files(b"import one, os\nfrom three import data\n", str(tmp_path / "tool.py"))
    names = [str(file).removeprefix(str(tmp_path))[1:] for file in found]
    assert names == ["one.py", "three/__init__.py", "three/data.json", "two.py"]
