"""agsconfig, which we did not write, on both forms of a service: our drafts and our JSON."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from geosharing.services import ServiceDescription

agsconfig = pytest.importorskip("agsconfig", reason="the peers group is not installed")

FIXTURES = Path(__file__).parents[1] / "fixtures"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "sddraft"
DRAFTS = sorted([*(FIXTURES / "sddraft").glob("*.sddraft"), *CORPUS.glob("*.sddraft")])

LOADERS = {
    "MapServer": "map",
    "FeatureServer": "hosted_feature",
    "GPServer": "geoprocessing",
    "ImageServer": "image",
    "GeocodeServer": "geocode",
    "GeoDataServer": "geodata",
    "VectorTileServer": "vector_tile",
}
# What a service and its item do not say, so that only drafts answer.
DRAFTS_ONLY = {
    "disable_identify_relates": "agsconfig reads it from drafts only",
    "file_path": "agsconfig reads it from drafts only",
    "folder": "it is the address of the service, not part of its JSON",
    "keep_cache": "a choice for publishing",
    "metadata_xml": "a document of its own",
    "replace_existing": "a choice for publishing",
}


def walk(model: Any, prefix: str = "") -> dict[str, Any]:
    """Everything that a model of agsconfig exposes; an error stands as its class."""
    found: dict[str, Any] = {}
    for name in dir(type(model)):
        if name.startswith("_") or name in {
            "save",
            "save_a_copy",
            "add_custom_extension",
            "Capability",
            "editor",
        }:
            continue
        try:
            value = getattr(model, name)
        except Exception as error:
            found[prefix + name] = type(error)
            continue
        if isinstance(value, type):
            continue
        if "agsconfig" in type(value).__module__ and not hasattr(value, "value"):
            found.update(walk(value, f"{prefix}{name}."))
        elif not callable(value):
            found[prefix + name] = [str(item) for item in value] if isinstance(value, list | tuple) else value
    return found


def from_draft(kind: str, path: Path) -> dict[str, Any]:
    with path.open("rb+") as file:
        return walk(getattr(agsconfig, f"load_{LOADERS[kind]}_sddraft")(file))


def from_json(kind: str, service: ServiceDescription, folder: Path) -> dict[str, Any]:
    (folder / "service.json").write_text(json.dumps(service.to_json()), encoding="utf-8")
    (folder / "item.json").write_text(json.dumps(service.item_info() or {}), encoding="utf-8")
    with (folder / "service.json").open("rb+") as file, (folder / "item.json").open("rb+") as item:
        return walk(getattr(agsconfig, f"load_{LOADERS[kind]}_service")(file, item))


def disagreements(draft: dict[str, Any], service: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    def answer(value: Any) -> Any:
        # Nothing, an empty text and an empty list say the same in the two forms.
        return None if value in ("", [], "''") else value

    return {
        name: (draft[name], service[name])
        for name in draft
        if name not in DRAFTS_ONLY
        and not isinstance(draft[name], type)
        and not isinstance(service[name], type)
        and answer(draft[name]) != answer(service[name])
    }


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_every_kind_is_among_the_drafts():
    kinds = {ServiceDescription.from_sddraft(path).type for path in DRAFTS}
    assert kinds == set(LOADERS)


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_it_reads_the_same_in_a_genuine_draft_and_in_our_json(path, tmp_path):
    own = tmp_path / "own.sddraft"
    shutil.copyfile(path, own)
    own.chmod(0o644)
    service = ServiceDescription.from_sddraft(own)
    draft, found = from_draft(service.type, own), from_json(service.type, service, tmp_path)
    assert disagreements(draft, found) == {}
    both = [name for name in draft if not isinstance(draft[name], type) and not isinstance(found[name], type)]
    assert len(both) >= 18


def whole(path: Path) -> ServiceDescription:
    """The service of a draft without the draft, and without what its maker or editor got wrong."""
    service = ServiceDescription.from_json(ServiceDescription.from_sddraft(path).to_json())
    for fault in [fault for fault in service.validate() if not fault.warning]:
        *section, name = fault.path.split(".")
        if "is missing" in fault.text:
            service.properties[name] = "/data"
        elif "extensions" in section[1]:
            at = int(section[1].removeprefix("extensions[").rstrip("]"))
            del service.extensions[at].properties[name]
        else:
            del service.properties[name]
    assert [fault for fault in service.validate() if not fault.warning] == []
    return service


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_it_reads_the_same_in_our_json_and_in_the_draft_that_we_make_of_it(path, tmp_path):
    service = whole(path)
    made = service.to_sddraft(tmp_path / "made.sddraft")
    draft, found = from_draft(service.type, made), from_json(service.type, service, tmp_path)
    # The item of a service is a document of its own.
    item = {"access_information", "credits", "description", "summary", "tags", "title"}
    found_out = disagreements(draft, found)
    assert {name: both for name, both in found_out.items() if name not in item} == {}
