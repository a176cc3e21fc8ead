"""The golden list of arcpy's names, walked both ways."""

import importlib
import inspect
import json
import re
from pathlib import Path

import geosharing
import pytest

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "arcpy.json").read_text(encoding="utf-8"))
WANTED = 0.85
EXERCISED = 0.75

# What scripts call the objects that these functions and classes give them.
OBJECTS = {
    "Project": "mp.ArcGISProject",
    "Map": "mp.Map",
    "Layer": "mp.Layer",
    "Table": "mp.Table",
    "Draft": "sharing.FeatureSharingDraft",
    "Result": "Result",
    "Metadata": "metadata.Metadata",
}
MODULES = (
    "",
    "analysis",
    "cartography",
    "conversion",
    "da",
    "sa",
    "management",
    "mapping",
    "metadata",
    "mp",
    "server",
    "sharing",
)
# Public names that are ours: arcpy has no such thing, or documents it elsewhere.
OWN = {
    "": {
        "SharingError", "admin", "analysis", "cartography", "conversion", "da", "sa", "services", "tools", "analyze", "cim", "client", "connections", "data", "exceptions", "gp", "management", "mapping", "metadata", "mp", "server",
        "sharing", "site", "pytest_plugin",
    },
    "sharing": {"web_layer_draft"},
}  # fmt: skip


def resolve(name):
    """Return what a dotted name stands for; raise AttributeError if there is none."""
    thing = geosharing
    for part in name.split("."):
        try:
            thing = getattr(thing, part)
        except AttributeError:
            if inspect.ismodule(thing):
                try:
                    thing = importlib.import_module(f"{thing.__name__}.{part}")
                    continue
                except ImportError:
                    pass
            raise
    return thing


def has(name):
    try:
        resolve(name)
    except (AttributeError, ImportError):
        return False
    return True


def drafts():
    """Return what scripts call drafts: the classes, and a tool's draft, which has what it has when made."""
    names = ("Feature", "Tile", "MapImage", "Image")
    kinds = [resolve(f"sharing.{name}SharingDraft") for name in names]
    return [*kinds, resolve("sharing.MapServiceDraft"), resolve("sharing.GeoprocessingSharingDraft")()]


def has_member(kind, name):
    """Return whether objects of a class have a name, also one in groups, as `sharing.groups`."""
    group, _, member = name.partition(".")
    if not member:
        return group in dir(kind)
    described = inspect.getattr_static(kind, group, None)
    getter = getattr(described, "fget", None)
    inner = inspect.signature(getter, eval_str=True).return_annotation if getter else None
    return inspect.isclass(inner) and has_member(inner, member)


def has_script_name(name):
    """Return whether a name of the ranked list exists; those of instances are looked up on their class."""
    first, _, rest = name.partition(".")
    if name == "Result.[]":
        return hasattr(geosharing.Result, "__getitem__")
    if "<" in name:
        # Toolboxes bring their own names; what looks them up is tested with real toolboxes.
        return has("gp.importing.imported")
    if first == "arcpy":
        if rest.startswith("env."):
            return rest.removeprefix("env.") in list(geosharing.env)
        return has(rest)
    if first == "Field":
        return rest in vars(geosharing.Field({"name": "a", "type": "esriFieldTypeString"}))
    if first == "Describe":
        return re.search(rf'"{rest}"|\b{rest}=', inspect.getsource(geosharing.gp.datasets)) is not None
    if first == "CIM":
        return has("cim")
    if first == "Draft":
        return any(has_member(kind, rest) for kind in drafts())
    return first in OBJECTS and has(f"{OBJECTS[first]}.{rest}")


@pytest.mark.parametrize("name", GOLDEN["functions"])
def test_a_function_has_the_documented_parameters(name):
    entry = GOLDEN["functions"][name]
    assert has(name) == entry["supported"], f"say in arcpy.json whether {name} is supported"
    if not entry["supported"]:
        return
    ours = list(inspect.signature(resolve(name)).parameters.values())
    documented = entry["parameters"]
    assert [p.name for p in ours][: len(documented)] == [parameter[0] for parameter in documented]
    for parameter, own in zip(documented, ours, strict=False):
        optional = len(parameter) == 2
        assert (own.default is not inspect.Parameter.empty) == optional, own.name
        # None stands for a default that depends on the other values.
        if optional and own.default is not None:
            default = list(own.default) if isinstance(own.default, tuple) else own.default
            assert default == parameter[1], own.name
    for extra in ours[len(documented) :]:
        assert extra.default is not inspect.Parameter.empty


@pytest.mark.parametrize("name", GOLDEN["classes"])
def test_a_class_has_the_documented_members(name):
    entry = GOLDEN["classes"][name]
    assert has(name) == entry["supported"], f"say in arcpy.json whether {name} is supported"
    if not entry["supported"]:
        return
    kind = resolve(name)
    for member, about in entry["properties"].items():
        assert hasattr(kind, member) == about.get("supported", True), f"{name}.{member}"
        if about.get("access") == "R" and hasattr(kind, member):
            described = inspect.getattr_static(kind, member)
            assert getattr(described, "fset", None) is None or type(described).__name__ == "ReadOnly"
    for member, about in entry["methods"].items():
        assert hasattr(kind, member) == about["supported"], f"{name}.{member}"
        # The sources name some methods without their parameters.
        if not about["supported"] or about["parameters"] is None:
            continue
        ours = [p for p in inspect.signature(getattr(kind, member)).parameters.values() if p.name != "self"]
        names = [p.name for p in ours if p.kind is p.POSITIONAL_OR_KEYWORD]
        if any(p.kind is p.VAR_POSITIONAL for p in ours):
            continue
        assert (
            names == about["parameters"][: len(names)]
            or names[: len(about["parameters"])] == about["parameters"]
        )


@pytest.mark.parametrize("module", MODULES)
def test_the_package_has_no_undocumented_name(module):
    documented = {name for kind in ("functions", "classes") for name in GOLDEN[kind]}
    documented |= {entry["name"].removeprefix("arcpy.") for entry in GOLDEN["script_names"]}
    documented |= set(GOLDEN["further_names"])
    space = resolve(module) if module else geosharing
    prefix = f"{module}." if module else ""
    for name in getattr(space, "__all__", None) or dir(space):
        # pytest rewrites assertions of the package that holds its plugin, and leaves `@py_builtins` there.
        if not name.isidentifier() or name.startswith("_") or name in OWN.get(module, ()):
            continue
        if re.search(r"_(analysis|cartography|conversion|management|sa|server)$", name):
            continue
        assert f"{prefix}{name}" in documented, f"add {prefix}{name} to arcpy.json"


@pytest.mark.parametrize("name", [name for name, entry in GOLDEN["classes"].items() if entry["supported"]])
def test_a_class_has_no_undocumented_member(name):
    entry = GOLDEN["classes"][name]
    documented = entry["properties"].keys() | entry["methods"].keys() | set(entry.get("further", ()))
    prefix = next((spoken for spoken, own in OBJECTS.items() if own == name), None)
    documented |= {
        entry["name"].split(".")[1]
        for entry in GOLDEN["script_names"]
        if entry["name"].split(".")[0] == prefix
    }
    found = {member for member in dir(resolve(name)) if not member.startswith("_")}
    assert found <= documented, f"add {sorted(found - documented)} to arcpy.json"


def test_scripts_find_the_names_they_use(capsys):
    names = GOLDEN["script_names"]
    wrong = [entry["name"] for entry in names if has_script_name(entry["name"]) != entry["supported"]]
    assert not wrong, f"say in arcpy.json whether these are supported: {wrong}"
    supported = [entry for entry in names if entry["supported"]]
    with capsys.disabled():
        print(f"\n{len(supported)} of {len(names)} names that publishing scripts use are supported")
    assert len(supported) / len(names) >= WANTED


def test_every_supported_name_is_used_by_a_test_of_its_behaviour():
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in HERE.parent.rglob("*.py")
        if HERE not in path.parents and "fixtures" not in path.parts
    )
    idle = []
    for entry in GOLDEN["script_names"]:
        word = re.split(r"[.]", entry["name"])[-1]
        if entry["supported"] and word != "[]" and not re.search(rf"\b{re.escape(word)}\b", tests):
            idle.append(entry["name"])
    # A name that exists may still do nothing; at least the share that is promised is exercised.
    exercised = sum(entry["supported"] for entry in GOLDEN["script_names"]) - len(idle)
    assert exercised / len(GOLDEN["script_names"]) >= EXERCISED, f"not exercised: {idle}"
