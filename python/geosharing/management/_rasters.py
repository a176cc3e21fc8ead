"""Copy Raster, Project Raster, Mosaic To New Raster, Calculate Statistics."""

from __future__ import annotations

import os
from typing import Any

from ..exceptions import InvalidInputError
from ..gp.messages import ToolRun
from ..gp.values import given, literal_path, one_of
from ..tools import rasters
from ..tools.projecting import system
from ..tools.running import tool
from ..tools.sources import absolute, several

__all__ = ["CalculateStatistics", "CopyRaster", "MosaicToNewRaster", "ProjectRaster"]


@tool
def CopyRaster(
    run: ToolRun,
    in_raster: Any,
    out_rasterdataset: Any,
    config_keyword: Any = None,
    background_value: Any = None,
    nodata_value: Any = None,
    onebit_to_eightbit: Any = None,
    colormap_to_RGB: Any = None,
    pixel_type: Any = None,
    scale_pixel_value: Any = None,
    RGB_to_Colormap: Any = None,
    format: Any = None,
    transform: Any = None,
    process_as_multidimensional: Any = None,
    build_multidimensional_transpose: Any = None,
) -> dict[str, Any]:
    """Copy a raster into another file, format or pixel type.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/copy-raster.htm
    """
    source = rasters.path_of(in_raster, "in_raster")
    rasters.about(source, "in_raster")
    target, driver = rasters.place(out_rasterdataset, "out_rasterdataset")
    kind = one_of("Pixel Type", pixel_type, rasters.PIXELS, "")
    nodata = given(nodata_value)
    rasters.copy(
        source,
        target,
        driver,
        dtype=rasters.PIXELS.get(kind),
        nodata=float(nodata) if nodata is not None else None,
    )
    return {"out_rasterdataset": target}


@tool
def ProjectRaster(
    run: ToolRun,
    in_raster: Any,
    out_raster: Any,
    out_coor_system: Any,
    resampling_type: Any = "NEAREST",
    cell_size: Any = None,
    geographic_transform: Any = None,
    Registration_Point: Any = None,
    in_coor_system: Any = None,
    vertical: Any = "NO_VERTICAL",
) -> dict[str, Any]:
    """Warp a raster into another coordinate system.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/project-raster.htm
    """
    source = rasters.path_of(in_raster, "in_raster")
    rasters.about(source, "in_raster")
    crs = system(out_coor_system, "Output Coordinate System")
    words = ("NEAREST", "BILINEAR", "CUBIC", "MAJORITY")
    method = one_of("Resampling Technique", resampling_type, words, "NEAREST")
    target, driver = rasters.place(out_raster, "out_raster")
    cell = given(cell_size)
    rasters.project(source, target, driver, crs, method, float(cell.split()[0]) if cell else None)
    return {"out_raster": target}


@tool
def MosaicToNewRaster(
    run: ToolRun,
    input_rasters: Any,
    output_location: Any,
    raster_dataset_name_with_extension: Any,
    coordinate_system_for_the_raster: Any = None,
    pixel_type: Any = "8_BIT_UNSIGNED",
    cellsize: Any = None,
    number_of_bands: Any = None,
    mosaic_method: Any = "LAST",
    mosaic_colormap_mode: Any = "FIRST",
) -> dict[str, Any]:
    """Put rasters side by side into a new one.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/mosaic-to-new-raster.htm
    """
    sources = [rasters.path_of(e, "input_rasters") for e in several(input_rasters, "input_rasters")]
    counts = {rasters.about(path, "input_rasters")["bands"] for path in sources}
    bands = int(given(number_of_bands) or min(counts))
    if bands > min(counts):
        raise InvalidInputError(f"Number of Bands: an input has only {min(counts)}", 800)
    kind = rasters.PIXELS[one_of("Pixel Type", pixel_type, rasters.PIXELS, "8_BIT_UNSIGNED")]
    method = one_of("Mosaic Operator", mosaic_method, ("FIRST", "LAST"), "LAST")
    name = os.path.join(absolute(literal_path(output_location)), str(raster_dataset_name_with_extension))
    target, driver = rasters.place(name, "raster_dataset_name_with_extension")
    rasters.mosaic(sources, target, driver, kind, bands, method == "LAST")
    return {"output_raster_dataset": target}


@tool
def CalculateStatistics(
    run: ToolRun,
    in_raster_dataset: Any,
    x_skip_factor: Any = 1,
    y_skip_factor: Any = 1,
    ignore_values: Any = None,
    skip_existing: Any = "OVERWRITE",
    area_of_interest: Any = None,
) -> dict[str, Any]:
    """Calculate minimum, maximum, mean and deviation of each band and store them with the raster.

    https://pro.arcgis.com/en/pro-app/latest/tool-reference/data-management/calculate-statistics.htm
    """
    path = rasters.path_of(in_raster_dataset, "in_raster_dataset")
    rasters.about(path, "in_raster_dataset")
    for number, band in enumerate(rasters.statistics(path), 1):
        shown = ", ".join(
            f"{key.removeprefix('STATISTICS_').lower()} {value:g}" for key, value in band.items()
        )
        run.message(f"Band {number}: {shown}")
    return {"out_raster_dataset": in_raster_dataset}
