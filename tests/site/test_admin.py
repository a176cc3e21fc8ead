"""The administration of the embedded site's server, through our client."""

import copy
import json
import urllib.parse
import urllib.request

import pytest
from geosharing.admin import AdminClient, ServiceEntry
from geosharing.client import Portal
from geosharing.exceptions import (
    AuthenticationError,
    ExistsError,
    InvalidInputError,
    MissingError,
    PortalError,
)
from geosharing.site import Site

# The request in Esri's page about Create Service; `..` stands for a folder of the server's machine.
DOCUMENTED = {
    "serviceName": "Test",
    "type": "MapServer",
    "description": "my map service",
    "capabilities": "map,query,data",
    "clusterName": "default",
    "minInstancesPerNode": 1,
    "maxInstancesPerNode": 2,
    "maxWaitTime": 60,
    "maxStartupTime": 300,
    "maxIdleTime": 1800,
    "maxUsageTime": 600,
    "recycleInterval": 24,
    "loadBalancing": "ROUND_ROBIN",
    "isolationLevel": "HIGH",
    "properties": {
        "maxBufferCount": "100",
        "virtualCacheDir": "https://SERVER:6080/arcgis/server/arcgiscache",
        "maxImageHeight": "2048",
        "maxRecordCount": "1000",
        "filePath": "\\\\machine\\data\\Corine\\CORINE6.msd",
        "maxImageWidth": "2048",
        "cacheOnDemand": "false",
        "virtualOutputDir": "https://SERVER:6080/arcgis/server/arcgisoutput",
        "outputDir": "C:\\arcgisserver\\arcgisoutput",
        "supportedImageReturnTypes": "MIME+URL",
        "isCached": "false",
        "ignoreCache": "false",
        "clientCachingAllowed": "false",
        "cacheDir": "C:\\arcgisserver\\arcgiscache\\Corine",
    },
    "extensions": [
        {
            "typeName": "KmlServer",
            "enabled": True,
            "capabilities": "SingleImage,SeparateImages,Vectors",
            "properties": {
                "minRefreshPeriod": "30",
                "compatibilityMode": "GoogleEarth",
                "imageSize": "1024",
                "dpi": "96",
                "endPointURL": "",
                "featureLimit": "1000000",
                "useDefaultSnippets": "false",
            },
        },
        {
            "typeName": "WFSServer",
            "enabled": True,
            "capabilities": "",
            "properties": {
                "appSchemaURI": "https://grid5:6080/arcgis",
                "appSchemaPrefix": "arcgis",
                "enableTransactions": "false",
            },
        },
        {"typeName": "WCSServer", "enabled": False, "capabilities": "", "properties": {}},
    ],
    "frameworkProperties": {"javaHeapSize": "64"},
}


@pytest.fixture(scope="module")
def site():
    with Site(users={"pia": "pia.password"}) as site:
        yield site


@pytest.fixture(scope="module")
def server(site):
    return AdminClient(f"{site.url}/arcgis", "pia", "pia.password")


def plain(value):
    """The value with what may be typed or a string as text, and capabilities in one case."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return str(value).lower()


def test_the_documented_request_is_accepted_and_read_back_equal(server):
    server.create_service(DOCUMENTED)
    shown = server.service("Test.MapServer")
    for key, value in DOCUMENTED.items():
        assert plain(shown[key]) == plain(value), key
    assert list(shown["properties"]) == list(DOCUMENTED["properties"])
    server.delete("Test.MapServer")
    assert not server.exists("Test.MapServer")


def mutations():
    """Single faults of the documented request, each with the path that the refusal must name."""
    numbers = [key for key, value in DOCUMENTED.items() if isinstance(value, int)]
    for key in numbers:
        yield f"service.{key}", [key], "many"
        yield f"service.{key}", [key], -5
        yield f"service.{key}", [key], [1]
    for key in ("loadBalancing", "isolationLevel", "capabilities", "type"):
        yield f"service.{key}", [key], "NO_SUCH_WORD"
    for key in ("serviceName", "type"):
        yield f"service.{key}", [key], None
        yield f"service.{key}", [key], ""
    for name in ("a b", "a/b", "../x", "a.b", "n" * 121):
        yield "service.serviceName", ["serviceName"], name
    properties = "service.properties"
    for key in ("maxBufferCount", "maxImageHeight", "maxImageWidth", "maxRecordCount"):
        yield f"{properties}.{key}", ["properties", key], "-1"
        yield f"{properties}.{key}", ["properties", key], "a lot"
    for key in ("cacheOnDemand", "isCached", "ignoreCache", "clientCachingAllowed"):
        yield f"{properties}.{key}", ["properties", key], "perhaps"
    yield f"{properties}.supportedImageReturnTypes", ["properties", "supportedImageReturnTypes"], "PAPER"
    for key in ("filePath", "outputDir", "virtualOutputDir"):
        yield f"{properties}.{key}", ["properties", key], None
    for key in ("filePath", "maxRecordCount", "isCached"):
        yield f"{properties}.{key}", ["properties", key], {"nested": 1}
    yield properties, ["properties"], "none"
    yield properties, ["properties"], []
    yield "service.extensions", ["extensions"], {"typeName": "KmlServer"}
    yield "service.extensions[0]", ["extensions", 0], "KmlServer"
    kml = "service.extensions[0]"
    yield f"{kml}.typeName", ["extensions", 0, "typeName"], "NoServer"
    yield f"{kml}.typeName", ["extensions", 0, "typeName"], None
    yield f"{kml}.enabled", ["extensions", 0, "enabled"], "perhaps"
    yield f"{kml}.capabilities", ["extensions", 0, "capabilities"], "SingleImage,Smell"
    yield f"{kml}.properties", ["extensions", 0, "properties"], 5
    for key, bad in (
        ("minRefreshPeriod", "soon"),
        ("compatibilityMode", "Atlas"),
        ("imageSize", "huge"),
        ("imageSize", "-4"),
        ("dpi", "fine"),
        ("featureLimit", "none"),
        ("useDefaultSnippets", "perhaps"),
    ):
        yield f"{kml}.properties.{key}", ["extensions", 0, "properties", key], bad
    wfs = "service.extensions[1]"
    yield f"{wfs}.properties.enableTransactions", ["extensions", 1, "properties", "enableTransactions"], "x"
    yield f"{wfs}.typeName", ["extensions", 1, "typeName"], "KmlServer"
    yield f"{wfs}.typeName", ["extensions", 1, "typeName"], "WPSServer"
    yield "service.frameworkProperties", ["frameworkProperties"], "64"
    yield "service.frameworkProperties.javaHeapSize", ["frameworkProperties", "javaHeapSize"], "big"
    yield "service.frameworkProperties.javaHeapSize", ["frameworkProperties", "javaHeapSize"], "-64"


FAULTS = list(mutations())


def mutated(path, value):
    changed = copy.deepcopy(DOCUMENTED)
    place = changed
    for part in path[:-1]:
        place = place[part]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def test_there_are_at_least_sixty_faults():
    assert len(FAULTS) >= 60


@pytest.mark.parametrize(("named", "path", "value"), FAULTS, ids=lambda part: str(part)[:40])
def test_each_single_fault_is_refused_with_its_path_over_http(site, server, named, path, value):
    token = server_token(site)
    body = {"service": json.dumps(mutated(path, value)), "token": token, "f": "json"}
    answer = post(f"{site.url}/server/admin/services/createService", body)
    assert answer["status"] == "error", answer
    assert any(f"`{named}" in message for message in answer["messages"]), answer
    assert not server.exists("Test.MapServer")


def post(url, body):
    data = urllib.parse.urlencode(body).encode()
    with urllib.request.urlopen(url, data=data) as reply:
        return json.load(reply)


_tokens = {}


def server_token(site):
    if site.url not in _tokens:
        body = {"username": "pia", "password": "pia.password", "client": "requestip", "f": "json"}
        _tokens[site.url] = post(f"{site.url}/arcgis/admin/generateToken", body)["token"]
    return _tokens[site.url]


def test_a_service_lives_through_its_whole_life(server):
    server.create_folder("Plans", "of the town")
    desc = {"serviceName": "Roads", "type": "FeatureServer", "capabilities": "Query"}
    server.create_service(json.dumps(desc), "Plans")
    with pytest.raises(ExistsError, match="already exists"):
        server.create_service(desc, "Plans")
    assert ServiceEntry("Plans", "Roads", "FeatureServer") in server.list()
    assert [str(entry) for entry in server.list("Plans")] == ["Plans/Roads.FeatureServer"]
    assert server.exists("Roads.FeatureServer", "Plans")
    assert server.exists("", "plans")
    server.stop("Plans/Roads.FeatureServer")
    assert server.status("Roads.FeatureServer", "Plans")["configuredState"] == "STOPPED"
    with pytest.raises(PortalError, match="Service Plans/Roads/FeatureServer not started"):
        server.call("rest/services/Plans/Roads/FeatureServer")
    server.start("Roads.FeatureServer", "Plans")
    assert server.call("rest/services/Plans/Roads/FeatureServer")["layers"] == []
    changed = server.service("Roads.FeatureServer", "Plans") | {"description": "all roads"}
    server.edit("Roads.FeatureServer", changed, "Plans")
    assert server.service("Roads.FeatureServer", "Plans")["description"] == "all roads"
    with pytest.raises(ExistsError, match="not empty"):
        server.delete_folder("Plans")
    server.delete("Roads.FeatureServer", "Plans")
    server.delete_folder("Plans")
    with pytest.raises(MissingError):
        server.service("Roads.FeatureServer", "Plans")


def test_a_map_service_without_its_document_says_so(server):
    server.create_service(DOCUMENTED)
    assert server.status("Test.MapServer")["realTimeState"] == "STOPPED"
    with pytest.raises(PortalError, match="has no data here"):
        server.call("rest/services/Test/MapServer")
    server.delete("Test.MapServer")


@pytest.mark.parametrize("face", ["server", "arcgis", "arcgis/rest/services", "server/admin"])
def test_every_address_of_the_server_and_every_sign_in_works(site, face):
    url = f"{site.url}/{face}"
    by_name = AdminClient(url, "pia", "pia.password")
    assert by_name.info()["loggedInUser"] == "pia"
    portal = Portal(site.portal_url, "pia", "pia.password")
    assert AdminClient(url, portal=portal).info()["loggedInUser"] == "pia"
    token = portal.token.token
    assert AdminClient(url, token=token).info()["loggedInUser"] == "pia"


def test_bad_sign_ins_are_told_apart(site):
    with pytest.raises(AuthenticationError, match="Invalid username or password"):
        AdminClient(f"{site.url}/arcgis", "pia", "wrong")
    with pytest.raises(AuthenticationError):
        AdminClient(f"{site.url}/arcgis", token="expired").list()
    with pytest.raises(AuthenticationError):
        AdminClient(f"{site.url}/arcgis").list()
    with pytest.raises(InvalidInputError, match="not several"):
        AdminClient(f"{site.url}/arcgis", "pia", portal=Portal(site.portal_url))
    with pytest.raises(PortalError, match="cannot connect"):
        AdminClient("http://127.0.0.1:9/arcgis", "pia", "x", retries=0)
    for url in ("", "ftp://host/arcgis", "https://"):
        with pytest.raises(InvalidInputError, match="not the address of a server"):
            AdminClient(url)


@pytest.mark.parametrize(
    "folder", ["../admin", "a/b", "a b", "x?f=html", "%2e%2e", "<b>", "\u0000", "n" * 300]
)
def test_hostile_folder_names_reach_nothing(server, folder):
    with pytest.raises((PortalError, InvalidInputError, MissingError)):
        server.create_folder(folder)
    with pytest.raises((PortalError, InvalidInputError, MissingError)):
        server.create_service({"serviceName": "X", "type": "GeometryServer", "properties": {}}, folder)


def test_registered_data_is_listed_and_checked(server, tmp_path):
    item = {"path": "/fileShares/Data", "type": "folder", "info": {"path": str(tmp_path)}}
    server.register_data(item)
    with pytest.raises(ExistsError, match="already registered"):
        server.register_data(item)
    assert [one["path"] for one in server.data_items("/fileShares")] == ["/fileShares/Data"]
    server.validate_data(item)
    server.unregister_data("/fileShares/Data")
    assert server.data_items() == []
    with pytest.raises(PortalError, match="cannot be read"):
        server.register_data(item | {"info": {"path": str(tmp_path / "missing")}})
