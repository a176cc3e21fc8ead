"""What a service definition says about itself, as far as uploading needs it."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

from . import _native
from .exceptions import InvalidInputError

__all__ = ["Manifest", "read_manifest"]

ITEM_INFO = "esriinfo/iteminfo.xml"
MAX_ITEM_INFO = 8 << 20
ITEM_ELEMENTS = {
    "title": "title",
    "snippet": "snippet",
    "description": "description",
    "tags": "tags",
    "accessInformation": "accessinformation",
    "licenseInfo": "licenseinfo",
}


@dataclass(frozen=True)
class Manifest:
    """The publishing settings of a staged service definition."""

    service_name: str
    service_type: str
    """`FeatureServer`, `MapServer`, ..."""
    server_type: str
    """`esriSVCServerType_LightweightOnline` for hosted layers."""
    overwrite: bool
    """Whether it was staged to replace a service."""
    title: str = ""
    portal_folder: str = ""
    everyone: bool = False
    organization: bool = False
    groups: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    """Item properties in the portal's words."""

    @property
    def hosted(self) -> bool:
        """Whether the portal's hosting server is to serve it."""
        return self.server_type == "esriSVCServerType_LightweightOnline"


def _true(text: str) -> bool:
    return text.strip().lower() == "true"


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """Read what a `.sd` file says about its service and item.

    Raises:
        InvalidInputError: the file is no service definition.
    """
    name = os.fspath(path)
    manifest, configuration = _native.read_service_definition(name)
    root = _parse(manifest, name, "manifest.xml")
    staging = {
        pair.findtext("Key", ""): pair.findtext("Value") or ""
        for pair in root.iterfind("StagingSettings/PropertyArray/PropertySetProperty")
    }
    service = configuration.get("service") if isinstance(configuration, dict) else None
    if not isinstance(service, dict):
        raise InvalidInputError(f"`{name}` has a serviceconfiguration.json without a service")
    item = _item(name)
    groups: tuple[str, ...] = ()
    if _true(staging.get("PackageShareGroups", "")):
        # `false` is the odd value of "no groups" in real drafts.
        named = staging.get("PackageGroupIDs", "")
        groups = tuple(name.strip() for name in named.split(",") if name.strip() and name.strip() != "false")
    return Manifest(
        service_name=str(service.get("serviceName") or root.findtext("Name") or ""),
        service_type=str(service.get("type") or ""),
        server_type=root.findtext("ServerType") or "",
        overwrite=root.findtext("Type") == "esriServiceDefinitionType_Replacement",
        title=item.pop("title", ""),
        portal_folder=staging.get("PortalFolderName", "").strip(),
        everyone=_true(staging.get("PackageIsPublic", "")),
        organization=_true(staging.get("PackageUnderMyOrg", "")),
        groups=groups,
        properties=item,
    )


def _parse(text: str, path: str, part: str) -> ElementTree.Element:
    # Entities are the one way in which a document could grow while it is parsed.
    if "<!DOCTYPE" in text:
        raise InvalidInputError(f"`{path}` has a {part} with a document type, which no product writes")
    try:
        return ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise InvalidInputError(f"`{path}` has a {part} that is no XML: {error}") from error


def _item(path: str) -> dict[str, str]:
    """Return the item's properties in the portal's words; empty ones are left out."""
    listed = {name for name, _ in _native.archive_list(path)}
    if ITEM_INFO not in listed:
        return {}
    root = _parse(
        _native.archive_read(path, ITEM_INFO, MAX_ITEM_INFO).decode("utf-8", "replace"), path, ITEM_INFO
    )
    said = {key: (root.findtext(element) or "").strip() for key, element in ITEM_ELEMENTS.items()}
    return {key: value for key, value in said.items() if value}
