"""Projects and scripts for the analysis tests."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def amc(tmp_path):
    """Return a copy of the example project with its data."""
    shutil.copytree(ROOT / "examples" / "amc16", tmp_path / "amc16")
    return tmp_path / "amc16" / "AMC16AGP.aprx"


@pytest.fixture
def corpus():
    """Return the shared corpus."""
    folder = ROOT / ".." / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("no corpus at ../shared/corpus")
    return folder


@pytest.fixture
def complex_project(corpus, tmp_path):
    """Return a project beside the draft that ArcGIS Pro made of it."""
    shutil.copytree(corpus / "projects" / "mapping_complex", tmp_path / "complex")
    return tmp_path / "complex"
