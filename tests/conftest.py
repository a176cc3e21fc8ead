import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from geosharing import _native, _portal
from geosharing.client import Portal

MANIFEST = """<SVCManifest xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><Name>{name}</Name>\
<Type>{type}</Type><ServerType>esriSVCServerType_LightweightOnline</ServerType><StagingSettings>\
<PropertyArray>{settings}</PropertyArray></StagingSettings></SVCManifest>"""
ITEM = """<?xml version="1.0" encoding="utf-8" ?>\r\n<ESRI_ItemInformation Culture='en-US'><title>Roads &amp; more</title>\
<snippet>short</snippet><description></description><tags>a,b</tags><accessinformation>us</accessinformation>\
<licenseinfo></licenseinfo></ESRI_ItemInformation>"""


@pytest.fixture
def make_definition(tmp_path):
    """Return a function that packs a service definition."""

    def make(name="Roads", *, overwrite=False, **settings):
        folder = tmp_path / "parts"
        folder.mkdir(exist_ok=True)
        pairs = "".join(
            f"<PropertySetProperty><Key>{key}</Key><Value>{value}</Value></PropertySetProperty>"
            for key, value in settings.items()
        )
        kind = "esriServiceDefinitionType_Replacement" if overwrite else "esriServiceDefinitionType_New"
        manifest = MANIFEST.format(name=name, type=kind, settings=pairs)
        (folder / "manifest.xml").write_text(manifest)
        (folder / "esriinfo").mkdir(exist_ok=True)
        (folder / "esriinfo" / "iteminfo.xml").write_text(ITEM)
        configuration = {"folderName": "", "service": {"serviceName": name, "type": "FeatureServer"}}
        (folder / "serviceconfiguration.json").write_text(json.dumps(configuration))
        path = tmp_path / f"{name}.sd"
        _native.archive_folder(folder, path)
        return str(path)

    return make


class FakePortal:
    """A portal that does what it is asked, and remembers it."""

    def __init__(self):
        self.asked = []
        self.replies = {}
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                path = urllib.parse.urlsplit(self.path).path.split("/sharing/rest/")[-1]
                fields = (
                    dict(urllib.parse.parse_qsl(body.decode("latin-1")))
                    if b"multipart" not in body[:80]
                    else {}
                )
                portal.asked.append((path, fields, body))
                reply = json.dumps(portal.answer(path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/portal"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        last = path.rsplit("/", 1)[-1]
        if last in self.replies:
            return self.replies[last]
        return {
            "generateToken": {"token": "TOKEN", "expires": 4102444800000, "ssl": True},
            "self": {
                "name": "Org",
                "currentVersion": "2024.1",
                "isPortal": True,
                "user": {"username": "me", "role": "org_publisher"},
            },
            "servers": {
                "servers": [{"url": "https://gis.example.org/server", "adminUrl": "https://gis:6443/arcgis"}]
            },
            "isServiceNameAvailable": {"available": True},
            "addItem": {"success": True, "id": "a" * 32},
            "createFolder": {"success": True, "folder": {"id": "f1", "title": "x"}},
            "publish": {
                "services": [
                    {
                        "type": "Feature Service",
                        "serviceurl": "https://h/rest/services/Hosted/Roads/FeatureServer",
                        "jobId": "j",
                        "serviceItemId": "5" * 32,
                    }
                ]
            },
            "status": {"status": "completed"},
            "search": {"results": [], "nextStart": -1},
            "share": {"notSharedWith": []},
            "delete": {"success": True},
            "me": {
                "username": "me",
                "folders": [],
                "items": [],
                "groups": [{"id": "g1", "title": "Planners"}],
            },
        }.get(last, {})

    def fields(self, last):
        return next(fields for path, fields, _ in self.asked if path.endswith(last))

    def body(self, last):
        return next(body for path, _, body in self.asked if path.endswith(last))

    def paths(self):
        return [path for path, _, _ in self.asked]


@pytest.fixture
def fake():
    portal = FakePortal()
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


@pytest.fixture
def signed_in(fake):
    _portal.activate(Portal(fake.url, "me", "secret", retry_pause=0.01))
    yield fake
    _portal.deactivate()
