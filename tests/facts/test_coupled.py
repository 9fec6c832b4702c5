"""Numbers that are changed together: points for each way in which they can lie."""

from fractions import Fraction
from itertools import product

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


STATED = RECORD.replace("loss, computed)", 'loss, whole). bounds("a.loss", -200, 100)')


@pytest.mark.parametrize("text", [RECORD, RECORD + SHARE, STATED])
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
    each = {"start": range(1, 41), "now": range(41), "rent": range(13), "loss": (-200, 9, 10, 11, 49, 50, 51, 100)}
    for numbers in product(*((None, *each[field.key]) for field in group.written)):
        if numbers[-1] is None or group.written[-1] not in group.derived or None in numbers[:2]:
            point = tuple(None if number is None else Fraction(number) for number in numbers)
            every.add(region({field.key: value for field, value in group.values(point).items()}))
    assert found == every


@pytest.mark.parametrize(("text", "orders"), [("", {True, False}), ('not_above("a.now", "a.start").', {True})])
def test_points_keep_to_the_order_that_is_declared(text: str, orders: set[bool]) -> None:
    group = only(RECORD + text)
    points = group.points({field: [20] for field in group.bases})
    assert {now <= start for start, now in points if start is not None and now is not None} == orders


def test_a_number_that_is_recorded_is_another_one_where_there_is_no_way_beside_it() -> None:
    group = only(
        """
field("case_id", case_id, text). required("case_id").
section("a", "amounts").
field("a.before", before, whole). bounds("a.before", 0, 100).
field("a.after", after, whole). bounds("a.after", 0, 100).
field("a.less", less, computed). derived("a.less", difference("a.before", "a.after")).
"""
    )
    before, after, less = group.fields
    points = group.points({less: [83]}, {before: Fraction(50), after: Fraction(50)})
    assert 83 in {group.values(point)[less] for point in points}


def test_what_does_not_follow_from_numbers_that_are_recorded_is_looked_for_beside_others() -> None:
    """Of nothing nothing is a tenth more."""
    group = only(RECORD.replace('a.start", 1', 'a.start", 0'))
    start, now, loss = group.fields
    points = group.points({loss: [10, 20]}, {start: Fraction(0), now: Fraction(0)})
    assert any(10 <= group.values(point).get(loss, 0) < 20 for point in points)


def test_a_number_that_cannot_be_supplied_is_of_no_group() -> None:
    assert not coupled(declaration(RECORD + 'fixed("a.start").'))


def test_what_follows_and_can_be_stated_is_of_the_group() -> None:
    group = only(STATED)
    assert [field.key for field in group.written] == ["start", "now", "loss"]
    stated = group.values((None, Fraction(180), Fraction(10)))
    assert {field.key: value for field, value in stated.items()} == {"now": 180, "loss": 10}
    start, _, loss = group.written
    recorded = {start: Fraction(100), loss: Fraction(10)}
    points = group.points({loss: [20]}, recorded)
    assert (Fraction(100), None, Fraction(20)) in points
    assert (Fraction(100), Fraction(80), None) in points
    assert all(point[0] is not None for point in points)
    assert all((point[1] is None) != (point[2] is None) for point in points)


def test_what_is_stated_keeps_to_its_bounds_where_its_bases_change() -> None:
    group = only(STATED)
    start, now, loss = group.written
    recorded = {start: Fraction(100), now: Fraction(300), loss: Fraction(-200)}
    values = [group.values(point)[loss] for point in group.points({now: [400]}, recorded)]
    assert values and min(values) >= -200
