"""Feature classes and tables to other places."""

from __future__ import annotations

import os
from typing import Any

from ..gp.messages import ToolRun
from ..gp.values import literal_path
from ..tools import copying, selecting
from ..tools.outputs import output
from ..tools.running import tool
from ..tools.sources import absolute, resolve, several

__all__ = [
    "ExportFeatures",
    "ExportTable",
    "FeatureClassToFeatureClass",
    "FeatureClassToGeodatabase",
    "FeatureClassToShapefile",
    "TableToDBASE",
    "TableToGeodatabase",
    "TableToTable",
]


def _export(
    run: ToolRun,
    value: Any,
    parameter: str,
    out: Any,
    out_parameter: str,
    where: Any,
    mapping: Any,
    spatial: bool,
) -> str:
    source = resolve(value, parameter, spatial=spatial or None)
    selecting.check_where(source, where)
    made = output(out, out_parameter, spatial=spatial, sources=[source])
    return copying.copy(run, source.and_where(where), made, spatial=spatial, mapping=mapping)


@tool
def ExportFeatures(
    run: ToolRun,
    in_features: Any,
    out_features: Any,
    where_clause: Any = None,
    use_field_alias_as_name: Any = "NOT_USE_ALIAS",
    field_mapping: Any = None,
    sort_field: Any = None,
) -> dict[str, Any]:
    """Write features, or some of them, to a new feature class.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/export-features.htm
    """
    if sort_field not in (None, "", "#"):
        run.warning("sort_field is not used: rows keep their order")
    path = _export(
        run, in_features, "in_features", out_features, "out_features", where_clause, field_mapping, True
    )
    return {"out_features": path}


@tool
def ExportTable(
    run: ToolRun,
    in_table: Any,
    out_table: Any,
    where_clause: Any = None,
    use_field_alias_as_name: Any = "NOT_USE_ALIAS",
    field_mapping: Any = None,
    sort_field: Any = None,
) -> dict[str, Any]:
    """Write the rows of a table, or some of them, to a new table.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/export-table.htm
    """
    if sort_field not in (None, "", "#"):
        run.warning("sort_field is not used: rows keep their order")
    path = _export(run, in_table, "in_table", out_table, "out_table", where_clause, field_mapping, False)
    return {"out_table": path}


@tool
def FeatureClassToFeatureClass(
    run: ToolRun,
    in_features: Any,
    out_path: Any,
    out_name: Any,
    where_clause: Any = None,
    field_mapping: Any = None,
    config_keyword: Any = None,
) -> dict[str, Any]:
    """Write features to a new feature class in a workspace.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/feature-class-to-feature-class.htm
    """
    out = os.path.join(absolute(literal_path(out_path)), str(out_name))
    path = _export(
        run, in_features, "in_features", out, "out_feature_class", where_clause, field_mapping, True
    )
    return {"out_feature_class": path}


@tool
def TableToTable(
    run: ToolRun,
    in_rows: Any,
    out_path: Any,
    out_name: Any,
    where_clause: Any = None,
    field_mapping: Any = None,
    config_keyword: Any = None,
) -> dict[str, Any]:
    """Write rows to a new table in a workspace.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/table-to-table.htm
    """
    out = os.path.join(absolute(literal_path(out_path)), str(out_name))
    path = _export(run, in_rows, "in_rows", out, "out_table", where_clause, field_mapping, False)
    return {"out_table": path}


def _each(run: ToolRun, values: Any, parameter: str, folder: Any, *, spatial: bool, suffix: str = "") -> str:
    box = absolute(literal_path(folder))
    for value in several(values, parameter):
        source = resolve(value, parameter, spatial=spatial or None)
        name = os.path.splitext(source.name)[0]
        wanted, number = name, 1
        from ..tools.outputs import _place, exists

        # A name that is taken gets a number, as these tools have no way to say another.
        while exists(_place(os.path.join(box, wanted + suffix), parameter, spatial)):
            wanted, number = f"{name}_{number}", number + 1
        made = output(os.path.join(box, wanted + suffix), "out", spatial=spatial, sources=[source])
        copying.copy(run, source, made, spatial=spatial)
    return box


@tool
def FeatureClassToGeodatabase(run: ToolRun, Input_Features: Any, Output_Geodatabase: Any) -> dict[str, Any]:
    """Write feature classes into a geodatabase under their own names.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/feature-class-to-geodatabase.htm
    """
    box = _each(run, Input_Features, "Input_Features", Output_Geodatabase, spatial=True)
    return {"Derived_Geodatabase": box}


@tool
def TableToGeodatabase(run: ToolRun, Input_Table: Any, Output_Geodatabase: Any) -> dict[str, Any]:
    """Write tables into a geodatabase under their own names.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/table-to-geodatabase.htm
    """
    box = _each(run, Input_Table, "Input_Table", Output_Geodatabase, spatial=False)
    return {"Derived_Geodatabase": box}


@tool
def FeatureClassToShapefile(run: ToolRun, Input_Features: Any, Output_Folder: Any) -> dict[str, Any]:
    """Write feature classes as shapefiles.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/feature-class-to-shapefile.htm
    """
    box = _each(run, Input_Features, "Input_Features", Output_Folder, spatial=True, suffix=".shp")
    return {"Derived_Folder": box}


@tool
def TableToDBASE(run: ToolRun, Input_Table: Any, Output_Folder: Any) -> dict[str, Any]:
    """Write tables as dBASE files.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/table-to-dbase.htm
    """
    box = _each(run, Input_Table, "Input_Table", Output_Folder, spatial=False, suffix=".dbf")
    return {"Derived_Folder": box}
