"""Copy Features, Copy Rows, Copy, Rename, Merge, Append."""

from __future__ import annotations

import os
import shutil
from typing import Any

from ..exceptions import ExistsError, NotSupportedError
from ..gp.env import env
from ..gp.messages import ToolRun
from ..gp.values import literal_path, one_of
from ..tools import copying, merging, renaming
from ..tools.outputs import output
from ..tools.running import label, tool
from ..tools.sources import absolute, resolve, several

__all__ = ["Append", "Copy", "CopyFeatures", "CopyRows", "Merge", "Rename"]


@tool
def CopyFeatures(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    config_keyword: Any = None,
    spatial_grid_1: Any = None,
    spatial_grid_2: Any = None,
    spatial_grid_3: Any = None,
) -> dict[str, Any]:
    """Copy features, or the selected ones of a layer, to a new feature class.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/copy-features.htm
    """
    if isinstance(in_features, list | tuple):
        in_features = merging.from_geometries(in_features)
    elif hasattr(in_features, "_shape"):
        in_features = merging.from_geometries([in_features])
    source = resolve(in_features, "in_features", spatial=True)
    made = output(out_feature_class, "out_feature_class", sources=[source])
    return {"out_feature_class": copying.copy(run, source, made)}


@tool
def CopyRows(run: ToolRun, in_rows: Any, out_table: Any, config_keyword: Any = None) -> dict[str, Any]:
    """Copy the rows of a table, without geometries, to a new table.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/copy-rows.htm
    """
    source = resolve(in_rows, "in_rows")
    made = output(out_table, "out_table", spatial=False, sources=[source])
    return {"out_table": copying.copy(run, source, made, spatial=False)}


@tool
def Copy(
    run: ToolRun, in_data: Any, out_data: Any, data_type: Any = None, associated_data: Any = None
) -> dict[str, Any]:
    """Copy a dataset, a geodatabase, a folder or a file.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/copy.htm
    """
    path = absolute(literal_path(getattr(in_data, "dataSource", in_data)))
    whole = os.path.isdir(path) or (
        os.path.isfile(path) and not path.lower().endswith((".shp", ".dbf", ".csv", ".geojson"))
    )
    if not whole:
        source = resolve(in_data, "in_data")
        made = output(out_data, "out_data", spatial=source.shape is not None, sources=[source])
        return {"out_data": copying.copy(run, source, made, spatial=source.shape is not None)}
    target = absolute(literal_path(out_data))
    if os.path.lexists(target):
        if not env.overwriteOutput:
            raise ExistsError(f"{label('out_data')}: Dataset {target} already exists", 725)
        shutil.rmtree(target) if os.path.isdir(target) else os.remove(target)
    part = f"{target}.{os.getpid()}.part"
    try:
        shutil.copytree(path, part) if os.path.isdir(path) else shutil.copy2(path, part)
        os.replace(part, target)
    finally:
        if os.path.isdir(part):
            shutil.rmtree(part, ignore_errors=True)
    return {"out_data": target}


@tool
def Rename(run: ToolRun, in_data: Any, out_data: Any, data_type: Any = None) -> dict[str, Any]:
    """Rename a dataset inside its container, a file, a folder or a geodatabase.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/rename.htm
    """
    return {"out_data": renaming.rename(in_data, out_data)}


@tool
def Merge(
    run: ToolRun,
    inputs: Any,
    output: Any,
    field_mappings: Any = None,
    add_source: Any = "NO_SOURCE_INFO",
    field_match_mode: Any = "AUTOMATIC",
) -> dict[str, Any]:
    """Put the features or rows of several datasets of one kind into a new one.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/merge.htm
    """
    sources = [resolve(entry, "inputs") for entry in several(inputs, "inputs")]
    info = one_of(
        "Add source information", add_source, ("NO_SOURCE_INFO", "ADD_SOURCE_INFO"), "NO_SOURCE_INFO"
    )
    return {"output": merging.merge(run, sources, output, field_mappings, info == "ADD_SOURCE_INFO")}


@tool
def Append(
    run: ToolRun,
    inputs: Any,
    target: Any,
    schema_type: Any = "TEST",
    field_mapping: Any = None,
    subtype: Any = None,
    expression: Any = None,
    match_fields: Any = None,
    update_geometry: Any = None,
    enforce_domains: Any = None,
    feature_service_mode: Any = None,
) -> dict[str, Any]:
    """Add the rows of datasets to an existing one.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/append.htm
    """
    if match_fields:
        raise NotSupportedError("match_fields is not supported; update rows with arcpy.da.UpdateCursor")
    words = ("TEST", "NO_TEST", "TEST_AND_SKIP")
    mode = one_of("Field Matching Type", schema_type, words, "TEST")
    into = resolve(target, "target")
    sources = [resolve(entry, "inputs").and_where(expression) for entry in several(inputs, "inputs")]
    count = merging.append(run, sources, into, mode, field_mapping)
    return {"updated_target": target, "appended_row_count": str(count)}
