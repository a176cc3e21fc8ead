from __future__ import annotations

import struct

import pytest
from geosharing import data
from geosharing.exceptions import InvalidInputError


def symbol(color: list[int]) -> dict[str, object]:
    return {"type": "esriSMS", "style": "esriSMSSquare", "size": 6, "color": color}


def test_a_picture_has_the_size_and_the_symbols_of_the_layer() -> None:
    answer = {"features": [{"attributes": {"k": 1}, "geometry": {"x": x, "y": 0.0}} for x in (0.0, 10.0)]}
    drawn = []
    for color in ([255, 0, 0, 255], [0, 0, 255, 255]):
        info = {"renderer": {"type": "simple", "symbol": symbol(color)}}
        drawn.append(
            data.draw_features(
                [({"geometryType": "esriGeometryPoint", "drawingInfo": info}, answer)], width=60, height=40
            )
        )
    assert drawn[0][:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", drawn[0][16:24]) == (60, 40)
    assert drawn[0] != drawn[1]


def test_an_error_answer_is_not_drawn() -> None:
    with pytest.raises(InvalidInputError, match="no features"):
        data.draw_features([({"geometryType": "esriGeometryPoint"}, {"error": {"code": 400}})])
