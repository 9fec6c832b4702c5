"""What words and products of a record are understood to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from facts.terms import Term

if TYPE_CHECKING:
    from facts.catalogue import Catalogue, Match
    from facts.words import Vocabulary


class Reading(NamedTuple):
    """What a field is understood to say."""

    values: tuple[Term, ...] = ()
    """Its value; or those of a list."""
    could_be: tuple[Term, ...] = ()
    """Values of which one is meant, and it is open which."""
    unknown: bool = False
    """Whether a word in it is not understood."""


NOTHING = Reading()
NO_VALUE = "none"
"""What stands among the values that a field could have for: none of them."""
UNKNOWN = Reading((), (), True)


def of_match(match: Match | None, name: str) -> Reading:
    """What the products that a name fits say; where they differ, each of it."""
    if match is None:
        return NOTHING
    value = getattr(match, name)
    if value is not None:
        return Reading((value,))
    if name == "prescription":
        return NOTHING
    found = {getattr(product, name) for product in match.products}
    known = sorted(value for value in found if value is not None)
    return Reading((), (*known, *([NO_VALUE] if None in found else []))) if known else NOTHING


def of_word(vocabulary: Vocabulary, text: str, *, other: bool = False) -> Reading:
    """What a word stands for; `other`: a word that is not known is another value, and no unknown one."""
    meaning: tuple[Term, ...] = (text,) if text in vocabulary.terms else vocabulary.meaning(text)
    if len(meaning) > 1:
        return Reading((), meaning)
    return Reading(meaning) if meaning else Reading((text,)) if other else UNKNOWN


def of_list(vocabulary: Vocabulary, texts: Iterable[str]) -> Reading:
    """What the words of a list stand for; all that one of several terms can be belongs to is a value of the list."""
    each = [of_word(vocabulary, text) for text in texts]
    wider = ([vocabulary.broader(str(term)) for term in one.could_be] for one in each)
    values = (value for one, own in zip(each, wider, strict=True) for value in (*one.values, *common(own)))
    return Reading(
        tuple(dict.fromkeys(values)),
        tuple(dict.fromkeys(value for one in each for value in one.could_be)),
        any(one.unknown for one in each),
    )


def common(wider: Sequence[Sequence[Term]]) -> list[Term]:
    """What each of several terms is or belongs to, of what each of them is and belongs to."""
    return [term for term in wider[0] if all(term in own for own in wider)] if wider else []


def class_in(text: str, vocabulary: Vocabulary, catalogue: Catalogue) -> Reading | None:
    """The classes that a text names by itself; None: it names none."""
    found = of_word(vocabulary, text)
    if not found.unknown:
        return found
    return Reading((text,)) if text in catalogue.classes else None
