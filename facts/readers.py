"""How values are read that no schema knows: dates, choices and words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError, PydanticKnownError

from facts.declaration import Field
from facts.periods import FIRST_DAY, LAST_DAY, day_of_number, number_of_day
from facts.phrases import one_of

if TYPE_CHECKING:
    from facts.words import Vocabulary

MAX_TEXT = 500
"""Characters of a text, at most."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# no control character (C0, C1), line separator, or sign that turns the direction of the text around it
PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]*$"
_FEW = 12
"""Terms of a vocabulary that are listed where none of them is given."""


@lru_cache(maxsize=10_000)
def _day_of(text: str) -> date | None:
    if not _ISO.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_day(value: object) -> date:
    day = _day_of(value) if isinstance(value, str) else value if type(value) is date else None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("date", "not a date (YYYY-MM-DD, 1800 to 2199)")
    return day


def day_reader(field: Field) -> Callable[[object], date]:
    low, high = (int(bound) for bound in (field.low or 0, field.high or 0))
    if (low, high) == (number_of_day(FIRST_DAY), number_of_day(LAST_DAY)):
        return read_day

    def read(value: object) -> date:
        day = read_day(value)
        if not low <= number_of_day(day) <= high:
            least, most = (str(day_of_number(number)) for number in (low, high))
            raise PydanticCustomError("date", "must be from {least} to {most}", {"least": least, "most": most})
        return day

    return read


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text.casefold())


def choice_reader(allowed: Sequence[str]) -> Callable[[Any], str]:
    """Reads one of the allowed words, in whatever case and spacing."""
    known = {word: word for word in allowed}
    folded = {_folded(word): word for word in allowed}
    expected = one_of([repr(word) for word in allowed])

    def read(value: Any) -> str:
        if isinstance(value, str):
            found = known.get(value) or folded.get(_folded(value))
            if found is not None:
                return found
        raise PydanticKnownError("literal_error", {"expected": expected})

    return read


def term_reader(vocabulary: Vocabulary) -> Callable[[Any], str]:
    """Reads a term of the vocabulary in any of its spellings; a phrase for several terms stays as it is."""
    terms = {term: term for term in vocabulary.terms}
    expected = one_of([repr(term) for term in terms])
    if len(terms) > _FEW:
        expected = "a known word"

    def read(value: Any) -> str:
        if isinstance(value, str):
            if value in terms:
                return value
            meaning = vocabulary.meaning(value) if len(value) <= MAX_TEXT and _clean(value) else ()
            if meaning:
                return meaning[0] if len(meaning) == 1 else value
            near = vocabulary.nearest(value)
            if near is not None:
                raise PydanticCustomError("word", "must be {expected}", {"expected": expected, "near": near})
        raise PydanticKnownError("literal_error", {"expected": expected})

    return read


def _clean(text: str) -> bool:
    return re.match(PLAIN.removesuffix("$") + r"\Z", text) is not None


def slip_reader(vocabulary: Vocabulary) -> Callable[[str], str]:
    """Refuses a text that is a slip of the keys away from a known word."""

    def read(text: str) -> str:
        if text not in vocabulary.terms:
            meant = vocabulary.slip(text)
            if meant is not None:
                raise PydanticCustomError("slip", "not a known word; is {meant} meant?", {"meant": repr(meant)})
        return text

    return read
