"""What a word is taken for: by each vocabulary of a policy folder, and by its catalogue of products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from facts.catalogue import AmbiguousProduct, Catalogue
from facts.words import Vocabulary
from reasoner.policy.folder import RuleFolder
from reasoner.verdict.wording import one_of


def meanings(folder: RuleFolder, text: str) -> dict[str, Any]:
    """What a text is taken for, as JSON data."""
    return {
        "text": text,
        "vocabularies": [_meaning(vocabulary, text) for vocabulary in folder.vocabularies.values()],
        "products": _products(folder.catalogue, text),
    }


def _meaning(vocabulary: Vocabulary, text: str) -> dict[str, Any]:
    terms = (text,) if text in vocabulary.terms else vocabulary.meaning(text)
    return {
        "vocabulary": vocabulary.name,
        "terms": [
            {**_term(vocabulary, term), "part_of": [_term(vocabulary, one) for one in vocabulary.broader(term)[1:]]}
            for term in terms
        ],
        "nearest": None if terms else vocabulary.nearest(text),
    }


def _term(vocabulary: Vocabulary, term: str) -> dict[str, str]:
    return {"term": term, "title": vocabulary.terms[term]}


def _products(catalogue: Catalogue, text: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    fault = None
    ignored: tuple[str, ...] = ()
    try:
        match = catalogue.lookup(text)
    except AmbiguousProduct as error:
        match, fault = None, str(error)
    if match is not None:
        ignored = match.ignored
        families = match.candidates or (match,)
        found = [
            {
                "product": one.key,
                "title": getattr(one, "title", None),
                "class": one.class_name,
                "potency": list(one.possible_potencies),
                "written": getattr(one, "written", None),
            }
            for one in families
        ]
    known = bool(found) or fault is not None
    return {
        "products": found,
        "not_understood": list(ignored),
        "fault": fault,
        "nearest": [] if known else list(catalogue.nearest(text)),
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people: a line for each vocabulary that knows the text; else what is nearest to it."""
    text, products = found["text"], found["products"]
    known = [one for one in found["vocabularies"] if one["terms"]]
    for one in known:
        yield f"{text}: {one['vocabulary']}: {one_of([_shown(term) for term in one['terms']])}"
    if products["products"]:
        aside = f"; not understood: {', '.join(products['not_understood'])}" if products["not_understood"] else ""
        yield f"{text}: products: {one_of([_product(one) for one in products['products']])}{aside}"
    if products["fault"] is not None:
        yield f"{text}: products: {products['fault']}"
    if not known and not products["products"] and products["fault"] is None:
        near = [f"{one['nearest']} ({one['vocabulary']})" for one in found["vocabularies"] if one["nearest"]]
        near += [f"{name} (products)" for name in products["nearest"][:1]]
        yield f"{text}: not known" + (f"; nearest: {', '.join(near)}" if near else "")


def _shown(term: dict[str, Any]) -> str:
    part = " and ".join(f"{one['title']} ({one['term']})" for one in term["part_of"])
    return f"{term['title']} ({term['term']})" + (f", part of {part}" if part else "")


def _product(product: dict[str, Any]) -> str:
    title = str(product["title"] or "the ")  # without one of its own, that of its forms: "the ointment"
    name = str(product["product"]).replace("_", " ") if title.startswith("the ") else title
    kind = str(product["class"]).replace("_", " ")
    potency = f", potency {one_of(product['potency']).replace('_', ' ')}" if product["potency"] else ""
    return f"{name} ({product['product']}), {kind}{potency}"
