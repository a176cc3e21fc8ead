"""Maps of 200,000 polygons against MapServer over the same shapes and colours.

Both are processes of their own that stay up: ours answers `MapServer/export` over HTTP, the peer WMS
`GetMap` over FastCGI, with its shapefile indexed by `shptree`. What counts is the server's CPU seconds
for a picture. The pictures are compared: both must cover nearly the same part of each.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import socket
import statistics
import struct
import subprocess
import time
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import numpy as np
from measure import Goal
from mixed_folder import CATEGORIES, polygons, write_vector
from points import CACHE, ROOT, newest
from site_process import PASSWORD, Watched, serve

MAPSERV = Path("/usr/lib/cgi-bin/mapserv")
NEEDS = ("shptree",)
COUNT = int(os.environ.get("GEOSHARING_BENCH_POLYGONS", "200000"))
COLORS = [(166, 206, 227), (31, 120, 180), (178, 223, 138), (51, 160, 44), (251, 154, 153)]
COLORS += [(227, 26, 28), (253, 191, 111), (255, 127, 0), (202, 178, 214), (106, 61, 154)]
OUTLINE = (60, 60, 60)
TEMPLATE = ROOT / "tests" / "fixtures" / "sddraft" / "map_service_pro30.sddraft"
VIEWS: dict[str, tuple[list[tuple[float, float, float, float]], int, int, float]] = {
    "the world, 1024 by 512": ([(-180.0, -90.0, 180.0, 90.0)], 1024, 512, 0.5),
    "30 degrees, 1024 by 768": ([(0.0, 20.0, 30.0, 42.5)], 1024, 768, 0.5),
}
TILE = 5.625


def tiles() -> list[tuple[float, float, float, float]]:
    """Return twenty tiles of a fixed seed."""
    rng = np.random.default_rng(7)
    corners = rng.integers((-30, -13), (30, 13), (20, 2)) * TILE
    return [(float(x), float(y), float(x + TILE), float(y + TILE)) for x, y in corners]


def shapes() -> tuple[Path, Path]:
    """Return a file geodatabase and an indexed shapefile of the polygons, made on first use."""
    database, file = CACHE / f"polygons{COUNT}.gdb", CACHE / f"polygons{COUNT}.shp"
    if not (database.exists() and file.with_suffix(".qix").exists()):
        CACHE.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(database, ignore_errors=True)
        data = polygons(COUNT, 20260102)
        write_vector(database, "polygons", "OpenFileGDB", "Polygon", data)
        write_vector(file, file.stem, "ESRI Shapefile", "Polygon", data)
        subprocess.run(["shptree", str(file)], check=True, capture_output=True)
    return database, file


def definition() -> Path:
    """Return a staged service definition of the map, made by the package under test."""
    out = CACHE / f"map{COUNT}.sd"
    if out.exists() and out.stat().st_mtime > newest(ROOT / "python" / "geosharing"):
        return out
    from geosharing.server import stage

    database, _ = shapes()
    project = CACHE / "map.mapx"
    project.write_text(json.dumps(document(database)))
    text = TEMPLATE.read_text()
    text = re.sub(r"<OnPremisePath>[^<]*\.aprx", f"<OnPremisePath>{project}", text)
    text = re.sub("<CIMPath>[^<]*", "<CIMPath>", text)
    text = text.replace("<ByReference>true", "<ByReference>false")
    draft = CACHE / "map.sddraft"
    draft.write_text(text)
    stage(draft, out, overwrite=True)
    return out


def document(database: Path) -> dict[str, Any]:
    def color(rgb: tuple[int, int, int]) -> dict[str, Any]:
        return {"type": "CIMRGBColor", "values": [*rgb, 100]}

    def fill(rgb: tuple[int, int, int]) -> dict[str, Any]:
        layers = [
            {"type": "CIMSolidStroke", "enable": True, "width": 0.75, "color": color(OUTLINE)},
            {"type": "CIMSolidFill", "enable": True, "color": color(rgb)},
        ]
        return {
            "type": "CIMSymbolReference",
            "symbol": {"type": "CIMPolygonSymbol", "symbolLayers": layers},
        }

    classes = [
        {
            "type": "CIMUniqueValueClass",
            "label": kind,
            "symbol": fill(rgb),
            "values": [{"type": "CIMUniqueValue", "fieldValues": [kind]}],
            "visible": True,
        }
        for kind, rgb in zip(CATEGORIES.tolist(), COLORS, strict=True)
    ]
    layer = {
        "type": "CIMFeatureLayer",
        "name": "Polygons",
        "uRI": "CIMPATH=map/polygons.json",
        "visibility": True,
        "featureTable": {
            "type": "CIMFeatureTable",
            "displayField": "kind",
            "dataConnection": {
                "type": "CIMStandardDataConnection",
                "workspaceConnectionString": f"DATABASE={database}",
                "workspaceFactory": "FileGDB",
                "dataset": "polygons",
                "datasetType": "esriDTFeatureClass",
            },
        },
        "renderer": {
            "type": "CIMUniqueValueRenderer",
            "fields": ["kind"],
            "groups": [{"type": "CIMUniqueValueGroup", "classes": classes}],
        },
    }
    return {
        "type": "CIMMapDocument",
        "version": "3.0.0",
        "mapDefinition": {
            "type": "CIMMap",
            "name": "Map",
            "uRI": "CIMPATH=map/map.json",
            "spatialReference": {"wkid": 4326, "latestWkid": 4326},
            "layers": [layer["uRI"]],
        },
        "layerDefinitions": [layer],
    }


def mapfile(file: Path) -> str:
    """Return MapServer's description of the same map."""
    classes = "\n".join(
        f'CLASS EXPRESSION "{kind}" STYLE COLOR {r} {g} {b} OUTLINECOLOR {" ".join(map(str, OUTLINE))} WIDTH 1 END END'
        for kind, (r, g, b) in zip(CATEGORIES.tolist(), COLORS, strict=True)
    )
    return f"""MAP NAME "bench" SIZE 256 256 EXTENT -180 -90 180 90 MAXSIZE 4096 IMAGECOLOR 255 255 255
PROJECTION "init=epsg:4326" END
OUTPUTFORMAT NAME "png" DRIVER AGG/PNG MIMETYPE "image/png" IMAGEMODE RGB FORMATOPTION "COMPRESSION=1" END
WEB METADATA "wms_enable_request" "*" "wms_srs" "EPSG:4326" "wms_title" "bench"
"wms_onlineresource" "http://localhost/" END END
LAYER NAME "polygons" TYPE POLYGON STATUS ON DATA "{file}" CLASSITEM "kind"
PROJECTION "init=epsg:4326" END
{classes} END END"""


class FastCgi:
    """One FastCGI responder, asked over its socket."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, query: str) -> bytes:
        def record(kind: int, content: bytes) -> bytes:
            return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content

        values = {"QUERY_STRING": query, "REQUEST_METHOD": "GET", "SERVER_NAME": "localhost"}
        pairs = b"".join(
            struct.pack(">BBBBB", len(key), *(0x80, 0, len(value) >> 8, len(value) & 255))
            + (key + value).encode()
            for key, value in values.items()
        )
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(self.address)
            link.sendall(
                record(1, struct.pack(">HB5x", 1, 0)) + record(4, pairs) + record(4, b"") + record(5, b"")
            )
            stream, out = link.makefile("rb"), io.BytesIO()
            while head := stream.read(8):
                _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", head)
                content = stream.read(length + padding)[:length]
                if kind == 6:
                    out.write(content)
                elif kind == 3:
                    break
        head, _, body = out.getvalue().partition(b"\r\n\r\n")
        if b"image/png" not in head:
            raise RuntimeError(f"MapServer answers {out.getvalue()[-400:]!r}")
        return body


@contextlib.contextmanager
def map_server(file: Path, work: Path) -> Iterator[tuple[FastCgi, Watched]]:
    """Run MapServer as a FastCGI process."""
    (work / "bench.map").write_text(mapfile(file))
    (work / "mapserver.conf").write_text('CONFIG ENV MS_MAP_PATTERN "." END END')
    address = str(work / "mapserv.socket")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(8)
        settings = {"MAPSERVER_CONFIG_FILE": str(work / "mapserver.conf")}
        process = subprocess.Popen(
            [str(MAPSERV)],
            stdin=listening.fileno(),
            env={**os.environ, **settings},
            stderr=subprocess.DEVNULL,
        )
    try:
        yield FastCgi(address), Watched(process.pid)
    finally:
        process.kill()
        process.wait()


def post(url: str, **form: Any) -> dict[str, Any]:
    with urlopen(url, urlencode({"f": "json", **form}).encode(), timeout=600) as reply:
        return dict(json.load(reply))


def publish(portal: Any, sd: Path) -> tuple[str, str]:
    """Publish the definition; return the service's address and a token."""
    rest = f"{portal.url.rstrip('/')}/sharing/rest"
    asked = {"username": portal.username, "password": PASSWORD, "client": "requestip"}
    token = str(post(f"{rest}/generateToken", **asked)["token"])
    home = f"{rest}/content/users/{portal.username}"
    boundary = uuid.uuid4().hex
    fields = {"f": "json", "token": token, "title": "map", "type": "Service Definition"}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="map.sd"\r\n\r\n'
    body = head.encode() + sd.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urlopen(Request(f"{home}/addItem", body, kind), timeout=600) as reply:
        item = json.load(reply)["id"]
    service = post(f"{home}/publish", token=token, itemId=item, fileType="serviceDefinition")["services"][0]
    while True:
        job = {"token": token, "jobId": service["jobId"]}
        status = post(f"{home}/items/{service['serviceItemId']}/status", **job)
        if status["status"] != "processing":
            break
        time.sleep(0.2)
    if status["status"] != "completed":
        raise RuntimeError(str(status))
    return str(service["serviceurl"]), token


def covered(png: bytes) -> float:
    """Return the share of pixels that are not white."""
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    with warnings.catch_warnings(), MemoryFile(png) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open() as picture:
            pixels = picture.read()[:3]
    return float((pixels.min(axis=0) < 250).mean())


def measure(work: Path, pairs: int) -> list[Goal]:
    """Draw each view in turn by both, and hold the CPU for a picture against the peer's."""
    if not MAPSERV.is_file():
        raise RuntimeError(f"{MAPSERV} is missing (apt install cgi-mapserver)")
    _, file = shapes()
    sd = definition()
    goals = []
    with serve(work / "map-site") as (portal, ours), map_server(file, work) as (peer, theirs):
        url, token = publish(portal, sd)

        def draw(box: tuple[float, float, float, float], width: int, height: int) -> bytes:
            form = {
                "bbox": ",".join(map(str, box)),
                "size": f"{width},{height}",
                "f": "image",
                "token": token,
            }
            with urlopen(f"{url}/export?{urlencode(form)}", timeout=600) as reply:
                return bytes(reply.read())

        def draw_there(box: tuple[float, float, float, float], width: int, height: int) -> bytes:
            form = {
                "map": str(work / "bench.map"), "SERVICE": "WMS", "VERSION": "1.1.1", "REQUEST": "GetMap", "LAYERS": "polygons", "STYLES": "",
                "SRS": "EPSG:4326", "BBOX": ",".join(map(str, box)), "WIDTH": width, "HEIGHT": height,
                "FORMAT": "image/png",
            }  # fmt: skip
            return peer.ask(urlencode(form))

        views = {**VIEWS, "tiles of 5.6 degrees": (tiles(), 256, 256, 0.2)}
        for name, (boxes, width, height, bound) in views.items():
            ratios, mine, other = [], [], []
            for pair in range(pairs + 1):
                used = []
                pictures = []
                for process, side in ((ours, draw), (theirs, draw_there)):
                    before = process.cpu()
                    repeat = max(1, 6 // len(boxes))
                    for _ in range(repeat):
                        pictures.append([side(box, width, height) for box in boxes])
                    used.append((process.cpu() - before) / repeat / len(boxes))
                if pair == 0:
                    # The first warms both, and is looked at.
                    here, there = (statistics.mean(map(covered, one)) for one in (pictures[0], pictures[-1]))
                    # MapServer leaves out most of what is smaller than a pixel.
                    alike = 0.6 if "world" in name else 0.12
                    if abs(here - there) > alike * max(here, there):
                        raise RuntimeError(f"{name}: pictures differ, {here:.3f} and {there:.3f} covered")
                    continue
                mine.append(used[0])
                other.append(used[1])
                ratios.append(used[0] / max(used[1], 1e-4))
            goals.append(
                Goal(
                    "map",
                    f"CPU of {name}, of MapServer's",
                    statistics.median(ratios),
                    bound,
                    detail=f"{min(ratios):.2f}-{max(ratios):.2f}, {statistics.median(mine) * 1000:.0f} and "
                    f"{statistics.median(other) * 1000:.0f} ms a picture",
                )
            )
    return goals
