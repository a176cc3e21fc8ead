"""Copying rows into a new dataset."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from typing import Any

from ..data import _gdal
from ..data._query import to_gdal
from ..data._source import locate
from ..exceptions import StorageError
from ..gp.env import env
from ..gp.messages import ToolRun
from . import fieldmaps
from .outputs import Output, _carry_domains, _options, remove, write
from .reading import Batch, batches, environment_box, fields_of, schema_of
from .sources import Source

__all__ = ["copy"]


def copy(
    run: ToolRun,
    source: Source,
    made: Output,
    *,
    spatial: bool = True,
    mapping: Any = None,
    fields: Iterable[str] | None = None,
) -> str:
    """Copy the rows that query and selection leave, with fields, aliases and domains.

    Args:
        run: The running tool.
        source: What to copy.
        made: Where to.
        spatial: False leaves the geometries out.
        mapping: Field mapping as text or `FieldMappings`.
        fields: Names of the fields wanted; all by default.
    """
    about = source.about
    shape = about["geometryType"] if spatial else None
    plan = fieldmaps.parse(mapping) if mapping not in (None, "", "#") else []
    # GDAL's own copy keeps M values and multipatches, which batches have not.
    special = about["hasM"] or shape == "esriGeometryMultiPatch"
    whole = not plan and source.selection is None and not source.hidden and made.driver == "OpenFileGDB"
    plain = env.outputCoordinateSystem in (None, "") and environment_box(source) is None
    if shape and special and whole and plain:
        return _translate(source, made)
    if shape and about["hasM"]:
        run.warning("M values are not kept, since the copy goes row by row")
    names = list(fields) if fields is not None else fields_of(source)
    if not plan:
        kept = [f for f in about["fields"] if f["name"] in names]
        rows: Iterable[Batch] = batches(source, names)
        if not spatial:
            rows = (Batch(batch.oids, batch.rows, None) for batch in rows)
        return write(
            made,
            schema_of(source, names),
            rows,
            shape=shape,
            has_z=about["hasZ"],
            crs=source.crs,
            fields=kept,
        )
    schema = fieldmaps.schema(plan, [source])
    wanted = fieldmaps.columns(plan, source)

    def mapped() -> Iterator[Batch]:
        for batch in batches(source, wanted):
            rows = fieldmaps.apply(plan, source, batch.rows, schema, len(batch.oids))
            yield Batch(batch.oids, rows, batch.shapes if spatial else None)

    return write(made, schema, mapped(), shape=shape, has_z=about["hasZ"], crs=source.crs)


def _translate(source: Source, made: Output) -> str:
    import pyarrow as pa

    lib = _gdal.library()
    about = source.about
    if made.replaces:
        remove(made)
    layer_options = _options(made, about["geometryType"], pa.schema([]))
    arguments = ["-update", "-nln", made.name, "-unsetFid"]
    for key, value in layer_options.items():
        arguments += ["-lco", f"{key}={value}"]
    if about["geometryType"] == "esriGeometryMultiPatch":
        arguments += ["-lco", "CREATE_MULTIPATCH=YES"]
    where = to_gdal(source.where)
    if where:
        arguments += ["-where", where]
    arguments += ["-select", ",".join(fields_of(source)), about["name"]]
    parsed = lib.GDALVectorTranslateOptionsNew(_gdal.options(arguments), None)
    problem = ctypes.c_int()
    target = locate(source.path, source.layer)
    try:
        with (
            _gdal.opened(target.name, open_options=list(target.options)) as read,
            _gdal.opened(made.file, _gdal.OF_VECTOR | _gdal.OF_UPDATE) as handle,
        ):
            sources = (ctypes.c_void_p * 1)(read)
            if not lib.GDALVectorTranslate(None, handle, 1, sources, parsed, ctypes.byref(problem)):
                raise StorageError(f"cannot write `{made.path}`: {_gdal.last_error()}")
    finally:
        lib.GDALVectorTranslateOptionsFree(parsed)
    _carry_domains(made, about["fields"])
    return made.path
