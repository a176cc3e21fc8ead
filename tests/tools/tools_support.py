"""What the tests of tools share: real parcels, a fresh geodatabase, and answers of the libraries."""

import os
import zipfile
from pathlib import Path

import geosharing as arcpy
import pyogrio
import pytest
import shapely
from geosharing.data._gdal import straightened
from geosharing.tools import layers

AMC = str(Path(__file__).parents[2] / "examples" / "amc16" / "AMC16AGP.gdb")
CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"


@pytest.fixture
def box(tmp_path):
    """An empty file geodatabase; environments, layers and memory are clean before and after."""
    clean()
    yield arcpy.management.CreateFileGDB(str(tmp_path), "box")[0]
    clean()


@pytest.fixture(scope="session")
def fiona(tmp_path_factory):
    """A geodatabase with a class of every geometry type."""
    archive = CORPUS / "data" / "Fiona__testopenfilegdb.gdb.zip"
    if not archive.exists():
        pytest.skip("the corpus is not beside this clone (../shared/corpus)")
    folder = tmp_path_factory.mktemp("fiona")
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    return str(next(folder.glob("*.gdb")))


def clean():
    arcpy.ResetEnvironments()
    layers._views.clear()
    layers._of_layers.clear()
    for name in arcpy.data.list_datasets("memory"):
        arcpy.data.delete(f"memory\\{name}")


def read(path):
    """Return the fields by name and the geometries of a dataset, as pyogrio reads them."""
    place, name = os.path.split(path)
    target, layer = (place, name) if place.endswith((".gdb", ".gpkg")) else (path, None)
    if place.startswith("memory") or path.startswith("memory"):
        from geosharing.data._source import locate

        target, layer = locate(path).name, None
    meta, _, wkb, columns = pyogrio.raw.read(target, layer=layer)
    shapes = None
    if wkb is not None:
        try:
            shapes = shapely.from_wkb(wkb)
        except NotImplementedError:
            shapes = shapely.from_wkb([straightened(entry) for entry in wkb])
    return dict(zip(meta["fields"], columns, strict=True)), shapes


def error(call, *args, **kwargs):
    """Return the text of the ExecuteError that a tool raises."""
    with pytest.raises(arcpy.ExecuteError) as raised:
        call(*args, **kwargs)
    return str(raised.value)
