import json
import os
import zipfile
from pathlib import Path

import pytest
from geosharing import cim, mp
from geosharing.exceptions import InvalidInputError, MissingError

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_example_project_of_pro_2_has_its_layers_and_data(amc16):
    project = mp.ArcGISProject(str(amc16))
    (one,) = project.listMaps()
    assert (one.name, one.mapType, project.documentVersion) == ("Map", "MAP", "2.6")
    layers = one.listLayers()
    assert len([layer for layer in layers if layer.isFeatureLayer]) == 6
    assert [layer.isBasemapLayer for layer in layers].count(True) == 1
    assert [table.name for table in one.listTables()] == ["Neighbors"]
    for layer in layers:
        assert not layer.isBroken
        if layer.isFeatureLayer:
            assert layer.dataSource.startswith(str(amc16.parent / "AMC16AGP.gdb"))
            assert layer.connectionProperties["workspace_factory"] == "File Geodatabase"
            assert layer.connectionProperties["connection_info"] == {
                "database": str(amc16.parent / "AMC16AGP.gdb")
            }
    assert one.spatialReference.factoryCode == 2230
    assert project.defaultGeodatabase == str(amc16.parent / "AMC16AGP.gdb")
    assert project.activeMap == one


def test_every_layer_of_the_example_can_be_described(amc16):
    from geosharing import data

    for layer in mp.ArcGISProject(amc16).listMaps()[0].listLayers():
        if layer.isFeatureLayer:
            path, name, where = layer.source
            assert data.describe(path, name, where=where)["count"] >= 0


def test_wildcards_ignore_case_and_take_brackets_literally(modern):
    one = mp.ArcGISProject(modern).listMaps("m*")[0]
    assert [layer.longName for layer in one.listLayers()] == ["Group", "Group\\Points [A]", "Lines"]
    assert [layer.name for layer in one.listLayers("points [a]")] == ["Points [A]"]
    assert [layer.name for layer in one.listLayers("*s*")] == ["Points [A]", "Lines"]
    assert one.listLayers("Point?") == []
    assert [layer.name for layer in one.listLayers("Group")[0].listLayers()] == ["Points [A]"]
    assert str(one.listLayers("Lines")[0]) == "Lines"


def test_a_definition_is_changed_by_attributes_and_written_back(modern):
    project = mp.ArcGISProject(modern)
    one = project.listMaps()[0]
    definition = one.getDefinition("V3")
    assert definition.useServiceLayerIDs is None
    definition.useServiceLayerIDs = True
    one.setDefinition(definition)
    layer = one.listLayers("Lines")[0]
    lines = layer.getDefinition("V3")
    assert lines.URI == "CIMPATH=map/lines.json"
    lines.serviceLayerID = 7
    fill = cim.CreateCIMObjectFromClassName("CIMSolidFill", "V3")
    fill.color = cim.CIMRGBColor(values=[255, 0, 0, 100])
    lines.renderer = cim.CIMSimpleRenderer(
        symbol=cim.CIMSymbolReference(symbol=cim.CIMPolygonSymbol(symbolLayers=[fill]))
    )
    layer.setDefinition(lines)
    before = entries(modern)
    project.save()
    after = entries(modern)
    assert json.loads(after["map/map.json"])["useServiceLayerIDs"] is True
    saved = json.loads(after["map/lines.json"])
    assert saved["serviceLayerID"] == 7
    assert saved["renderer"]["symbol"]["symbol"]["symbolLayers"][0]["color"]["values"] == [255, 0, 0, 100]
    changed = {"map/map.json", "map/lines.json"}
    assert {name for name in before if before[name] != after[name]} == changed
    with pytest.raises(InvalidInputError, match="CIMMap"):
        layer.setDefinition(definition)
    with pytest.raises(InvalidInputError, match="V9"):
        layer.getDefinition("V9")


def test_properties_survive_a_save(amc16):
    project = mp.ArcGISProject(amc16)
    layer = project.listMaps()[0].listLayers("Polyline")[0]
    layer.visible = True
    layer.transparency = 35
    layer.definitionQuery = "RefName <> '<none>' AND 1=1"
    layer.name = "Lines & more"
    layer.metadata.title = "unsaved"
    project.save()
    again = mp.ArcGISProject(amc16).listMaps()[0].listLayers("Lines & more")[0]
    assert (again.visible, again.transparency) == (True, 35)
    assert again.definitionQuery == "RefName <> '<none>' AND 1=1"
    again.updateDefinitionQueries([{"name": "q", "sql": "A = 1", "isActive": True}])
    assert again.definitionQuery == "A = 1"
    assert again.listDefinitionQueries("Q")[0]["isActive"]
    with pytest.raises(InvalidInputError, match="between 0 and 100"):
        again.transparency = 101


def test_data_is_added_as_layer_and_table_and_read_back(amc16):
    project = mp.ArcGISProject(amc16)
    one = project.listMaps()[0]
    gdb = amc16.parent / "AMC16AGP.gdb"
    added = one.addDataFromPath(f"{gdb}\\TR18184\\Polyline")
    assert added.isFeatureLayer
    assert not added.isBroken
    table = one.addDataFromPath(str(gdb / "Neighbors"))
    assert isinstance(table, mp.Table)
    group = one.createGroupLayer("Mine")
    inside = one.addLayerToGroup(group, added)[0]
    assert inside.longName == "Mine\\Polyline"
    one.removeLayer(added)
    one.removeTable(table)
    web = one.addDataFromPath("https://example.org/arcgis/rest/services/Parks/FeatureServer/0")
    assert (web.name, web.isWebLayer, web.isBroken) == ("Parks", True, False)
    project.save()
    names = [layer.longName for layer in mp.ArcGISProject(amc16).listMaps()[0].listLayers()]
    assert names.count("Mine\\Polyline") == 1
    with pytest.raises(MissingError, match="nowhere"):
        one.addDataFromPath(r"C:\nowhere\a.shp")


def test_a_copy_elsewhere_shows_the_same_data(amc16, tmp_path):
    project = mp.ArcGISProject(amc16)
    (tmp_path / "out").mkdir()
    project.saveACopy(tmp_path / "out" / "copy")
    copy = mp.ArcGISProject(tmp_path / "out" / "copy.aprx")
    for layer, original in zip(
        copy.listMaps()[0].listLayers(), project.listMaps()[0].listLayers(), strict=True
    ):
        assert layer.supports("DATASOURCE") == original.supports("DATASOURCE")
        if layer.isFeatureLayer:
            assert layer.dataSource == original.dataSource
            assert not layer.isBroken


def test_layers_travel_in_layer_files_and_maps_in_map_files(amc16, tmp_path):
    project = mp.ArcGISProject(amc16)
    one = project.listMaps()[0]
    one.listLayers("Polyline")[0].saveACopy(tmp_path / "lines.lyrx")
    file = mp.LayerFile(tmp_path / "lines.lyrx")
    assert [layer.isBroken for layer in file.listLayers()] == [False]
    file.listLayers()[0].transparency = 10
    file.save()
    new = project.createMap("New", "MAP")
    assert [layer.transparency for layer in new.addLayer(mp.LayerFile(tmp_path / "lines.lyrx"))] == [10]
    assert new.insertLayer(new.listLayers()[0], tmp_path / "lines.lyrx", "AFTER")
    out = one.exportToMAPX(tmp_path / "map")
    assert out.endswith("map.mapx")
    imported = project.importDocument(out)
    assert (imported.name, len(imported.listLayers())) == ("Map1", len(one.listLayers()))
    assert not imported.listBrokenDataSources()
    project.deleteItem(new)
    project.save()
    assert [m.name for m in mp.ArcGISProject(amc16).listMaps()] == ["Map", "Map1"]


def test_connections_are_replaced_by_path_and_by_dictionary(modern, amc16):
    project = mp.ArcGISProject(modern)
    one = project.listMaps()[0]
    layer = one.listLayers("Lines")[0]
    assert layer.isBroken
    assert len(project.listBrokenDataSources()) == 2
    gdb = str(amc16.parent / "AMC16AGP.gdb")
    new = {
        "dataset": "Polyline",
        "workspace_factory": "File Geodatabase",
        "connection_info": {"database": gdb},
    }
    assert layer.updateConnectionProperties(layer.connectionProperties, new)
    assert not layer.isBroken
    assert layer.dataSource == os.path.join(gdb, "Polyline")
    # Data that is not there is refused, unless nothing is to be checked.
    assert not layer.updateConnectionProperties(gdb, gdb + "x.gdb")
    assert layer.updateConnectionProperties(gdb, gdb + "x.gdb", validate=False)
    assert layer.isBroken


def test_the_current_project_is_the_one_that_was_set(modern, monkeypatch):
    mp.set_current_project(None)
    monkeypatch.delenv("GEOSHARING_PROJECT", raising=False)
    with pytest.raises(MissingError, match="--project"):
        mp.ArcGISProject("CURRENT")
    mp.set_current_project(modern)
    try:
        first = mp.ArcGISProject("current")
        first.listMaps()[0].listLayers("Lines")[0].visible = False
        assert not mp.ArcGISProject("CURRENT").listMaps()[0].listLayers("Lines")[0].visible
    finally:
        mp.set_current_project(None)


def test_windows_paths_find_literal_files_and_mapped_drives(modern, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    literal = tmp_path / r"C:\Projects\p.aprx"
    literal.write_bytes(modern.read_bytes())
    assert mp.ArcGISProject(r"C:\Projects\p.aprx").listMaps()
    monkeypatch.setenv("GEOSHARING_PATH_MAP", f"D:\\work={tmp_path}")
    assert mp.ArcGISProject(r"d:\WORK\MODERN.aprx").listMaps()
    with pytest.raises(MissingError) as caught:
        mp.ArcGISProject(r"D:\work\absent.aprx")
    assert r"D:\work\absent.aprx" in str(caught.value)
    assert str(tmp_path / "absent.aprx") in str(caught.value)


def test_damaged_projects_are_refused_by_name(tmp_path, modern):
    cut = tmp_path / "cut.aprx"
    cut.write_bytes(modern.read_bytes()[:400])
    with pytest.raises(InvalidInputError, match=r"cut\.aprx"):
        mp.ArcGISProject(cut)
    other = tmp_path / "other.aprx"
    other.write_text("hello")
    with pytest.raises(InvalidInputError, match=r"\.aprx"):
        mp.ArcGISProject(other)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus at ../shared/corpus")
@pytest.mark.parametrize("path", sorted(CORPUS.glob("documents/*/*")), ids=lambda path: path.stem[-40:])
def test_every_document_of_the_corpus_answers_every_property(path):
    maps = [mp.LayerFile(path)] if path.suffix == ".lyrx" else mp.ArcGISProject(path).listMaps()
    for one in maps:
        for item in [*one.listLayers(), *one.listTables()]:
            assert item.longName.endswith(item.name)
            assert item.isBroken in (True, False)
            assert isinstance(item.definitionQuery, str)
            properties = item.connectionProperties
            assert properties is None or "password" not in str(properties).lower()
            if item.supports("DATASOURCE"):
                assert item.dataSource
            if "#" not in item.URI:
                kind = type(item.getDefinition("V3")).__name__
                assert kind.startswith("CIM")
                assert item.metadata.title


def test_time_zones_are_listed():
    assert "Pacific Standard Time" in mp.ListTimeZones("*pacific*")
    assert "Europe/Paris" in mp.ListTimeZones("Europe/*", "IANA")
    with pytest.raises(InvalidInputError, match="MARTIAN"):
        mp.ListTimeZones(None, "MARTIAN")
