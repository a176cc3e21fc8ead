from geosharing import _display
from geosharing.gp.findings import Analysis


def test_tables_escape_and_bound_what_they_show():
    page = _display.table("<t>", ["<h>"], [["<script>alert(1)</script>"], *[["x" * 900]] * 80])
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "and 31 more" in page
    assert "x" * 501 not in page
    assert "http" not in page


def test_an_empty_analysis_says_so():
    assert Analysis()._repr_html_() == "<p>nothing found</p>"


def test_progress_is_silent_where_nobody_looks(capfd):
    with _display.progress(None, "Uploading") as told:
        assert told is None
    with _display.progress(False, "Uploading") as told:
        assert told is None
    assert capfd.readouterr() == ("", "")


def test_progress_draws_when_asked(capfd):
    with _display.progress(True, "Uploading") as told:
        told(512, 1024, "half")
        told(1024, 1024, "")
    assert "Uploading" in capfd.readouterr().err


def test_a_callback_is_used_as_it_is():
    def mine(done, total, message):
        pass

    with _display.progress(mine, "Uploading") as told:
        assert told is mine
