"""The types of the compiled half are those that it has."""

import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="mypy is not installed (pip install --group lint)")


def test_the_stub_agrees_with_the_extension():
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "geosharing._native"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
