"""Delete."""

from __future__ import annotations

import os
import shutil
from typing import Any

from .. import data
from ..data._source import MEMORY_FOLDER, locate
from ..gp.datasets import _source
from ..gp.messages import ToolRun, run_tool
from ..gp.result import Result
from ..gp.values import literal_path
from ..tools import layers
from ..tools.outputs import Output, remove, remove_file
from ..tools.sources import resolve

__all__ = ["Delete"]


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
            _delete(thing)
        return {"out_results": "true"}

    return run_tool("Delete", work, {"in_data": in_data, "data_type": data_type})


def _delete(thing: Any) -> None:
    text = literal_path(thing) if isinstance(thing, str) else ""
    if layers.drop(text):
        return
    path = _source(thing)
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
        return
    if os.path.lexists(path):
        remove_file(path)
        return
    found = resolve(thing, "in_data_element")
    target = locate(found.path, found.layer)
    if target.name.startswith(MEMORY_FOLDER):
        data.delete(found.path)
    elif os.path.isfile(target.name) and target.layer is None:
        remove_file(target.name)
    else:
        remove(Output(found.path, target.name, found.about["name"], found.about["driver"]))
