import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import geosharing as arcpy
import pytest

PROJECT = Path(__file__).parents[1] / "fixtures" / "projects" / "simple"


@pytest.fixture
def simple(tmp_path):
    shutil.copytree(PROJECT, tmp_path / "simple")
    return tmp_path / "simple" / "simple.aprx"


def test_a_map_service_is_drafted_from_the_path_of_a_project(simple, tmp_path):
    out = tmp_path / "a.sddraft"
    found = arcpy.mapping.CreateMapSDDraft(
        str(simple), str(out), "Simple", "ARCGIS_SERVER", None, "TRUE", "Maps", "S", "a, b"
    )
    assert set(found) == {"messages", "warnings", "errors"}
    root = ET.parse(out).getroot()
    assert root.findtext("Configurations/SVCConfiguration/TypeName") == "MapServer"
    assert root.findtext("Configurations/SVCConfiguration/ServiceFolder") == "Maps"
    assert root.findtext("ByReference") == "false"
    assert root.findtext("ItemInfo/Snippet") == "S"


def test_a_project_a_map_and_layers_are_taken_too(simple, tmp_path):
    project = arcpy.mp.ArcGISProject(str(simple))
    town = project.listMaps()[0]
    for given in (project, town, town.listLayers()[0]):
        arcpy.mapping.CreateMapSDDraft(given, str(tmp_path / "a.sddraft"), "Simple")
        assert ET.parse(tmp_path / "a.sddraft").getroot().findtext("Name") == "Simple"


def test_documents_of_arcmap_are_refused_with_what_to_do(tmp_path):
    with pytest.raises(NotImplementedError, match=r"import it in ArcGIS Pro and pass the project"):
        arcpy.mapping.CreateMapSDDraft(str(tmp_path / "old.mxd"), str(tmp_path / "a.sddraft"), "X")
    with pytest.raises(FileNotFoundError, match=r"none\.aprx does not exist"):
        arcpy.mapping.CreateMapSDDraft(str(tmp_path / "none.aprx"), str(tmp_path / "a.sddraft"), "X")
    with pytest.raises(ValueError, match="is no map document"):
        arcpy.mapping.CreateMapSDDraft(str(tmp_path / "map.pdf"), str(tmp_path / "a.sddraft"), "X")
    with pytest.raises(NotImplementedError, match=r"10\.2\.1"):
        arcpy.mapping.CreateMapSDDraft("x.aprx", str(tmp_path / "a.sddraft"), "X", "SPATIAL_DATA_SERVER")
    assert not (tmp_path / "a.sddraft").exists()
