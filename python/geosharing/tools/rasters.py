"""Rasters, read and written window by window through rasterio."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exceptions import ExistsError, InvalidInputError, MissingError, NotSupportedError, StorageError
from ..gp.env import env
from ..gp.result import Result
from ..gp.values import literal_path, output_path
from . import layers
from .running import label, required
from .sources import absolute

__all__ = ["PIXELS", "about", "band_names", "copy", "mosaic", "path_of", "place", "project", "statistics"]

_DRIVERS = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".img": "HFA",
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jp2": "JP2OpenJPEG",
}
PIXELS = {
    "8_BIT_UNSIGNED": "uint8",
    "8_BIT_SIGNED": "int8",
    "16_BIT_UNSIGNED": "uint16",
    "16_BIT_SIGNED": "int16",
    "32_BIT_UNSIGNED": "uint32",
    "32_BIT_SIGNED": "int32",
    "32_BIT_FLOAT": "float32",
    "64_BIT": "float64",
}
_WINDOW = 1024


def path_of(value: Any, parameter: str) -> str:
    """Return the file of a raster parameter: a path, a layer, a Result."""
    required(parameter, value)
    if isinstance(value, Result):
        value = value.getOutput(0)
    if hasattr(value, "dataSource"):
        return str(value.dataSource)
    text = literal_path(value)
    view = layers.find(text)
    return view.path if view is not None else absolute(text)


def about(path: str, parameter: str = "in_raster") -> dict[str, Any]:
    """Describe a raster.

    Raises:
        MissingError: ERROR 000732.
        NotSupportedError: For rasters inside geodatabases.
    """
    import rasterio

    lower = path.lower()
    if ".gdb" in lower and not os.path.isfile(path):
        raise NotSupportedError("rasters in geodatabases cannot be read; keep them as .tif files")
    try:
        with rasterio.open(path) as raster:
            return {
                "width": raster.width,
                "height": raster.height,
                "bands": raster.count,
                "types": raster.dtypes,
                "nodata": raster.nodata,
                "bounds": tuple(raster.bounds),
                "crs": raster.crs.to_wkt() if raster.crs else None,
                "driver": raster.driver,
                "cell": (raster.transform.a, -raster.transform.e),
            }
    except rasterio.errors.RasterioIOError as error:
        if not os.path.exists(path):
            raise MissingError(
                f"{label(parameter)}: Dataset {path} does not exist or is not supported", 732
            ) from error
        raise InvalidInputError(f"{label(parameter)}: `{path}` is no raster: {error}", 840) from error


def band_names(path: str) -> list[str]:
    """Return `Band_1` and so on."""
    return [f"Band_{number + 1}" for number in range(about(path)["bands"])]


def place(value: Any, parameter: str, default_suffix: str = ".tif") -> tuple[str, str]:
    """Return path and driver of an output raster.

    Raises:
        ExistsError: ERROR 000725 unless env.overwriteOutput.
    """
    required(parameter, value)
    path = output_path(absolute(literal_path(value)))
    suffix = os.path.splitext(path)[1].lower()
    if not suffix:
        if ".gdb" in path.lower():
            raise NotSupportedError("rasters are not written into geodatabases; write a .tif beside it")
        path, suffix = path + default_suffix, default_suffix
    if suffix not in _DRIVERS:
        raise InvalidInputError(
            f"{label(parameter)}: `{suffix}` is not written; use {', '.join(_DRIVERS)}", 840
        )
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise MissingError(f"Cannot create output {path}: its folder does not exist", 210)
    if os.path.exists(path) and not env.overwriteOutput:
        raise ExistsError(f"{label(parameter)}: Dataset {path} already exists", 725)
    return path, _DRIVERS[suffix]


def _windows(width: int, height: int) -> Iterator[Any]:
    from rasterio.windows import Window

    for row in range(0, height, _WINDOW):
        for column in range(0, width, _WINDOW):
            yield Window(column, row, min(_WINDOW, width - column), min(_WINDOW, height - row))


class _Part:
    """A raster written beside its place and renamed at the end."""

    def __init__(self, path: str) -> None:
        stem, suffix = os.path.splitext(path)
        self.path, self.part = path, f"{stem}.{os.getpid()}.part{suffix}"

    def __enter__(self) -> str:
        return self.part

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            os.replace(self.part, self.path)
        elif os.path.exists(self.part):
            os.unlink(self.part)


def _creation(driver: str) -> dict[str, Any]:
    if driver != "GTiff":
        return {}
    packing = "deflate" if env.compression != "NONE" else "none"
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    return {**tiles, "compress": packing, "bigtiff": "if_safer"}


def copy(source: str, target: str, driver: str, *, dtype: str | None, nodata: float | None) -> None:
    """Copy a raster into another format or pixel type."""
    import rasterio

    try:
        with rasterio.open(source) as read, _Part(target) as part:
            kind = dtype or read.dtypes[0]
            limits = None if np.dtype(kind).kind == "f" else np.iinfo(kind)
            with rasterio.open(
                part,
                "w",
                driver=driver if driver in ("GTiff", "HFA") else "GTiff",
                width=read.width,
                height=read.height,
                count=read.count,
                dtype=kind,
                crs=read.crs,
                transform=read.transform,
                nodata=read.nodata if nodata is None else nodata,
                **_creation(driver if driver == "HFA" else "GTiff"),
            ) as write:
                for window in _windows(read.width, read.height):
                    block = read.read(window=window)
                    if limits is not None and block.dtype != kind:
                        block = np.clip(block, limits.min, limits.max)
                    write.write(block.astype(kind), window=window)
            if driver not in ("GTiff", "HFA"):
                from rasterio.shutil import copy as recode

                whole = part + ".tif"
                os.replace(part, whole)
                try:
                    recode(whole, part, driver=driver)
                finally:
                    os.unlink(whole)
    except rasterio.errors.RasterioIOError as error:
        raise StorageError(f"cannot copy `{source}`: {error}") from error


def project(source: str, target: str, driver: str, crs: Any, resampling: str, cell: float | None) -> None:
    """Warp a raster into another coordinate system, in pieces."""
    import rasterio
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT
    from rasterio.warp import calculate_default_transform

    with rasterio.open(source) as read, _Part(target) as part:
        if read.crs is None:
            raise InvalidInputError("Input Raster: Undefined coordinate system for input dataset", 1024)
        wkt = crs.to_wkt()
        transform, width, height = calculate_default_transform(
            read.crs, wkt, read.width, read.height, *read.bounds, resolution=cell
        )
        method = {"NEAREST": Resampling.nearest, "BILINEAR": Resampling.bilinear, "CUBIC": Resampling.cubic}
        method["MAJORITY"] = Resampling.mode
        with (
            WarpedVRT(
                read, crs=wkt, transform=transform, width=width, height=height, resampling=method[resampling]
            ) as warped,
            rasterio.open(
                part,
                "w",
                driver=driver,
                width=width,
                height=height,
                count=read.count,
                dtype=read.dtypes[0],
                crs=wkt,
                transform=transform,
                nodata=warped.nodata,
                **_creation(driver),
            ) as write,
        ):
            for window in _windows(width, height):
                write.write(warped.read(window=window), window=window)


def mosaic(sources: list[str], target: str, driver: str, dtype: str, bands: int, last: bool) -> None:
    """Put rasters of one system and cell size into one."""
    import rasterio
    from rasterio.merge import merge

    opened = [rasterio.open(path) for path in sources]
    try:
        first = opened[0]
        for other in opened[1:]:
            if other.crs != first.crs:
                raise NotSupportedError(
                    "the rasters have different coordinate systems; use ProjectRaster first"
                )
        with _Part(target) as part:
            merge(
                opened,
                method="last" if last else "first",
                dtype=dtype,
                indexes=list(range(1, bands + 1)),
                dst_path=part,
                dst_kwds={"driver": driver, **_creation(driver)},
            )
    finally:
        for raster in opened:
            raster.close()


def statistics(path: str) -> list[dict[str, float]]:
    """Return minimum, maximum, mean and deviation of each band, and store them beside the raster."""
    import rasterio

    found = []
    with rasterio.open(path, "r+" if path.lower().endswith((".tif", ".tiff")) else "r") as raster:
        for band in range(1, raster.count + 1):
            count, total, square = 0, 0.0, 0.0
            low, high = np.inf, -np.inf
            for window in _windows(raster.width, raster.height):
                block = raster.read(band, window=window, masked=True).compressed().astype("float64")
                block = block[np.isfinite(block)]
                if block.size:
                    count, total = count + block.size, total + float(block.sum())
                    square += float((block**2).sum())
                    low, high = min(low, float(block.min())), max(high, float(block.max()))
            if not count:
                continue
            mean = total / count
            made = {
                "STATISTICS_MINIMUM": low,
                "STATISTICS_MAXIMUM": high,
                "STATISTICS_MEAN": mean,
                "STATISTICS_STDDEV": max(square / count - mean**2, 0.0) ** 0.5,
            }
            found.append(made)
            if raster.mode == "r+":
                raster.update_tags(band, **{key: repr(value) for key, value in made.items()})
    return found
