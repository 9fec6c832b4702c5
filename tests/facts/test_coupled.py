"""Numbers that are changed together: points for each way in which they can lie."""

from fractions import Fraction

import pytest
from declarations import records_of

from facts.coupled import Coupled, coupled
from facts.declaration import Declaration

RECORD = """
field("case_id", case_id, text). required("case_id").
section("a", "amounts").
field("a.start", start, whole). bounds("a.start", 1, 1000).
field("a.now", now, whole). bounds("a.now", 0, 1000).
field("a.loss", loss, computed). derived("a.loss", decrease_percent("a.start", "a.now")).
field("a.rent", rent, decimal). decimals("a.rent", 2). bounds("a.rent", 0, 5000).
"""
SHARE = """
field("a.share", share, computed). derived("a.share", ratio_percent("a.rent", "a.now")).
"""


def declaration(text: str) -> Declaration:
    return records_of(text, {}, "").declaration


def only(text: str) -> Coupled:
    (found,) = coupled(declaration(text))
    return found


def test_the_bases_and_what_follows_from_them() -> None:
    group = only(RECORD)
    assert [field.key for field in group.bases] == ["start", "now"]
    assert [field.key for field in group.derived] == ["loss"]
    values = group.values((Fraction(200), Fraction(180)))
    assert {field.key: value for field, value in values.items()} == {"start": 200, "now": 180, "loss": 10}
    assert [field.key for field in group.values((Fraction(200), None))] == ["start"]


def test_two_that_share_a_base_are_one_group() -> None:
    group = only(RECORD + SHARE)
    assert [field.key for field in group.bases] == ["start", "now", "rent"]
    assert [field.key for field in group.derived] == ["loss", "share"]


@pytest.mark.parametrize("text", [RECORD, RECORD + SHARE])
def test_each_region_has_a_point(text: str) -> None:
    """As many as a search through all values finds, of numbers that are small."""
    text = text.replace("1000)", "40)").replace("5000)", "12)").replace('decimals("a.rent", 2). ', "")
    group = only(text)
    by_key = {field.key: field for field in group.fields}
    compared = {by_key["start"]: [20], by_key["loss"]: [10, 50]}
    if "share" in by_key:
        compared[by_key["share"]] = [30]

    def region(values: dict[str, float]) -> tuple[bool | None, ...]:
        return tuple(
            None if field.key not in values else values[field.key] >= edge
            for field, edges in compared.items()
            for edge in edges
        )

    found = {region({field.key: value for field, value in one.items()}) for one in group.regions(compared)}
    every = set()
    for start in range(1, 41):
        for now in range(41):
            for rent in range(13) if "share" in by_key else (None,):
                point = (Fraction(start), Fraction(now), *(() if rent is None else (Fraction(rent),)))
                every.add(region({field.key: value for field, value in group.values(point).items()}))
    assert found == every


def test_points_keep_to_the_order_that_is_declared() -> None:
    group = only(RECORD + 'not_above("a.now", "a.start").')
    assert all(now <= start for start, now in group.points({}) if start is not None and now is not None)


def test_a_number_that_cannot_be_supplied_is_of_no_group() -> None:
    assert not coupled(declaration(RECORD + 'fixed("a.start").'))
