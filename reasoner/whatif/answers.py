"""What can be answered to a question about a field of the record, and answers as values of that field."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, NoReturn

from facts.case import Case
from facts.catalogue import AmbiguousProduct, Candidate
from facts.declaration import Field
from facts.errors import Fault, RecordError
from facts.function import number_text
from facts.terms import Term
from facts.words import Vocabulary
from reasoner.verdict.policy import Policy
from reasoner.verdict.wording import one_of

Kind = Literal["yes_no", "number", "date", "one_of", "text", "list"]

_MOST_SHOWN = 12
"""Words of a closed vocabulary that are listed, at most; of more those that the rules read."""
_TRUTHS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_NONE = ("", "none")


class Answers(NamedTuple):
    """What can be answered: the kind of answer, each known value with its title, and all of it in words.

    `field` is None where the answer is yes or no to evidence that would be new.
    """

    kind: Kind
    titles: Mapping[str, str]
    allowed: str
    field: Field | None = None


def answers_to(policy: Policy, case: Case, field: Field | None, path: str | None) -> Answers:
    """What can be answered to a question about a field, whose answer goes to `path`."""
    if field is None or path is None or field.type == "truth":
        return Answers("yes_no", {}, "yes or no", field)
    if field.is_number:
        return Answers("number", {}, _number(field), field)
    if field.type == "date":
        return Answers("date", {}, "a date (YYYY-MM-DD)", field)
    at = _position(field, path)
    candidates = case.candidates_of(field, at)
    if candidates:
        titles = {candidate.key: candidate.title for candidate in candidates}
        return Answers("one_of", titles, f"one of: {'; '.join(titles.values())}", field)
    vocabulary = case.vocabularies.get(field.vocabulary or "")
    if vocabulary is not None:
        expected = policy.expected_values().get(field.term(min(at, 0)), ())
        return _words(field, path, vocabulary, expected)
    if field.type == "choice":
        possible = case.possible(field.term(at)) if field.derived is not None else ()
        values = {value: _spaced(value) for value in field.allowed if not possible or value in possible}
        return Answers("one_of", values, one_of(list(values.values())), field)
    return Answers("text", {}, f"the {field.title}", field)


def _number(field: Field) -> str:
    low, high = (None if bound is None else number_text(bound) for bound in (field.low, field.high))
    whole = "a whole number" if field.type == "whole" else "a number"
    span = ""
    if low is not None:
        span = f" of {low} or more" if high is None else f" from {low} to {high}"
    elif high is not None:
        span = f" of {high} or less"
    return f"{whole}{span}" + (f" ({field.unit})" if field.unit else "")


def _words(field: Field, path: str, vocabulary: Vocabulary, expected: tuple[Term, ...]) -> Answers:
    """Of a vocabulary every term is an answer; in words those are named that the rules read, or all of few."""
    titles = dict(vocabulary.terms)
    if field.type == "choice" and len(titles) <= _MOST_SHOWN:
        return Answers("one_of", titles, one_of(list(titles.values())), field)
    named = [title for term, title in titles.items() if term in expected]
    words = ", ".join((*named, "or another"))
    if field.is_list and not path.endswith("]"):
        return Answers("list", titles, f"{words}; several with commas; or none", field)
    return Answers("one_of" if field.type == "choice" else "text", titles, words, field)


def _position(field: Field, path: str) -> int:
    """The position of the entry in which the field at a path stands; -1: of the record as a whole."""
    number = re.match(r"\w+\[(\d+)\]", path) if field.list else None
    return int(number[1]) if number else -1


def value_of(policy: Policy, case: Case, answers: Answers, path: str, text: str) -> Any:
    """What was typed, as the value that the record has at a path. Raises RecordError for what is no answer."""
    field = answers.field
    if answers.kind == "yes_no" or field is None:
        return _TRUTHS.get(text.casefold(), text)
    if answers.kind == "number":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    candidates = case.candidates_of(field, _position(field, path))
    if candidates:
        return _product(policy, candidates, answers, path, text)
    vocabulary = case.vocabularies.get(field.vocabulary or "")
    if answers.kind == "list" and vocabulary is not None:
        words = [part.strip() for part in text.split(",")]
        return [_word(answers, vocabulary, path, word) for word in words if word.casefold() not in _NONE]
    if vocabulary is not None:
        return _word(answers, vocabulary, path, text)
    if text.casefold() in _TRUTHS:
        _refuse(answers, path, f"{text!r} is no answer here")
    return text


def _word(answers: Answers, vocabulary: Vocabulary, path: str, text: str) -> str:
    """A word as the rules write it; one that stands for several terms as it is typed."""
    meaning = (text,) if text in vocabulary.terms else vocabulary.meaning(text)
    if len(meaning) == 1:
        return meaning[0]
    open_to_all = answers.field is not None and answers.field.slips_refused
    if not meaning and (not open_to_all or text.casefold() in _TRUTHS):
        near = vocabulary.nearest(text)
        _refuse(answers, path, f"{text!r} is not understood" + (f"; nearest: {near}" if near else ""))
    return text


def _product(policy: Policy, candidates: tuple[Candidate, ...], answers: Answers, path: str, text: str) -> str:
    """The name of one of the products that a name can mean, by its title or by another name that it has."""
    folded = _folded(text)
    for candidate in candidates:
        written = candidate.written
        if written is not None and folded in map(_folded, (candidate.key, candidate.title, written)):
            return written
    try:
        match = policy.catalogue.lookup(text)
    except AmbiguousProduct as error:
        _refuse(answers, path, str(error))
    if match is None or match.key not in [candidate.key for candidate in candidates]:
        _refuse(answers, path, f"{text!r} is none of these products")
    return text


def _refuse(answers: Answers, path: str, message: str) -> NoReturn:
    raise RecordError((Fault(path, f"{message}; to answer: {answers.allowed}"),))


def _folded(text: str) -> str:
    return "".join(re.findall(r"\w+", text.casefold().replace("_", " "))).removeprefix("the")


def _spaced(word: str) -> str:
    return word.replace("_", " ")
