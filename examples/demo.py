"""The main job, end to end: `make demo`.

An unmodified arcpy script (`examples/publish.py`) publishes a genuine ArcGIS Pro project to a fresh
embedded site; then the layers are read back over HTTP, their counts compared with GDAL's counts of the
source, and a picture is drawn from the query answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

import pyogrio
from geosharing import data
from geosharing.site import Site

HERE = Path(__file__).parent
PROJECT = HERE / "amc16" / "AMC16AGP.aprx"
SOURCE = HERE / "amc16" / "AMC16AGP.gdb"
PICTURE = Path("demo.png")


def main() -> int:
    """Publish, read back, compare, draw; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="geosharing-demo-") as folder, Site() as site:
        site.add_user("demo", "demo.password", role="org_publisher")
        command = [sys.executable, "-m", "geosharing", "run", str(HERE / "publish.py")]
        command += [str(PROJECT), folder, site.portal_url, "demo", "demo.password"]
        subprocess.run(command, check=True)

        token = post(
            f"{site.portal_url}/sharing/rest/generateToken", username="demo", password="demo.password"
        )["token"]
        service = f"{site.server_url}/rest/services/Hosted/AMC16/FeatureServer"
        print(f"\nFeatureServer: {service}")
        description = post(service, token=token)
        parcels = next(layer["id"] for layer in description["layers"] if layer["name"] == "Parcel")
        around = post(
            f"{service}/{parcels}/query", where="1=1", returnExtentOnly="true", outSR=102100, token=token
        )
        view = {"geometry": json.dumps(around["extent"]), "geometryType": "esriGeometryEnvelope"}
        view |= {"spatialRel": "esriSpatialRelContains", "outSR": "102100"}
        wrong = 0
        drawn = []
        for layer in description["layers"] + description["tables"]:
            url = f"{service}/{layer['id']}"
            count = post(f"{url}/query", where="1=1", returnCountOnly="true", token=token)["count"]
            expected = pyogrio.read_info(SOURCE, layer=source_name(layer["name"]))["features"]
            wrong += count != expected
            print(f"  {layer['id']} {layer['name']:<12} {count:>5} features, GDAL counts {expected}")
            if layer.get("geometryType"):
                features = post(f"{url}/query", outFields="*", token=token, **view)
                drawn.append((post(url, token=token), features))
        PICTURE.write_bytes(data.draw_features(drawn, width=800, height=600))
        print(f"  drawn to {PICTURE}")
        return 1 if wrong else 0


def source_name(layer: str) -> str:
    """Return the feature class behind a layer of the project: they have the same names."""
    return {name.lower(): name for name in data.list_datasets(SOURCE)}[layer.lower()]


def post(url: str, **parameters: object) -> dict:
    """Send one REST request and return its JSON; raise with the server's own words on an error."""
    form = urllib.parse.urlencode({"f": "json", **parameters}).encode()
    with urllib.request.urlopen(url, form) as reply:
        answer = json.load(reply)
    if "error" in answer:
        raise SystemExit(f"{url}: {answer['error']}")
    return answer


if __name__ == "__main__":
    raise SystemExit(main())
