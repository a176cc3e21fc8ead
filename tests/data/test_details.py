"""What a data source tells beyond its schema."""

import struct
from pathlib import Path

import pytest
from geosharing import data
from geosharing.exceptions import MissingError

EXAMPLE = Path(__file__).parents[2] / "examples" / "amc16" / "AMC16AGP.gdb"


def tiff(path, side):
    """Write a grey TIFF without overviews."""
    tags = [
        (256, side),
        (257, side),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, side),
        (279, side**2),
    ]
    pixels = bytes(side * side)
    table = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags
    )
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8 + len(pixels)) + pixels + table + bytes(4))


def test_a_geodatabase_class_tells_its_indexes_and_extensions():
    told = data.details(EXAMPLE, "Parcel")
    assert told["has_spatial_index"] is True
    assert told["registration"] == "plain"
    assert told["has_class_extension"] is False
    assert all(isinstance(name, str) for name in told["indexed_fields"])


def test_a_shapefile_has_a_spatial_index_when_the_file_is_there(tmp_path):
    shape = tmp_path / "roads.shp"
    shape.write_bytes(b"")
    assert data.details(shape)["has_spatial_index"] is False
    shape.with_suffix(".qix").write_bytes(b"")
    assert data.details(shape)["has_spatial_index"] is True


def test_a_raster_tells_its_size_and_whether_it_has_overviews(tmp_path):
    tiff(tmp_path / "dem.tif", 16)
    told = data.details(tmp_path / "dem.tif")
    assert tuple(told["raster_size"]) == (16, 16)
    assert told["has_overviews"] is False


def test_what_no_one_can_open_tells_nothing_and_what_is_gone_is_an_error(tmp_path):
    (tmp_path / "notes.xyzzy").write_text("notes")
    assert data.details(tmp_path / "notes.xyzzy") == {}
    with pytest.raises(MissingError):
        data.details(tmp_path / "gone.gdb", "roads")
