"""Publishing a file of points, and asking the FeatureServer plainly."""

import gzip
import json
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
from geosharing.site import Site

DAY = 86_400_000
START = np.datetime64("2024-01-01T00:00:00", "ms")
TRACKING = {
    "creatorField": "made_by",
    "creationDateField": "made_at",
    "editorField": "changed_by",
    "editDateField": "changed_at",
}


def fetch(url: str, headers: dict[str, str] | None = None, **form: Any) -> tuple[bytes, Any]:
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(url, data, headers or {})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.read(), reply.headers


def ask(url: str, **form: Any) -> dict[str, Any]:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in form.items()}
    return json.loads(fetch(url, **{"f": "json", **texts})[0])


def token_of(site: Site, username: str, password: str, **form: Any) -> str:
    url = f"{site.portal_url}/sharing/rest/generateToken"
    return ask(url, username=username, password=password, client="requestip", **form)["token"]


def point(x: float, y: float) -> bytes:
    return b"\x01\x01\x00\x00\x00" + np.array([x, y], "<f8").tobytes()


def write_points(path: Path, rows: int) -> Path:
    """Write `rows` points: `number` counts from 0, `kind` is one of three, `day` is one day later each."""
    numbers = np.arange(rows)
    pyogrio.raw.write(
        str(path),
        geometry=np.array([point(-120 + n % 100 / 10, 30 + n // 100 / 10) for n in numbers], object),
        field_data=[
            numbers.astype("int32"),
            np.array([f"it's {n}" for n in numbers], object),
            np.array([["ash", "oak", "elm"][n % 3] for n in numbers], object),
            START + numbers * np.timedelta64(1, "D"),
        ],
        fields=["number", "name", "kind", "day"],
        geometry_type="Point",
        crs="EPSG:4326",
        driver="GPKG",
        layer="points",
    )
    return path


def layer_info(tracked: bool) -> dict[str, Any]:
    """Return what a publisher says of the layer: time, and with `tracked` who edits and global ids."""
    info: dict[str, Any] = {
        "capabilities": "Query,Create,Update,Delete",
        "timeInfo": {"startTimeField": "day", "endTimeField": None},
    }
    if tracked:
        text = {"type": "esriFieldTypeString", "length": 50}
        date = {"type": "esriFieldTypeDate"}
        info["fields"] = [
            {"name": "number", "type": "esriFieldTypeInteger"},
            {"name": "name", **text},
            {"name": "kind", **text},
            {"name": "day", **date},
            {"name": "made_by", **text, "editable": False},
            {"name": "made_at", **date, "editable": False},
            {"name": "changed_by", **text, "editable": False},
            {"name": "changed_at", **date, "editable": False},
            {"name": "GlobalID", "type": "esriFieldTypeGlobalID", "nullable": False, "editable": False},
        ]
        info |= {"globalIdField": "GlobalID", "editFieldsInfo": TRACKING}
    return info


def add_item(site: Site, token: str, path: Path, kind: str) -> str:
    """Add a file as an item of user ann, in one multipart request."""
    boundary = uuid.uuid4().hex
    fields = {"f": "json", "token": token, "title": path.stem, "type": kind}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    body = "".join([*parts, head]).encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{site.portal_url}/sharing/rest/content/users/ann/addItem",
        body,
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)["id"]


def publish(site: Site, token: str, path: Path, name: str, **parameters: Any) -> dict[str, Any]:
    """Publish a GeoPackage and return `publish`'s answer once the job is done."""
    item = add_item(site, token, path, "GeoPackage")
    home = f"{site.portal_url}/sharing/rest/content/users/ann"
    answer = ask(
        f"{home}/publish",
        token=token,
        itemId=item,
        fileType="geoPackage",
        publishParameters={"name": name, **parameters},
    )["services"][0]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = ask(f"{home}/items/{answer['serviceItemId']}/status", token=token, jobId=answer["jobId"])
        if status["status"] != "processing":
            break
        time.sleep(0.05)
    assert status["status"] == "completed", status
    return answer


def share(site: Site, token: str, item: str, **levels: str) -> None:
    url = f"{site.portal_url}/sharing/rest/content/users/ann/items/{item}/share"
    assert ask(url, token=token, **levels)["itemId"] == item


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body)
