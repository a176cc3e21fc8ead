from collections.abc import Iterator

import geosharing as arcpy
import pytest


@pytest.fixture(autouse=True)
def _environment_of_each_script() -> Iterator[None]:
    """Scripts of these tests run in this process; the next one finds the environment as it was."""
    before = arcpy.env.overwriteOutput
    yield
    arcpy.env.overwriteOutput = before
