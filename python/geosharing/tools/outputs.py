"""From what scripts name as output to a dataset that is written whole or not at all."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data import _gdal
from ..data._edit import Editor
from ..data._source import MEMORY_FOLDER
from ..exceptions import ExistsError, InvalidInputError, MissingError, StorageError
from ..gp.env import env
from ..gp.messages import _add
from ..gp.naming import _RESERVED
from ..gp.values import literal_path, output_path
from .reading import Batch
from .running import label, required
from .sources import Source, absolute

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Output", "create_geodatabase", "exists", "output", "remove", "write"]

_INSIDE = re.compile(r"^(?P<box>.*?\.(?:gdb|gpkg))[\\/](?P<name>.+)$", re.IGNORECASE)
_MEMORY = re.compile(r"^(?:memory|in_memory)[\\/](?:.*[\\/])?(?P<name>[^\\/]+)$", re.IGNORECASE)
_DRIVERS = {".shp": "ESRI Shapefile", ".dbf": "ESRI Shapefile", ".csv": "CSV", ".geojson": "GeoJSON"}
_SIDE = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".shp.xml", ".ain", ".aih", ".atx")
_TYPES = {
    "esriGeometryPoint": "Point",
    "esriGeometryMultipoint": "MultiPoint",
    "esriGeometryPolyline": "MultiLineString",
    "esriGeometryPolygon": "MultiPolygon",
}
_GEOMETRY = "__geometry__"


@dataclass
class Output:
    """Where a tool writes to."""

    path: str
    """As the result shows it."""
    file: str
    """What GDAL writes to."""
    name: str
    driver: str
    dataset: str | None = None
    """Feature dataset of a geodatabase."""
    replaces: bool = False
    sources: list[Source] = field(default_factory=list)

    @property
    def inside(self) -> bool:
        """Whether other datasets stand in the same file."""
        return self.driver in ("OpenFileGDB", "GPKG") and not self.file.startswith(MEMORY_FOLDER)


def output(
    value: Any, parameter: str, *, spatial: bool = True, sources: Iterable[Source] = (), default: str = ""
) -> Output:
    """Find where an output parameter points, and check that it may be written.

    Args:
        value: Path, name in env.workspace, or a name in memory.
        parameter: Name of the parameter, for messages.
        spatial: Whether features or a table are written.
        sources: The inputs, of which none may be the output.
        default: Path to take when none was given.

    Raises:
        ExistsError: ERROR 000725 unless env.overwriteOutput.
        InvalidInputError: ERROR 000670 when it is an input; ERROR 000354 for a bad name.
        MissingError: ERROR 000210 when its geodatabase or folder does not exist.
    """
    if default and value in (None, "", "#"):
        value = default
    required(parameter, value)
    path = absolute(literal_path(value))
    made = _place(path, parameter, spatial)
    for source in sources:
        if _same(made, source):
            raise InvalidInputError(f"{label(parameter)}: Output {path} is same as input {source.name}", 670)
    made.sources = list(sources)
    if exists(made):
        if not env.overwriteOutput:
            raise ExistsError(f"{label(parameter)}: Dataset {path} already exists", 725)
        made.replaces = True
    return made


def _place(path: str, parameter: str, spatial: bool) -> Output:
    memory = _MEMORY.match(path)
    if memory:
        name = _checked(memory["name"])
        return Output(path, f"{MEMORY_FOLDER}/{name.lower()}.gpkg", name, "GPKG")
    inside = _INSIDE.match(path)
    if inside:
        box = inside["box"]
        if not os.path.exists(box):
            raise MissingError(f"Cannot create output {path}: `{box}` does not exist", 210)
        parts = re.split(r"[\\/]", inside["name"])
        driver = "OpenFileGDB" if box.lower().endswith(".gdb") else "GPKG"
        name = _checked(parts[-1].removeprefix("main."))
        if driver == "OpenFileGDB" and name.lower() in _RESERVED:
            raise InvalidInputError(f"The name is a word of SQL: {name}", 354)
        return Output(path, box, name, driver, parts[0] if len(parts) > 1 else None)
    stem, suffix = os.path.splitext(path)
    if suffix.lower() not in _DRIVERS:
        if suffix.lower() in (".gdb", ".gpkg"):
            raise InvalidInputError(f"{label(parameter)}: `{path}` is a container; name a dataset in it", 210)
        if suffix.lower() in (".sde", ".xlsx", ".parquet"):
            raise InvalidInputError(f"Cannot create output {path}: `{suffix}` is not written", 210)
        path, stem = path + (".shp" if spatial else ".dbf"), path
        suffix = path[-4:]
    file = output_path(path)
    folder = os.path.dirname(file) or "."
    if not os.path.isdir(folder):
        raise MissingError(f"Cannot create output {path}: the folder `{folder}` does not exist", 210)
    return Output(path, file, os.path.basename(stem), _DRIVERS[suffix.lower()])


def _checked(name: str) -> str:
    if not re.match(r"^[^\W\d][\w$]*$", name):
        raise InvalidInputError(f"The name contains invalid characters: {name}", 354)
    return name


def _same(made: Output, source: Source) -> bool:
    from ..data._source import locate

    target = locate(source.path, source.layer)
    if os.path.normpath(target.name) != os.path.normpath(made.file):
        return False
    return not made.inside or (target.layer or "").lower() == made.name.lower()


def exists(made: Output) -> bool:
    """Tell whether a dataset stands there."""
    if made.inside:
        from .. import data

        return made.name.lower() in (name.lower() for name in data.list_datasets(made.file))
    if made.file.startswith(MEMORY_FOLDER):
        from .. import data

        return made.name.lower() in data.list_datasets("memory")
    return os.path.lexists(made.file)


def remove(made: Output) -> None:
    """Delete what stands there."""
    if made.inside:
        with _gdal.opened(made.file, _gdal.OF_VECTOR | _gdal.OF_UPDATE) as handle:
            lib = _gdal.library()
            for index in range(lib.GDALDatasetGetLayerCount(handle)):
                name = _gdal.text(lib.OGR_L_GetName(lib.GDALDatasetGetLayer(handle, index)))
                if name.lower() == made.name.lower():
                    if lib.GDALDatasetDeleteLayer(handle, index):
                        raise StorageError(f"cannot delete `{made.path}`: {_gdal.last_error()}")
                    return
        return
    if made.file.startswith(MEMORY_FOLDER):
        import pyogrio

        pyogrio.vsi_unlink(made.file)
        return
    remove_file(made.file)


def remove_file(file: str) -> None:
    """Delete a file, with the parts of a shapefile."""
    stem, suffix = os.path.splitext(file)
    if os.path.lexists(file):
        os.remove(file)
    if suffix.lower() == ".shp":
        for part in _SIDE:
            if os.path.lexists(stem + part):
                os.remove(stem + part)


def write(
    made: Output,
    schema: pyarrow.Schema,
    rows: Iterable[Batch],
    *,
    shape: str | None,
    has_z: bool = False,
    crs: Any = None,
    fields: Iterable[dict[str, Any]] = (),
    project: bool = True,
) -> str:
    """Write batches as a new dataset, and leave nothing when that fails.

    Args:
        made: Where to.
        schema: Arrow fields of the attributes.
        rows: The batches; they are drawn one by one.
        shape: Esri's geometry type; None for a table.
        has_z: Whether geometries have Z.
        crs: pyproj system of the geometries.
        fields: The sources' fields, whose domains go along into a geodatabase.
        project: Whether to obey env.outputCoordinateSystem.

    Returns:
        The path for the result.
    """
    import pyarrow as pa
    import pyogrio

    rows = iter(rows)
    if shape and project:
        rows, crs = _projected(rows, crs)
    kind = None
    if shape:
        kind = _TYPES.get(shape)
        if kind is None:
            raise InvalidInputError(f"features of the type {shape} are not written by tools", 840)
        kind += " Z" if has_z else ""
    whole = schema if shape is None else schema.append(pa.field(_GEOMETRY, pa.binary()))
    failure: list[BaseException] = []
    stream = pa.RecordBatchReader.from_batches(whole, _arrow(rows, whole, shape, failure))
    part = _begin(made)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            pyogrio.write_arrow(
                stream,
                part,
                layer=made.name,
                driver=made.driver,
                geometry_name=_GEOMETRY if shape else None,
                geometry_type=kind,
                crs=crs.to_wkt() if crs is not None and shape else None,
                layer_options=_options(made, shape, whole),
            )
        for text in dict.fromkeys(str(entry.message) for entry in said):
            _add(1, text, echo=False)
        if not failure:
            _finish(made, part)
            if made.driver == "OpenFileGDB":
                _carry_domains(made, fields)
    except BaseException as error:
        _abandon(made, part)
        if failure:
            raise failure[0] from None
        if isinstance(error, pyogrio.errors.DataSourceError | pyogrio.errors.DataLayerError):
            raise StorageError(f"Cannot create output {made.path}: {error}", 210) from error
        if isinstance(error, RuntimeError | ValueError) and not hasattr(error, "code"):
            raise StorageError(f"cannot write `{made.path}`: {error}") from error
        raise
    if failure:
        _abandon(made, part)
        raise failure[0]
    return made.path


def _arrow(
    rows: Iterator[Batch], whole: pyarrow.Schema, shape: str | None, failure: list[BaseException]
) -> Iterator[pyarrow.RecordBatch]:
    """Pack batches; what goes wrong is kept, since it must cross GDAL, which only knows text."""
    import pyarrow as pa
    import shapely

    try:
        for batch in rows:
            columns = list(batch.rows.columns)
            if shape:
                shapes = _uniform(batch.shapes if batch.shapes is not None else np.empty(0, object), shape)
                packed = shapely.to_wkb(shapes, flavor="iso")
                columns.append(pa.array(packed, pa.binary()))
            if not columns:
                continue
            yield pa.RecordBatch.from_arrays(
                [c.cast(f.type) if c.type != f.type else c for c, f in zip(columns, whole, strict=True)],
                schema=whole,
            )
    except BaseException as error:
        failure.append(error)
        raise


def _uniform(shapes: np.ndarray, shape: str) -> np.ndarray:
    """Make single lines and polygons multiple, as the types of geodatabases are."""
    import shapely

    single, make = {
        "esriGeometryPolyline": (1, shapely.multilinestrings),
        "esriGeometryPolygon": (3, shapely.multipolygons),
        "esriGeometryMultipoint": (0, shapely.multipoints),
    }.get(shape, (-1, None))
    if make is None:
        return shapes
    ones = (shapely.get_type_id(shapes) == single) & ~shapely.is_empty(shapes)
    if ones.any():
        shapes = shapes.copy()
        count = int(ones.sum())
        shapes[ones] = make(shapes[ones], indices=np.arange(count))
    return shapes


def _projected(rows: Iterator[Batch], crs: Any) -> tuple[Iterator[Batch], Any]:
    wanted = env.outputCoordinateSystem
    if wanted in (None, ""):
        return rows, crs
    from ..gp.reference import SpatialReference
    from .projecting import reproject, transformer

    target = (wanted if isinstance(wanted, SpatialReference) else SpatialReference(wanted))._crs()
    if target is None or crs is None or target == crs:
        return rows, target if crs is None else crs
    change = transformer(crs, target)
    return (Batch(b.oids, b.rows, reproject(b.shapes, change)) for b in rows), target


def _options(made: Output, shape: str | None, schema: pyarrow.Schema) -> dict[str, str]:
    if made.driver not in ("OpenFileGDB", "GPKG"):
        return {"ENCODING": "UTF-8"} if made.driver == "ESRI Shapefile" else {}
    taken = {name.lower() for name in schema.names}
    oid = next(name for name in ("OBJECTID", "OBJECTID_1", "OID_") if name.lower() not in taken)
    options = {"FID": oid}
    if shape:
        options["GEOMETRY_NAME"] = "Shape" if "shape" not in taken else "Shape_1"
    if made.driver == "OpenFileGDB":
        if shape in ("esriGeometryPolyline", "esriGeometryPolygon"):
            options["CREATE_SHAPE_AREA_AND_LENGTH_FIELDS"] = "YES"
        if made.dataset:
            options["FEATURE_DATASET"] = made.dataset
        if any(str(f.type) in ("int64", "date32[day]", "time32[ms]", "time64[us]") for f in schema):
            options["TARGET_ARCGIS_VERSION"] = "ARCGIS_PRO_3_2_OR_LATER"
    return options


def _begin(made: Output) -> str:
    """Return where to write until it is known that all went well."""
    if made.driver == "OpenFileGDB":
        # Rows go straight in; the old class goes first, as it does in ArcGIS.
        if made.replaces:
            remove(made)
        return made.file
    if made.file.startswith(MEMORY_FOLDER):
        return f"{MEMORY_FOLDER}-part/{made.name.lower()}.gpkg"
    file = Path(made.file)
    return str(file.with_name(f".{file.stem}.{os.getpid()}{file.suffix}"))


def _finish(made: Output, part: str) -> None:
    if made.driver == "OpenFileGDB":
        return
    if made.inside:
        if made.replaces:
            remove(made)
        _merge(part, made)
        os.remove(part)
        return
    if made.file.startswith(MEMORY_FOLDER):
        if made.replaces:
            remove(made)
        _rename_in_memory(part, made.file)
        return
    if made.replaces:
        remove_file(made.file)
    stem, target = os.path.splitext(part)[0], os.path.splitext(made.file)[0]
    suffixes = [os.path.splitext(part)[1], *(_SIDE if made.driver == "ESRI Shapefile" else ())]
    for suffix in dict.fromkeys(suffixes):
        if os.path.lexists(stem + suffix):
            os.replace(stem + suffix, target + suffix)


def _rename_in_memory(part: str, file: str) -> None:
    lib = _gdal.library()
    if lib.VSIRename(part.encode(), file.encode()):
        raise StorageError(f"cannot move `{part}` to `{file}`")


def _merge(part: str, made: Output) -> None:
    import ctypes

    lib = _gdal.library()
    arguments = _gdal.options(["-update", "-nln", made.name])
    parsed = lib.GDALVectorTranslateOptionsNew(arguments, None)
    problem = ctypes.c_int()
    try:
        with (
            _gdal.opened(part) as source,
            _gdal.opened(made.file, _gdal.OF_VECTOR | _gdal.OF_UPDATE) as target,
        ):
            sources = (ctypes.c_void_p * 1)(source)
            if not lib.GDALVectorTranslate(None, target, 1, sources, parsed, ctypes.byref(problem)):
                raise StorageError(f"cannot write `{made.path}`: {_gdal.last_error()}")
    finally:
        lib.GDALVectorTranslateOptionsFree(parsed)


def _abandon(made: Output, part: str) -> None:
    """Take away what was written so far; the first error is the one to tell."""
    try:
        if made.driver == "OpenFileGDB":
            if exists(made):
                remove(made)
        elif part.startswith("/vsimem"):
            import pyogrio

            pyogrio.vsi_unlink(part)
        else:
            remove_file(part)
    except (OSError, ValueError):
        pass


def _carry_domains(made: Output, fields: Iterable[dict[str, Any]]) -> None:
    wanted = [item for item in fields if item.get("domain")]
    if not wanted:
        return
    from .domains import add_described

    with Editor(made.file, made.name) as editor:
        for item in wanted:
            if editor.has(item["name"]):
                add_described(editor, item["domain"], item["type"])
                editor.alter_column(item["name"], domain=item["domain"]["name"])


def create_geodatabase(path: str) -> None:
    """Make an empty file geodatabase."""
    lib = _gdal.library()
    part = Path(path).with_name(f".{Path(path).stem}.{os.getpid()}.gdb")
    with _gdal.quiet():
        driver = lib.GDALGetDriverByName(b"OpenFileGDB")
        handle = lib.GDALCreate(driver, str(part).encode(), 0, 0, 0, 0, None)
        if not handle:
            raise StorageError(f"cannot create `{path}`: {_gdal.last_error()}")
        lib.GDALClose(handle)
    os.rename(part, path)
