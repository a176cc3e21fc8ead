"""Values of web tools: from a service's JSON to what tools take, and back."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

from .convert import AREAL_UNITS, LINEAR_UNITS, as_text

__all__ = ["WireError", "environments", "inputs_of", "outputs_of"]

INLINE = 64 << 10
"""JSON of results beyond this goes into files."""
_ROWS = ("GPFeatureRecordSetLayer", "GPRecordSet")
_FILES = ("GPDataFile", "GPRasterData", "GPRasterDataLayer")


class WireError(Exception):
    """A value that has no form on the other side; the text is the message of the job."""


def environments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the environments that a request sets."""
    found: dict[str, Any] = {}
    system = given.get("processSR") or given.get("outputCoordinateSystem")
    if system:
        found["outputCoordinateSystem"] = _reference(system)
    if given.get("extent"):
        found["extent"] = _extent(given["extent"])
    return found


def _reference(value: Any) -> Any:
    from .reference import SpatialReference

    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        parsed = value
    if isinstance(parsed, Mapping):
        parsed = parsed.get("latestWkid") or parsed.get("wkid") or parsed.get("wkt")
    try:
        return SpatialReference(parsed)
    except Exception as error:
        raise WireError(f"ERROR 000840: `{str(value)[:80]}` is no spatial reference: {error}") from error


def _extent(value: Any) -> Any:
    from ..exceptions import InvalidInputError
    from .convert import convert

    try:
        text = json.loads(value) if isinstance(value, str) and value.strip().startswith("{") else value
        return convert("GPExtent", text)
    except (ValueError, InvalidInputError) as error:
        raise WireError(f"ERROR 000840: `{str(value)[:80]}` is no extent: {error}") from error


def _name(parameter: Mapping[str, Any]) -> str:
    return str(parameter.get("toolParameter") or parameter["name"])


def inputs_of(task: Mapping[str, Any], order: Mapping[str, Any], store: str) -> dict[str, Any]:
    """Return the values of a job by the names of the tool's parameters."""
    values: dict[str, Any] = {}
    scratch = os.path.join(order["folder"], "scratch")
    for parameter in task["parameters"]:
        kind, direction = parameter["dataType"], parameter.get("direction", "input")
        if direction == "output":
            if parameter.get("parameterType") != "derived":
                values[_name(parameter)] = _place(parameter, scratch)
            continue
        if parameter.get("constant"):
            value = _bound(parameter.get("defaultValue"), store)
        else:
            given = (order.get("values") or {}).get(parameter["name"])
            value = None if given is None else _taken(parameter, kind, given, order["folder"], 0)
            chosen = dict(parameter.get("choiceValues") or [])
            if isinstance(value, list):
                value = [_bound({"package": chosen[v]}, store) if v in chosen else v for v in value]
            elif isinstance(value, str) and value in chosen:
                value = _bound({"package": chosen[value]}, store)
        if value is not None:
            values[_name(parameter)] = value
    return values


def _bound(value: Any, store: str) -> Any:
    """Return a value of the package's author: what names data of the package is made a path."""
    if isinstance(value, Mapping) and "package" in value:
        return os.path.normpath(os.path.join(store, *str(value["package"]).split("/")))
    if isinstance(value, list):
        return [_bound(entry, store) for entry in value]
    return value


def _place(parameter: Mapping[str, Any], scratch: str) -> str:
    """Return where a tool shall put an output that it asks a name for."""
    base = str(parameter.get("outputName") or parameter["name"])
    base = os.path.basename(base.replace("\\", "/")) or parameter["name"]
    kind = parameter["dataType"].removeprefix("GPMultiValue:")
    stem, extension = os.path.splitext(base)
    if kind in _ROWS and not extension:
        from .rows import ensure_geodatabase

        return os.path.join(ensure_geodatabase(scratch), stem)
    return os.path.join(scratch, base)


def _taken(parameter: Mapping[str, Any], kind: str, given: Mapping[str, Any], folder: str, index: int) -> Any:
    """Return what the tool gets for one value, which the site has checked already."""
    if "list" in given:
        inner = kind.removeprefix("GPMultiValue:")
        return [_taken(parameter, inner, one, folder, i) for i, one in enumerate(given["list"])]
    if "data" in given:
        # A copy: the upload may be used again.
        place = os.path.join(folder, "files", f"{_name(parameter)}_{index}")
        os.makedirs(place, exist_ok=True)
        path = os.path.join(place, os.path.basename(given["name"]))
        shutil.copyfile(given["data"], path)
        return path
    value = given.get("json")
    if "file" in given:
        with open(given["file"], encoding="utf-8") as file:
            value = json.load(file)
    if value is None:
        return None
    if kind.startswith("GPMultiValue:"):
        inner = kind.removeprefix("GPMultiValue:")
        return [_taken(parameter, inner, {"json": one}, folder, i) for i, one in enumerate(value)]
    if kind in _ROWS:
        from .rows import write_rows

        suffix = f"_{index}" if index else ""
        return write_rows(value, os.path.join(folder, "scratch"), _name(parameter) + suffix)
    return value


def outputs_of(task: Mapping[str, Any], result: Any, order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the results of a job as frames name them.

    Raises:
        WireError: the tool set a value that its parameter's type does not have.
    """
    found: list[dict[str, Any]] = []
    for parameter in task["parameters"]:
        if parameter.get("direction") != "output":
            continue
        value = result.getOutput(_name(parameter))
        output = {"name": parameter["name"]} | _given(parameter, parameter["dataType"], value, order)
        text = json.dumps(output.get("value"))
        if len(text) > INLINE:
            path = os.path.join(order["folder"], "results", f"{len(found)}.json")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            output = {"name": parameter["name"], "file": f"results/{len(found)}.json"}
        found.append(output)
    return found


def _wrong(parameter: Mapping[str, Any], kind: str, value: Any) -> WireError:
    return WireError(
        f"ERROR 000840: {parameter['name']}: the tool returned `{as_text(value)[:200]}`, which is no {kind}"
    )


def _given(parameter: Mapping[str, Any], kind: str, value: Any, order: Mapping[str, Any]) -> dict[str, Any]:
    if value is None or (isinstance(value, str) and value == "" and kind != "GPString"):
        return {"value": None}
    if kind.startswith("GPMultiValue:"):
        from .valuetable import split_values

        inner = kind.removeprefix("GPMultiValue:")
        many = value if isinstance(value, (list, tuple)) else split_values(as_text(value))
        return {"value": [_given(parameter, inner, one, order).get("value") for one in many]}
    if kind in _ROWS:
        from .rows import read_rows

        return {"value": read_rows(value, kind, order, lambda: _wrong(parameter, kind, value))}
    if kind in _FILES:
        return _file(parameter, kind, as_text(value), order["folder"])
    try:
        return {"value": _plain(kind, value)}
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _wrong(parameter, kind, value) from error


def _plain(kind: str, value: Any) -> Any:
    text = as_text(value)
    if kind == "GPLong":
        number = float(text)
        if not number.is_integer():
            raise ValueError(value)
        return int(number)
    if kind == "GPDouble":
        number = float(text)
        # JSON has no word for the others.
        return number if number - number == 0 else None
    if kind == "GPBoolean":
        return {"true": True, "1": True, "false": False, "0": False}[text.strip().lower()]
    if kind == "GPDate":
        from .convert import convert

        moment = convert("GPDate", value)
        return round((moment - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)
    if kind in ("GPLinearUnit", "GPArealUnit"):
        units, key = (LINEAR_UNITS, "distance") if kind == "GPLinearUnit" else (AREAL_UNITS, "area")
        from .convert import convert

        amount, unit = convert(kind, value).split(" ", 1)
        return {key: float(amount), "units": units[unit][0]}
    if kind == "GPValueTable":
        import shlex

        from .valuetable import split_values

        return [shlex.split(row) for row in split_values(text)]
    return text


def _file(parameter: Mapping[str, Any], kind: str, path: str, folder: str) -> dict[str, Any]:
    """Return where the file of a result is, below the job's folder; from elsewhere it is copied there."""
    scratch = os.path.realpath(os.path.join(folder, "scratch"))
    real = os.path.realpath(path if os.path.isabs(path) else os.path.join(scratch, path))
    if not os.path.exists(real):
        raise WireError(
            f"ERROR 000732: {parameter['name']}: Dataset {path} does not exist or is not supported"
        )
    if os.path.isdir(real):
        # Geodatabases and folders travel as one file.
        target = os.path.join(scratch, os.path.basename(real) + "_result")
        real = shutil.make_archive(target, "zip", os.path.dirname(real), os.path.basename(real))
    elif not real.startswith(scratch + os.sep):
        real = shutil.copy2(real, os.path.join(scratch, os.path.basename(real)))
    found = {"data": "scratch/" + os.path.relpath(real, scratch).replace(os.sep, "/")}
    if kind != "GPDataFile":
        found["value"] = os.path.splitext(real)[1].lstrip(".").lower()
    return found
