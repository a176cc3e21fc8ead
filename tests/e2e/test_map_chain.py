"""Maps from draft to picture: each kind of map draft is made, staged, published and drawn."""

from __future__ import annotations

import json
import shutil
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from geosharing import mp, sharing
from geosharing.server import stage
from geosharing.site import Site

ROOT = Path(__file__).parents[2]
COMPLEX = ROOT / ".." / "shared" / "corpus" / "projects" / "mapping_complex"


def ask(url: str, **form: Any) -> dict[str, Any]:
    data = urllib.parse.urlencode({"f": "json", **form}).encode()
    with urllib.request.urlopen(url, data, timeout=60) as reply:
        return dict(json.load(reply))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(users={"ann": "ann-pw"}) as running:
        yield running


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    url = f"{site.portal_url}/sharing/rest/generateToken"
    return str(ask(url, username="ann", password="ann-pw", client="requestip")["token"])


@pytest.fixture
def view(tmp_path: Path) -> Any:
    if not COMPLEX.is_dir():
        pytest.skip("project mapping_complex is not in this clone; it is in the corpus beside it")
    shutil.copytree(COMPLEX, tmp_path / "project")
    return mp.ArcGISProject(str(tmp_path / "project" / "test_mapping_complex.aprx")).listMaps()[0]


def publish(site: Site, token: str, sd: Path) -> str:
    home = f"{site.portal_url}/sharing/rest/content/users/ann"
    boundary = uuid.uuid4().hex
    fields = {"f": "json", "token": token, "title": sd.stem, "type": "Service Definition"}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{sd.name}"\r\n\r\n'
    body = head.encode() + sd.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urllib.request.urlopen(urllib.request.Request(f"{home}/addItem", body, kind), timeout=60) as reply:
        item = json.load(reply)["id"]
    service = ask(f"{home}/publish", token=token, itemId=item, fileType="serviceDefinition")["services"][0]
    for _ in range(600):
        job = {"token": token, "jobId": service["jobId"]}
        status = ask(f"{home}/items/{service['serviceItemId']}/status", **job)
        if status["status"] != "processing":
            break
        time.sleep(0.1)
    assert status["status"] == "completed", status
    return str(service["serviceurl"])


def draw(url: str, token: str) -> bytes:
    form = {"bbox": "-93,41,-82,49", "bboxSR": "4326", "size": "120,90", "f": "image", "token": token}
    with urllib.request.urlopen(f"{url}/export?{urllib.parse.urlencode(form)}", timeout=60) as reply:
        assert reply.headers["Content-Type"] == "image/png"
        return bytes(reply.read())


def stage_draft(draft: Any, folder: Path, name: str) -> Path:
    draft.summary, draft.tags = "A map of states", "states, test"
    draft.offline = True
    draft.exportToSDDraft(str(folder / f"{name}.sddraft"))
    return Path(stage(folder / f"{name}.sddraft").path)


def things(view: Any) -> list[Any]:
    return [layer for layer in view.listLayers() if not layer.isBroken]


def test_a_map_image_layer_with_its_data(site: Site, token: str, view: Any, tmp_path: Path) -> None:
    draft = view.getWebLayerSharingDraft("FEDERATED_SERVER", "MAP_IMAGE", "States", things(view))
    draft.copyDataToServer = True
    url = publish(site, token, stage_draft(draft, tmp_path, "States"))
    root = ask(url, token=token)
    assert url.endswith("/States/MapServer")
    assert {"Layer 1", "Layer 2", "Layer 3"} <= {layer["name"] for layer in root["layers"]}
    found = ask(f"{url}/find", token=token, searchText="Michigan", layers="1,2,3,4", returnGeometry="false")
    assert found["results"]
    assert len(draw(url, token)) > 1000


def test_a_map_service_with_its_data(site: Site, token: str, view: Any, tmp_path: Path) -> None:
    draft = sharing.CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Service", view)
    draft.serverFolder, draft.copyDataToServer = "Maps", True
    url = publish(site, token, stage_draft(draft, tmp_path, "Service"))
    assert url.endswith("/rest/services/Maps/Service/MapServer")
    assert len(ask(url, token=token)["layers"]) == 5
    assert len(draw(url, token)) > 1000
    listed = ask(f"{site.url}/server/rest/services/Maps", token=token)["services"]
    assert {"name": "Maps/Service", "type": "MapServer"} in listed


def test_a_map_service_that_reads_registered_data(site: Site, token: str, view: Any, tmp_path: Path) -> None:
    admin = ask(
        f"{site.portal_url}/sharing/rest/generateToken",
        username="admin",
        password=site.password,
        client="requestip",
    )["token"]
    item = {"path": "/fileShares/states", "type": "folder", "info": {"path": str(tmp_path / "project")}}
    registered = ask(f"{site.server_url}/admin/data/registerItem", token=admin, item=json.dumps(item))
    assert registered.get("success"), registered
    draft = sharing.CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", "Registered", view)
    draft.copyDataToServer = False
    url = publish(site, token, stage_draft(draft, tmp_path, "Registered"))
    assert len(ask(url, token=token)["layers"]) == 5
    assert len(draw(url, token)) > 1000


def test_hosted_tiles(site: Site, token: str, view: Any, tmp_path: Path) -> None:
    draft = view.getWebLayerSharingDraft("HOSTING_SERVER", "TILE", "StateTiles", things(view))
    url = publish(site, token, stage_draft(draft, tmp_path, "StateTiles"))
    root = ask(url, token=token)
    assert url.endswith("/Hosted/StateTiles/MapServer")
    assert root["singleFusedMapCache"]
    assert root["tileInfo"]["lods"]
    with urllib.request.urlopen(f"{url}/tile/6/23/16?token={token}", timeout=60) as reply:
        assert reply.read()[1:4] == b"PNG"
