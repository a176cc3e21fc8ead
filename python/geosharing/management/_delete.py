"""Delete."""

from __future__ import annotations

import os
import shutil
from typing import Any

from ..exceptions import MissingError
from ..gp.datasets import _source
from ..gp.messages import ToolRun, run_tool
from ..gp.result import Result
from ..gp.values import literal_path

__all__ = ["Delete"]

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".shp.xml", ".ain", ".aih", ".atx")


def Delete(in_data: Any, data_type: Any = None) -> Result:
    """Delete files, geodatabases, folders made of data, or datasets inside a container.

    Args:
        in_data: one path or dataset, or a list of them.
        data_type: ignored; the data says what it is.

    Raises:
        ExecuteError: ERROR 000732 when there is no such data.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete.htm
    """
    wanted = list(in_data) if isinstance(in_data, list | tuple) else [in_data]

    def work(run: ToolRun) -> dict[str, Any]:
        for thing in wanted:
            _delete(_source(thing))
        return {"out_results": "true"}

    return run_tool("Delete", work, {"in_data": in_data, "data_type": data_type})


def _delete(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
        return
    if os.path.lexists(path):
        stem, extension = os.path.splitext(path)
        parts = _PARTS if extension.lower() == ".shp" else ()
        os.remove(path)
        for part in parts:
            if os.path.lexists(stem + part):
                os.remove(stem + part)
        return
    from .. import data

    try:
        data.delete(path)
    except (MissingError, FileNotFoundError) as error:
        shown = literal_path(path)
        raise MissingError(
            f"Input Data Element: Dataset {shown} does not exist or is not supported", 732
        ) from error
