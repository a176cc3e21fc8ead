"""InsertCursor."""

from __future__ import annotations

from typing import Any

from ..data._edit import Editor
from ..tools.sources import resolve
from ._fields import field_names
from ._update import put_row

__all__ = ["InsertCursor"]


class InsertCursor:
    """Add rows; they are stored when the `with` block or `del cursor` ends it.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/insertcursor-class.htm
    """

    def __init__(
        self, in_table: Any, field_names: Any, datum_transformation: Any = None, explicit: bool = False
    ) -> None:
        source = resolve(in_table, "in_table")
        self._source = source
        self._names = _names(source, field_names)
        self.fields: tuple[str, ...] = tuple(self._names)
        self._oid = source.about["objectIdField"] or "FID"
        self._editor = Editor(source.path, source.layer).__enter__()

    def __enter__(self) -> InsertCursor:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._editor.close(failed=kind is not None)

    def __del__(self) -> None:
        if getattr(self, "_editor", None) is not None:
            self._editor.close()

    def insertRow(self, row: Any) -> int:
        """Add a row and return its id.

        Raises:
            TypeError: If a value does not fit its field.
        """
        feature = self._editor.new()
        try:
            put_row(self._editor, feature, self._names, row, self._oid, None, self._source.shape)
            return self._editor.insert(feature)
        finally:
            self._editor.release(feature)

    def __repr__(self) -> str:
        return f"<InsertCursor {self._source.name} {self.fields}>"


def _names(source: Any, value: Any) -> list[str]:
    return field_names(source, value)
