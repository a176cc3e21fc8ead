from __future__ import annotations

import os
from pathlib import Path

import pytest
from geosharing import data
from geosharing.data import _gdal
from geosharing.exceptions import ExistsError, InvalidInputError, MissingError, SharingError


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_every_geometry_type_is_copied_with_fields_z_and_m(every_geometry: Path, tmp_path: Path) -> None:
    names = data.list_datasets(every_geometry)
    out = tmp_path / "copy.gdb"
    assert (
        data.copy_to_geodatabase([{"path": str(every_geometry), "layer": name} for name in names], out)
        == names
    )
    for name in names:
        before, after = data.describe(every_geometry, name), data.describe(out, name)
        for extent in (before.pop("extent"), after.pop("extent")):
            assert extent is None or all(value == pytest.approx(round(value)) for value in extent.values())
        assert after == before, name


def test_copies_of_the_same_data_are_the_same_bytes(every_geometry: Path, tmp_path: Path) -> None:
    copies = [{"path": str(every_geometry), "layer": name} for name in ("point", "polygonzm", "big_layer")]
    contents = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        data.copy_to_geodatabase(copies, tmp_path / folder / "copy.gdb")
        contents.append(_content(tmp_path / folder / "copy.gdb"))
    assert contents[0] == contents[1]


def test_domains_and_aliases_are_copied(geopackage_with_domain: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.gdb"
    data.copy_to_geodatabase(
        [{"path": str(geopackage_with_domain), "layer": "trees", "target": "Trees"}], out
    )
    for path, layer in ((geopackage_with_domain, "trees"), (out, "Trees")):
        kind = {field["name"]: field for field in data.describe(path, layer)["fields"]}["kind"]
        assert kind["alias"] == "Kind of tree"
        assert kind["domain"] == {
            "type": "codedValue",
            "name": "kinds",
            "codedValues": [{"name": "Oak", "code": 1}, {"name": "Elm", "code": 2}],
        }


def test_attribute_and_spatial_indexes_are_copied(every_geometry: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.gdb"
    data.copy_to_geodatabase(
        [{"path": str(every_geometry), "layer": name} for name in ("point", "polygon")], out
    )
    indexed = {path.name.split(".")[1] for path in out.glob("a00000009.*.atx")}
    assert {"idx_id", "idx_str", "idx_real"} <= indexed
    assert (out / "a0000000a.spx").exists()


def test_a_definition_query_limits_what_is_copied(every_geometry: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.gdb"
    data.copy_to_geodatabase([{"path": str(every_geometry), "layer": "hole", "where": "str > 'fid5'"}], out)
    assert (
        data.describe(out, "hole")["count"]
        == data.describe(every_geometry, "hole", where="str > 'fid5'")["count"]
    )
    assert 0 < data.describe(out, "hole")["count"] < 12


def test_row_ids_are_kept(every_geometry: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.gdb"
    data.copy_to_geodatabase([{"path": str(every_geometry), "layer": "hole"}], out)
    ids = []
    for path in (every_geometry, out):
        with _gdal.opened(str(path)) as handle:
            lib = _gdal.library()
            layer = _gdal.layer(handle, "hole")
            lib.OGR_F_GetFID.restype = lib.OGR_L_GetFeatureCount.restype
            lib.OGR_F_GetFID.argtypes = lib.OGR_F_Destroy.argtypes
            found = []
            while feature := lib.OGR_L_GetNextFeature(layer):
                found.append(lib.OGR_F_GetFID(feature))
                lib.OGR_F_Destroy(feature)
            ids.append(found)
    assert ids[0] == ids[1]
    assert ids[0] != list(range(1, len(ids[0]) + 1)), "the source has gaps in its ids"


def test_an_existing_geodatabase_is_not_touched(every_geometry: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.gdb"
    out.mkdir()
    with pytest.raises(ExistsError):
        data.copy_to_geodatabase([{"path": str(every_geometry), "layer": "point"}], out)
    assert list(out.iterdir()) == []


def test_a_failure_leaves_nothing(every_geometry: Path, tmp_path: Path) -> None:
    copies = [{"path": str(every_geometry), "layer": name} for name in ("point", "no_such_class")]
    with pytest.raises(MissingError):
        data.copy_to_geodatabase(copies, tmp_path / "copy.gdb")
    assert list(tmp_path.iterdir()) == []


def test_one_name_cannot_stand_for_two_classes(every_geometry: Path, tmp_path: Path) -> None:
    copies = [{"path": str(every_geometry), "layer": "point", "target": name} for name in ("a", "A")]
    with pytest.raises(InvalidInputError, match="both be called `A`"):
        data.copy_to_geodatabase(copies, tmp_path / "copy.gdb")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX limits")
def test_a_full_disk_is_an_error_and_leaves_nothing(every_geometry: Path, tmp_path: Path) -> None:
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, before[1]))
    try:
        with pytest.raises(SharingError):
            data.copy_to_geodatabase(
                [{"path": str(every_geometry), "layer": "big_layer"}], tmp_path / "copy.gdb"
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
