"""Which sets are tried on the record, and which of those that approve are the smallest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from reasoner.verdict import confirmation


class Asked(NamedTuple):
    """A field that a condition asks."""

    name: str
    derived: None = None


def trial(monkeypatch: pytest.MonkeyPatch, *approved: str, added: str = "", counted: str = "", other: str = "") -> Any:
    """A trial of a record that some sets approve. By terms: what adds entries, changes some that are counted, others."""
    terms = added + counted + other
    monkeypatch.setattr(confirmation, "counted_fields", lambda _: frozenset(map(Asked, counted)))
    folder: Any = SimpleNamespace(declaration=SimpleNamespace(field=Asked))
    conditions: Any = SimpleNamespace(
        open=dict.fromkeys(terms),
        conditions={term: SimpleNamespace(list="tests" if term in added else "", fields=(term,)) for term in terms},
        ordered=lambda terms, _: sorted(terms),
        by_fact=lambda terms: [frozenset((term,)) for term in terms],
    )
    found: Any = confirmation._Trial(folder, conditions)
    found._approves = lambda facts: frozenset(facts) in set(map(frozenset, approved))
    found._beyond = lambda *_: iter(())
    return found


def smallest(trial: Any, *sets: str) -> list[str]:
    return sorted("".join(sorted(one)) for one in trial.smallest(map(frozenset, sets), "A"))


def test_of_sets_that_approve_the_smallest_parts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    assert smallest(trial(monkeypatch, "abc", "ab", "bc", "b", "de"), "abc", "de", "ce") == ["b", "de"]


def test_a_set_that_has_all_of_another_is_dropped_where_no_part_of_it_leads_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert smallest(trial(monkeypatch, "abc", "a"), "abc", "a") == ["a"]
    assert smallest(trial(monkeypatch, "abc"), "abc", "a") == ["abc"]


def test_what_adds_entries_is_tried_alone_in_pairs_and_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert smallest(trial(monkeypatch, "ac", added="abc")) == ["ac"]
    assert smallest(trial(monkeypatch, "abc", added="abc")) == ["abc"]
    many = "abcdefg"
    assert smallest(trial(monkeypatch, "ac", "b", many, added=many)) == ["b"]  # pairs of so many are not tried
    assert smallest(trial(monkeypatch, many, added=many)) == [many]


def test_what_changes_entries_that_are_counted_is_tried_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert smallest(trial(monkeypatch, "n", "o", counted="n", other="o")) == ["n"]
