"""Get Count."""

from __future__ import annotations

from typing import Any

from ..gp.messages import ToolRun, run_tool
from ..gp.result import Result
from ..tools.sources import resolve

__all__ = ["GetCount"]


def GetCount(in_rows: Any) -> Result:
    """Count the rows of a dataset, or the selected ones of a layer; output 0 is the number as text.

    Raises:
        ExecuteError: ERROR 000732 when there is no such data.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/get-count.htm
    """

    def work(run: ToolRun) -> dict[str, Any]:
        count = resolve(in_rows, "in_rows").count()
        run.message(f"Row Count = {count}")
        return {"row_count": str(count)}

    return run_tool("GetCount", work, {"in_rows": in_rows})
