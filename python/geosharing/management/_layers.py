"""Layers and views, and what is selected in them."""

from __future__ import annotations

import os
from typing import Any

from ..exceptions import ExistsError, InvalidInputError, NotSupportedError
from ..gp.env import env
from ..gp.messages import ToolRun
from ..gp.values import flag, given, literal_path
from ..tools import layers, selecting
from ..tools.running import label, tool
from ..tools.sources import Source, absolute, resolve

__all__ = [
    "AddJoin",
    "ApplySymbologyFromLayer",
    "MakeFeatureLayer",
    "MakeRasterLayer",
    "MakeTableView",
    "SaveToLayerFile",
    "SelectLayerByAttribute",
    "SelectLayerByLocation",
]


def _fields(text: Any, source: Source) -> tuple[frozenset[str], dict[str, str]]:
    """Read `field_info`: entries `NAME NEW_NAME VISIBLE|HIDDEN NONE`."""
    hidden, renamed = set(), {}
    for entry in str(given(text) or "").split(";"):
        parts = entry.split()
        if len(parts) < 3:
            continue
        if parts[2].upper() == "HIDDEN":
            hidden.add(parts[0].lower())
        elif parts[1] != parts[0]:
            renamed[parts[0].lower()] = parts[1]
    return frozenset(hidden), renamed


def _make(source: Source, name: str, where: Any, field_info: Any, *, spatial: bool) -> layers.View:
    from ..mp._layer import Layer
    from ..mp._loose import loose
    from ..mp._table import Table

    known = layers.find(name)
    if known is not None and not env.overwriteOutput:
        raise ExistsError(f"Output Layer: Dataset {name} already exists", 725)
    selecting.check_where(source, where)
    narrowed = source.and_where(where)
    hidden, renamed = _fields(field_info, source)
    view, native = loose(source.catalog_path)
    shown = Layer(native, view["uri"], view, "") if spatial else Table(native, view["uri"], view)
    shown.name = name
    if narrowed.where:
        shown.definitionQuery = narrowed.where
    made = layers.View(
        name, source.path, narrowed.where, spatial, source.selection, hidden, renamed, layer=shown
    )
    return layers.add(made)


@tool
def MakeFeatureLayer(
    run: ToolRun,
    in_features: Any,
    out_layer: Any,
    where_clause: Any = None,
    workspace: Any = None,
    field_info: Any = None,
) -> dict[str, Any]:
    """Make a layer that tools know by its name; output 0 is the layer object.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/make-feature-layer.htm
    """
    source = resolve(in_features, "in_features", spatial=True)
    return {"out_layer": _make(source, str(out_layer), where_clause, field_info, spatial=True).layer}


@tool
def MakeTableView(
    run: ToolRun,
    in_table: Any,
    out_view: Any,
    where_clause: Any = None,
    workspace: Any = None,
    field_info: Any = None,
) -> dict[str, Any]:
    """Make a table view that tools know by its name; output 0 is the table object.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/make-table-view.htm
    """
    source = resolve(in_table, "in_table")
    return {"out_view": _make(source, str(out_view), where_clause, field_info, spatial=False).layer}


@tool
def SelectLayerByAttribute(
    run: ToolRun,
    in_layer_or_view: Any,
    selection_type: Any = "NEW_SELECTION",
    where_clause: Any = None,
    invert_where_clause: Any = "NON_INVERT",
) -> dict[str, Any]:
    """Select rows of a layer by a condition; tools then take only these.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/select-layer-by-attribute.htm
    """
    source = resolve(in_layer_or_view, "in_layer_or_view")
    view = selecting.view_of(in_layer_or_view, source)
    invert = flag("Invert Where Clause", invert_where_clause, "INVERT", "NON_INVERT", default=False)
    kind = str(selection_type or "").upper()
    quiet = kind in ("SWITCH_SELECTION", "CLEAR_SELECTION")
    found = set() if quiet else selecting.matching(source, where_clause)
    count = selecting.combine(view, source, found, selection_type, invert and not quiet)
    shown = view.layer if view.layer is not None else view.name
    return {"out_layer_or_view": shown, "count": str(count)}


@tool
def SelectLayerByLocation(
    run: ToolRun,
    in_layer: Any,
    overlap_type: Any = "INTERSECT",
    select_features: Any = None,
    search_distance: Any = None,
    selection_type: Any = "NEW_SELECTION",
    invert_spatial_relationship: Any = "NOT_INVERT",
) -> dict[str, Any]:
    """Select features of a layer by where they lie relative to others.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/select-layer-by-location.htm
    """
    source = resolve(in_layer, "in_layer", spatial=True)
    view = selecting.view_of(in_layer, source)
    invert = flag("Invert", invert_spatial_relationship, "INVERT", "NOT_INVERT", default=False)
    kind = str(selection_type or "").upper()
    found: set[int] = set()
    if kind not in ("SWITCH_SELECTION", "CLEAR_SELECTION"):
        other = resolve(select_features, "select_features", spatial=True)
        found = selecting.near(source, str(overlap_type or "INTERSECT"), other, search_distance)
    count = selecting.combine(view, source, found, selection_type, invert)
    shown = view.layer if view.layer is not None else view.name
    return {"out_layer_or_view": shown, "output_layer_names": shown, "count": str(count)}


@tool
def MakeRasterLayer(
    run: ToolRun,
    in_raster: Any,
    out_rasterlayer: Any,
    where_clause: Any = None,
    envelope: Any = None,
    band_index: Any = None,
) -> dict[str, Any]:
    """Make a raster layer that tools know by its name.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/make-raster-layer.htm
    """
    from ..tools.rasters import about, path_of

    path = path_of(in_raster, "in_raster")
    about(path, "in_raster")
    name = str(out_rasterlayer)
    if layers.find(name) is not None and not env.overwriteOutput:
        raise ExistsError(f"{label('out_rasterlayer')}: Dataset {name} already exists", 725)
    if given(where_clause) is not None:
        raise NotSupportedError("conditions on rasters need mosaic datasets, which are not supported")
    layers.add(layers.View(name, path, spatial=False, layer=None))
    return {"out_rasterlayer": name}


def _layer_of(value: Any, parameter: str) -> Any:
    if hasattr(value, "getDefinition"):
        return value
    output = getattr(value, "getOutput", None)
    if output is not None:
        return _layer_of(output(0), parameter)
    text = literal_path(value)
    view = layers.find(text)
    if view is not None and view.layer is not None:
        return view.layer
    if text.lower().endswith((".lyrx", ".lpkx")) or os.path.isfile(absolute(text)):
        from ..mp import LayerFile

        found = LayerFile(absolute(text)).listLayers()
        if found:
            return found[0]
    raise InvalidInputError(f"{label(parameter)}: `{text}` is no layer; make one with MakeFeatureLayer", 840)


@tool
def SaveToLayerFile(
    run: ToolRun, in_layer: Any, out_layer: Any, is_relative_path: Any = None, version: Any = "CURRENT"
) -> dict[str, Any]:
    """Write a layer as a layer file (.lyrx).

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/save-to-layer-file.htm
    """
    layer = _layer_of(in_layer, "in_layer")
    path = absolute(literal_path(out_layer))
    if not path.lower().endswith(".lyrx"):
        path += ".lyrx"
    if os.path.exists(path):
        if not env.overwriteOutput:
            raise ExistsError(f"{label('out_layer')}: Dataset {path} already exists", 725)
        os.remove(path)
    layer.saveACopy(path)
    return {"out_layer": path}


@tool
def ApplySymbologyFromLayer(
    run: ToolRun,
    in_layer: Any,
    in_symbology_layer: Any,
    symbology_fields: Any = None,
    update_symbology: Any = "DEFAULT",
) -> dict[str, Any]:
    """Give a layer the renderer, colorizer and transparency of another layer or layer file.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/apply-symbology-from-layer.htm
    """
    layer = _layer_of(in_layer, "in_layer")
    other = _layer_of(in_symbology_layer, "in_symbology_layer")
    native, source = layer._native, other._native
    if native.get(layer._uri, "/type") != source.get(other._uri, "/type"):
        raise InvalidInputError(
            f"`{other}` is of another kind than `{layer}`; choose a layer of the same kind", 840
        )
    changes = [part.split() for part in str(given(symbology_fields) or "").split(";") if part.strip()]
    renames = {parts[1].lower(): parts[2] for parts in changes if len(parts) == 3}
    for pointer in ("/renderer", "/colorizer", "/transparency", "/symbolLayerDrawing", "/scaleSymbols"):
        value = source.get(other._uri, pointer)
        if value is None:
            continue
        if pointer == "/renderer" and renames and isinstance(value, dict):
            for key in ("field", "normalizationField"):
                if str(value.get(key, "")).lower() in renames:
                    value[key] = renames[value[key].lower()]
            if value.get("fields"):
                value["fields"] = [renames.get(name.lower(), name) for name in value["fields"]]
        native.set(layer._uri, pointer, value)
    return {"out_layer": layer}


@tool
def AddJoin(
    run: ToolRun,
    in_layer_or_view: Any,
    in_field: Any,
    join_table: Any,
    join_field: Any,
    join_type: Any = "KEEP_ALL",
    index_join_fields: Any = "NO_INDEX_JOIN_FIELDS",
    rebuild_index: Any = "NO_REBUILD_INDEX",
    join_operation: Any = None,
) -> dict[str, Any]:
    """Raise: layers have no joins here; JoinField copies the values.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/add-join.htm
    """
    raise NotSupportedError("AddJoin is not supported; arcpy.management.JoinField copies the fields instead")
