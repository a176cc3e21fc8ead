"""The catalogue of analyzers."""

from geosharing import analyze


def test_each_row_says_what_triggers_it_what_helps_and_where_it_is_documented():
    rows = analyze.catalogue()
    assert len(rows) == len({row.code for row in rows}) == 149
    for row in rows:
        assert row.cause.endswith(".")
        assert row.fix.endswith(".")
        assert row.url.startswith("http")
        assert row.id.isdigit()
        assert int(row.id) == row.code


def test_what_is_not_always_decided_has_a_reason():
    for row in analyze.catalogue():
        if row.decided == "no":
            assert row.reason
        if row.decided == "yes":
            assert not row.reason


def test_a_code_leads_to_its_row_and_our_own_remarks_to_none():
    assert analyze.entry(374).title == "Unique numeric IDs are not assigned"
    assert analyze.entry(0) is None
