"""Create File Geodatabase, Feature Class, Table, Folder, Feature Dataset."""

from __future__ import annotations

import os
from typing import Any

from ..exceptions import ExistsError, InvalidInputError, MissingError, NotSupportedError, StorageError
from ..gp.env import env
from ..gp.messages import ToolRun
from ..gp.values import given, literal_path, one_of, output_path
from ..tools.outputs import create_geodatabase, output, write
from ..tools.projecting import system
from ..tools.reading import schema_of
from ..tools.running import tool
from ..tools.sources import absolute, resolve, several

__all__ = ["CreateFeatureDataset", "CreateFeatureclass", "CreateFileGDB", "CreateFolder", "CreateTable"]

_SHAPES = {
    "POINT": "esriGeometryPoint",
    "MULTIPOINT": "esriGeometryMultipoint",
    "POLYLINE": "esriGeometryPolyline",
    "POLYGON": "esriGeometryPolygon",
    "MULTIPATCH": "esriGeometryMultiPatch",
}


@tool
def CreateFileGDB(
    run: ToolRun, out_folder_path: Any, out_name: Any, out_version: Any = "CURRENT"
) -> dict[str, Any]:
    """Make an empty file geodatabase.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/create-file-gdb.htm
    """
    folder = output_path(absolute(literal_path(out_folder_path)))
    name = str(out_name) if str(out_name).lower().endswith(".gdb") else f"{out_name}.gdb"
    path = os.path.join(folder, name)
    if not os.path.isdir(folder):
        raise MissingError(f"File GDB Location: Dataset {folder} does not exist or is not supported", 732)
    if os.path.lexists(path):
        if not env.overwriteOutput:
            raise ExistsError(f"Output File GDB: Dataset {path} already exists", 725)
        import shutil

        shutil.rmtree(path)
    create_geodatabase(path)
    return {"out_file_gdb": path}


@tool
def CreateFolder(run: ToolRun, out_folder_path: Any, out_name: Any) -> dict[str, Any]:
    """Make a folder.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/create-folder.htm
    """
    path = os.path.join(absolute(literal_path(out_folder_path)), str(out_name))
    if os.path.lexists(path) and not env.overwriteOutput:
        raise ExistsError(f"Output Folder: Dataset {path} already exists", 725)
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot create `{path}`: {error}") from error
    return {"out_folder": path}


@tool
def CreateFeatureclass(
    run: ToolRun,
    out_path: Any,
    out_name: Any,
    geometry_type: Any = "POLYGON",
    template: Any = None,
    has_m: Any = "DISABLED",
    has_z: Any = "DISABLED",
    spatial_reference: Any = None,
    config_keyword: Any = None,
    spatial_grid_1: Any = None,
    spatial_grid_2: Any = None,
    spatial_grid_3: Any = None,
    out_alias: Any = None,
    oid_type: Any = None,
) -> dict[str, Any]:
    """Make an empty feature class in a geodatabase, GeoPackage, folder or memory.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/create-feature-class.htm
    """
    import pyarrow as pa

    shape = _SHAPES[one_of("Geometry Type", geometry_type, _SHAPES, "POLYGON")]
    words = ("DISABLED", "ENABLED", "SAME_AS_TEMPLATE")
    z = one_of("Has Z", has_z, words, "DISABLED")
    m = one_of("Has M", has_m, words, "DISABLED")
    templates = [resolve(entry, "template") for entry in several(template, "template")] if template else []
    if m == "ENABLED" or (m == "SAME_AS_TEMPLATE" and any(t.about["hasM"] for t in templates)):
        raise NotSupportedError("feature classes with M values are not made; leave has_m out")
    crs = None
    if spatial_reference not in (None, "", "#"):
        crs = system(spatial_reference, "Coordinate System")
    elif templates:
        crs = templates[0].crs
    elif env.outputCoordinateSystem not in (None, ""):
        crs = system(env.outputCoordinateSystem, "Output Coordinate System")
    high = z == "ENABLED" or (z == "SAME_AS_TEMPLATE" and any(t.about["hasZ"] for t in templates))
    made = output(os.path.join(_workspace(out_path), str(out_name)), "out_feature_class")
    fields = [item for t in templates for item in t.about["fields"]]
    schema = pa.unify_schemas([schema_of(t) for t in templates]) if templates else pa.schema([])
    path = write(made, schema, [], shape=shape, has_z=high, crs=crs, fields=fields, project=False)
    return {"out_feature_class": path}


@tool
def CreateTable(
    run: ToolRun,
    out_path: Any,
    out_name: Any,
    template: Any = None,
    config_keyword: Any = None,
    out_alias: Any = None,
    oid_type: Any = None,
) -> dict[str, Any]:
    """Make an empty table in a geodatabase, GeoPackage, folder or memory.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/create-table.htm
    """
    import pyarrow as pa

    templates = [resolve(entry, "template") for entry in several(template, "template")] if template else []
    made = output(os.path.join(_workspace(out_path), str(out_name)), "out_table", spatial=False)
    fields = [item for t in templates for item in t.about["fields"]]
    schema = pa.unify_schemas([schema_of(t) for t in templates]) if templates else pa.schema([])
    return {"out_table": write(made, schema, [], shape=None, fields=fields)}


def _workspace(out_path: Any) -> str:
    path = absolute(literal_path(out_path))
    lower = path.lower()
    if lower in ("memory", "in_memory") or lower.endswith(".gdb") or os.path.exists(path):
        if lower.endswith(".gdb") and not os.path.isdir(path):
            raise MissingError(
                f"Feature Class Location: Dataset {path} does not exist or is not supported", 732
            )
        return path
    if ".gdb" in lower or ".gpkg" in lower:
        return path
    raise MissingError(f"Feature Class Location: Dataset {path} does not exist or is not supported", 732)


@tool
def CreateFeatureDataset(
    run: ToolRun, out_dataset_path: Any, out_name: Any, spatial_reference: Any = None
) -> dict[str, Any]:
    """Make a feature dataset in a file geodatabase; it appears with the first class written into it.

    GDAL makes feature datasets together with their first class, so what this keeps is the path and the
    check of the coordinate system.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/create-feature-dataset.htm
    """
    box = absolute(literal_path(out_dataset_path))
    if not (box.lower().endswith(".gdb") and os.path.isdir(box)):
        raise MissingError(f"Output Geodatabase: Dataset {box} does not exist or is not supported", 732)
    if given(spatial_reference) is not None and not isinstance(spatial_reference, str):
        system(spatial_reference, "Coordinate System")
    if not str(out_name).isidentifier():
        raise InvalidInputError(f"The name contains invalid characters: {out_name}", 354)
    run.warning("the feature dataset is made when the first feature class is written into it")
    return {"out_dataset": os.path.join(box, str(out_name))}
