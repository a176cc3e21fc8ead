"""The MapServer of the embedded site: a project's map, staged from a genuine draft and published."""

from __future__ import annotations

import base64
import io
import math
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from geosharing.server import stage
from geosharing.site import Site
from map_support import (
    copy_complex,
    edit,
    picture,
    publish_definition,
    stage_and_publish,
)
from rest_support import ask, fetch, token_of

BLUE, ORANGE, PURPLE = (102, 199, 235), (254, 177, 25), (162, 33, 242)
WHITE = (255, 255, 255)


@dataclass
class Published:
    site: Site
    token: str
    url: str
    draft: Path

    def ask(self, path: str = "", **form: Any) -> dict[str, Any]:
        return ask(f"{self.url}{path}", token=self.token, **form)

    def export(self, **form: Any) -> Picture:
        return Picture(picture(f"{self.url}/export", self.token, **form))

    @property
    def extent(self) -> dict[str, Any]:
        return dict(self.ask()["fullExtent"])

    @property
    def bbox(self) -> str:
        return ",".join(str(self.extent[key]) for key in ("xmin", "ymin", "xmax", "ymax"))


class Picture:
    """A PNG of the site, taken apart without a library that could be lenient."""

    def __init__(self, body: bytes) -> None:
        assert body[:8] == b"\x89PNG\r\n\x1a\n"
        stream, data, self.kind = io.BytesIO(body[8:]), b"", 0
        while head := stream.read(8):
            length, kind = struct.unpack(">I4s", head)
            chunk = stream.read(length)
            assert struct.unpack(">I", stream.read(4))[0] == zlib.crc32(kind + chunk)
            if kind == b"IHDR":
                self.width, self.height, depth, self.kind = struct.unpack(">IIBB", chunk[:10])
                assert depth == 8
            elif kind == b"IDAT":
                data += chunk
        assert self.kind == 6
        self.rows = self._unfilter(zlib.decompress(data))

    def _unfilter(self, data: bytes) -> list[bytearray]:
        stride, rows = self.width * 4, []
        above = bytearray(stride)
        for row in range(self.height):
            start = row * (stride + 1)
            kind, line = data[start], bytearray(data[start + 1 : start + 1 + stride])
            for i in range(stride):
                left = line[i - 4] if i >= 4 else 0
                corner = above[i - 4] if i >= 4 else 0
                up = above[i]
                guess = left + up - corner
                paeth = min((left, up, corner), key=lambda value, guess=guess: abs(guess - value))
                line[i] = (line[i] + (0, left, up, (left + up) // 2, paeth)[kind]) & 255
            rows.append(line)
            above = line
        return rows

    def at(self, x: int, y: int) -> tuple[int, ...]:
        return tuple(self.rows[y][x * 4 : x * 4 + 4])

    def colors(self) -> dict[tuple[int, ...], int]:
        found: dict[tuple[int, ...], int] = {}
        for row in self.rows:
            for i in range(0, len(row), 4):
                color = tuple(row[i : i + 4])
                found[color] = found.get(color, 0) + 1
        return found


def near(color: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(color, wanted, strict=False))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site"), users={"ann": "her password"}) as running:
        yield running


@pytest.fixture(scope="module")
def served(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """mapping_complex as a map service with its feature extension."""
    draft = copy_complex(tmp_path_factory.mktemp("complex"))
    token = token_of(site, "ann", "her password")
    made = edit(draft, by_reference=False, name="Drawn", enable="FeatureServer,WMSServer")
    return Published(site, token, stage_and_publish(site, token, made), draft)


@pytest.fixture(scope="module")
def tiled(site: Site, served: Published) -> Published:
    """The same map as hosted tiles."""
    made = edit(served.draft, by_reference=False, hosted=True, name="Tiles", isCached="true")
    return Published(site, served.token, stage_and_publish(site, served.token, made), served.draft)


def test_the_service_keeps_folder_ids_groups_and_tables(served: Published) -> None:
    assert served.url.endswith("/server/rest/services/Test/Drawn/MapServer")
    root = served.ask()
    assert [(entry["id"], entry["parentLayerId"], entry["type"]) for entry in root["layers"]] == [
        (1, -1, "Feature Layer"),
        (2, -1, "Feature Layer"),
        (33, -1, "Group Layer"),
        (3, 33, "Feature Layer"),
        (4, 33, "Feature Layer"),
    ]
    assert [entry["name"] for entry in root["tables"]] == ["DataTableTest"]
    assert root["capabilities"] == "Map,Query,Data"
    assert root["singleFusedMapCache"] is False
    assert "tileInfo" not in root
    assert root["spatialReference"]["wkid"] == 4326
    assert root["supportedExtensions"] == "WMSServer, FeatureServer"
    catalog = ask(f"{served.site.url}/server/rest/services/Test", token=served.token)
    kinds = {(entry["name"], entry["type"]) for entry in catalog["services"]}
    assert {("Test/Drawn", "MapServer"), ("Test/Drawn", "FeatureServer")} <= kinds


def test_layers_and_groups_describe_themselves(served: Published) -> None:
    every = served.ask("/layers")
    assert [layer["id"] for layer in every["layers"]] == [1, 2, 33, 3, 4]
    group = served.ask("/33")
    assert [entry["id"] for entry in group["subLayers"]] == [3, 4]
    layer = served.ask("/3")
    assert layer["parentLayer"] == {"id": 33, "name": "New Group Layer"}
    assert layer["drawingInfo"]["renderer"]
    assert layer["fields"]
    assert layer["geometryType"]
    assert layer["capabilities"] == "Map,Query,Data"
    assert "templates" not in layer
    assert served.ask("/77")["error"]["code"] == 404


def test_layers_are_queried_but_not_edited(served: Published) -> None:
    rows = served.ask("/2/query", where="STATE = 'Michigan'", outFields="STATE", returnGeometry="false")
    assert [row["attributes"]["STATE"] for row in rows["features"]] == ["Michigan"]
    assert served.ask("/34/query", where="1=1", returnCountOnly="true") == {"count": 0}, "it is empty"
    assert served.ask("/3/query", where="1=1", returnCountOnly="true")["count"] > 10
    assert "error" in served.ask("/2/addFeatures", features="[]")
    assert "error" in served.ask("/33/query", where="1=1")


def test_the_map_is_drawn_in_the_order_and_colours_of_its_layers(served: Published) -> None:
    drawn = served.export(bbox=served.bbox, size="200,150")
    assert (drawn.width, drawn.height) == (200, 150)
    assert near(drawn.at(50, 90), PURPLE), "Wisconsin is under the upper layer"
    assert near(drawn.at(115, 110), BLUE), "the lake shows the lower layer"
    assert near(drawn.at(2, 2), WHITE)
    below = served.export(bbox=served.bbox, size="200,150", layers="hide:3")
    assert near(below.at(50, 90), ORANGE), "the layer under the hidden one shows"
    assert near(below.at(115, 110), BLUE)


def test_transparent_pictures_hidden_layers_and_clauses(served: Published) -> None:
    blank = served.export(bbox=served.bbox, size="60,40", transparent="true", layers="hide:1,2,33")
    assert set(blank.colors()) == {(0, 0, 0, 0)}
    all_rows = served.export(bbox=served.bbox, size="60,40", transparent="true", layers="show:2")
    some = served.export(
        bbox=served.bbox,
        size="60,40",
        transparent="true",
        layers="show:2",
        layerDefs='{"2": "STATE = \'nowhere\'"}',
    )
    assert len(all_rows.colors()) > 1
    assert set(some.colors()) == {(0, 0, 0, 0)}


def test_export_answers_with_an_address_that_anybody_who_knows_it_may_fetch(served: Published) -> None:
    answer = served.ask("/export", bbox=served.bbox, size="400,200", imageSR="3857", dpi="192")
    assert (answer["width"], answer["height"]) == (400, 200)
    extent = answer["extent"]
    assert extent["spatialReference"]["latestWkid"] == 3857
    wide, tall = extent["xmax"] - extent["xmin"], extent["ymax"] - extent["ymin"]
    assert wide / tall == pytest.approx(2), "the extent grows to the shape of the picture"
    assert answer["scale"] == pytest.approx(wide / 400 * 192 / 0.0254, rel=1e-6)
    body, headers = fetch(answer["href"])
    assert headers["Content-Type"] == "image/png"
    assert (Picture(body).width, Picture(body).height) == (400, 200)
    for name in ("_ags_map00.png", "..%2f..%2fsite.sqlite", "_ags_map" + "0" * 32 + ".png"):
        missing = ask(answer["href"].rsplit("/", 1)[0] + "/" + name)
        assert missing["error"]["code"] == 404


def test_jpeg_pictures(served: Published) -> None:
    body = picture(f"{served.url}/export", served.token, bbox=served.bbox, size="64,32", format="jpg")
    assert body[:3] == b"\xff\xd8\xff"
    assert body[-2:] == b"\xff\xd9"


@pytest.mark.parametrize(
    "form",
    [
        {"size": "5000,10"},
        {"size": "0,10"},
        {"size": "ten"},
        {"bbox": "1,2,3"},
        {"bbox": "5,5,1,1"},
        {"bbox": "nan,0,1,1"},
        {"format": "svg"},
        {"dpi": "0"},
        {"dpi": "1e9"},
        {"layers": "draw:1"},
        {"layers": "show:x"},
        {"layerDefs": '{"1": "NOPE = 1"}'},
        {"layerDefs": '{"99": "1=1"}'},
        {"imageSR": "abc"},
        {"rotation": "30"},
        {"dynamicLayers": '[{"id": 1}]'},
    ],
    ids=lambda form: "-".join(f"{key}={value}" for key, value in form.items()),
)
def test_what_cannot_be_drawn_is_refused_by_name(served: Published, form: dict[str, str]) -> None:
    answer = served.ask("/export", **{"bbox": served.bbox, "size": "20,20", **form})
    assert answer["error"]["code"] in (400, 404), answer
    words = {"layerDefs": ("layerDefs", "Layer or table 99"), "size": ("size",)}
    name = next(iter(form))
    assert any(word in str(answer) for word in words.get(name, (name,))), answer


def test_identify_finds_what_is_at_a_point(served: Published) -> None:
    place = {"geometry": "-90,45", "sr": "4326", "mapExtent": served.bbox, "imageDisplay": "800,600,96"}
    top = served.ask("/identify", **place, tolerance="3", layers="top")["results"]
    assert {result["layerId"] for result in top} == {3}, "layers 1 and 2 have nothing there"
    every = served.ask("/identify", **place, tolerance="3", layers="all")["results"]
    assert {"Wisconsin"} <= {result["attributes"].get("STATE") for result in every}
    assert every[0]["geometryType"] == "esriGeometryPolygon"
    assert every[0]["geometry"]["rings"]
    only = served.ask("/identify", **place, tolerance="3", layers="all:3", returnGeometry="false")["results"]
    assert {result["layerId"] for result in only} == {3}
    assert "geometry" not in only[0]
    # A pixel is about 1.3 km here; the point lies 5 km outside.
    far = served.ask("/identify", **{**place, "geometry": "-100,30"}, tolerance="10", layers="all")
    assert far["results"] == []


def test_find_looks_into_attributes(served: Published) -> None:
    found = served.ask("/find", searchText="michi", layers="2", returnGeometry="false")["results"]
    assert {(result["value"], result["foundFieldName"]) for result in found} == {("Michigan", "STATE")}
    assert served.ask("/find", searchText="michi", layers="2", contains="false")["results"] == []
    assert served.ask("/find", searchText="michi", layers="2", searchFields="AREA")["results"] == []
    assert "error" in served.ask("/find", searchText="michi")


def test_the_legend_holds_a_swatch_for_each_class(served: Published) -> None:
    legend = served.ask("/legend")["layers"]
    assert [entry["layerId"] for entry in legend] == [1, 2, 3, 4]
    for entry in legend:
        assert entry["legend"]
        for item in entry["legend"]:
            swatch = Picture(base64.b64decode(item["imageData"]))
            assert (swatch.width, swatch.height) == (item["width"], item["height"]) == (20, 20)
            assert max(color[3] for color in swatch.colors()) > 0


def test_pages_for_people(served: Published) -> None:
    page = fetch(f"{served.url}?f=html&token={served.token}")[0].decode()
    assert "New Group Layer" in page
    assert "/export?bbox=" in page
    for path in ("export", "identify", "find", "33", "2"):
        page = fetch(f"{served.url}/{path}?f=html&token={served.token}")[0].decode()
        assert page.startswith("<!DOCTYPE html>"), path
    drawn = fetch(f"{served.url}/export?f=html&bbox={served.bbox}&token={served.token}")[0].decode()
    assert "arcgisoutput/_ags_map" in drawn


def test_nobody_else_sees_a_private_map(served: Published) -> None:
    assert ask(served.url)["error"]["code"] in (403, 499)
    assert ask(f"{served.url}/export", bbox=served.bbox)["error"]["code"] in (403, 499)


def tile_of(longitude: float, latitude: float, level: int) -> str:
    count = 2**level
    column = int((longitude + 180) / 360 * count)
    row = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * count)
    return f"{level}/{row}/{column}"


def test_tiles_follow_the_scheme_of_the_draft(tiled: Published) -> None:
    root = tiled.ask()
    assert "/Hosted/Tiles/MapServer" in tiled.url
    assert root["singleFusedMapCache"] is True
    info = root["tileInfo"]
    assert (info["rows"], info["cols"], len(info["lods"])) == (256, 256, 24)
    assert info["origin"] == {"x": -20037508.342787001, "y": 20037508.342787001}
    inside = Picture(picture(f"{tiled.url}/tile/{tile_of(-90, 45, 6)}", tiled.token))
    assert (inside.width, inside.height) == (256, 256)
    assert any(near(color, PURPLE) for color in inside.colors())
    elsewhere = Picture(picture(f"{tiled.url}/tile/{tile_of(10, 50, 6)}", tiled.token))
    assert set(elsewhere.colors()) == {(0, 0, 0, 0)}
    again = Picture(picture(f"{tiled.url}/tile/{tile_of(-90, 45, 6)}", tiled.token))
    assert again.rows == inside.rows
    for wrong in ("99/0/0", "6/-1/0", "6/0/x", "x/0/0"):
        assert tiled.ask(f"/tile/{wrong}")["error"]["code"] in (400, 404)


def test_a_service_without_a_scheme_has_no_tiles(served: Published) -> None:
    assert served.ask("/tile/0/0/0")["error"]["code"] == 404


def test_a_tile_far_in_shows_the_inside_of_a_polygon(tiled: Published) -> None:
    """At level 18 every vertex of the state lies thousands of pixels away."""
    tile = Picture(picture(f"{tiled.url}/tile/{tile_of(-90, 44.5, 18)}", tiled.token))
    assert len(tile.colors()) == 1
    assert near(next(iter(tile.colors())), PURPLE)


def test_edits_of_the_extension_are_drawn_at_once(site: Site, served: Published) -> None:
    made = edit(served.draft, by_reference=False, name="Edited", enable="FeatureServer")
    url = stage_and_publish(site, served.token, made)
    edited = Published(site, served.token, url, made)
    box = "10,10,12,12"
    assert len(edited.export(bbox=box, size="20,20").colors()) == 1
    ring = [[10, 10], [10, 12], [12, 12], [12, 10], [10, 10]]
    feature = {"geometry": {"rings": [ring]}, "attributes": {"STATE": "New"}}
    features = url.replace("MapServer", "FeatureServer")
    added = ask(f"{features}/2/addFeatures", token=served.token, features=[feature])
    assert added["addResults"][0]["success"], added
    drawn = edited.export(bbox=box, size="20,20")
    assert not near(drawn.at(10, 10), WHITE)
    found = edited.ask("/2/query", where="STATE = 'New'", returnCountOnly="true")
    assert found["count"] == 1


def items_of(site: Site, token: str, name: str) -> dict[str, str]:
    home = ask(f"{site.portal_url}/sharing/rest/content/users/ann", token=token)
    return {
        item["type"]: item["id"] for item in home["items"] if item["title"] == name or item["name"] == name
    }


def test_overwriting_changes_the_service_and_failing_leaves_it(site: Site, served: Published) -> None:
    token = served.token
    both = edit(served.draft, by_reference=False, name="Again", enable="FeatureServer")
    url = stage_and_publish(site, token, both)
    first = ask(url, token=token)["serviceItemId"]
    plain = edit(served.draft, by_reference=False, name="Again")
    sd = plain.with_name("Again_2.sd")
    stage(plain, sd)
    service, status = publish_definition(site, token, sd, overwrite="true")
    assert status["status"] == "completed", status
    assert ask(url, token=token)["serviceItemId"] == first == service["serviceItemId"]
    assert "error" in ask(url.replace("MapServer", "FeatureServer"), token=token), "the extension is gone"

    broken = edit(served.draft, by_reference=True, name="Again").rename(
        served.draft.with_name("Again_3.sddraft")
    )
    stage(broken, broken.with_suffix(".sd"))
    service, status = publish_definition(site, token, broken.with_suffix(".sd"), overwrite="true")
    assert status["status"] == "failed"
    assert "register" in status["statusMessage"]
    assert str(served.draft.parent) in status["statusMessage"]
    assert len(ask(url, token=token)["layers"]) == 5, "the old service serves on"
    stores = os.listdir(Path(site.folder) / "services") if getattr(site, "folder", None) else []
    assert len([name for name in stores if name.startswith("Again-")]) <= 1


def test_deleting_the_map_s_item_takes_the_extension_along(site: Site, served: Published) -> None:
    token = served.token
    made = edit(served.draft, by_reference=False, name="Gone", enable="FeatureServer")
    url = stage_and_publish(site, token, made)
    item = ask(url, token=token)["serviceItemId"]
    other = ask(url.replace("MapServer", "FeatureServer"), token=token)["serviceItemId"]
    assert item != other
    home = f"{site.portal_url}/sharing/rest/content/users/ann"
    assert ask(f"{home}/items/{item}/delete", token=token)["success"]
    for kind in ("MapServer", "FeatureServer"):
        assert "error" in ask(url.replace("MapServer", kind), token=token)
    assert "error" in ask(f"{site.portal_url}/sharing/rest/content/items/{other}", token=token)


def test_registered_data_is_read_where_it_is(site: Site, served: Published) -> None:
    """The folder is registered by the administrator; the definition holds no data."""
    admin = token_of(site, "admin", site.password)
    folder = served.draft.parent
    item = {
        "path": "/fileShares/complex",
        "type": "folder",
        "info": {"path": str(folder), "dataStoreConnectionType": "shared"},
    }
    registered = ask(f"{site.server_url}/admin/data/registerItem", token=admin, item=item)
    assert registered.get("success"), registered
    try:
        made = edit(served.draft, by_reference=True, name="Referenced")
        url = stage_and_publish(site, served.token, made)
        assert len(ask(url, token=served.token)["layers"]) == 5
        drawn = Published(site, served.token, url, made).export(bbox=served.bbox, size="40,30")
        assert any(near(color, PURPLE) for color in drawn.colors())
    finally:
        ask(f"{site.server_url}/admin/data/unregisterItem", token=admin, itemPath="/fileShares/complex")


def test_wms_draws_the_same_map(served: Published) -> None:
    address = served.url.replace("/rest/services/", "/services/") + "/WMSServer"
    wms = {"service": "WMS", "version": "1.3.0", "token": served.token}
    capabilities = fetch(address, **wms, request="GetCapabilities")[0]
    root = ElementTree.fromstring(capabilities)
    space = "{http://www.opengis.net/wms}"
    names = [layer.findtext(f"{space}Name") for layer in root.findall(f".//{space}Layer/{space}Layer")]
    assert names == ["1", "2", "33", "3", "4"]
    assert "EPSG:4326" in {entry.text for entry in root.iter(f"{space}CRS")}
    size = {"width": "200", "height": "150", "format": "image/png", "styles": ""}
    extent = served.extent
    south, west, north, east = (extent[key] for key in ("ymin", "xmin", "ymax", "xmax"))
    body, headers = fetch(
        address,
        **wms,
        **size,
        request="GetMap",
        layers=",".join(names),
        crs="EPSG:4326",
        bbox=f"{south},{west},{north},{east}",
    )
    assert headers["Content-Type"] == "image/png"
    assert near(Picture(body).at(50, 90), PURPLE)
    lake = fetch(address, **wms, **size, request="GetMap", layers="Layer 2", crs="CRS:84", bbox=served.bbox)[
        0
    ]
    assert not any(near(color, PURPLE) for color in Picture(lake).colors())
    for wrong in ({"layers": "9"}, {"crs": "EPSG:x"}, {"bbox": "1,1,0,0"}, {"width": "0"}, {"format": "a/b"}):
        form = {
            **wms,
            **size,
            "request": "GetMap",
            "layers": "1",
            "crs": "CRS:84",
            "bbox": "0,0,1,1",
            **wrong,
        }
        report = ElementTree.fromstring(fetch(address, **form)[0])
        assert report.tag.endswith("ServiceExceptionReport"), wrong


def test_wms_is_served_only_where_the_draft_enables_it(tiled: Published) -> None:
    assert ask(f"{tiled.url}/WMSServer", token=tiled.token)["error"]["code"] == 404
