"""UpdateCursor."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from ..data._edit import Editor
from ..exceptions import ExecuteError
from ..gp.reference import SpatialReference
from ..tools.projecting import reproject, system, transformer
from ..tools.reading import ids
from ..tools.selecting import check_where
from ..tools.sources import resolve
from ._fields import clause, field_names, shape_reader, sort_rows, to_shape
from ._search import _moment

__all__ = ["UpdateCursor"]


class UpdateCursor:
    """Read rows as lists, change or delete them.

    Only the ids of the rows are held. The dataset is open until the `with` block, the last row or
    `del cursor` ends it; where the format has transactions an error in the block undoes its changes.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/updatecursor-class.htm
    """

    def __init__(
        self,
        in_table: Any,
        field_names: Any,
        where_clause: str | None = None,
        spatial_reference: Any = None,
        explode_to_points: bool = False,
        sql_clause: Any = (None, None),
        datum_transformation: Any = None,
        spatial_filter: Any = None,
        spatial_relationship: str = "INTERSECTS",
        search_order: str = "ATTRIBUTEFIRST",
    ) -> None:
        source = resolve(in_table, "in_table")
        check_where(source, where_clause, "where_clause")
        source = source.and_where(where_clause)
        self._source = source
        self._names = _names(source, field_names)
        self.fields: tuple[str, ...] = tuple(self._names)
        self._kinds = {f["name"]: f["type"] for f in source.about["fields"]}
        wanted = ids(source)
        known = [f["name"] for f in source.about["fields"]]
        self._oid = source.about["objectIdField"] or "FID"
        asked = clause(sql_clause, [*known, self._oid])
        self._editor = Editor(source.path, source.layer).__enter__()
        self._there: Any = None
        self._back: Any = None
        self._reference = SpatialReference.from_value(source.about["spatialReference"])
        if spatial_reference not in (None, "", "#") and source.crs is not None:
            target = system(spatial_reference, "spatial_reference")
            if target != source.crs:
                self._there, self._back = transformer(source.crs, target), transformer(target, source.crs)
                self._reference = SpatialReference(target.to_wkt())
        if asked.order:
            wanted = self._sorted(wanted, asked.order)
        self._ids = wanted if asked.top is None else wanted[: asked.top]
        self._rows: Iterator[list[Any]] | None = None
        self._current: tuple[int, Any] | None = None

    def _sorted(self, wanted: list[int], order: list[tuple[str, bool]]) -> list[int]:
        editor = self._editor
        columns = [None if name == self._oid else editor.column(name) for name, _ in order]
        held = [
            (fid, *(fid if column is None else editor.get(feature, column) for column in columns))
            for fid, feature in editor.rows(wanted)
        ]
        sort_rows(held, [(itemgetter(i), down) for i, (_, down) in enumerate(order, 1)])
        return [row[0] for row in held]

    def __enter__(self) -> UpdateCursor:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._close(failed=kind is not None)

    def __del__(self) -> None:
        if getattr(self, "_editor", None) is not None:
            self._close()

    def _close(self, *, failed: bool = False) -> None:
        self._forget()
        self._editor.close(failed=failed)

    def _forget(self) -> None:
        if self._current is not None:
            self._editor.release(self._current[1])
            self._current = None

    def reset(self) -> None:
        """Begin again with the first row."""
        self._forget()
        self._rows = None

    def __iter__(self) -> UpdateCursor:
        return self

    def __next__(self) -> list[Any]:
        if self._rows is None:
            self._rows = self._read()
        return next(self._rows)

    def next(self) -> list[Any]:
        """Return the next row."""
        return self.__next__()

    def _read(self) -> Iterator[list[Any]]:
        import shapely

        editor = self._editor
        for fid in self._ids:
            self._forget()
            feature = editor.feature(fid)
            self._current = (fid, feature)
            shape: Any = None
            row: list[Any] = []
            for name in self._names:
                if editor.has(name):
                    value = editor.get(feature, editor.column(name))
                    row.append(
                        _moment(value) if self._kinds.get(name) == "esriFieldTypeDate" and value else value
                    )
                elif name in ("OID@", self._oid):
                    row.append(fid)
                else:
                    if shape is None:
                        wkb = editor.wkb(feature)
                        shape = None if wkb is None else shapely.from_wkb(wkb)
                        if shape is not None and self._there is not None:
                            shape = _moved(shape, self._there)
                    row.append(shape_reader(name, self._reference)(shape))
            yield row
        self._forget()

    def updateRow(self, row: Any) -> None:
        """Write the values of the current row.

        Raises:
            RuntimeError: If there is no current row.
            TypeError: If a value does not fit its field.
        """
        _, feature = self._now()
        put_row(self._editor, feature, self._names, row, self._oid, self._back, self._source.shape)
        self._editor.store(feature)

    def deleteRow(self) -> None:
        """Delete the current row."""
        fid, _ = self._now()
        self._forget()
        self._editor.remove(fid)

    def _now(self) -> tuple[int, Any]:
        if self._current is None:
            raise ExecuteError("there is no current row; call next() first")
        return self._current

    def __repr__(self) -> str:
        return f"<UpdateCursor {self._source.name} {self.fields}>"


def _names(source: Any, value: Any) -> list[str]:
    return field_names(source, value)


def _moved(shape: Any, change: Any) -> Any:
    import numpy as np

    box = np.empty(1, object)
    box[0] = shape
    moved = reproject(box, change)
    return None if moved is None else moved[0]


def put_row(
    editor: Editor, feature: Any, names: list[str], row: Any, oid: str, change: Any, shape_type: str | None
) -> None:
    """Set the values of a row.

    Raises:
        TypeError: For a wrong number of values, or one that does not fit.
    """
    import shapely

    values = list(row)
    if len(values) != len(names):
        raise TypeError(
            f"sequence size must match size of the row: {len(names)} fields, {len(values)} values"
        )
    parts: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        if editor.has(name):
            editor.put(feature, editor.column(name), value)
        elif name in ("OID@", oid, "SHAPE@AREA", "SHAPE@LENGTH"):
            continue
        elif name in ("SHAPE@X", "SHAPE@Y", "SHAPE@Z", "SHAPE@M"):
            parts[name[-1]] = value
        else:
            if name in ("SHAPE@XY", "Shape", "SHAPE@TRUECENTROID") and shape_type != "esriGeometryPoint":
                # Centres of lines and polygons are read, never written.
                continue
            shape = to_shape(name, value)
            if shape is not None and change is not None:
                shape = _moved(shape, change)
            editor.put_wkb(feature, None if shape is None else shapely.to_wkb(shape, flavor="iso"))
    if {"X", "Y"} & parts.keys() and shape_type == "esriGeometryPoint":
        wkb = editor.wkb(feature)
        before = list(shapely.from_wkb(wkb).coords[0]) if wkb is not None else [0.0, 0.0]
        x, y = parts.get("X", before[0]), parts.get("Y", before[1])
        shape = shapely.Point(x, y, *([parts["Z"]] if parts.get("Z") is not None else []))
        if change is not None:
            shape = _moved(shape, change)
        editor.put_wkb(feature, shapely.to_wkb(shape, flavor="iso"))
