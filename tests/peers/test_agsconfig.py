"""agsconfig, which we did not write, on drafts that we did."""

from pathlib import Path

import pytest
from geosharing import _native

agsconfig = pytest.importorskip("agsconfig", reason="the peers group is not installed")
etree = pytest.importorskip("lxml.etree", reason="the peers group is not installed")

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sddraft"
GENUINE = FIXTURES / "hosted_feature_pro23.sddraft"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    draft = _native.SharingDraft("FEATURE", "Roads")
    draft.set_source(
        {
            "document": "/projects/roads.aprx",
            "cim_path": "CIMPATH=map/map.json",
            "map_name": "Map",
            "extent": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4},
            "members": [{"uri": "CIMPATH=map/roads.json", "long_name": "Roads", "kind": "feature"}],
            "portal": {"url": "https://portal.example.com/portal", "user": "author"},
            "text": {"tags": "roads", "summary": "Roads of a town"},
        }
    )
    draft.save(str(tmp_path / "roads.sddraft"))
    return tmp_path / "roads.sddraft"


def load(path: Path):
    with path.open("rb+") as file:
        return agsconfig.load_hosted_feature_sddraft(file)


def properties(service) -> list[str]:
    # agsconfig's models list their properties only by what instances answer to.
    skipped = {"save", "save_a_copy", "add_custom_extension", "Capability"}
    return [name for name in dir(type(service)) if not name.startswith("_") and name not in skipped]


def test_it_reads_every_property_that_it_reads_in_a_genuine_draft(path):
    ours, genuine = load(path), load(GENUINE)
    read = 0
    for name in properties(genuine):
        try:
            getattr(genuine, name)
        except Exception:
            # Hosted layers have no instances, and agsconfig says so by raising.
            continue
        getattr(ours, name)
        read += 1
    assert read > 20


def test_it_reads_what_we_wrote(path):
    service = load(path)
    assert (service.name, service.title, service.summary) == ("Roads", "Roads", "Roads of a town")
    assert list(service.tags) == ["roads"]
    assert service.max_record_count == 2000
    assert service.replace_existing is False


def test_it_edits_our_draft_and_we_read_the_edit(path, tmp_path):
    service = load(path)
    service.summary = "another"
    service.max_record_count = 5000
    service.replace_existing = True
    service.z_default_value = 3
    edited = tmp_path / "edited.sddraft"
    service.save_a_copy(str(edited))
    changed = {change["path"]: change["after"] for change in _native.sddraft_diff(str(path), str(edited))}
    definition = "Configurations/SVCConfiguration/Definition"
    assert changed["ItemInfo/Snippet"] == "another"
    assert changed[f"{definition}/ConfigurationProperties[maxRecordCount]"] == "5000"
    assert changed["Type"] == "esriServiceDefinitionType_Replacement"
    assert len(changed) == 4
    configuration = _native.sddraft_service_configuration(str(edited))
    assert configuration["service"]["properties"]["maxRecordCount"] == "5000"


def test_every_xpath_that_resolves_in_a_genuine_draft_resolves_in_ours(path):
    paths = (FIXTURES / "agsconfig_xpaths.txt").read_text(encoding="utf-8").split("\n")
    ours, genuine = etree.parse(str(path)), etree.parse(str(GENUINE))
    resolving = [xpath for xpath in filter(None, paths) if genuine.xpath(xpath)]
    assert len(resolving) > 40
    assert [xpath for xpath in resolving if not ours.xpath(xpath)] == []


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    draft = _native.GeoprocessingDraft("Report")
    draft.set("serverType", "STANDALONE_SERVER")
    for name, value in {
        "executionType": "Synchronous", "messageLevel": "Info", "maximumRecords": 5, "minInstances": 2,
        "maxInstances": 4, "capabilities": "Uploads", "summary": "Parcels", "tags": "a,b", "offline": True,
    }.items():  # fmt: skip
        draft.set(name, value)
    draft.set_source({"result": "/tmp/0.rlt", "tools": ["Box.pyt|Report"], "draft": "/tmp/report.sddraft"})
    draft.save(str(tmp_path / "report.sddraft"))
    return tmp_path / "report.sddraft"


def test_it_reads_what_we_wrote_for_tools(tool):
    with tool.open("rb+") as file:
        service = agsconfig.load_geoprocessing_sddraft(file)
    assert (service.name, service.summary, list(service.tags)) == ("Report", "Parcels", ["a", "b"])
    assert (service.maximum_records, service.min_instances, service.max_instances) == (5, 2, 4)
    assert service.execution_type.value == "Synchronous"
    assert service.show_messages.value == "Info"
    assert [capability.value for capability in service.capabilities] == ["Uploads"]
    assert (service.usage_timeout, service.wait_timeout, service.idle_timeout) == (600, 60, 1800)
    assert service.wps_server.enabled is False
    with tool.open("rb+") as file:
        service = agsconfig.load_geoprocessing_sddraft(file)
        service.max_instances = 9
        service.save()
    with tool.open("rb+") as file:
        assert agsconfig.load_geoprocessing_sddraft(file).max_instances == 9


KINDS = {
    "MAP_SERVICE": "load_map_sddraft",
    "MAP_IMAGE": "load_map_sddraft",
    "IMAGE_SERVICE": "load_image_sddraft",
    "GEOCODE_SERVICE": "load_geocode_sddraft",
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_and_edits_the_drafts_of_services(kind, tmp_path):
    draft = _native.SharingDraft(kind, "Roads")
    draft.set("offline", True)
    draft.set("summary", "Roads of a town")
    draft.set_source(
        {
            "document": "/projects/roads.aprx",
            "raster": {"workspace": "/rasters", "name": "dem.tif"},
            "locator": {"folder": "/locators/", "name": "streets"},
        }
    )
    path = tmp_path / "roads.sddraft"
    draft.save(str(path))
    with path.open("rb+") as file:
        service = getattr(agsconfig, KINDS[kind])(file)
        assert (service.name, service.summary) == ("Roads", "Roads of a town")
        assert (service.min_instances, service.max_instances) == (1, 2)
        service.max_instances = 5
        service.save_a_copy(str(tmp_path / "edited.sddraft"))
    [change] = _native.sddraft_diff(str(path), str(tmp_path / "edited.sddraft"))
    assert change["after"] == "5"
    assert change["path"].endswith("Props[MaxInstances]")


def test_it_reads_a_tile_draft_on_which_the_products_own_fails(tmp_path):
    draft = _native.SharingDraft("TILE", "Roads")
    draft.set("offline", True)
    draft.set_source({"document": "/projects/roads.aprx", "map_name": "Map"})
    draft.save(str(tmp_path / "roads.sddraft"))
    with (tmp_path / "roads.sddraft").open("rb+") as file:
        service = agsconfig.load_map_sddraft(file)
        assert service.is_cached is True
        # The products write `false0` here.
        assert service.feature_server.only_allow_true_curve_updates_by_true_curve_clients is False
