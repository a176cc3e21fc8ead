"""Reading data: feature classes, tables and files as schemas and Arrow streams.

Everything that GDAL reads through pyogrio can be read; geodatabases, shapefiles, GeoPackage,
GeoJSON, CSV and the `memory` workspace are tested. Rows stream: no dataset is held whole.
Not read: enterprise geodatabases, annotation as graphics, topologies, networks, parcel fabrics.

Examples:
    >>> from geosharing import data
    >>> data.list_datasets("memory")
    []
"""

from ._copy import copy_to_geodatabase
from ._describe import describe, feature_datasets, list_datasets
from ._details import details
from ._draw import draw_features
from ._raster import describe_raster
from ._read import ArrowReader, open_arrow
from ._write import delete, write

__all__ = [
    "ArrowReader",
    "copy_to_geodatabase",
    "delete",
    "describe",
    "describe_raster",
    "details",
    "draw_features",
    "feature_datasets",
    "list_datasets",
    "open_arrow",
    "write",
]
