"""Summary Statistics, Pairwise Dissolve."""

from __future__ import annotations

from typing import Any

from ..gp.messages import ToolRun
from ..gp.values import flag, names
from ..tools import dissolving, summarising
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["PairwiseDissolve", "Statistics"]


@tool
def PairwiseDissolve(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    dissolve_field: Any = None,
    statistics_fields: Any = None,
    multi_part: Any = "MULTI_PART",
    concatenation_separator: Any = "",
) -> dict[str, Any]:
    """Unite the features that have the same values in some fields.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/pairwise-dissolve.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    made = output(out_feature_class, "out_feature_class", sources=[source])
    multi = flag("Create multipart features", multi_part, "MULTI_PART", "SINGLE_PART", default=True)
    fields, separator = names(dissolve_field), concatenation_separator or ""
    return {
        "out_feature_class": dissolving.dissolve(source, made, fields, statistics_fields, multi, separator)
    }


@tool
def Statistics(
    run: ToolRun,
    in_table: Any,
    out_table: Any,
    statistics_fields: Any,
    case_field: Any = None,
    concatenation_separator: Any = "",
) -> dict[str, Any]:
    """Summarise fields, by the values of case fields if there are any.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/summary-statistics.htm
    """
    source = resolve(in_table, "in_table")
    made = output(out_table, "out_table", spatial=False, sources=[source])
    path = summarising.summarise(
        source, made, statistics_fields, names(case_field), concatenation_separator or ""
    )
    return {"out_table": path}
