from __future__ import annotations

import json
from pathlib import Path

import pytest
from geosharing import data
from geosharing.exceptions import InvalidInputError, MissingError, NotSupportedError

POINTS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": f"n{i}", "size": i, "share": i / 2},
            "geometry": {"type": "Point", "coordinates": [i, -i]},
        }
        for i in range(5)
    ],
}


@pytest.fixture
def geojson(tmp_path: Path) -> Path:
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps(POINTS))
    return path


def test_a_geojson_file_has_types_extent_and_count(geojson: Path) -> None:
    found = data.describe(geojson)
    assert found["geometryType"] == "esriGeometryPoint"
    assert found["spatialReference"] == {"wkid": 4326, "latestWkid": 4326}
    assert found["extent"] == {"xmin": 0, "ymin": -4, "xmax": 4, "ymax": 0}
    assert found["count"] == 5
    assert {field["name"]: field["type"] for field in found["fields"]} == {
        "name": "esriFieldTypeString",
        "size": "esriFieldTypeInteger",
        "share": "esriFieldTypeDouble",
    }


def test_a_definition_query_changes_the_count(geojson: Path) -> None:
    assert data.describe(geojson, where="size >= 3")["count"] == 2


def test_a_query_on_a_missing_field_is_named(geojson: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"nosuch > 1.*points"):
        data.describe(geojson, where="nosuch > 1")


def test_csv_columns_have_types(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,name,when\n1,a,2020-01-02\n2,b,2021-03-04\n")
    found = data.describe(path, where="id = 2")
    assert found["geometryType"] is None
    assert found["spatialReference"] is None
    assert found["count"] == 1
    assert [field["type"] for field in found["fields"]] == [
        "esriFieldTypeInteger",
        "esriFieldTypeString",
        "esriFieldTypeDate",
    ]


def test_a_missing_file_has_the_code_of_arcpy(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as failure:
        data.describe(tmp_path / "no.shp")
    assert failure.value.code == 732


def test_a_file_of_another_kind_is_not_supported(tmp_path: Path) -> None:
    path = tmp_path / "note.gpkg"
    path.write_text("no database")
    with pytest.raises(NotSupportedError, match=r"note\.gpkg"):
        data.describe(path)


def test_enterprise_connections_say_what_to_do() -> None:
    with pytest.raises(NotSupportedError, match="export the data"):
        data.describe(r"C:\connections\prod.sde\db.owner.roads")


def test_mixed_geometries_are_refused_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "mixed.geojson"
    features = [
        *POINTS["features"],
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        },
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(NotSupportedError, match="esriGeometryPoint, esriGeometryPolyline"):
        data.describe(path)


def test_every_class_of_a_geodatabase_has_its_geometry_type(every_geometry: Path) -> None:
    names = data.list_datasets(every_geometry)
    assert len(names) == 37
    found = {name: data.describe(every_geometry, name) for name in names}
    assert found["none"]["geometryType"] is None
    assert found["multipatch"]["geometryType"] == "esriGeometryMultiPatch"
    for name, kind in {
        "point": "Point",
        "multipoint": "Multipoint",
        "linestring": "Polyline",
        "polygon": "Polygon",
    }.items():
        for suffix, has_z, has_m in (("", False, False), ("m", False, True), ("zm", True, True)):
            described = found[name + suffix]
            assert described["geometryType"] == f"esriGeometry{kind}"
            assert (described["hasZ"], described["hasM"]) == (has_z, has_m)
    assert found["null_polygon"]["extent"] is None
    fields = {field["name"]: field for field in found["point"]["fields"]}
    assert fields["guid"]["type"] == "esriFieldTypeGUID"
    assert fields["float"]["type"] == "esriFieldTypeSingle"
    assert fields["smallint"]["type"] == "esriFieldTypeSmallInteger"
    assert not {field["name"]: field for field in found["testnotnullable"]["fields"]}["field_not_nullable"][
        "nullable"
    ]


def test_a_path_may_go_on_inside_a_geodatabase(every_geometry: Path) -> None:
    assert data.describe(f"{every_geometry}\\some_dataset\\point")["name"] == "point"


def test_a_missing_class_lists_those_that_exist(every_geometry: Path) -> None:
    with pytest.raises(MissingError, match="`none`, `point`"):
        data.describe(every_geometry, "roads")


def test_several_datasets_need_a_name(every_geometry: Path) -> None:
    with pytest.raises(InvalidInputError, match="37 datasets"):
        data.describe(every_geometry)
