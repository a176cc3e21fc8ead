"""Rows as Arrow streams."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import pyogrio

from geosharing.exceptions import InvalidInputError

from . import _gdal
from ._describe import unreadable
from ._gdal import GdalError
from ._query import set_filter, to_gdal
from ._schema import open_layer
from ._source import locate

BATCH_ROWS = 16_384


class ArrowReader:
    """An open Arrow stream; read it through `__arrow_c_stream__` and close it afterwards.

    Attributes:
        geometry_column: Name of the WKB column in the stream, `None` for tables.
        oid_column: Name of the row id column in the stream.
    """

    def __init__(self, context: AbstractContextManager[Any]) -> None:
        self._context: AbstractContextManager[Any] | None = context
        with warnings.catch_warnings():
            # The stream carries M values, only pyogrio's name for the type does not.
            warnings.simplefilter("ignore")
            meta, self._stream = context.__enter__()
        named = meta["geometry_name"] or "wkb_geometry"
        self.geometry_column: str | None = named if meta["geometry_type"] else None
        self.oid_column: str = meta["fid_column"] or "OGC_FID"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the stream as a PyCapsule; it can be taken once."""
        return self._stream.__arrow_c_stream__(requested_schema)

    def close(self) -> None:
        """Close the dataset; the stream must not be read afterwards."""
        context, self._context = self._context, None
        if context is not None:
            context.__exit__(None, None, None)

    def __enter__(self) -> ArrowReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_arrow(
    path: str | os.PathLike[str],
    layer: str | None = None,
    *,
    where: str | None = None,
    columns: Iterable[str] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> ArrowReader:
    """Open a dataset as a stream of Arrow batches.

    The stream has the row ids first, then the fields, then geometries as ISO WKB with Z and M.

    Args:
        path: As for `describe`.
        layer: Name inside the container.
        where: Definition query.
        columns: Names of the fields wanted; `None` means all.
        bbox: Envelope that geometries must meet, in the units of the data.
        batch_rows: Most rows of one batch.

    Raises:
        MissingError: If the file or layer does not exist.
        NotSupportedError: If the format cannot be read.
        InvalidInputError: If the query is not understood.

    Examples:
        >>> with open_arrow("roads.gdb", "roads") as reader:  # doctest: +SKIP
        ...     table = pyarrow.table(reader)
    """
    target = locate(path, layer)
    try:
        # pyogrio would only warn of a bad query and stream everything.
        with _gdal.opened(target.name, open_options=list(target.options)) as handle:
            found = open_layer(handle, target, os.fspath(path))
            name = _gdal.text(_gdal.library().OGR_L_GetName(found))
            set_filter(found, where, name)
    except GdalError as error:
        raise unreadable(path, target, error) from error
    context = pyogrio.open_arrow(
        target.name,
        layer=name,
        columns=None if columns is None else list(columns),
        where=to_gdal(where),
        bbox=bbox,
        return_fids=True,
        batch_size=batch_rows,
        use_pyarrow=False,
        **target.keywords,
    )
    try:
        return ArrowReader(context)
    except pyogrio.errors.DataSourceError as error:
        raise unreadable(path, target, GdalError(str(error))) from error
    except ValueError as error:
        raise InvalidInputError(f"`{os.fspath(path)}` cannot be read: {error}") from error
