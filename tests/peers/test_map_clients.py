"""GDAL and the official client at a map service of the embedded site."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from geosharing.server import stage
from geosharing.site import Site

ROOT = Path(__file__).resolve().parents[2]
COMPLEX = ROOT / ".." / "shared" / "corpus" / "projects" / "mapping_complex"
AUTHOR = "E:\\public\\arcpyext\\tests\\samples\\"

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]


def ask(url: str, **form: Any) -> dict[str, Any]:
    data = urllib.parse.urlencode({"f": "json", **form}).encode()
    with urllib.request.urlopen(url, data, timeout=60) as reply:
        return dict(json.load(reply))


def upload(site: Site, token: str, sd: Path) -> str:
    boundary = uuid.uuid4().hex
    fields = {"f": "json", "token": token, "title": sd.stem, "type": "Service Definition"}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{sd.name}"\r\n\r\n'
    request = urllib.request.Request(
        f"{site.portal_url}/sharing/rest/content/users/ann/addItem",
        head.encode() + sd.read_bytes() + f"\r\n--{boundary}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        return str(json.load(reply)["id"])


def publish(site: Site, folder: Path, name: str, *, tiles: bool) -> dict[str, str]:
    """Publish mapping_complex for everybody."""
    shutil.copytree(COMPLEX, folder)
    text = (folder / "test_mapping_complex.sddraft").read_text().replace(AUTHOR, f"{folder}/")
    text = text.replace("<ByReference>true", "<ByReference>false")
    text = text.replace("<Name>Test</Name>", f"<Name>{name}</Name>")
    if tiles:
        text = text.replace("_FullServer<", "_LightweightOnline<")
        text = re.sub("(<Key>isCached</Key><Value[^>]*>)false", r"\1true", text)
    draft = folder / f"{name}.sddraft"
    draft.write_text(text)
    sd = Path(stage(draft).path)
    portal = f"{site.portal_url}/sharing/rest"
    token = ask(f"{portal}/generateToken", username="ann", password="ann-pw", client="requestip")["token"]
    home = f"{portal}/content/users/ann"
    item = upload(site, token, sd)
    answer = ask(f"{home}/publish", token=token, itemId=item, fileType="serviceDefinition")
    service = answer["services"][0]
    for _ in range(600):
        job = {"token": token, "jobId": service["jobId"]}
        status = ask(f"{home}/items/{service['serviceItemId']}/status", **job)
        if status["status"] != "processing":
            break
        time.sleep(0.1)
    assert status["status"] == "completed", status
    ask(f"{home}/items/{service['serviceItemId']}/share", token=token, everyone="true")
    return {"url": service["serviceurl"], "item": service["serviceItemId"]}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(users={"ann": "ann-pw"}) as running:
        yield running


@pytest.fixture(scope="module")
def drawn(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if not COMPLEX.is_dir():
        pytest.skip("project mapping_complex is not in this clone; it is in the corpus beside it")
    return publish(site, tmp_path_factory.mktemp("drawn") / "p", "Drawn", tiles=False)


@pytest.fixture(scope="module")
def tiled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if not COMPLEX.is_dir():
        pytest.skip("project mapping_complex is not in this clone; it is in the corpus beside it")
    return publish(site, tmp_path_factory.mktemp("tiled") / "p", "Tiled", tiles=True)


def gdal(*command: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (apt install gdal-bin)")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def colours(path: Path) -> set[tuple[int, ...]]:
    """The colours of a picture, read by rasterio's GDAL in a process of its own."""
    pytest.importorskip("rasterio")
    code = (
        "import json, sys, rasterio\n"
        "a = rasterio.open(sys.argv[1]).read()[:3]\n"
        "print(json.dumps([list(c) for c in {tuple(int(v) for v in p) for p in a.reshape(3, -1).T}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    return {tuple(color) for color in json.loads(done.stdout)}


def has(found: set[tuple[int, ...]], wanted: tuple[int, ...]) -> bool:
    return any(all(abs(a - b) < 12 for a, b in zip(one, wanted, strict=True)) for one in found)


def test_gdal_opens_the_tiles_by_the_address_of_the_service(tiled: dict[str, str], tmp_path: Path) -> None:
    report = json.loads(gdal("gdalinfo", "-json", f"{tiled['url']}?f=json&pretty=true"))
    assert report["driverShortName"] == "WMS"
    assert report["size"][0] == report["size"][1]
    assert report["bands"][0]["block"] == [256, 256]
    out = tmp_path / "tiles.tif"
    # About 5 km to a pixel: the states around Lake Michigan.
    gdal(
        "gdal_translate", "-q", "-projwin", "-10350000", "6200000", "-9100000", "5000000",
        "-outsize", "256", "0", f"{tiled['url']}?f=json&pretty=true", str(out),
    )  # fmt: skip
    assert has(colours(out), (162, 33, 242))


def test_gdal_draws_through_export(drawn: dict[str, str], tmp_path: Path) -> None:
    description = tmp_path / "map.xml"
    description.write_text(
        f"""<GDAL_WMS><Service name="AGS"><ServerUrl>{drawn["url"]}</ServerUrl><BBoxOrder>xyXY</BBoxOrder>
        <SRS>4326</SRS><ImageFormat>png</ImageFormat><Transparent>FALSE</Transparent></Service>
        <DataWindow><UpperLeftX>-93</UpperLeftX><UpperLeftY>49</UpperLeftY><LowerRightX>-82</LowerRightX>
        <LowerRightY>41</LowerRightY><SizeX>550</SizeX><SizeY>400</SizeY></DataWindow>
        <BandsCount>3</BandsCount><BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY></GDAL_WMS>"""
    )
    out = tmp_path / "map.tif"
    gdal("gdal_translate", "-q", str(description), str(out))
    found = colours(out)
    assert has(found, (162, 33, 242))
    assert has(found, (102, 199, 235))
    assert has(found, (255, 255, 255))


def test_gdal_reads_a_layer_of_the_map(drawn: dict[str, str]) -> None:
    query = f"ESRIJSON:{drawn['url']}/2/query?where=1%3D1&outFields=*&f=json"
    report = gdal("ogrinfo", "-ro", "-al", "-so", query)
    assert "STATE: String" in report
    assert "Feature Count: " in report


@pytest.fixture(scope="module")
def gis(site: Site) -> Any:
    arcgis = pytest.importorskip(
        "arcgis", reason="the arcgis package is not installed (pip install --group peers)"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return arcgis.GIS(site.portal_url, "ann", "ann-pw", verify_cert=False)


def test_the_official_client_loads_the_map_layer(gis: Any, drawn: dict[str, str], tmp_path: Path) -> None:
    from arcgis.layers import MapImageLayer

    item = gis.content.get(drawn["item"])
    assert item.type == "Map Service"
    service = MapImageLayer(drawn["url"], gis)
    assert [layer.properties.name for layer in service.layers][:2] == ["Layer 1", "Layer 2"]
    assert service.properties.mapName == "Layers"
    saved = service.export_map(
        bbox="-93,41,-82,49", size="300,200", f="image", save_folder=str(tmp_path), save_file="map.png"
    )
    picture = Path(saved) if Path(str(saved)).is_file() else tmp_path / "map.png"
    assert picture.read_bytes()[1:4] == b"PNG"
    found = service.identify(
        geometry="-90,45",
        map_extent="-93,41,-82,49",
        image_display="300,200,96",
        geometry_type="Point",
        sr="4326",
        layers="all",
        tolerance=3,
    )
    assert "Wisconsin" in {result["attributes"]["STATE"] for result in found["results"]}
    assert len(service.legend["layers"]) == 4
    hits = service.find("michi", layers="2", contains=True)
    assert "Michigan" in str(hits)


def test_the_official_client_queries_a_layer(gis: Any, drawn: dict[str, str]) -> None:
    from arcgis.layers import MapImageLayer

    layer = MapImageLayer(drawn["url"], gis).layers[1]
    answer = layer.query(where="STATE = 'Michigan'", out_fields="STATE", return_geometry=False)
    assert [feature.attributes["STATE"] for feature in answer.features] == ["Michigan"]
