import geosharing
from geosharing import _native


def test_the_compiled_half_is_there():
    assert geosharing.__version__
    assert _native.__name__.endswith("_native")


def test_a_star_import_brings_the_functions_and_nothing_private():
    names: dict = {}
    exec("from geosharing import *", names)
    assert names["SignInToPortal"] is geosharing.SignInToPortal
    assert "_importlib" not in names
