"""Field mappings: which fields of the inputs become which field of the output."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..exceptions import InvalidInputError, NotSupportedError
from .sources import Source

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Mapped", "apply", "arrow_type", "columns", "parse", "schema"]

_TYPES = {
    "short": "int16",
    "smallinteger": "int16",
    "long": "int32",
    "integer": "int32",
    "biginteger": "int64",
    "float": "float32",
    "single": "float32",
    "double": "float64",
    "text": "string",
    "string": "string",
    "guid": "string",
    "globalid": "string",
    "date": "timestamp[ms]",
    "dateonly": "date32[day]",
    "blob": "binary",
}
_HEAD = re.compile(
    r'^(?P<name>[^\s"]+)\s+"(?P<alias>[^"]*)"\s+(?P<flags>(?:(?:true|false)\s+){2,3})'
    r"(?P<length>\d+)\s+(?P<type>\w+)\s+(?P<scale>\d+)\s+(?P<precision>\d+)\s*$",
    re.IGNORECASE,
)


@dataclass
class Mapped:
    """One field of the output."""

    name: str
    alias: str = ""
    type: str = "Text"
    length: int = 255
    rule: str = "First"
    joiner: str = ""
    inputs: list[tuple[str, str]] = field(default_factory=list)
    """Table and name of the fields whose value it takes."""


def parse(value: Any) -> list[Mapped]:
    """Read a field mapping from its text form or a `FieldMappings`.

    Raises:
        InvalidInputError: ERROR 000870 when it is none.
    """
    text = value.exportToString() if hasattr(value, "exportToString") else str(value)
    plan = []
    for entry in _entries(text):
        head, *rest = next(csv.reader([entry], quotechar="'"))
        match = _HEAD.match(head.strip())
        if match is None:
            raise InvalidInputError(f"Field Map: `{head}` is no field of a mapping", 870)
        made = Mapped(match["name"], match["alias"], match["type"], int(match["length"]))
        if rest:
            made.rule = rest[0].strip() or "First"
            made.joiner = rest[1].strip().strip('"') if len(rest) > 1 else ""
            sources = rest[2:]
            for at in range(0, len(sources) - 1, 4):
                made.inputs.append((sources[at].strip(), sources[at + 1].strip()))
        if made.rule.lower() not in ("first", "last", "join"):
            raise NotSupportedError(f"the merge rule `{made.rule}` is not supported; use First, Last or Join")
        plan.append(made)
    return plan


def _entries(text: str) -> Iterable[str]:
    """Part the text at semicolons that stand outside of quotes."""
    return [part for part in re.findall(r"""(?:[^;"']|"[^"]*"|'[^']*')+""", text) if part.strip()]


def arrow_type(name: str) -> Any:
    """Return the Arrow type of Esri's word for a field type."""
    import pyarrow as pa

    word = _TYPES.get(name.lower().replace("esrifieldtype", ""), "string")
    if word == "timestamp[ms]":
        return pa.timestamp("ms")
    return pa.date32() if word == "date32[day]" else pa.type_for_alias(word)


def schema(plan: list[Mapped], sources: list[Source]) -> pyarrow.Schema:
    """Return the Arrow schema of the output."""
    import pyarrow as pa

    fields = []
    for mapped in plan:
        kind = arrow_type(mapped.type)
        metadata = {}
        if mapped.alias and mapped.alias != mapped.name:
            metadata["GDAL:OGR:alternative_name"] = mapped.alias
        if pa.types.is_string(kind):
            metadata["GDAL:OGR:width"] = str(mapped.length or 255)
        if pa.types.is_int16(kind):
            metadata["GDAL:OGR:subtype"] = "Int16"
        fields.append(pa.field(mapped.name, kind, metadata=metadata))
    return pa.schema(fields)


def _inputs(mapped: Mapped, source: Source) -> list[str]:
    """Return the fields of one source that go into an output field."""
    known = {f["name"].lower(): f["name"] for f in source.about["fields"]}
    own = []
    for table, name in mapped.inputs:
        leaf = re.split(r"[\\/]", table)[-1].lower().removesuffix(".shp")
        same = leaf in (source.name.lower().removesuffix(".shp"), (source.about["name"] or "").lower())
        if same and name.lower() in known:
            own.append(known[name.lower()])
    return own


def columns(plan: list[Mapped], source: Source) -> list[str]:
    """Return the fields to read from a source."""
    return list(dict.fromkeys(name for mapped in plan for name in _inputs(mapped, source)))


def apply(
    plan: list[Mapped], source: Source, rows: pyarrow.RecordBatch, schema: pyarrow.Schema, count: int
) -> pyarrow.RecordBatch:
    """Return rows in the form of the output."""
    import pyarrow as pa
    import pyarrow.compute as pc

    made = []
    for mapped, wanted in zip(plan, schema, strict=True):
        names = _inputs(mapped, source)
        if not names:
            made.append(pa.nulls(count, wanted.type))
        elif mapped.rule.lower() == "join" and len(names) > 1:
            texts = [rows.column(name).cast(pa.string()) for name in names]
            made.append(pc.binary_join_element_wise(*texts, mapped.joiner, null_handling="skip"))
        else:
            made.append(cast(rows.column(names[-1 if mapped.rule.lower() == "last" else 0]), wanted.type))
    return pa.RecordBatch.from_arrays(made, schema=schema)


def cast(column: Any, kind: Any) -> Any:
    """Return a column as another type; what does not fit becomes null, as in ArcGIS."""
    import pyarrow as pa

    if column.type == kind:
        return column
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        made = []
        for value in column.to_pylist():
            try:
                made.append(pa.scalar(value).cast(kind).as_py() if value is not None else None)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                made.append(None)
        return pa.array(made, kind)
