"""Project, Define Projection, Dissolve, Repair Geometry."""

from __future__ import annotations

from typing import Any

from ..exceptions import InvalidInputError, NotSupportedError
from ..gp.env import EnvManager
from ..gp.messages import ToolRun
from ..gp.values import flag, given, names
from ..tools import dissolving, repairing
from ..tools.outputs import output, write
from ..tools.projecting import reproject, system, transformer
from ..tools.reading import Batch, batches, schema_of
from ..tools.running import label, tool
from ..tools.sources import resolve

__all__ = ["DefineProjection", "Dissolve", "Project", "RepairGeometry"]


@tool
def Project(
    run: ToolRun,
    in_dataset: Any,
    out_dataset: Any,
    out_coor_system: Any,
    transform_method: Any = None,
    in_coor_system: Any = None,
    preserve_shape: Any = "NO_PRESERVE_SHAPE",
    max_deviation: Any = None,
    vertical: Any = "NO_VERTICAL",
) -> dict[str, Any]:
    """Write features in another coordinate system; PROJ chooses the best transformation it has.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/project.htm
    """
    source = resolve(in_dataset, "in_dataset", spatial=True)
    target = system(out_coor_system, "Output Coordinate System")
    crs = system(in_coor_system, "Input Coordinate System") if given(in_coor_system) else source.crs
    if crs is None:
        raise InvalidInputError(f"{label('in_dataset')}: Undefined coordinate system for input dataset", 1024)
    if given(transform_method):
        run.warning(f"the transformation {transform_method} is not used: PROJ chooses it")
    made = output(out_dataset, "out_dataset", sources=[source])
    change = transformer(crs, target)
    moved = (Batch(b.oids, b.rows, reproject(b.shapes, change)) for b in batches(source))
    with EnvManager(outputCoordinateSystem=None):
        path = write(
            made,
            schema_of(source),
            moved,
            shape=source.shape,
            has_z=source.about["hasZ"],
            crs=target,
            fields=source.about["fields"],
        )
    return {"out_dataset": path}


@tool
def DefineProjection(run: ToolRun, in_dataset: Any, coor_system: Any) -> dict[str, Any]:
    """Say which coordinate system a shapefile's coordinates are in; nothing moves.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/define-projection.htm
    """
    source = resolve(in_dataset, "in_dataset", spatial=True)
    crs = system(coor_system, "Coordinate System")
    if source.about["driver"] != "ESRI Shapefile":
        raise NotSupportedError(
            "the coordinate system of a geodatabase's class is fixed here; copy it with CopyFeatures while "
            "arcpy.env.outputCoordinateSystem says the system"
        )
    import os

    from ..data._source import locate

    stem = os.path.splitext(locate(source.path, source.layer).name)[0]
    with open(stem + ".prj", "w", encoding="utf-8") as file:
        file.write(crs.to_wkt("WKT1_ESRI"))
    return {"out_dataset": in_dataset}


@tool
def Dissolve(
    run: ToolRun,
    in_features: Any,
    out_feature_class: Any,
    dissolve_field: Any = None,
    statistics_fields: Any = None,
    multi_part: Any = "MULTI_PART",
    unsplit_lines: Any = "DISSOLVE_LINES",
    concatenation_separator: Any = "",
) -> dict[str, Any]:
    """Unite the features that have the same values in some fields.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/dissolve.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    made = output(out_feature_class, "out_feature_class", sources=[source])
    multi = flag("Create multipart features", multi_part, "MULTI_PART", "SINGLE_PART", default=True)
    path = dissolving.dissolve(
        source, made, names(dissolve_field), statistics_fields, multi, concatenation_separator or ""
    )
    return {"out_feature_class": path}


@tool
def RepairGeometry(
    run: ToolRun, in_features: Any, delete_null: Any = "DELETE_NULL", validation_method: Any = "ESRI"
) -> dict[str, Any]:
    """Make invalid geometries valid in place, and delete features without geometry.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/repair-geometry.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    nulls = flag("Delete Features with Null Geometry", delete_null, "DELETE_NULL", "KEEP_NULL", default=True)
    repaired, deleted = repairing.repair(source, nulls)
    run.message(f"{repaired} geometries repaired, {deleted} features without geometry deleted")
    return {"out_feature_class": in_features}
