"""arcpy's functions that ask what data is there: Exists, Describe, ListFields and its kin."""

from __future__ import annotations

import fnmatch
import os
import re
from typing import Any

from .env import env
from .reference import SpatialReference
from .values import given, literal_path

__all__ = [
    "CreateScratchName",
    "CreateUniqueName",
    "Describe",
    "Exists",
    "Extent",
    "Field",
    "ListDatasets",
    "ListFeatureClasses",
    "ListFields",
    "ListFiles",
    "ListRasters",
    "ListTables",
    "ListWorkspaces",
    "contents",
]

_TYPES = {
    "esriFieldTypeOID": "OID",
    "esriFieldTypeSmallInteger": "SmallInteger",
    "esriFieldTypeInteger": "Integer",
    "esriFieldTypeBigInteger": "BigInteger",
    "esriFieldTypeSingle": "Single",
    "esriFieldTypeDouble": "Double",
    "esriFieldTypeString": "String",
    "esriFieldTypeDate": "Date",
    "esriFieldTypeDateOnly": "DateOnly",
    "esriFieldTypeTimeOnly": "TimeOnly",
    "esriFieldTypeTimestampOffset": "TimestampOffset",
    "esriFieldTypeBlob": "Blob",
    "esriFieldTypeGUID": "Guid",
    "esriFieldTypeGlobalID": "GlobalID",
    "esriFieldTypeXML": "XML",
    "esriFieldTypeGeometry": "Geometry",
}
_LENGTHS = {"OID": 4, "SmallInteger": 2, "Integer": 4, "BigInteger": 8, "Single": 4, "Double": 8, "Date": 8}
_SHAPES = {
    "esriGeometryPoint": "Point",
    "esriGeometryMultipoint": "Multipoint",
    "esriGeometryPolyline": "Polyline",
    "esriGeometryPolygon": "Polygon",
    "esriGeometryMultiPatch": "MultiPatch",
}
_DATA_TYPES = {"OpenFileGDB": "FeatureClass", "GPKG": "FeatureClass", "ESRI Shapefile": "ShapeFile"}


_RASTERS = {".tif", ".tiff", ".img", ".png", ".jpg", ".jpeg", ".jp2", ".asc", ".vrt", ".bil"}
_FILES = {
    ".aprx": "File",
    ".lyrx": "Layer",
    ".tbx": "Toolbox",
    ".pyt": "Toolbox",
    ".atbx": "Toolbox",
    ".prj": "PrjFile",
    ".sd": "File",
    ".sddraft": "File",
    ".txt": "TextFile",
    ".zip": "File",
}


class Extent:
    """A rectangle: `XMin`, `YMin`, `XMax`, `YMax`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/extent.htm
    """

    def __init__(
        self,
        XMin: float | None = None,
        YMin: float | None = None,
        XMax: float | None = None,
        YMax: float | None = None,
        spatial_reference: SpatialReference | None = None,
    ) -> None:
        self.XMin, self.YMin, self.XMax, self.YMax = XMin, YMin, XMax, YMax
        self.spatialReference = spatial_reference

    @property
    def width(self) -> float:
        """Width in the units of the spatial reference."""
        return (self.XMax or 0.0) - (self.XMin or 0.0)

    @property
    def height(self) -> float:
        """Height in the units of the spatial reference."""
        return (self.YMax or 0.0) - (self.YMin or 0.0)

    def __str__(self) -> str:
        return f"{self.XMin} {self.YMin} {self.XMax} {self.YMax}"

    def __repr__(self) -> str:
        return f"<Extent {self}>"


class Field:
    """One field of a dataset.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/field.htm
    """

    def __init__(self, described: dict[str, Any]) -> None:
        self.name: str = described["name"]
        self.baseName: str = described["name"]
        self.aliasName: str = described.get("alias") or described["name"]
        self.type: str = _TYPES.get(described["type"], "String")
        self.length: int = described.get("length") or _LENGTHS.get(self.type, 0)
        self.isNullable: bool = described.get("nullable", True)
        self.editable: bool = described.get("editable", True)
        self.required: bool = self.type in ("OID", "Geometry", "GlobalID")
        domain = described.get("domain")
        self.domain: str = domain["name"] if domain else ""
        self.defaultValue: Any = described.get("defaultValue")
        self.precision = 0
        self.scale = 0

    def __repr__(self) -> str:
        return f"<Field {self.name} ({self.type})>"


class Description:
    """What `Describe` returns; unknown properties raise `AttributeError`."""

    def __init__(self, **properties: Any) -> None:
        self.__dict__.update(properties)

    def __getattr__(self, name: str) -> Any:
        kind = self.__dict__.get("dataType", "thing")
        raise AttributeError(
            f"Describe gives no `{name}` for a {kind}; it gives: {', '.join(sorted(self.__dict__))}"
        )

    def __repr__(self) -> str:
        return f"<Description {self.__dict__.get('dataType')} {self.__dict__.get('catalogPath', '')}>"


def _source(value: Any) -> str:
    """Return the path of a dataset: a path, or a layer's data source."""
    from ..tools import layers

    output = getattr(value, "getOutput", None)
    if output is not None:
        value = output(0)
    if hasattr(value, "_feature_set_path"):
        return str(value._feature_set_path())
    source = getattr(value, "dataSource", None)
    text = literal_path(source if source is not None else value)
    view = layers.find(text)
    if view is not None:
        return view.path
    workspace = env.workspace
    if workspace and not os.path.isabs(text) and not re.match(r"^(?:[A-Za-z]:|\\|memory|in_memory)", text):
        inside = os.path.join(str(workspace), text)
        if not os.path.exists(text) or str(workspace).lower().endswith(".gdb"):
            return inside
    return text


def _described(path: str) -> dict[str, Any]:
    from .. import data

    return data.describe(path)


def Exists(dataset: Any, datatype: Any = None) -> bool:
    """Return whether a file, folder, workspace, dataset or layer of a tool exists.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/exists.htm
    """
    from ..tools import layers

    if given(dataset) is None:
        return False
    if layers.find(str(dataset)) is not None:
        return True
    path = _source(dataset)
    if os.path.exists(path):
        return True
    try:
        _described(path)
    except (OSError, ValueError, NotImplementedError):
        return False
    return True


def ListFields(dataset: Any, wild_card: str | None = None, field_type: str | None = None) -> list[Field]:
    """Return the fields of a dataset: row id, geometry, then the others.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listfields.htm
    """
    described = _described(_source(dataset))
    fields = []
    if described["objectIdField"]:
        fields.append(
            Field({"name": described["objectIdField"], "type": "esriFieldTypeOID", "nullable": False})
        )
    if described["geometryType"]:
        fields.append(Field({"name": "Shape", "type": "esriFieldTypeGeometry"}))
    fields += [Field(field) for field in described["fields"]]
    kind = given(field_type)
    return [
        field
        for field in fields
        if _matches(field.name, wild_card)
        and (kind in (None, "All", "ALL") or field.type.lower() == str(kind).lower())
    ]


def Describe(value: Any, datatype: str | None = None) -> Description:
    """Describe a dataset, layer, raster, workspace, folder or file.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/describe.htm
    """
    from ..tools import layers

    path = _source(value)
    common = {
        "catalogPath": path,
        "path": re.split(r"[\\/](?=[^\\/]*$)", path)[0] if re.search(r"[\\/]", path) else "",
        "file": os.path.basename(path),
        "name": re.split(r"[\\/]", path)[-1],
        "baseName": os.path.splitext(re.split(r"[\\/]", path)[-1])[0],
        "extension": os.path.splitext(path)[1].lstrip("."),
        "childrenExpanded": False,
    }
    if os.path.isdir(path) or (path.lower().endswith(".gpkg") and os.path.isfile(path)):
        return _workspace_description(path, common)
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _RASTERS:
        return _raster_description(path, common)
    if os.path.isfile(path) and suffix in _FILES:
        return Description(**common, dataType=_FILES[suffix])
    described = _described(path)
    reference = SpatialReference(described["spatialReference"])
    shape = described["geometryType"]
    properties: dict[str, Any] = {
        **common,
        "dataType": _DATA_TYPES.get(described["driver"], "FeatureClass") if shape else "Table",
        "datasetType": "FeatureClass" if shape else "Table",
        "aliasName": described["alias"] or described["name"],
        "OIDFieldName": described["objectIdField"] or "",
        "hasOID": bool(described["objectIdField"]),
        "fields": ListFields(value),
        "indexes": [],
        "hasGlobalID": bool(described["globalIdField"]),
        "globalIDFieldName": described["globalIdField"] or "",
        "subtypeFieldName": (described.get("subtypes") or {}).get("field", ""),
        "isVersioned": False,
    }
    if shape:
        bounds = described["extent"] or {}
        extent = Extent(
            bounds.get("xmin"), bounds.get("ymin"), bounds.get("xmax"), bounds.get("ymax"), reference
        )
        properties |= {
            "shapeType": _SHAPES.get(shape, shape),
            "shapeFieldName": "Shape",
            "featureType": "Simple",
            "hasZ": described["hasZ"],
            "hasM": described["hasM"],
            "hasSpatialIndex": described["driver"] in ("OpenFileGDB", "GPKG"),
            "spatialReference": reference,
            "extent": extent,
        }
    view = layers.find(str(value)) if isinstance(value, str) else None
    if view is not None or hasattr(value, "dataSource"):
        layer = view or layers.of_layer(value)
        selected = layer.selection
        properties |= {
            "dataElement": Description(**properties),
            "dataType": "FeatureLayer" if shape else "TableView",
            "name": layer.name,
            "nameString": layer.name,
            "FIDSet": "" if selected is None else "; ".join(map(str, sorted(selected))),
            "whereClause": layer.where or "",
        }
        properties["featureClass" if shape else "table"] = properties["dataElement"]
    return Description(**properties)


def _workspace_description(path: str, common: dict[str, Any]) -> Description:
    from ..data import _gdal

    gdb, gpkg = path.lower().endswith(".gdb"), path.lower().endswith(".gpkg")
    if not (gdb or gpkg):
        return Description(
            **common,
            dataType="Folder",
            workspaceType="FileSystem",
            workspaceFactoryProgID="",
            children=[],
        )
    from ..tools import domains

    try:
        with _gdal.opened(path) as handle:
            listed = domains.names(handle)
    except _gdal.GdalError:
        listed = []
    return Description(
        **common,
        dataType="Workspace",
        workspaceType="LocalDatabase",
        workspaceFactoryProgID="esriDataSourcesGDB.FileGDBWorkspaceFactory.1" if gdb else "",
        connectionString=f"DATABASE={path}",
        domains=listed,
    )


def _raster_description(path: str, common: dict[str, Any]) -> Description:
    from ..tools import rasters

    about = rasters.about(path)
    xmin, ymin, xmax, ymax = about["bounds"]
    reference = SpatialReference(text=about["crs"]) if about["crs"] else SpatialReference()
    whole = about["types"][0]
    kinds = {"uint8": "U8", "int8": "S8", "uint16": "U16", "int16": "S16", "uint32": "U32", "int32": "S32"}
    kinds |= {"float32": "F32", "float64": "F64"}
    pixel = {
        "height": about["height"],
        "width": about["width"],
        "meanCellWidth": about["cell"][0],
        "meanCellHeight": about["cell"][1],
        "noDataValue": about["nodata"],
        "pixelType": kinds.get(whole, whole),
        "isInteger": "float" not in whole,
        "spatialReference": reference,
        "extent": Extent(xmin, ymin, xmax, ymax, reference),
    }
    return Description(
        **common,
        dataType="RasterDataset",
        datasetType="RasterDataset",
        format=about["driver"].replace("GTiff", "TIFF"),
        bandCount=about["bands"],
        compressionType="",
        permanent=True,
        sensorType="",
        **pixel,
        children=[
            Description(name=name, baseName=name, dataType="RasterBand", **pixel)
            for name in rasters.band_names(path)
        ],
    )


def _matches(name: str, wild_card: str | None) -> bool:
    pattern = given(wild_card)
    return pattern is None or fnmatch.fnmatchcase(name.lower(), pattern.lower())


def _workspace() -> str:
    workspace = env.workspace
    if not workspace:
        raise ValueError("there is no workspace to list; set arcpy.env.workspace")
    return str(workspace)


def contents(workspace: str) -> list[tuple[str, str, str | None]]:
    """Return name, kind (`FeatureClass`, `Table`, `RasterDataset`) and shape of each dataset."""
    from .. import data

    found: list[tuple[str, str, str | None]] = []
    for name in data.list_datasets(workspace):
        try:
            path = os.path.join(workspace, name)
            described = data.describe(path) if os.path.isfile(path) else data.describe(workspace, name)
        except (OSError, ValueError, NotImplementedError):
            continue
        shape = _SHAPES.get(described["geometryType"] or "")
        found.append((name, "FeatureClass" if shape else "Table", shape))
    if os.path.isdir(workspace) and not workspace.lower().endswith(".gdb"):
        listed = sorted(os.listdir(workspace))
        stems = {name[:-4].lower() for name in listed if name.lower().endswith(".shp")}
        for name in listed:
            stem, suffix = os.path.splitext(name.lower())
            if suffix in _RASTERS:
                found.append((name, "RasterDataset", None))
            elif suffix == ".dbf" and stem not in stems:
                found.append((name, "Table", None))
    return found


def _listed(
    wild_card: str | None,
    *,
    spatial: bool,
    feature_type: str | None = None,
    feature_dataset: str | None = None,
) -> list[str]:
    from .. import data

    inside = data.feature_datasets(_workspace())
    chosen = given(feature_dataset)
    held = {name for names in inside.values() for name in names}
    if chosen is not None:
        same = [names for key, names in inside.items() if key.lower() == chosen.lower()]
        held = set(same[0]) if same else set()
    kind = (given(feature_type) or "ALL").lower()
    wanted = "FeatureClass" if spatial else "Table"
    found = []
    for name, what, shape in contents(_workspace()):
        low = (shape or "").lower()
        alike = kind in ("all", low, {"polyline": "line"}.get(low, low))
        here = (name in held) == (chosen is not None)
        if what == wanted and alike and here and _matches(name, wild_card):
            found.append(name)
    return found


def ListFeatureClasses(
    wild_card: str | None = None, feature_type: str | None = None, feature_dataset: str | None = None
) -> list[str]:
    """Return the feature classes of the workspace.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listfeatureclasses.htm
    """
    return _listed(wild_card, spatial=True, feature_type=feature_type, feature_dataset=feature_dataset)


def ListTables(wild_card: str | None = None, table_type: str | None = None) -> list[str]:
    """Return the tables of the workspace.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listtables.htm
    """
    return _listed(wild_card, spatial=False)


def ListDatasets(wild_card: str | None = None, feature_type: str | None = None) -> list[str]:
    """Return the feature datasets of a file geodatabase, or the rasters of a folder.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listdatasets.htm
    """
    kind = (given(feature_type) or "All").lower()
    from .. import data

    found = []
    if kind in ("all", "any", "feature"):
        found = [name for name in data.feature_datasets(_workspace()) if _matches(name, wild_card)]
    return found + (ListRasters(wild_card) if kind in ("all", "any", "raster") else [])


def ListRasters(wild_card: str | None = None, raster_type: str | None = None) -> list[str]:
    """Return the rasters of the workspace, a folder.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/functions/listrasters.htm
    """
    kind = (given(raster_type) or "All").lower().lstrip(".")
    suffixes = {"tiff": "tif", "jpeg": "jpg"}
    found = []
    for name in sorted(os.listdir(_workspace())) if os.path.isdir(_workspace()) else []:
        suffix = os.path.splitext(name)[1].lower()
        own = suffixes.get(suffix.lstrip("."), suffix.lstrip("."))
        alike = kind in ("all", own) or suffixes.get(kind) == own
        if suffix in _RASTERS and alike and _matches(name, wild_card):
            found.append(name)
    return found


def ListFiles(wild_card: str | None = None) -> list[str]:
    """Return the files of the workspace."""
    return sorted(name for name in os.listdir(_workspace()) if _matches(name, wild_card))


def ListWorkspaces(wild_card: str | None = None, workspace_type: str | None = None) -> list[str]:
    """Return the geodatabases and folders in the workspace."""
    root = _workspace()
    kind = (given(workspace_type) or "All").lower()
    found = []
    for name in sorted(os.listdir(root)):
        path = os.path.join(root, name)
        if os.path.isdir(path) and _matches(name, wild_card):
            gdb = name.lower().endswith(".gdb")
            if kind == "all" or (kind == "filegdb") == gdb:
                found.append(path)
    return found


def CreateUniqueName(base_name: str, workspace: str | None = None) -> str:
    """Return a path in a workspace that nothing has yet, numbered if need be."""
    folder = workspace or env.workspace or ""
    stem, extension = os.path.splitext(base_name)
    path, number = os.path.join(folder, base_name), 0
    while Exists(path):
        path, number = os.path.join(folder, f"{stem}{number}{extension}"), number + 1
    return path


def CreateScratchName(
    prefix: str | None = None,
    suffix: str | None = None,
    data_type: str | None = None,
    workspace: str | None = None,
) -> str:
    """Return a path in the scratch workspace that nothing has yet."""
    extension = {"shapefile": ".shp", "workspace": ".gdb"}.get((given(data_type) or "").lower(), "")
    name = f"{given(prefix) or 'xx'}0{given(suffix) or ''}{extension}"
    return CreateUniqueName(name, workspace or env.scratchFolder)
