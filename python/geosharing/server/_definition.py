"""What a service definition says about itself, as far as uploading needs it."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

from .. import _native
from ..exceptions import InvalidInputError

__all__ = ["Manifest", "read_manifest"]


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
    """Read the manifest of a `.sd` file.

    Raises:
        InvalidInputError: the file is no service definition.
    """
    text, _ = _native.read_service_definition(os.fspath(path))
    # Entities are the one way in which a manifest could grow while it is parsed.
    if "<!DOCTYPE" in text:
        raise InvalidInputError(f"`{path}` has a manifest with a document type, which no product writes")
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise InvalidInputError(f"`{path}` has a manifest that is no XML: {error}") from error
    staging = {
        pair.findtext("Key", ""): pair.findtext("Value") or ""
        for pair in root.iterfind("StagingSettings/PropertyArray/PropertySetProperty")
    }
    configuration = root.find("Configurations/SVCConfiguration")
    if configuration is None:
        raise InvalidInputError(f"`{path}` has a manifest without a service")

    def item(name: str) -> str:
        return (root.findtext(f"ItemInfo/{name}") or "").strip()

    tags = ",".join(
        tag.text.strip() for tag in root.iterfind("ItemInfo/Tags/String") if tag.text and tag.text.strip()
    )
    properties = {
        "snippet": item("Snippet"),
        "description": item("Description"),
        "tags": tags,
        "accessInformation": item("Credits"),
        "licenseInfo": item("AccessInformation"),
    }
    groups: tuple[str, ...] = ()
    if _true(staging.get("PackageShareGroups", "")):
        # `false` is the odd value of "no groups" in real drafts.
        named = staging.get("PackageGroupIDs", "")
        groups = tuple(name.strip() for name in named.split(",") if name.strip() and name.strip() != "false")
    return Manifest(
        service_name=configuration.findtext("Name") or root.findtext("Name") or "",
        service_type=configuration.findtext("TypeName") or "",
        server_type=root.findtext("ServerType") or "",
        overwrite=root.findtext("Type") == "esriServiceDefinitionType_Replacement",
        title=item("Title"),
        portal_folder=staging.get("PortalFolderName", "").strip(),
        everyone=_true(staging.get("PackageIsPublic", "")),
        organization=_true(staging.get("PackageUnderMyOrg", "")),
        groups=groups,
        properties={name: value for name, value in properties.items() if value},
    )
