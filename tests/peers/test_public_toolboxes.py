"""Python toolboxes that other people wrote; they are not part of this repository.

GEOSHARING_TOOLBOXES names a folder; every `.pyt` below it must load and tell its parameters.
"""

import os
from pathlib import Path

import pytest
from geosharing.exceptions import InvalidInputError
from geosharing.gp import toolbox

FOLDER = os.environ.get("GEOSHARING_TOOLBOXES")
FILES = sorted(Path(FOLDER).rglob("*.pyt")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="GEOSHARING_TOOLBOXES names no folder of toolboxes")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_public_toolbox_loads_with_its_parameters(path):
    try:
        box = toolbox.load(path)
        parameters = [parameter for tool in box.tools.values() for parameter in tool.parameters()]
    except InvalidInputError as error:
        if str(path) not in str(error):
            raise
        # Python 2, or code of its own that fails: said with the file and the line.
        pytest.skip(str(error))
    for parameter in parameters:
        assert parameter.name
        assert parameter.describe()["datatype"]


def test_enough_of_them_load(capsys):
    loaded = tools = parameters = 0
    for path in FILES:
        try:
            box = toolbox.load(path)
            counts = [len(tool.parameters()) for tool in box.tools.values()]
        except (ValueError, NotImplementedError):
            continue
        loaded, tools, parameters = loaded + 1, tools + len(counts), parameters + sum(counts)
    with capsys.disabled():
        print(f"\n{loaded} of {len(FILES)} toolboxes loaded: {tools} tools, {parameters} parameters")
    assert loaded >= 25
