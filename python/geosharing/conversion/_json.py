"""Features To JSON, JSON To Features."""

from __future__ import annotations

import json
import os
from typing import Any

from ..exceptions import ExistsError, InvalidInputError, LimitError, MissingError
from ..gp.env import env
from ..gp.messages import ToolRun
from ..gp.values import flag, given, literal_path, one_of, output_path
from ..tools import featuresets
from ..tools.outputs import output
from ..tools.running import label, tool
from ..tools.sources import absolute, resolve

__all__ = ["FeaturesToJSON", "JSONToFeatures"]

_MOST = 512 * 1024 * 1024
_SHAPES = ("POINT", "MULTIPOINT", "POLYLINE", "POLYGON")


@tool
def FeaturesToJSON(
    run: ToolRun,
    in_features: Any,
    out_json_file: Any,
    format_json: Any = "NOT_FORMATTED",
    include_z_values: Any = "NO_Z_VALUES",
    include_m_values: Any = "NO_M_VALUES",
    geoJSON: Any = "NO_GEOJSON",
    outputToWGS84: Any = "KEEP_INPUT_SR",
    use_field_alias: Any = "USE_FIELD_NAME",
) -> dict[str, Any]:
    """Write features as Esri JSON, or as GeoJSON in WGS 84.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/features-to-json.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    path = output_path(absolute(literal_path(out_json_file)))
    geo = flag("Output to GeoJSON", geoJSON, "GEOJSON", "NO_GEOJSON", default=False)
    formatted = flag("Formatted JSON", format_json, "FORMATTED", "NOT_FORMATTED", default=False)
    if not os.path.splitext(path)[1]:
        path += ".geojson" if geo else ".json"
    if os.path.exists(path) and not env.overwriteOutput:
        raise ExistsError(f"{label('out_json_file')}: Dataset {path} already exists", 725)
    featuresets.write_json(source, path, geojson=geo, formatted=formatted)
    return {"out_json_file": path}


@tool
def JSONToFeatures(
    run: ToolRun, in_json_file: Any, out_features: Any, geometry_type: Any = None
) -> dict[str, Any]:
    """Read Esri JSON or GeoJSON into a feature class.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/conversion/json-to-features.htm
    """
    path = absolute(literal_path(in_json_file))
    if not os.path.isfile(path):
        raise MissingError(f"{label('in_json_file')}: Dataset {path} does not exist or is not supported", 732)
    if os.path.getsize(path) > _MOST:
        raise LimitError(f"`{path}` has more than {_MOST >> 20} MiB; split it")
    try:
        with open(path, encoding="utf-8-sig") as file:
            value = json.load(file)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"{label('in_json_file')}: the JSON is broken: {error}", 1558) from error
    if not isinstance(value, dict):
        raise InvalidInputError(f"{label('in_json_file')}: the JSON is no feature set", 1558)
    word = one_of("Geometry Type", geometry_type, _SHAPES, "") if given(geometry_type) else ""
    if word and value.get("type") == "FeatureCollection":
        kinds = {
            "POINT": ("Point",),
            "MULTIPOINT": ("MultiPoint",),
            "POLYLINE": ("LineString", "MultiLineString"),
        }
        kinds["POLYGON"] = ("Polygon", "MultiPolygon")
        value["features"] = [
            f for f in value.get("features", []) if (f.get("geometry") or {}).get("type") in kinds[word]
        ]
    spatial = value.get("type") == "FeatureCollection" or "geometryType" in value
    made = output(out_features, "out_features", spatial=spatial)
    return {"out_features": featuresets.from_json(value, made)}
