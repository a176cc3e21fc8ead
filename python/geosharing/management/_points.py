"""XY Table To Point, Add XY Coordinates, Feature To Point."""

from __future__ import annotations

from typing import Any

from ..data._edit import Editor
from ..gp.messages import ToolRun
from ..gp.values import flag, given
from ..tools import pointing
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["AddXY", "FeatureToPoint", "XYTableToPoint"]


@tool
def XYTableToPoint(
    run: ToolRun,
    in_table: Any,
    out_feature_class: Any,
    x_field: Any,
    y_field: Any,
    z_field: Any = None,
    coordinate_system: Any = None,
) -> dict[str, Any]:
    """Make points of the coordinates in a table; WGS 84 unless told.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/xy-table-to-point.htm
    """
    source = resolve(in_table, "in_table")
    made = output(out_feature_class, "out_feature_class", sources=[source])
    path = pointing.from_table(
        run, source, made, str(x_field), str(y_field), given(z_field), coordinate_system
    )
    return {"out_feature_class": path}


@tool
def FeatureToPoint(
    run: ToolRun, in_features: Any, out_feature_class: Any, point_location: Any = "CENTROID"
) -> dict[str, Any]:
    """Make a point of every feature: its centroid, or a point inside it.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/feature-to-point.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    made = output(out_feature_class, "out_feature_class", sources=[source])
    inside = flag("Inside", point_location, "INSIDE", "CENTROID", default=False)
    return {"out_feature_class": pointing.of_features(source, made, inside)}


@tool
def AddXY(run: ToolRun, in_features: Any) -> dict[str, Any]:
    """Add the fields POINT_X and POINT_Y (and POINT_Z) to points and set them.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/add-xy-coordinates.htm
    """
    import shapely

    source = resolve(in_features, "in_features", spatial=True)
    pointing.must_be(source, "in_features", "esriGeometryPoint")
    wanted = ["POINT_X", "POINT_Y", *(["POINT_Z"] if source.about["hasZ"] else [])]
    with Editor(source.path, source.layer) as editor:
        for name in wanted:
            if not editor.has(name):
                editor.add_column(name, "DOUBLE")
        columns = [editor.column(name) for name in wanted]
        for _, feature in editor.rows(editor.ids(source.where)):
            wkb = editor.wkb(feature)
            if wkb is None:
                continue
            point = shapely.from_wkb(wkb)
            for column, value in zip(columns, point.coords[0] if not point.is_empty else (), strict=False):
                editor.put(feature, column, value)
            editor.store(feature)
    return {"out_features": in_features}
