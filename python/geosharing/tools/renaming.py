"""New names for datasets, files and folders."""

from __future__ import annotations

import os
import re
from typing import Any

from ..data import _gdal
from ..exceptions import ExistsError, MissingError, StorageError
from ..gp.values import literal_path
from .outputs import _SIDE, exists, output, write
from .reading import batches, schema_of
from .sources import absolute, resolve

__all__ = ["rename"]


def rename(in_data: Any, out_data: Any) -> str:
    """Rename; the new name counts from where the data is.

    Raises:
        ExistsError: ERROR 000725 when something has the new name.
    """
    path = absolute(literal_path(in_data))
    leaf = re.split(r"[\\/]", literal_path(out_data))[-1]
    if os.path.lexists(path):
        target = os.path.join(os.path.dirname(path), leaf)
        old, suffix = os.path.splitext(path)
        if suffix and not os.path.splitext(leaf)[1]:
            target += suffix
        if os.path.lexists(target):
            raise ExistsError(f"Output Data Element: Dataset {target} already exists", 725)
        os.rename(path, target)
        for part in _SIDE if suffix.lower() == ".shp" else ():
            if os.path.lexists(old + part):
                os.rename(old + part, os.path.splitext(target)[0] + part)
        return target
    source = resolve(in_data, "in_data")
    place = re.match(r"^(.*[\\/])?[^\\/]+$", source.path)
    folder = (place[1] or "") if place else ""
    made = output(folder + leaf, "out_data", spatial=source.shape is not None)
    if exists(made):
        raise ExistsError(f"Output Data Element: Dataset {made.path} already exists", 725)
    if made.file.startswith("/vsimem"):
        # The name of the layer inside has to follow.
        from ..data import delete

        whole = batches(source)
        done = write(
            made,
            schema_of(source),
            whole,
            shape=source.shape,
            has_z=source.about["hasZ"],
            crs=source.crs,
            project=False,
        )
        delete(source.path)
        return done
    with _gdal.opened(made.file, _gdal.OF_VECTOR | _gdal.OF_UPDATE) as handle:
        lib = _gdal.library()
        layer = _gdal.layer(handle, source.about["name"])
        if not layer:
            raise MissingError(f"Input Data Element: Dataset {path} does not exist or is not supported", 732)
        if lib.OGR_L_Rename(layer, made.name.encode()):
            raise StorageError(f"cannot rename `{path}`: {_gdal.last_error()}")
    return made.path
