import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from geosharing import ExecuteError, _native, connections
from geosharing.mp import ArcGISProject
from geosharing.sharing import CreateSharingDraft, MapImageSharingDraft, MapServiceDraft, TileSharingDraft
from geosharing.sharing._properties import paths

COMPLEX = Path(__file__).parents[3] / "shared" / "corpus" / "projects" / "mapping_complex"

# What the machine, the clock, the folder and the product's random numbers decide.
MACHINE = {
    "ID",
    "OnPremisePath",
    "ClientHostName",
    "Resources/SVCResource/ID",
    "Resources/SVCResource/OnPremisePath",
    "Resources/SVCResource/ClientName",
    "Resources/SVCResource/RepositoryID",
    "Configurations/SVCConfiguration/ID",
    "Configurations/SVCConfiguration/ResourceID",
    "StagingSettings[TileCacheSchemaFile]",  # the product's own folder before the name of the file
    "Metadata/XmlDoc",  # the time of making
}


def export(draft, tmp_path: Path) -> ET.Element:
    path = tmp_path / "out.sddraft"
    draft.exportToSDDraft(str(path))
    return ET.parse(path).getroot()


def value(root: ET.Element, path: str, key: str) -> str | None:
    return root.findtext(f"{path}/PropertyArray/PropertySetProperty[Key='{key}']/Value")


@pytest.mark.skipif(not COMPLEX.exists(), reason="the corpus is not beside the repository")
def test_the_map_service_draft_of_a_project_is_the_one_that_arcgis_pro_made_of_it(tmp_path):
    town = ArcGISProject(str(COMPLEX / "test_mapping_complex.aprx")).listMaps()[0]
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Test", town)
    # The script that made the genuine draft set these two.
    draft.offline, draft.serverFolder = True, "Test"
    draft.exportToSDDraft(str(tmp_path / "out.sddraft"))
    genuine = COMPLEX / "test_mapping_complex.sddraft"
    for change in _native.sddraft_diff(str(genuine), str(tmp_path / "out.sddraft")):
        if change["path"].startswith("InitCacheLevels/Extent/"):
            # The last digit of a projected extent.
            assert float(change["before"]) == pytest.approx(float(change["after"]), abs=1e-8)
        else:
            assert change["path"] in MACHINE, change
    ours, theirs = (tmp_path / "out.sddraft").read_text(), genuine.read_text()
    assert [node.tag for node in ET.fromstring(ours).iter()] == [
        node.tag for node in ET.fromstring(theirs).iter()
    ]


@pytest.mark.parametrize("kind", [TileSharingDraft, MapImageSharingDraft, MapServiceDraft])
def test_every_row_of_the_mapping_table_is_a_property_and_the_other_way_round(kind):
    assert sorted(paths(kind)) == sorted(row["property"] for row in _native.draft_table(kind._kind))


def test_a_map_image_layer_needs_a_federated_server_and_a_sign_in(town, good, signed_in, tmp_path):
    draft = town.getWebLayerSharingDraft("FEDERATED_SERVER", "MAP_IMAGE", "Town", good)
    with pytest.raises(ExecuteError, match="Missing target server"):
        draft.exportToSDDraft(str(tmp_path / "a.sddraft"))
    assert not (tmp_path / "a.sddraft").exists()
    draft.federatedServerUrl = "https://gis.example.com/server"
    draft.serverFolder, draft.portalFolder = "Roads", "Mine"
    draft.copyDataToServer = True
    root = export(draft, tmp_path)
    assert value(root, "StagingSettings", "ServerConnectionString").endswith(
        "=https://gis.example.com/server"
    )
    assert value(root, "StagingSettings", "PortalURL") == signed_in.url
    assert value(root, "StagingSettings", "PortalFolderName") == "Mine"
    assert root.findtext("Configurations/SVCConfiguration/ServiceFolder") == "Roads"
    assert root.findtext("ByReference") == "false"
    assert value(root, "StagingSettings", "PackageLayerList").count("CIMPATH") == 2


def test_a_connection_file_names_the_server(town, good, tmp_path):
    ags = tmp_path / "city.ags"
    connections.write(
        ags, "https://gis.example.com:6443/arcgis/admin", connection_type="PUBLISH_GIS_SERVICES"
    )
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Town", good)
    draft.targetServer = str(ags)
    root = export(draft, tmp_path)
    assert "SERVERURL=https://gis.example.com:6443/arcgis" in value(
        root, "StagingSettings", "ServerConnectionString"
    )
    assert value(root, "StagingSettings", "ConnectionFile") == str(ags)
    draft.targetServer = "somewhere"
    with pytest.raises(ExecuteError, match="`somewhere` is no server"):
        draft.exportToSDDraft(str(tmp_path / "b.sddraft"))
    assert not (tmp_path / "b.sddraft").exists()


def test_nested_properties_are_set_read_and_written(town, good, tmp_path):
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Town", good)
    draft.offline = True
    draft.extension.feature.isEnabled = True
    draft.extension.feature.zDefault.value = 4
    draft.extension.kml.isEnabled = "true"
    draft.cache.exportTiles, draft.cache.exportTilesCount = True, "500"
    draft.pooling.minInstances = 0
    draft.timezone.ID = "UTC"
    draft.mapOperations = "map,query"
    assert (draft.cache.exportTilesCount, draft.mapOperations) == (500, "Map,Query")
    root = export(draft, tmp_path)
    definition = "Configurations/SVCConfiguration/Definition"
    enabled = [
        extension.findtext("TypeName")
        for extension in root.iter("SVCExtension")
        if extension.findtext("Enabled") == "true"
    ]
    assert enabled == ["FeatureServer", "KmlServer"]
    assert value(root, f"{definition}/Props", "MinInstances") == "0"
    assert value(root, f"{definition}/ConfigurationProperties", "maxExportTilesCount") == "500"
    assert value(root, f"{definition}/ConfigurationProperties", "dateFieldsTimezoneID") == "UTC"
    assert value(root, f"{definition}/Info", "WebCapabilities") == "Map,Query"


def test_wrong_nested_values_and_names_are_refused_by_name(town):
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Town", town)
    with pytest.raises(ValueError, match=r"`pooling.minInstances` cannot be `-1`"):
        draft.pooling.minInstances = -1
    with pytest.raises(ValueError, match=r"`pooling.type` .* `DEDICATED`, `SHARED`"):
        draft.pooling.type = "HALF"
    with pytest.raises(ValueError, match="cannot have `Fly`"):
        draft.extension.feature.featureCapabilities = "Query,Fly"
    with pytest.raises(AttributeError, match="cannot be replaced"):
        draft.extension.feature = True
    with pytest.warns(UserWarning, match=r"did you mean `pooling\.maxInstances`"):
        draft.pooling.maxInstance = 3
    with pytest.warns(UserWarning, match="set targetServer"):
        draft.federatedServerUrl = "https://x"


def test_contradictions_stop_the_export_or_warn(town, good, tmp_path):
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Town", good)
    draft.offline = True
    draft.cache.useExistingCache = True
    warnings = draft.exportToSDDraft(str(tmp_path / "a.sddraft"))["warnings"]
    assert any("while `enableCache` is False" in text for text, _ in warnings)
    draft.pooling.minInstances = 9
    with pytest.raises(ExecuteError, match=r"raise `pooling\.maxInstances`"):
        draft.exportToSDDraft(str(tmp_path / "b.sddraft"))
    assert not (tmp_path / "b.sddraft").exists()


def test_the_cache_covers_the_data_of_the_map(town, good, signed_in, tmp_path):
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "TILE", "Town", good)
    root = export(draft, tmp_path)
    extent = root.find("InitCacheLevels/Extent")
    # The points lie between 1, 2 and 3, 4 degrees.
    assert float(extent.findtext("XMin")) == pytest.approx(111319.49, abs=0.01)
    assert float(extent.findtext("YMax")) == pytest.approx(445640.11, abs=0.01)
    counts = [int(node.text) for node in root.iter("NumberOfTiles")]
    assert len(counts) == 24
    assert counts == sorted(counts)
    assert root.findtext("CacheSchema/TileImageInfo/CacheTileFormat") == "Mixed"


def test_an_extent_that_the_author_set_is_moved_with_the_map(town, good, signed_in, tmp_path):
    from geosharing import SpatialReference

    town.spatialReference = SpatialReference(102100)
    definition = town.getDefinition("V3")
    definition.customFullExtent = {
        "rings": [[[10, 20], [10, 30], [20, 30], [20, 20], [10, 20]]],
        "spatialReference": {"wkid": 4326},
    }
    town.setDefinition(definition)
    root = export(town.getWebLayerSharingDraft("HOSTING_SERVER", "TILE", "Town", good), tmp_path)
    extent = root.find("InitCacheLevels/Extent")
    assert float(extent.findtext("XMin")) == pytest.approx(1113194.908, abs=0.01)
    assert float(extent.findtext("YMax")) == pytest.approx(3503549.844, abs=0.01)


def test_a_tiling_scheme_that_is_none_stops_the_export(town, good, signed_in, tmp_path):
    scheme = tmp_path / "scheme.xml"
    scheme.write_text("<Wrong/>")
    draft = town.getWebLayerSharingDraft("HOSTING_SERVER", "TILE", "Town", good)
    draft.cache.configuration = str(scheme)
    with pytest.raises(
        ExecuteError, match=r"cannot use tiling scheme .*scheme\.xml.*root element is `Wrong`"
    ):
        draft.exportToSDDraft(str(tmp_path / "a.sddraft"))
    assert not (tmp_path / "a.sddraft").exists()


def test_reprs_for_notebooks_are_escaped_and_name_what_was_set(town):
    draft = CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Town", town)
    draft.summary = "<b>S</b>"
    draft.extension.wms.title = "Rivers"
    page = draft._repr_html_()
    assert "&lt;b&gt;S" in page
    assert "extension.wms.title" in page
    assert "extension.wms.abstract" not in page
