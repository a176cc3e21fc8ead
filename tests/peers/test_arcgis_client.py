"""The official ArcGIS API for Python at the embedded site."""

import json
import shutil
import time
import urllib.parse
import urllib.request
import warnings
from pathlib import Path

import pytest
from geosharing.site import Site

arcgis = pytest.importorskip(
    "arcgis", reason="the arcgis package is not installed (pip install --group peers)"
)

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def site():
    with Site(users={"ann": "ann-pw"}) as running:
        yield running


@pytest.fixture(scope="module")
def gis(site):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return arcgis.GIS(site.portal_url, "ann", "ann-pw", verify_cert=False)


def new_token(site) -> str:
    form = {"username": "ann", "password": "ann-pw", "client": "requestip", "f": "json"}
    data = urllib.parse.urlencode(form).encode()
    url = f"{site.portal_url}/sharing/rest/generateToken"
    with urllib.request.urlopen(url, data, timeout=20) as reply:
        return json.load(reply)["token"]


def test_it_signs_in_through_the_page(gis):
    me = gis.users.me
    assert me.username == "ann"
    assert me.role == "org_publisher"
    assert gis.properties.portalName == "geosharing"
    assert gis.version[0] >= 2024


def test_it_signs_in_with_a_token(site):
    gis = arcgis.GIS(site.portal_url, token=new_token(site), verify_cert=False)
    assert gis.users.me.username == "ann"


def test_it_signs_in_with_generate_token(site):
    gis = arcgis.GIS(site.portal_url, "ann", "ann-pw", verify_cert=False, use_gen_token=True)
    assert gis.users.me.username == "ann"


def test_it_trusts_the_certificate_that_the_site_exports(site, tmp_path):
    path = site.export_certificate(tmp_path / "site.pem")
    gis = arcgis.GIS(site.portal_url, "ann", "ann-pw", ca_bundles=str(path))
    assert gis.users.me.username == "ann"


def test_a_wrong_password_is_reported(site):
    with pytest.raises(Exception, match=r"(?i)invalid username or password"):
        arcgis.GIS(site.portal_url, "ann", "wrong", verify_cert=False)


def test_it_looks_around_without_signing_in(site):
    gis = arcgis.GIS(site.portal_url, verify_cert=False)
    assert gis.users.me is None
    assert gis.content.search("title:nothing") == []


def test_an_item_lives_its_life(gis, tmp_path):
    from arcgis.gis import ItemProperties, ItemTypeEnum

    path = tmp_path / "numbers.csv"
    path.write_text("a,b\n1,2\n")
    folder = gis.content.folders.get()
    properties = ItemProperties(title="small numbers", item_type=ItemTypeEnum.CSV, tags=["numbers"])
    item = folder.add(properties, file=str(path)).result()
    assert item.owner == "ann"
    assert item.tags == ["numbers"]

    found = gis.content.search('title:"small numbers" AND owner:ann', item_type="csv")
    assert [one.id for one in found] == [item.id]
    assert item.update({"snippet": "two of them"})
    assert gis.content.get(item.id).snippet == "two of them"
    copy = item.download(save_path=str(tmp_path / "down"))
    assert Path(copy).read_text() == "a,b\n1,2\n"

    item.sharing.sharing_level = arcgis.gis.SharingLevel.EVERYONE
    assert gis.content.get(item.id).access == "public"
    assert item.protect()["success"]
    assert item.protect(enable=False)["success"]
    assert item.delete()
    deadline = time.monotonic() + 5
    while gis.content.get(item.id) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert gis.content.get(item.id) is None


def test_a_large_file_goes_up_in_parts(gis, tmp_path):
    from arcgis.gis import ItemProperties, ItemTypeEnum

    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        for number in range(30):
            file.write(bytes([number]) * (1 << 20))
    properties = ItemProperties(title="large", item_type=ItemTypeEnum.CSV)
    item = gis.content.folders.get().add(properties, file=str(path)).result()
    assert item.size == 30 << 20
    copy = item.download(save_path=str(tmp_path / "down"))
    assert Path(copy).read_bytes() == path.read_bytes()


def test_folders_and_groups_are_made(gis):
    folder = gis.content.folders.create("plans", owner="ann")
    assert any(one.name == "plans" for one in gis.content.folders.list("ann"))
    assert folder.delete()
    group = gis.groups.create("team", tags="a", access="private")
    assert [one.title for one in gis.groups.search("title:team")] == ["team"]
    assert group.delete()


def test_service_names_are_checked(gis):
    assert gis.content.is_service_name_available("roads", "featureService")


EXAMPLE = Path(__file__).parents[2] / "examples" / "amc16"


@pytest.fixture(scope="module")
def definition(tmp_path_factory):
    """A service definition of the example project, staged by us."""
    from geosharing import mp, server

    folder = tmp_path_factory.mktemp("staged")
    shutil.copytree(EXAMPLE, folder / "amc16")
    chosen = mp.ArcGISProject(str(folder / "amc16" / "AMC16AGP.aprx")).listMaps()[0]
    layers = [layer for layer in chosen.listLayers() if layer.isFeatureLayer and not layer.isBroken]
    draft = chosen.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "AMC16", layers)
    draft.offline = True
    draft.exportToSDDraft(str(folder / "AMC16.sddraft"))
    server.StageService(str(folder / "AMC16.sddraft"), str(folder / "AMC16.sd"))
    return folder / "AMC16.sd", len(layers)


def test_it_publishes_our_service_definition_queries_edits_and_overwrites(gis, definition):
    from arcgis.gis import ItemProperties, ItemTypeEnum

    path, expected = definition
    properties = ItemProperties(title="AMC16", item_type=ItemTypeEnum.SERVICE_DEFINITION)
    item = gis.content.folders.get().add(properties, file=str(path)).result()
    service = item.publish()
    assert service.type == "Feature Service"
    assert service.url.endswith("/server/rest/services/Hosted/AMC16/FeatureServer")
    assert len(service.layers) == expected
    assert [one.id for one in service.related_items("Service2Data")] == [item.id]

    layer = next(layer for layer in service.layers if layer.query(return_count_only=True) > 0)
    count = layer.query(return_count_only=True)
    frame = layer.query(as_df=True)
    assert len(frame) == count

    first = layer.query(result_record_count=1, return_geometry=False).features[0]
    key = layer.properties.objectIdField
    edited = layer.edit_features(updates=[{"attributes": {key: first.attributes[key]}}])
    assert edited["updateResults"][0]["success"]

    again = item.publish(overwrite=True)
    assert again.id == service.id
    assert layer.query(return_count_only=True) == count

    with pytest.raises(Exception, match="already taken"):
        item.publish()
