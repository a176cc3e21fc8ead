"""FeatureSet and RecordSet: rows that travel as JSON."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["FeatureSet", "RecordSet"]


class RecordSet:
    """Rows of a table, loaded from a dataset or from JSON.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/recordset.htm
    """

    _spatial = False

    def __init__(self, table: Any = None, where_clause: str | None = None) -> None:
        self._path: str | None = None
        self._where: str | None = None
        if table is not None:
            self.load(table, where_clause)

    def load(self, in_value: Any, where_clause: str | None = None) -> None:
        """Take the rows of a dataset, a layer, JSON text or a dictionary; they are copied to memory."""
        from ..tools.copying import copy
        from ..tools.outputs import output
        from ..tools.sources import resolve

        source = resolve(in_value, "in_value", spatial=self._spatial or None).and_where(where_clause)
        if (
            source.where is None
            and source.selection is None
            and source.path.startswith("memory\\feature_set_")
        ):
            self._path = source.path
            return
        path = _free_path()
        copy(_Silent(), source, output(path, "out"), spatial=self._spatial)  # type: ignore[arg-type]
        self._path = path

    def save(self, out_table: Any) -> None:
        """Write the rows to a new dataset."""
        from ..tools.copying import copy
        from ..tools.outputs import output
        from ..tools.sources import resolve

        made = output(out_table, "out_table", spatial=self._spatial)
        copy(_Silent(), resolve(self, "in_value"), made, spatial=self._spatial)  # type: ignore[arg-type]

    def _feature_set_path(self) -> str:
        if self._path is None:
            raise ValueError("the set is empty; call load() first")
        return self._path

    @property
    def JSON(self) -> str:
        """The rows as Esri JSON."""
        from ..tools.featuresets import head, rows_json
        from ..tools.sources import resolve

        source = resolve(self, "in_value")
        return json.dumps({**head(source), "features": list(rows_json(source))})

    def __str__(self) -> str:
        return self.JSON if self._path else ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class FeatureSet(RecordSet):
    """Features, loaded from a dataset or from JSON.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/featureset.htm
    """

    _spatial = True

    @property
    def GeoJSON(self) -> str:
        """The features as GeoJSON in WGS 84."""
        from ..tools.featuresets import _geojson_rows
        from ..tools.sources import resolve

        rows = list(_geojson_rows(resolve(self, "in_value")))
        return json.dumps({"type": "FeatureCollection", "features": rows})


class _Silent:
    """Takes a tool's warnings where no tool runs."""

    def warning(self, text: str, code: int | None = None) -> None:
        """Let a warning go."""


def _free_path() -> str:
    import itertools
    import os

    from .. import data

    taken = {name.lower() for name in data.list_datasets("memory")}
    for number in itertools.count(1):
        name = f"feature_set_{os.getpid()}_s{number}"
        if name not in taken:
            return f"memory\\{name}"
    raise AssertionError
