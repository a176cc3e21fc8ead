"""arcpy's geoprocessing environment: `arcpy.env` and `arcpy.EnvManager`."""

from __future__ import annotations

import atexit
import difflib
import functools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["ClearEnvironment", "EnvManager", "Environment", "ListEnvironments", "ResetEnvironments", "env"]

_BOOLEANS = {
    "addOutputsToMap": True,
    "autoCancelling": True,
    "buildStatsAndRATForTempRaster": True,
    "maintainAttachments": True,
    "maintainCurveSegments": False,
    "maintainSpatialIndex": False,
    "overwriteOutput": False,
    "preserveGlobalIds": False,
    "qualifiedFieldNames": True,
    "transferDomains": False,
    "transferGDBAttributeProperties": False,
    "unionDimension": False,
}
_OTHERS: dict[str, Any] = {
    "MDomain": None,
    "MResolution": None,
    "MTolerance": None,
    "S100FeatureCatalogueFile": None,
    "XYDomain": None,
    "XYResolution": None,
    "XYTolerance": None,
    "ZDomain": None,
    "ZResolution": None,
    "ZTolerance": None,
    "annotationTextStringFieldLength": None,
    "autoCommit": 1000,
    "baDataSource": None,
    "baNetworkSource": None,
    "cartographicCoordinateSystem": None,
    "cartographicPartitions": None,
    "cellAlignment": "DEFAULT",
    "cellSize": "MAXOF",
    "cellSizeProjectionMethod": "CONVERT_UNITS",
    "coincidentPoints": "MEAN",
    "compression": "LZ77",
    "configKeyword": None,
    "daylightSaving": None,
    "extent": None,
    "geographicTransformations": None,
    "gpuId": None,
    "isCancelled": False,
    "mask": None,
    "nodata": "NONE",
    "outputCoordinateSystem": None,
    "outputMFlag": "Same As Input",
    "outputZFlag": "Same As Input",
    "outputZValue": None,
    "packageWorkspace": None,
    "parallelProcessingFactor": None,
    "processingServer": None,
    "processingServerPassword": None,
    "processingServerUser": None,
    "processorType": "CPU",
    "pyramid": "PYRAMIDS -1 NEAREST DEFAULT 75 NO_SKIP NO_SIPS",
    "randomGenerator": "0 ACM599",
    "rasterStatistics": "STATISTICS 1 1",
    "recycleProcessingWorkers": None,
    "referenceScale": None,
    "resamplingMethod": "NEAREST",
    "retryOnFailures": None,
    "scratchWorkspace": None,
    "snapRaster": None,
    "terrainMemoryUsage": False,
    "tileSize": "128 128",
    "timeZone": None,
    "tinSaveVersion": "CURRENT",
    "workspace": None,
}
_READ_ONLY = {"scratchFolder", "scratchGDB"}
_TRUE = {"true", "1", "yes", "overwrite", "on"}


class _Values(threading.local):
    def __init__(self) -> None:
        self.now: dict[str, Any] = {}


class Environment:
    """The settings that tools obey.

    Names are as in arcpy, whatever their case in the documentation; an unknown one raises
    `AttributeError`, since arcpy does and since a misspelt `overwriteOutput` costs an hour.
    """

    def __init__(self) -> None:
        object.__setattr__(self, "_values", _Values())
        object.__setattr__(self, "_scratch", None)

    def _name(self, name: str) -> str:
        if name in _OTHERS or name in _BOOLEANS or name in _READ_ONLY:
            return name
        known = self.keys()
        same = [entry for entry in known if entry.lower() == name.lower()]
        if same:
            return same[0]
        close = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise AttributeError(f"`{name}` is no geoprocessing environment{hint}")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = self._name(name)
        if known == "scratchFolder":
            return self._scratch_folder()
        if known == "scratchGDB":
            return self._scratch_geodatabase()
        values = self._values.now
        return values.get(known, _BOOLEANS.get(known, _OTHERS.get(known)))

    def __setattr__(self, name: str, value: Any) -> None:
        known = self._name(name)
        if known in _READ_ONLY:
            raise AttributeError(f"`{known}` is read-only; set scratchWorkspace instead")
        if known in _BOOLEANS and not isinstance(value, bool):
            value = value.strip().lower() in _TRUE if isinstance(value, str) else bool(value)
        elif known in ("workspace", "scratchWorkspace", "packageWorkspace"):
            value = (
                None if value in (None, "") else os.fspath(value) if hasattr(value, "__fspath__") else value
            )
        self._values.now[known] = value

    def __delattr__(self, name: str) -> None:
        self._values.now.pop(self._name(name), None)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __dir__(self) -> list[str]:
        return self.keys()

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in sorted(self._values.now.items()))
        return f"<Environment {shown or 'all defaults'}>"

    def keys(self) -> list[str]:
        """Return the names of all settings."""
        return sorted([*_BOOLEANS, *_OTHERS, *_READ_ONLY], key=str.lower)

    def _scratch_folder(self) -> str:
        chosen = self._values.now.get("scratchWorkspace")
        if chosen:
            base = os.path.dirname(chosen) if str(chosen).lower().endswith((".gdb", ".sde")) else str(chosen)
            folder = os.path.join(base or ".", "scratch")
            os.makedirs(folder, exist_ok=True)
            return folder
        if self._scratch is None:
            folder = tempfile.mkdtemp(prefix="geosharing-")
            object.__setattr__(self, "_scratch", folder)
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return self._scratch

    def _scratch_geodatabase(self) -> str:
        chosen = self._values.now.get("scratchWorkspace")
        if chosen and str(chosen).lower().endswith(".gdb"):
            place = str(chosen)
        else:
            place = os.path.join(self._scratch_folder(), "scratch.gdb")
        if not os.path.exists(place) and os.path.isdir(os.path.dirname(place) or "."):
            # Tools write into it, so it is there once a script asks for its name.
            from ..tools.outputs import create_geodatabase

            create_geodatabase(place)
        return place

    def snapshot(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""
        return dict(self._values.now)

    def restore(self, values: dict[str, Any]) -> None:
        """Set the settings to what `snapshot` returned."""
        self._values.now = dict(values)


env = Environment()
"""The settings of this thread."""


class EnvManager:
    """Set environments for a block: `with arcpy.EnvManager(overwriteOutput=True): ...`.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/envmanager.htm
    """

    def __init__(self, **environments: Any) -> None:
        for name in environments:
            env._name(name)
        self._wanted = environments
        self._before: list[dict[str, Any]] = []

    def __enter__(self) -> EnvManager:
        self._before.append(env.snapshot())
        for name, value in self._wanted.items():
            setattr(env, name, value)
        return self

    def __exit__(self, *_: object) -> None:
        env.restore(self._before.pop())

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with the environments set around each call."""

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside

    def reset(self) -> None:
        """Give up what the block set so far."""
        if self._before:
            env.restore(self._before[-1])


def ListEnvironments(wild_card: str = "*") -> list[str]:
    """Return the names of the environments that match."""
    import fnmatch

    return [name for name in env if fnmatch.fnmatchcase(name.lower(), (wild_card or "*").lower())]


def ResetEnvironments() -> None:
    """Set every environment to its default."""
    env.restore({})


def ClearEnvironment(environment_name: str) -> None:
    """Set one environment to its default."""
    delattr(env, environment_name)
