"""The official ArcGIS API for Python publishes files of data at the embedded site."""

import shutil
import warnings
from pathlib import Path

import numpy as np
import pyogrio.raw as pyogrio_raw
import pytest
from geosharing.site import Site

arcgis = pytest.importorskip(
    "arcgis", reason="the arcgis package is not installed (pip install --group peers)"
)
shapely = pytest.importorskip("shapely", reason="shapely is not installed")

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]

ROWS = 40


@pytest.fixture(scope="module")
def site():
    with Site(users={"ann": "ann-pw"}) as running:
        yield running


@pytest.fixture(scope="module")
def gis(site):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return arcgis.GIS(site.portal_url, "ann", "ann-pw", verify_cert=False)


def write(path: Path, driver: str, layer: str) -> Path:
    x, y = np.linspace(-120, -100, ROWS), np.linspace(30, 40, ROWS)
    pyogrio_raw.write(
        str(path),
        geometry=shapely.to_wkb(shapely.points(x, y)),
        field_data=[np.arange(ROWS, dtype="int32"), np.array([f"stop {n}" for n in range(ROWS)], object)],
        fields=["number", "name"],
        geometry_type="Point",
        crs="EPSG:4326",
        driver=driver,
        layer=layer,
    )
    return path


def zipped(folder: Path, name: str) -> Path:
    return Path(shutil.make_archive(str(folder.parent / name), "zip", folder))


def made(tmp_path: Path, kind: str) -> Path:
    inner = tmp_path / "inner"
    inner.mkdir()
    if kind == "Shapefile":
        write(inner / "stops.shp", "ESRI Shapefile", "stops")
        return zipped(inner, "stops_shp")
    if kind == "File Geodatabase":
        write(inner / "stops.gdb", "OpenFileGDB", "stops")
        return zipped(inner, "stops_gdb")
    if kind == "GeoJson":
        return write(inner / "stops.geojson", "GeoJSON", "stops")
    if kind == "GeoPackage":
        return write(inner / "stops.gpkg", "GPKG", "stops")
    lines = ["number,name,lat,lon"]
    lines += [f"{n},stop {n},{30 + n / 4},{-120 + n / 2}" for n in range(ROWS)]
    path = inner / "stops.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("kind", ["Shapefile", "CSV", "File Geodatabase", "GeoJson", "GeoPackage"])
def test_a_file_becomes_a_layer(gis, tmp_path, kind):
    path = made(tmp_path, kind)
    title = f"stops {kind}"
    item = gis.content.add({"title": title, "type": kind}, data=str(path))
    name = f"stops_{kind.replace(' ', '_')}"
    if kind == "GeoPackage":
        service = item.publish({"name": name}, file_type="geoPackage")
    else:
        service = item.publish({"name": name} if kind != "CSV" else None)
    assert service.type == "Feature Service"
    if kind != "CSV":
        assert service.url.endswith(f"/Hosted/{name}/FeatureServer")
    layer = service.layers[0]
    assert layer.properties.geometryType == "esriGeometryPoint"
    found = layer.query(where="number >= 10", order_by_fields="number", out_sr=4326)
    assert len(found.features) == ROWS - 10
    assert found.features[0].attributes["name"] == "stop 10"
    assert -120 < found.features[0].geometry["x"] < -100
    assert [one.id for one in service.related_items("Service2Data")] == [item.id]


def test_a_table_stays_one_when_asked(gis, tmp_path):
    path = made(tmp_path, "CSV").rename(tmp_path / "plain.csv")
    item = gis.content.add({"title": "plain numbers", "type": "CSV"}, data=str(path))
    service = item.publish({"type": "csv", "name": "plain_numbers", "locationType": "none"})
    assert not service.layers
    assert service.tables[0].query(return_count_only=True) == ROWS


def test_a_zip_without_a_shapefile_is_refused_by_name(gis, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "readme.txt").write_text("nothing")
    item = gis.content.add({"title": "hollow", "type": "Shapefile"}, data=str(zipped(inner, "hollow")))
    with pytest.raises(Exception, match=r"(?i)fail|holds no \.shp"):
        item.publish({"name": "hollow"})
    assert gis.content.is_service_name_available("hollow", "featureService")


def test_data_that_was_overwritten_serves_its_new_rows(gis, tmp_path):
    path = made(tmp_path, "CSV").rename(tmp_path / "moving.csv")
    item = gis.content.add({"title": "moving", "type": "CSV"}, data=str(path))
    service = item.publish()
    path.write_text("number,name,lat,lon\n1,one,40,-100\n")
    assert item.update(data=str(path))
    again = item.publish(overwrite=True)
    assert again.id == service.id
    assert again.layers[0].query(return_count_only=True) == 1
