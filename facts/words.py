"""Words as people write them: the terms of a vocabulary that a word stands for.

A vocabulary stands in files of facts: term(V, T, "title"), spelling(V, T, "another way to write it"),
part_of(V, T, what_it_belongs_to), several(V, "a phrase", (one; or_another)), ignored(V, "a word beside others").
A tuple of texts gives several of them at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from facts.tables import Row, Tables, TablesError, Value, read_tables

TABLES = (("term", 3), ("spelling", 3), ("part_of", 3), ("several", 3), ("ignored", 2))
"""The facts of vocabularies, with their numbers of values."""
MAX_TEXT = 200
"""Characters of a text that can be known, at most."""

_REMEMBERED = 10_000
_LONGEST = 6
"""Words of a known way to write something that is looked for in a longer text, at most."""
_SLIPS = ((8, 2), (5, 1))
"""Letters, and how many slips there can be in a word of so many or more."""
_WORD = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"[(),;:/\[\]\u2013\u2014]|\s-\s")
_TERM = re.compile(r"[a-z][A-Za-z0-9_]*\Z")
_SAME_AS = {"feet": "foot", "teeth": "tooth", "men": "man", "women": "woman", "children": "child", "the": ""}
_ENDINGS = frozenset("sethn")
"""The last letters of the words whose stem is another."""


class Way(NamedTuple):
    """A way to write something, and the terms that it stands for."""

    text: str
    terms: tuple[str, ...]


class VocabularyContent(NamedTuple):
    """What a vocabulary is made of."""

    name: str
    terms: dict[str, str]
    ways: dict[str, Way]
    """By the key of its words (see _key)."""
    parents: dict[str, list[str]]
    ignored: tuple[str, ...]
    """Stems of words, sorted."""


class Vocabulary:
    """The terms of one kind, and the ways in which people write them."""

    def __init__(self, content: VocabularyContent) -> None:
        self.content = content
        self.name = content.name
        self.terms: Mapping[str, str] = MappingProxyType(content.terms)
        """Each term with its title, in the order of the files."""
        self._ways, self._parents, self._ignored = content.ways, content.parents, frozenset(content.ignored)
        self._meanings = lru_cache(_REMEMBERED)(self._meaning)
        self._neighbours = lru_cache(_REMEMBERED)(self._near)

    def meaning(self, text: str) -> tuple[str, ...]:
        """The terms that a text stands for: one; several, of which any can be meant; none, if it is not known.

        Case, hyphens, spacing and plural make no difference, nor do the words that the vocabulary ignores. A text
        with a gloss, as in "boats (sailing boats)", stands for what all of its parts can mean.
        """
        return self._meanings(text) if len(text) <= MAX_TEXT else ()

    def broader(self, term: str) -> tuple[str, ...]:
        """The term itself, then all that it belongs to, sorted."""
        found: set[str] = set()
        rest = [term]
        while rest:
            new = set(self._parents.get(rest.pop(), ())) - found
            found |= new
            rest += new
        return (term, *sorted(found))

    def slip(self, text: str) -> str | None:
        """The known way to write something that a text is a slip of the keys away from; None for a known text.

        A letter too many, too few or wrong, or two in the wrong order: once in words of five letters or more,
        twice from eight letters on.
        """
        return None if len(text) > MAX_TEXT or self.meaning(text) else self._neighbours(text)[0]

    def nearest(self, text: str) -> str | None:
        """The known way to write something that is nearest to a text, for a warning."""
        return self._neighbours(text[:MAX_TEXT])[1]

    def _meaning(self, text: str) -> tuple[str, ...]:
        words = _words(text)
        found = self._of_words(words)
        parts = [] if found else [part for part in map(_words, _ASIDE.split(text)) if self._short_key(part)]
        if len(parts) < 2:
            return found or self._of_words([word for part in parts for word in part])
        meanings = [set(self._of_words(part)) for part in parts]
        if len(parts) == 2 and not all(meanings):  # "boats, sailing"; but "boats, oars" are two things
            return self._of_words([*parts[1], *parts[0]])
        possible = set().union(*meanings)
        return tuple(
            term
            for term in self.terms
            if term in possible and not any(meaning.isdisjoint(self.broader(term)) for meaning in meanings)
        )

    def _of_words(self, words: list[str]) -> tuple[str, ...]:
        if found := self._ways.get(_key(words)):
            return found.terms
        if found := self._joined.get(_joined(words)):
            return found.terms
        stems = frozenset(map(_stem, words))
        beside = [(len(own), terms) for own, terms in self._short.get(self._short_key(words), ()) if own <= stems]
        most = max(beside, default=(0, ()))
        return most[1] if all(terms == most[1] for size, terms in beside if size == most[0]) else ()

    def _short_key(self, words: Iterable[str]) -> str:
        return "".join(stem for stem in map(_stem, words) if stem not in self._ignored)

    @cached_property
    def _joined(self) -> dict[str, Way]:
        """The ways by their words written as one."""
        found: dict[str, Way] = {}
        for way in self._ways.values():
            words = _words(way.text)
            found.setdefault(_joined(words), way)
            found.setdefault(_joined(word for word in words if _stem(word)), way)
        return found

    @cached_property
    def _short(self) -> dict[str, list[tuple[frozenset[str], tuple[str, ...]]]]:
        """By what is left without ignored words: the stems of each way, which a text must all have, and its terms."""
        found: dict[str, list[tuple[frozenset[str], tuple[str, ...]]]] = {}
        for text, terms in self._ways.values():
            words = _words(text)
            if key := self._short_key(words):
                found.setdefault(key, []).append((frozenset(map(_stem, words)) - {""}, terms))
        return found

    @cached_property
    def ambiguous(self) -> tuple[str, ...]:
        """The terms that are one of several for some phrase, sorted."""
        return tuple(sorted({term for _, terms in self._ways.values() if len(terms) > 1 for term in terms}))

    @cached_property
    def alternatives(self) -> tuple[tuple[str, str], ...]:
        """The pairs of terms, either way round, that one phrase can stand for, each term with itself too; sorted."""
        of_phrases = {terms for _, terms in self._ways.values() if len(terms) > 1}
        return tuple(sorted({pair for terms in of_phrases for pair in product(terms, terms)}))

    @cached_property
    def phrases(self) -> Mapping[str, tuple[str, ...]]:
        """The phrases that stand for several terms, each with these."""
        return MappingProxyType(dict(sorted(way for way in self._ways.values() if len(way.terms) > 1)))

    @cached_property
    def _by_length(self) -> tuple[dict[int, list[tuple[str, str]]], ...]:
        """The ways by the length of their letters, once with the endings of words and once without."""
        found: tuple[dict[int, list[tuple[str, str]]], ...] = ({}, {})
        for text, _ in sorted(self._ways.values()):
            for by_length, letters in zip(found, _letters(_words(text)), strict=True):
                if letters.isalpha():
                    by_length.setdefault(len(letters), []).append((letters, text))
        return found

    @cached_property
    def _shown(self) -> dict[str, str]:
        return {text.casefold(): text for text, _ in sorted(self._ways.values())}

    def _near(self, text: str) -> tuple[str | None, str | None]:
        """The known way to write something that a text is a slip of, and the nearest one."""
        words = _words(text)
        if slip := self._slip(words):
            return slip, slip
        for size in range(min(len(words), _LONGEST), 0, -1):
            for start in range(len(words) - size + 1):
                if found := self._ways.get(_key(words[start : start + size])):
                    return None, found[0]
        from difflib import get_close_matches

        near = get_close_matches(text.casefold().strip(), self._shown, 1, 0.6)
        return None, self._shown[near[0]] if near else None

    def _slip(self, words: list[str]) -> str | None:
        found: list[tuple[int, str]] = []
        for by_length, letters in zip(self._by_length, _letters(words), strict=True):
            most = _slips_in(letters)
            for length in range(len(letters) - most, len(letters) + most + 1) if letters.isalpha() else ():
                for known, text in by_length.get(length, ()):
                    limit = min(most, _slips_in(known))
                    if limit and len(set(letters) ^ set(known)) <= 2 * limit:
                        distance = _distance(letters, known, limit)
                        if distance == 1 or (distance == 2 == limit and _word_by_word(words, _words(text))):
                            found.append((distance, text))
        return min(found)[1] if found else None


def load_vocabularies(files: Iterable[Path]) -> Mapping[str, Vocabulary]:
    """The vocabularies of some files, by their names.

    Raises TablesError with every fault: a term given twice or not known, a word that means two terms, a circle
    of part_of, a value of the wrong kind.
    """
    tables = read_tables(files, TABLES)
    readings: dict[Value, _Reading] = {row[0]: _Reading(row[0], tables) for row in tables["term"]}
    faults = []
    for table, _ in TABLES:
        for row in tables[table]:
            if row[0] in readings:
                readings[row[0]].rows[table].append(row)
            else:
                reason = _did_you_mean(row[0], map(str, readings)) or "; no term/3 is of it"
                faults.append(f"{tables.location(table, *row)}: {row[0]} is no vocabulary{reason}")
    found = {}
    for name, reading in sorted(readings.items(), key=lambda item: str(item[0])):
        found[str(name)] = reading.vocabulary()
        faults += reading.faults
    if faults:
        raise TablesError(faults)
    return MappingProxyType(found)


class _Meaning(NamedTuple):
    """The terms that a fact gives a way to write for."""

    text: str
    terms: tuple[str, ...]
    table: str
    row: Row


class _Reading:
    """One vocabulary while its facts are read, and the faults in them."""

    def __init__(self, name: Value, tables: Tables) -> None:
        self.name, self.tables = name, tables
        self.rows: dict[str, list[Row]] = {table: [] for table, _ in TABLES}
        self.faults: list[str] = []
        self.terms: dict[str, str] = {}
        self.ways: dict[str, _Meaning] = {}

    def vocabulary(self) -> Vocabulary:
        self.read_terms()
        for row in self.rows["spelling"]:
            if self.known("spelling", row, row[1]):
                self.add(row[2], (str(row[1]),), "spelling", row)
        self.read_phrases()
        parents, ignored = self.parents(), tuple(sorted(set(self.ignored())))
        ways = {key: Way(meaning.text, meaning.terms) for key, meaning in self.ways.items()}
        return Vocabulary(VocabularyContent(str(self.name), self.terms, ways, parents, ignored))

    def fault(self, table: str, row: Row, message: str) -> None:
        self.faults.append(f"{self.tables.location(table, *row)}: {message}")

    def read_terms(self) -> None:
        first: dict[str, Row] = {}
        for row in self.rows["term"]:
            _, term, title = row
            if not isinstance(term, str) or not _TERM.match(term):
                self.fault("term", row, f"{term!r} is no name of a term; write one in small letters, without quotes")
            elif not isinstance(title, str):
                self.fault("term", row, f"the title of {term} is no text; write it in quotes")
            elif term in first:
                other = self.tables.location("term", *first[term])
                self.fault("term", row, f"{term} is a term at {other} already; take one of the two away")
            else:
                self.terms[term], first[term] = title, row
                self.add(title if title == term.replace("_", " ") else (title, term), (term,), "term", row)
        for row, (once, *again) in self.tables.repeated("term"):
            if row[0] == self.name:
                self.faults += (
                    f"{place}: {row[1]} is a term at {once} already; take one of the two away" for place in again
                )

    def known(self, table: str, row: Row, term: Value) -> bool:
        if term in self.terms:
            return True
        if isinstance(term, tuple):
            self.fault(table, row, f"a tuple is no term; write semicolons between terms: ({'; '.join(map(str, term))})")
            return False
        remedy = _did_you_mean(term, self.terms) or f'; give it: term({self.name}, {term}, "...")'
        self.fault(table, row, f"{term} is no term of {self.name}{remedy}")
        return False

    def add(self, texts: Value, terms: tuple[str, ...], table: str, row: Row) -> None:
        """Take up a text, or those of a tuple."""
        for text in texts if isinstance(texts, tuple) else (texts,):
            key = _key(_words(text)) if isinstance(text, str) else ""
            if not key:
                self.fault(table, row, f"{text!r} is no word; write texts with letters, in quotes")
                continue
            other = self.ways.setdefault(key, _Meaning(str(text), terms, table, row))
            if other.terms != terms:
                both = "; ".join(sorted({*terms, *other.terms}))
                place = self.tables.location(other.table, *other.row)
                self.fault(
                    table,
                    row,
                    f"{text!r} means {' or '.join(terms)} here and {' or '.join(other.terms)} at {place}; take it away "
                    f'in one of the two, or in both and give several({self.name}, "{text}", ({both}))',
                )

    def read_phrases(self) -> None:
        """Take up the phrases for several terms."""
        found: dict[Value, tuple[set[Value], Row]] = {}
        for row in self.rows["several"]:
            _, texts, term = row
            self.known("several", row, term)
            found.setdefault(texts, (set(), row))[0].add(term)
        for texts, (meant, row) in found.items():
            if len(meant) == 1 and meant <= self.terms.keys():
                self.fault("several", row, f"{meant.pop()} is one term, not several; write spelling/3 instead")
            self.add(texts, tuple(term for term in self.terms if term in meant), "several", row)

    def ignored(self) -> Iterator[str]:
        for row in self.rows["ignored"]:
            for text in row[1] if isinstance(row[1], tuple) else (row[1],):
                words = _words(text) if isinstance(text, str) else []
                if len(words) != 1:
                    self.fault("ignored", row, f"{text!r} is not one word; give each word by itself, in quotes")
                yield from map(_stem, words)

    def parents(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.rows["part_of"]:
            _, part, whole = row
            if self.known("part_of", row, part) and self.known("part_of", row, whole):
                part, whole = str(part), str(whole)
                if circle := _path(whole, part, found):
                    self.fault("part_of", row, f"part_of goes in a circle: {part}, {', '.join(circle)}")
                else:
                    found.setdefault(part, []).append(whole)
        return found


def _path(start: str, goal: str, parents: Mapping[str, list[str]]) -> list[str]:
    """The terms from one to another that it belongs to, both included; none, if it does not."""
    before = {start: ""}
    rest = [start]
    while rest:
        term = rest.pop()
        if term == goal:
            path = [goal]
            while before[path[-1]]:
                path.append(before[path[-1]])
            return path[::-1]
        for parent in parents.get(term, ()):
            if parent not in before:
                before[parent] = term
                rest.append(parent)
    return []


def _did_you_mean(word: Value, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(word), sorted(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _words(text: str) -> list[str]:
    """The words of a text, without case, accents and signs; dots and apostrophes do not part a word."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return _WORD.findall(text.casefold().replace(".", "").replace("'", "").replace("&", " and "))


def _key(words: Iterable[str]) -> str:
    """What is the same in all ways to write the words."""
    return "".join([_stem(word) if word[-1] in _ENDINGS else word for word in words])


def _letters(words: Sequence[str]) -> tuple[str, str]:
    """The letters of the words, as they are and without what differs between ways to write them."""
    return "".join(words), _key(words)


def _joined(words: Iterable[str]) -> str:
    """What is the same when the words are written as one; the plurals within have to stay."""
    whole = "".join(words)
    return _stem(whole) if whole else ""


@lru_cache(_REMEMBERED)
def _stem(word: str) -> str:
    """What a word and its plural have in common, be it English, Latin in -ae or Greek in -es."""
    last = word[-1]
    if last == "s" and len(word) > 2:
        if word.endswith("ises"):  # pelvises
            word = word[:-3]
        elif word.endswith(("sis", "ses")):  # diagnosis, diagnoses, noses
            word = word[:-2]
        elif word.endswith("ies") and len(word) > 4:
            word = word[:-3] + "y"
        elif word.endswith("itides"):
            word = word[:-3]
        elif word.endswith(("ches", "shes", "xes", "zes")):
            word = word[:-2]
        elif word.endswith("ves"):
            word = word[:-3] + "f"
        elif not word.endswith(("ss", "us")):
            word = word[:-1]
    elif last == "e" and len(word) > 2:
        if word.endswith("ise"):
            word = word[:-2]
        elif word.endswith(("ve", "fe")):
            word = word[:-2] + "f"
        elif word.endswith(("se", "ae", "che", "she", "xe", "ze")):
            word = word[:-1]
    return _SAME_AS.get(word, word)


def _word_by_word(words: list[str], known: list[str]) -> bool:
    """Whether no word has more slips than one of its length can have."""
    return len(words) == len(known) and all(
        _stem(one) == _stem(other) or _distance(one, other, 2) <= min(_slips_in(one), _slips_in(other))
        for one, other in zip(words, known, strict=True)
    )


def _slips_in(word: str) -> int:
    return next((slips for letters, slips in _SLIPS if len(word) >= letters), 0)


def _distance(one: str, other: str, limit: int) -> int:
    """The slips of the keys between two words; where they are more than the limit, any number above it."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, sign in enumerate(one, 1):
        now = [row]
        for column, letter in enumerate(other, 1):
            least = min(last[column] + 1, now[-1] + 1, last[column - 1] + (sign != letter))
            if row > 1 and column > 1 and sign == other[column - 2] and one[row - 2] == letter:
                least = min(least, before[column - 2] + 1)
            now.append(least)
        if min(now) > limit and min(last) > limit:
            return limit + 1
        before, last = last, now
    return last[-1]
