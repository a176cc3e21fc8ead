"""SearchCursor."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from ..gp.reference import SpatialReference
from ..tools.projecting import reproject, system, transformer
from ..tools.reading import batches
from ..tools.selecting import check_where
from ..tools.sources import resolve
from ._fields import clause, field_names, shape_reader, sort_rows

__all__ = ["SearchCursor"]


class SearchCursor:
    """Read rows as tuples; batches stream, so memory stays small unless the rows are sorted.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/searchcursor-class.htm
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
        self._source = source.and_where(where_clause)
        self._names = _names(source, field_names)
        known = [f["name"] for f in source.about["fields"]]
        oid = source.about["objectIdField"] or "FID"
        self._clause = clause(sql_clause, [*known, oid])
        self._explode = explode_to_points
        self._filter = spatial_filter
        self._relation = str(spatial_relationship or "INTERSECTS").lower()
        self._target = None
        if spatial_reference not in (None, "", "#") and source.shape:
            self._target = system(spatial_reference, "spatial_reference")
        self.fields: tuple[str, ...] = tuple(self._names)
        self._rows: Iterator[tuple[Any, ...]] | None = None

    def __enter__(self) -> SearchCursor:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        rows, self._rows = self._rows, None
        close = getattr(rows, "close", None)
        if close is not None:
            close()

    def reset(self) -> None:
        """Begin again with the first row."""
        self._close()

    def __iter__(self) -> SearchCursor:
        return self

    def __next__(self) -> tuple[Any, ...]:
        if self._rows is None:
            self._rows = self._read()
        return next(self._rows)

    def next(self) -> tuple[Any, ...]:
        """Return the next row."""
        return self.__next__()

    def _read(self) -> Iterator[tuple[Any, ...]]:
        wanted = self._clause
        rows = self._stream([name for name, _ in wanted.order])
        if wanted.order:
            held = list(rows)
            size = len(self._names)
            keys = [(itemgetter(size + i), down) for i, (_, down) in enumerate(wanted.order)]
            sort_rows(held, keys)
            rows = (row[:size] for row in held)
        seen: set[Any] = set()
        count = 0
        for row in rows:
            if wanted.distinct:
                if row in seen:
                    continue
                seen.add(row)
            if wanted.top is not None and count >= wanted.top:
                return
            count += 1
            yield row

    def _stream(self, more: list[str]) -> Iterator[tuple[Any, ...]]:
        source = self._source
        oid = source.about["objectIdField"] or "FID"
        asked = [*self._names, *more]
        known = {f["name"]: f["type"] for f in source.about["fields"]}
        columns = [name for name in dict.fromkeys(asked) if name in known]
        change, reference = None, SpatialReference.from_value(source.about["spatialReference"])
        if self._target is not None and source.crs is not None and source.crs != self._target:
            change = transformer(source.crs, self._target)
            reference = SpatialReference(self._target.to_wkt())
        for batch in batches(source, columns):
            if self._filter is not None and batch.shapes is not None:
                batch = batch.take(self._near(batch.shapes))
            shapes = batch.shapes if change is None else reproject(batch.shapes, change)
            if self._explode and shapes is not None:
                import shapely

                points, index = shapely.get_coordinates(shapes, return_index=True)
                batch, shapes = batch.take(index), shapely.points(points)
            values: list[Any] = []
            for name in asked:
                if name in known:
                    column = source.renamed.get(name.lower(), name)
                    values.append(_plain(batch.rows.column(column), known[name]))
                elif name in ("OID@", oid):
                    values.append(batch.oids.tolist())
                else:
                    read = shape_reader(name, reference)
                    values.append([read(shape) for shape in shapes] if shapes is not None else [])
            yield from zip(*values, strict=True)

    def _near(self, shapes: Any) -> Any:
        import numpy as np
        import shapely

        other = getattr(self._filter, "_shape", None)
        if other is None:
            box = self._filter
            other = shapely.box(box.XMin, box.YMin, box.XMax, box.YMax)
        relation = {"envelope_intersects": "intersects"}.get(self._relation, self._relation)
        return np.flatnonzero(getattr(shapely, relation)(shapes, other))

    def __repr__(self) -> str:
        return f"<SearchCursor {self._source.name} {self.fields}>"


def _names(source: Any, value: Any) -> list[str]:
    return field_names(source, value)


def _plain(column: Any, kind: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if kind == "esriFieldTypeDate":
        # arcpy's dates know no time zone.
        return [None if value is None else _moment(value) for value in values]
    return values


def _moment(value: Any) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return datetime.datetime(value.year, value.month, value.day)
