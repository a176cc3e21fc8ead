import shutil
from pathlib import Path

import pytest
from geosharing import mp
from geosharing.exceptions import DeniedError, InvalidInputError, MissingError
from geosharing.metadata import Metadata

EXAMPLE = Path(__file__).parents[2] / "examples" / "amc16"


@pytest.fixture
def aprx(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "amc16")
    return tmp_path / "amc16" / "AMC16AGP.aprx"


def fill(metadata: Metadata) -> None:
    metadata.title = "Roads & <paths>"
    metadata.summary = "short"
    metadata.description = "<p>long</p>"
    metadata.tags = "roads, county ,"
    metadata.credits = "county"
    metadata.accessConstraints = "none"


def values(metadata: Metadata) -> tuple:
    return (
        metadata.title,
        metadata.summary,
        metadata.description,
        metadata.tags,
        metadata.credits,
        metadata.accessConstraints,
    )


FILLED = ("Roads & <paths>", "short", "<p>long</p>", "roads, county", "county", "none")


def test_metadata_of_a_map_and_a_layer_is_stored_in_the_project(aprx):
    project = mp.ArcGISProject(aprx)
    one = project.listMaps()[0]
    kept = one.metadata.xml
    for item in (one, one.listLayers("Polyline")[0]):
        metadata = item.metadata
        fill(metadata)
        metadata.save()
    project.save()
    again = mp.ArcGISProject(aprx).listMaps()[0]
    assert values(again.metadata) == FILLED
    assert values(again.listLayers("Polyline")[0].metadata) == FILLED
    # What is not modelled stays: the sections that ArcGIS itself wrote.
    for section in ("<Esri>", "<CreaDate>"):
        assert (section in kept) == (section in again.metadata.xml)


def test_a_copy_takes_everything_and_a_layer_without_metadata_answers_with_its_name(aprx):
    one = mp.ArcGISProject(aprx).listMaps()[0]
    layer = one.listLayers("Point")[0]
    assert layer.metadata.title == "Point"
    assert layer.metadata.summary is None
    source = Metadata()
    fill(source)
    target = Metadata(layer)
    target.copy(source)
    target.save()
    assert values(layer.metadata) == FILLED
    with pytest.raises(DeniedError, match="saveAsXML"):
        source.save()


def test_metadata_documents_are_read_and_written(tmp_path):
    source = Metadata()
    fill(source)
    source.saveAsXML(tmp_path / "m.xml")
    again = Metadata(str(tmp_path / "m.xml"))
    assert values(again) == FILLED
    again.title = "other"
    again.reload()
    assert again.title == FILLED[0]
    with pytest.raises(MissingError, match="absent"):
        Metadata(str(tmp_path / "absent.shp"))


def test_entities_and_broken_documents_are_refused(tmp_path):
    bomb = tmp_path / "bomb.xml"
    bomb.write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><metadata>&a;</metadata>')
    with pytest.raises(InvalidInputError, match="document type"):
        Metadata(bomb)
    (tmp_path / "cut.xml").write_text("<metadata><dataIdInfo>")
    with pytest.raises(InvalidInputError, match="well-formed"):
        Metadata(tmp_path / "cut.xml")
