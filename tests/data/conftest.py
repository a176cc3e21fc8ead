from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpus"


@pytest.fixture(scope="session")
def every_geometry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A geodatabase with a class of every geometry type, with and without Z and M."""
    archive = CORPUS / "data" / "Fiona__testopenfilegdb.gdb.zip"
    if not archive.exists():
        pytest.skip("the corpus is not beside this clone (../shared/corpus)")
    folder = tmp_path_factory.mktemp("fiona")
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    return next(folder.glob("*.gdb"))


@pytest.fixture
def geopackage_with_domain(tmp_path: Path) -> Path:
    """A GeoPackage whose field `kind` has an alias and a coded value domain."""
    import sqlite3
    from contextlib import closing

    import numpy as np
    from pyogrio.raw import write

    path = tmp_path / "trees.gpkg"
    write(
        path,
        geometry=None,
        field_data=[np.array([1, 2, 2], dtype="int32")],
        fields=np.array(["kind"], dtype=object),
        layer="trees",
        driver="GPKG",
        geometry_type=None,
        crs=None,
    )
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            """
            CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,
              extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
              CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
            CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
              title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
              CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name));
            CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,
              constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
              max NUMERIC, max_is_inclusive BOOLEAN, description TEXT);
            INSERT INTO gpkg_extensions VALUES
              ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
              ('gpkg_data_column_constraints', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
            INSERT INTO gpkg_data_columns (table_name, column_name, name, constraint_name)
              VALUES ('trees', 'kind', 'Kind of tree', 'kinds');
            INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description)
              VALUES ('kinds', 'enum', '1', 'Oak'), ('kinds', 'enum', '2', 'Elm');
            """
        )
        database.commit()
    return path
