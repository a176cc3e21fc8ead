"""Delete Rows, Delete Features, Truncate Table, Delete Identical, Pivot Table."""

from __future__ import annotations

from typing import Any

from ..data._edit import Editor
from ..gp.messages import ToolRun
from ..gp.values import given, names
from ..tools import pivoting
from ..tools.outputs import output
from ..tools.reading import batches, ids
from ..tools.running import tool
from ..tools.sources import resolve

__all__ = ["DeleteFeatures", "DeleteIdentical", "DeleteRows", "PivotTable", "TruncateTable"]


def _delete(value: Any, parameter: str, spatial: bool | None = None) -> int:
    source = resolve(value, parameter, spatial=spatial)
    wanted = ids(source)
    with Editor(source.path, source.layer) as editor:
        for fid in wanted:
            editor.remove(fid)
    if source.view is not None and source.selection is not None:
        source.view.selection = None
    return len(wanted)


@tool
def DeleteRows(run: ToolRun, in_rows: Any) -> dict[str, Any]:
    """Delete all rows, or the selected ones of a layer or view.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete-rows.htm
    """
    _delete(in_rows, "in_rows")
    return {"out_table": in_rows}


@tool
def DeleteFeatures(run: ToolRun, in_features: Any) -> dict[str, Any]:
    """Delete all features, or the selected ones of a layer.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete-features.htm
    """
    _delete(in_features, "in_features", True)
    return {"out_feature_class": in_features}


@tool
def TruncateTable(run: ToolRun, in_table: Any) -> dict[str, Any]:
    """Delete all rows of a table, whatever is selected.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/truncate-table.htm
    """
    source = resolve(in_table, "in_table")
    with Editor(source.path, source.layer) as editor:
        for fid in editor.ids():
            editor.remove(fid)
    return {"out_table": in_table}


@tool
def DeleteIdentical(
    run: ToolRun, in_dataset: Any, fields: Any, xy_tolerance: Any = None, z_tolerance: Any = None
) -> dict[str, Any]:
    """Delete rows that have the same values in some fields as an earlier row; `Shape` compares geometries.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/delete-identical.htm
    """
    import shapely

    source = resolve(in_dataset, "in_dataset")
    chosen = names(fields)
    shape = any(name.lower() in ("shape", "geometry") for name in chosen) and source.shape is not None
    plain = [
        source.field(name)["name"] for name in chosen if not (shape and name.lower() in ("shape", "geometry"))
    ]
    if given(xy_tolerance) is not None:
        run.warning("xy_tolerance is not used: geometries must be equal")
    seen: set[Any] = set()
    doubles = []
    for batch in batches(source, plain):
        columns = [batch.rows.column(name).to_pylist() for name in plain]
        if shape:
            columns.append(list(shapely.to_wkb(shapely.normalize(batch.shapes))))
        for fid, key in zip(batch.oids, zip(*columns, strict=True), strict=True):
            if key in seen:
                doubles.append(int(fid))
            seen.add(key)
    with Editor(source.path, source.layer) as editor:
        for fid in doubles:
            editor.remove(fid)
    run.message(f"{len(doubles)} rows deleted")
    return {"out_dataset": in_dataset}


@tool
def PivotTable(
    run: ToolRun, in_table: Any, fields: Any, pivot_field: Any, value_field: Any, out_table: Any
) -> dict[str, Any]:
    """Turn the values of a field into fields.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/pivot-table.htm
    """
    source = resolve(in_table, "in_table")
    made = output(out_table, "out_table", spatial=False, sources=[source])
    return {"out_table": pivoting.pivot(source, names(fields), str(pivot_field), str(value_field), made)}
