"""From what scripts pass as input to a dataset that can be read."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..exceptions import InvalidInputError, MissingError
from ..gp.env import env
from ..gp.result import Result
from ..gp.values import given, literal_path
from . import layers
from .running import label, required

__all__ = ["Source", "absolute", "resolve", "several"]

_MEMORY = re.compile(r"^(?:memory|in_memory)[\\/]", re.IGNORECASE)
_ROOTED = re.compile(r"^(?:[A-Za-z]:[\\/]|[\\/]|memory[\\/]|in_memory[\\/]|/vsi)", re.IGNORECASE)


@dataclass
class Source:
    """A dataset, with the query and the selection that narrow it."""

    path: str
    layer: str | None = None
    where: str | None = None
    selection: frozenset[int] | None = None
    name: str = ""
    view: layers.View | None = None
    hidden: frozenset[str] = field(default_factory=frozenset)
    renamed: dict[str, str] = field(default_factory=dict)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What `data.describe` says."""
        from .. import data

        return data.describe(self.path, self.layer)

    @property
    def shape(self) -> str | None:
        """`esriGeometryPolygon` and so on; None for tables."""
        return self.about["geometryType"]

    @cached_property
    def crs(self) -> Any:
        """The pyproj system; None when unknown."""
        from ..gp.reference import SpatialReference

        reference = self.about["spatialReference"]
        return SpatialReference.from_value(reference)._crs() if reference else None

    @property
    def catalog_path(self) -> str:
        """Path with the name inside the container."""
        return os.path.join(self.path, self.layer) if self.layer else self.path

    def field(self, name: str, parameter: str = "Field") -> dict[str, Any]:
        """Return a field by name.

        Raises:
            InvalidInputError: ERROR 000728 when there is none.
        """
        for known in self.about["fields"]:
            if known["name"].lower() == name.lower():
                return dict(known)
        raise InvalidInputError(f"{parameter}: Field {name} does not exist within table", 728)

    def and_where(self, more: str | None) -> Source:
        """Return the source narrowed by another condition."""
        if given(more) is None:
            return self
        text = str(more)
        where = f"({self.where}) AND ({text})" if self.where else text
        return Source(
            self.path, self.layer, where, self.selection, self.name, self.view, self.hidden, self.renamed
        )

    def count(self) -> int:
        """Count the rows that query and selection leave."""
        if self.selection is None:
            if not self.where:
                return int(self.about["count"])
            from .. import data

            return int(data.describe(self.path, self.layer, where=self.where)["count"])
        from .reading import ids

        return len(ids(self))


def absolute(text: str) -> str:
    """Return a path against env.workspace when it is a bare name."""
    workspace = env.workspace
    if not workspace or _ROOTED.match(text):
        return text
    inside = os.path.join(str(workspace), text)
    if os.path.exists(text) and not str(workspace).lower().endswith((".gdb", ".gpkg")):
        return inside if os.path.exists(inside) else text
    return inside


def several(value: Any, parameter: str) -> list[Any]:
    """Return the parts of a multivalue input: a list, or one text joined by semicolons."""
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return [part.strip().strip("'\"") for part in value.split(";") if part.strip()]
    if isinstance(value, list | tuple):
        # Intersect and Union take [[path, rank], ...] too.
        return [part[0] if isinstance(part, list | tuple) else part for part in value]
    required(parameter, value)
    return [value]


def resolve(value: Any, parameter: str = "in_features", *, spatial: bool | None = None) -> Source:
    """Find the dataset that an input parameter names.

    Args:
        value: Path, layer name, layer or table object, Result, feature set, or JSON of one.
        parameter: Name of the parameter, for messages.
        spatial: True when it must have geometries; None when both are right.

    Raises:
        InvalidInputError: ERROR 000840 for a table where features are wanted.
        MissingError: ERROR 000732.
    """
    required(parameter, value)
    source = _find(value, parameter)
    if spatial and source.shape is None:
        raise InvalidInputError(f"{label(parameter)}: The value is not a Feature Layer", 840)
    return source


def _find(value: Any, parameter: str) -> Source:
    if isinstance(value, Result):
        value = value.getOutput(0)
    if isinstance(value, Source):
        return value
    if hasattr(value, "_feature_set_path"):
        return _opened(value._feature_set_path(), parameter, repr(value))
    if isinstance(value, dict):
        return _opened(_from_json(value), parameter, "feature set")
    if hasattr(value, "dataSource") and hasattr(value, "definitionQuery"):
        return _of_layer(value)
    text = literal_path(value)
    if text.lstrip().startswith("{"):
        try:
            parsed = json.loads(text)
        except ValueError as error:
            raise InvalidInputError(f"{label(parameter)}: the JSON is broken: {error}", 840) from error
        return _opened(_from_json(parsed), parameter, "feature set")
    view = layers.find(text)
    if view is not None:
        return _of_view(view)
    return _opened(absolute(text), parameter, text)


def _from_json(value: dict[str, Any]) -> str:
    from .featuresets import to_memory

    return to_memory(value)


def _of_layer(layer: Any) -> Source:
    view = layers.of_layer(layer)
    source = _of_view(view)
    query = layer.definitionQuery or None
    source.where = query if view.where is None or query else view.where
    return source


def _of_view(view: layers.View) -> Source:
    where = view.where
    if view.layer is not None and hasattr(view.layer, "definitionQuery"):
        where = view.layer.definitionQuery or None
    source = _opened(view.path, "in_features", view.name)
    source.where, source.selection, source.view = where, view.selection, view
    source.name, source.hidden, source.renamed = view.name, view.hidden, view.renamed
    return source


def _opened(path: str, parameter: str, shown: str) -> Source:
    source = Source(path, name=re.split(r"[\\/]", path)[-1])
    try:
        _ = source.about
    except (MissingError, FileNotFoundError) as error:
        raise MissingError(
            f"{label(parameter)}: Dataset {shown} does not exist or is not supported", 732
        ) from error
    return source
