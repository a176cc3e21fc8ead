"""Values of a field as fields."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from .outputs import Output, write
from .reading import Batch, batches, schema_of
from .sources import Source

__all__ = ["pivot"]


def pivot(source: Source, keys: list[str], pivot_field: str, value_field: str, made: Output) -> str:
    """Write one row for each combination of the key fields; the last value of a cell counts."""
    import pyarrow as pa

    keys = [source.field(name, "Input Fields")["name"] for name in keys]
    across = source.field(pivot_field, "Pivot Field")["name"]
    value = source.field(value_field, "Value Field")["name"]
    columns = list(dict.fromkeys([*keys, across, value]))
    kinds = schema_of(source, columns)
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    found: dict[str, None] = {}
    for batch in batches(source, columns):
        lists = {name: batch.rows.column(name).to_pylist() for name in columns}
        for index in range(len(batch.oids)):
            key = tuple(lists[name][index] for name in keys)
            name = _name(across, lists[across][index])
            found.setdefault(name)
            rows.setdefault(key, {})[name] = lists[value][index]
    schema = pa.schema(
        [kinds.field(name) for name in keys] + [kinds.field(value).with_name(name) for name in sorted(found)]
    )
    listed = [
        {**dict(zip(keys, key, strict=True)), **cells}
        for key, cells in sorted(rows.items(), key=lambda pair: tuple(map(str, pair[0])))
    ]
    batch = pa.RecordBatch.from_pylist(listed, schema=schema)
    return write(made, schema, [Batch(np.arange(len(listed)), batch, None)], shape=None)


def _name(field: str, value: Any) -> str:
    text = re.sub(r"\W", "_", "" if value is None else str(value))
    return f"{field}{text}" if isinstance(value, int | float) or not text[:1].isalpha() else text
