import geosharing
from geosharing import _native


def test_the_compiled_half_is_there():
    assert geosharing.__version__
    assert _native.__name__.endswith("_native")
