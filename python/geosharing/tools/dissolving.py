"""Features united by the values of fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exceptions import InvalidInputError
from .outputs import Output, write
from .reading import Batch, batches, schema_of
from .sources import Source

__all__ = ["dissolve", "statistics_plan", "summarise"]

_STATISTICS = (
    "SUM",
    "MEAN",
    "MINIMUM",
    "MAXIMUM",
    "MIN",
    "MAX",
    "RANGE",
    "STD",
    "COUNT",
    "FIRST",
    "LAST",
    "CONCATENATE",
)


def statistics_plan(value: Any, source: Source) -> list[tuple[str, str]]:
    """Return pairs of field and statistic from `[["POP", "SUM"]]` or `POP SUM;POP MEAN`.

    Raises:
        InvalidInputError: ERROR 000728 or 000800.
    """
    if value in (None, "", "#"):
        return []
    entries = [part.split() for part in value.split(";") if part.strip()] if isinstance(value, str) else value
    plan = []
    for entry in entries:
        field, kind = str(entry[0]), str(entry[1]).upper()
        if kind not in _STATISTICS:
            raise InvalidInputError(
                f"Statistic Type: The value is not a member of {' | '.join(_STATISTICS)}.", 800
            )
        plan.append((source.field(field, "Statistics Field(s)")["name"], kind))
    return plan


def summarise(values: list[Any], kind: str, separator: str = "") -> Any:
    """Return one statistic of the values that are not null."""
    known = [value for value in values if value is not None]
    if kind == "COUNT":
        return len(known)
    if kind == "CONCATENATE":
        return separator.join(map(str, known))
    if not known:
        return None
    if kind in ("FIRST", "LAST"):
        return known[0 if kind == "FIRST" else -1]
    if kind in ("MIN", "MINIMUM"):
        return min(known)
    if kind in ("MAX", "MAXIMUM"):
        return max(known)
    numbers = np.asarray(known, dtype=float)
    return {
        "SUM": lambda: float(numbers.sum()),
        "MEAN": lambda: float(numbers.mean()),
        "RANGE": lambda: float(numbers.max() - numbers.min()),
        # Of a sample, so one value has none.
        "STD": lambda: float(numbers.std(ddof=1)) if len(numbers) > 1 else None,
    }[kind]()


def statistic_name(field: str, kind: str) -> str:
    """Return the name of a statistic's field."""
    short = {"MINIMUM": "MIN", "MAXIMUM": "MAX"}.get(kind, kind)
    return f"{short}_{field}"


def statistic_field(schema: Any, field: str, kind: str) -> Any:
    """Return the Arrow field of a statistic."""
    import pyarrow as pa

    name = statistic_name(field, kind)
    if kind == "COUNT":
        return pa.field(name, pa.int32())
    if kind == "CONCATENATE":
        return pa.field(name, pa.string(), metadata={"GDAL:OGR:width": "8000"})
    if kind in ("MIN", "MINIMUM", "MAX", "MAXIMUM", "FIRST", "LAST"):
        return schema.field(field).with_name(name)
    return pa.field(name, pa.float64())


def dissolve(
    source: Source, made: Output, fields: list[str], statistics: Any, multi: bool, separator: str = ""
) -> str:
    """Write united features; geometries of all groups are held in memory."""
    import pyarrow as pa
    import shapely

    keys = [source.field(name, "Dissolve Field(s)")["name"] for name in fields]
    plan = statistics_plan(statistics, source)
    columns = list(dict.fromkeys([*keys, *(field for field, _ in plan)]))
    kinds = schema_of(source, columns)
    groups: dict[tuple[Any, ...], tuple[list[Any], dict[str, list[Any]]]] = {}
    for batch in batches(source, columns):
        values = {name: batch.rows.column(name).to_pylist() for name in columns}
        shapes = batch.shapes if batch.shapes is not None else np.empty(0, object)
        for index, shape in enumerate(shapes):
            key = tuple(values[name][index] for name in keys)
            held, kept = groups.setdefault(key, ([], {field: [] for field, _ in plan}))
            if shape is not None:
                held.append(shape)
            for field in kept:
                kept[field].append(values[field][index])
    schema = pa.schema(
        [kinds.field(name) for name in keys] + [statistic_field(kinds, field, kind) for field, kind in plan]
    )
    shape = source.shape
    if shape == "esriGeometryPoint" and multi:
        shape = "esriGeometryMultipoint"

    def rows() -> Iterator[Batch]:
        for key in sorted(groups, key=lambda entry: tuple((v is not None, str(type(v)), v) for v in entry)):
            held, kept = groups.pop(key)
            united = shapely.union_all(held)
            if source.shape == "esriGeometryPolyline" and not united.is_empty:
                united = shapely.line_merge(united)
            row = dict(zip(keys, key, strict=True))
            for field, kind in plan:
                row[statistic_name(field, kind)] = summarise(kept[field], kind, separator)
            parts = [united] if multi else list(getattr(united, "geoms", (united,)))
            shapes = np.empty(len(parts), object)
            shapes[:] = parts
            whole = pa.RecordBatch.from_pylist([row] * len(parts), schema=schema)
            yield Batch(np.arange(len(parts)), whole, shapes)

    return write(
        made,
        schema,
        rows(),
        shape=shape,
        has_z=source.about["hasZ"],
        crs=source.crs,
        fields=[f for f in source.about["fields"] if f["name"] in keys],
    )
