"""Statistics of fields, by the values of others."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dissolving
from .outputs import Output, write
from .reading import Batch, batches, schema_of
from .sources import Source

__all__ = ["summarise"]


def summarise(source: Source, made: Output, statistics: Any, cases: list[str], separator: str) -> str:
    """Write one row for each combination of case values, with `FREQUENCY`."""
    import pyarrow as pa

    plan = dissolving.statistics_plan(statistics, source)
    keys = [source.field(name, "Case field")["name"] for name in cases]
    columns = list(dict.fromkeys([*keys, *(field for field, _ in plan)]))
    kinds = schema_of(source, columns)
    groups: dict[tuple[Any, ...], dict[str, list[Any]]] = {}
    counts: dict[tuple[Any, ...], int] = {}
    for batch in batches(source, columns):
        values = {name: batch.rows.column(name).to_pylist() for name in columns}
        for index in range(len(batch.oids)):
            key = tuple(values[name][index] for name in keys)
            counts[key] = counts.get(key, 0) + 1
            kept = groups.setdefault(key, {field: [] for field, _ in plan})
            for field in kept:
                kept[field].append(values[field][index])
    schema = pa.schema(
        [kinds.field(name) for name in keys]
        + [pa.field("FREQUENCY", pa.int32())]
        + [dissolving.statistic_field(kinds, field, kind) for field, kind in plan]
    )
    rows = []
    for key in sorted(groups, key=lambda entry: tuple((v is not None, str(type(v)), v) for v in entry)):
        row: dict[str, Any] = {**dict(zip(keys, key, strict=True)), "FREQUENCY": counts[key]}
        for field, kind in plan:
            row[dissolving.statistic_name(field, kind)] = dissolving.summarise(
                groups[key][field], kind, separator
            )
        rows.append(row)
    batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    return write(made, schema, [Batch(np.arange(len(rows)), batch, None)], shape=None)
