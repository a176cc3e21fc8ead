"""Near."""

from __future__ import annotations

from typing import Any

from ..exceptions import NotSupportedError
from ..gp.messages import ToolRun
from ..gp.values import flag, given, one_of
from ..tools import nearing
from ..tools.running import tool
from ..tools.sources import resolve, several

__all__ = ["Near"]


@tool
def Near(
    run: ToolRun,
    in_features: Any,
    near_features: Any,
    search_radius: Any = None,
    location: Any = "NO_LOCATION",
    angle: Any = "NO_ANGLE",
    method: Any = "PLANAR",
    field_names: Any = None,
    distance_unit: Any = None,
) -> dict[str, Any]:
    """Add NEAR_FID and NEAR_DIST (-1 for none), and on demand NEAR_X, NEAR_Y and NEAR_ANGLE, in place.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/analysis/near.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    others = [resolve(e, "near_features", spatial=True) for e in several(near_features, "near_features")]
    if one_of("Method", method, ("PLANAR", "GEODESIC"), "PLANAR") == "GEODESIC":
        raise NotSupportedError("geodesic distances are not supported here; project the data first")
    nearing.near(
        source,
        others,
        search_radius,
        flag("Location", location, "LOCATION", "NO_LOCATION", default=False),
        flag("Angle", angle, "ANGLE", "NO_ANGLE", default=False),
        given(distance_unit),
        field_names,
    )
    return {"out_table": in_features}
