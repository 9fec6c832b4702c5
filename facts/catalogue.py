"""Products by the names that people write; all that is known of them stands in rules/catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

_STRENGTH = re.compile(r"(\d*\.?\d+)\s*(%|mg|mcg|g|ml|units?)(?:\s*/\s*[\d.]*\s*(?:mg|ml|g|cm2))?(?![a-z])")
_SUFFIX = re.compile(r"(?<=[a-z])-[a-z]{4}\b")
_LONGEST = 300
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Product:
    """One product: an ingredient in a strength and form, as far as these are told apart."""

    id: str
    key: str
    class_name: str
    names: tuple[str, ...]
    strengths: tuple[str, ...]
    forms: tuple[str, ...]
    us_class: int | None
    potency: str | None
    prescription: bool | None


@dataclass(frozen=True, slots=True)
class Match:
    """What the products that a name fits have in common; None is where they differ."""

    products: tuple[Product, ...]
    key: str | None
    class_name: str | None
    us_class: int | None
    potency: str | None
    prescription: bool | None
    possible_potencies: tuple[str, ...]
    ignored: tuple[str, ...]


class AmbiguousProduct(ValueError):
    """A name that fits products of different classes."""

    def __init__(self, name: str, products: Iterable[Product]) -> None:
        self.name, self.products = name, tuple(products)
        fitting = sorted({f"{p.key.replace('_', ' ')} ({p.class_name})" for p in self.products})
        super().__init__(f"{name!r} fits {' and '.join(fitting)}; add the form, or the class")


class Catalogue:
    """The catalogue, read once; look-ups are remembered."""

    def __init__(
        self, products: Iterable[Product], kinds: Iterable[tuple[str, str]],
        words: Iterable[tuple[str, str]], forms: Iterable[tuple[str, str]], noise: Iterable[str],
    ) -> None:  # fmt: skip
        self.products = tuple(sorted(products, key=lambda p: p.id))
        self.classes = frozenset(p.class_name for p in self.products)
        self._kinds = set(kinds)
        self._words, self._noise = dict(words), frozenset(noise)
        self._broader: dict[str, set[str]] = {}
        for form, broad in forms:
            self._broader.setdefault(form, {form}).add(broad)
        self._names: dict[tuple[str, ...], list[Product]] = {}
        for product in self.products:
            for name in product.names:
                self._names.setdefault(tuple(_tokens(name)), []).append(product)
        self._longest = max(map(len, self._names), default=1)
        self._shown = sorted({name for p in self.products for name in p.names})
        self._memory: dict[tuple[str, str | None], Match | AmbiguousProduct | None] = {}

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read every .lp file of a folder. Raises ValueError where a fact does not fit."""
        from clingo import Control, MessageCode

        messages: list[str] = []

        def log(code: MessageCode, message: str) -> None:
            messages.append(message.strip())

        control = Control(logger=log)
        rows: dict[str, list[tuple[str, ...]]] = {}
        try:
            for file in sorted(folder.glob("*.lp")):
                control.load(str(file))
            control.ground([("base", [])])
        except RuntimeError as error:
            raise ValueError("\n".join(messages) or str(error)) from None
        for atom in control.symbolic_atoms:
            symbol = atom.symbol
            values = tuple(str(a).strip('"') for a in symbol.arguments)
            rows.setdefault(symbol.name, []).append(values)
        groups = {int(k): v for k, v in rows.get("potency_group", [])}
        by_id: dict[str, dict[str, list[str]]] = {}
        for table in ("name", "strength", "form", "us_class", "prescription"):
            for key, value in rows.get(table, []):
                by_id.setdefault(key, {}).setdefault(table, []).append(value)
        known = {part for row in rows.get("product", []) for part in row[:2]}
        for key in by_id:
            if key not in known:
                raise ValueError(f"{folder}: a fact about {key}, which is no product/3")
        made = []
        for name, key, class_name in rows.get("product", []):
            own, family = by_id.get(name, {}), by_id.get(key, {}) if key != name else {}
            us_class = int(own["us_class"][0]) if "us_class" in own else None
            if us_class is not None and us_class not in groups:
                raise ValueError(f"{folder}: {name}: US class {us_class} has no potency_group/2")
            names = (*own.get("name", ()), *family.get("name", ()))
            rx = own.get("prescription")
            made.append(
                Product(
                    name, key, class_name, names, tuple(map(_strength, own.get("strength", ()))),
                    tuple(own.get("form", ())), us_class,
                    groups[us_class] if us_class is not None else None,
                    None if rx is None else rx[0] == "true",
                )
            )  # fmt: skip

        def pairs(table: str) -> list[tuple[str, str]]:
            return [(row[0], row[1]) for row in rows.get(table, [])]

        noise = [row[0] for row in rows.get("noise_word", [])]
        return cls(made, pairs("kind_of"), pairs("form_word"), pairs("is_form"), noise)

    def lookup(self, name: str, class_name: str | None = None) -> Match | None:
        """The products that a name fits, or None. Raises AmbiguousProduct where classes differ."""
        key = (name, class_name)
        if key not in self._memory:
            if len(self._memory) > 10_000:
                self._memory.clear()
            try:
                self._memory[key] = self._lookup(name, class_name)
            except AmbiguousProduct as error:
                self._memory[key] = error
        found = self._memory[key]
        if isinstance(found, AmbiguousProduct):
            raise found
        return found

    def nearest(self, name: str, n: int = 3) -> tuple[str, ...]:
        """The known names nearest to one that is not known."""
        from difflib import get_close_matches

        folded = {shown.casefold(): shown for shown in self._shown}
        close = get_close_matches(name.casefold()[:60], sorted(folded), n, 0.6)
        return tuple(folded[found] for found in close)

    def agrees(self, stated: str, known: str) -> bool:
        """Whether a stated class is the known one, or a broader or narrower one."""
        return stated == known or (stated, known) in self._kinds or (known, stated) in self._kinds

    def _lookup(self, name: str, class_name: str | None) -> Match | None:
        text = _SUFFIX.sub("", unicodedata.normalize("NFKC", name[:_LONGEST]).casefold())
        strengths = {_strength(m.group(0)) for m in _STRENGTH.finditer(text)}
        words = _tokens(_STRENGTH.sub(" ", text))
        candidates: list[Product] = []
        rest: list[str] = []
        place = 0
        while place < len(words):
            for size in range(self._longest, 0, -1):
                fitting = self._names.get(tuple(words[place : place + size]))
                if fitting and place + size <= len(words):
                    both = [p for p in candidates if p in fitting]
                    candidates = both or [*candidates, *fitting]
                    place += size
                    break
            else:
                rest.append(words[place])
                place += 1
        forms = {self._words[word] for word in rest if word in self._words}
        fits = [
            p
            for p in candidates
            if (not p.strengths or not strengths or strengths & set(p.strengths))
            and (not p.forms or all(self._has_form(p, form) for form in forms))
        ]
        fits = [p for p in fits if forms & set(p.forms)] or fits
        if class_name is not None:
            exact = [p for p in fits if p.class_name == class_name]
            related = [p for p in fits if self.agrees(class_name, p.class_name)]
            fits = exact or related or fits
        if not fits:
            return None
        if len({p.class_name for p in fits}) > 1:
            raise AmbiguousProduct(name, fits)
        ignored = [w for w in rest if w not in self._words and w not in self._noise]
        return Match(
            tuple(fits),
            _common(p.key for p in fits),
            _common(p.class_name for p in fits),
            _common(p.us_class for p in fits),
            _common(p.potency for p in fits),
            _common(p.prescription for p in fits),
            tuple(sorted({p.potency for p in fits if p.potency is not None})),
            tuple(ignored),
        )

    def _has_form(self, product: Product, form: str) -> bool:
        return any(form in self._broader.get(own, {own}) for own in product.forms)


def _common(values: Iterable[T]) -> T | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKC", text).casefold())


def _strength(text: str) -> str:
    match = _STRENGTH.search(text.casefold())
    if match is None:
        return text
    return f"{Decimal(match.group(1)).normalize():f}{match.group(2)}"
