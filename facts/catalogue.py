"""Products by the names that people write; all that is known of them stands in rules/catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from facts.program_text import foreign_sign

_STRENGTH = re.compile(
    r"(\d*\.?\d+)\s*(%|percent\b|mg|mcg|units?)(?:\s*/\s*(\d*\.?\d+)?\s*(mg|ml|gm?|cm2))?(?![^\W\d_])"
)
_SIZE = re.compile(r"\d*\.?\d+\s*(?:gm?|grams?|ml|oz)(?![^\W\d_])")
_SIGNS = re.compile("[\u2122\u00ae\u00a9\u2120]")
_COMMA = re.compile(r"(?<=\d),(?=\d+\s*%)|(?<=\b0),(?=\d)")
_WORD = re.compile(r"\d*\.\d+|[^\W_]+|[+/&]|(?<=[^\W_])-(?=[^\W_])")
_PART = re.compile(r'"((?:[^"\\]|\\.)*)"|(\w+)')
_JOINTS = frozenset("+/&-")
_LONGEST = 500
_SOURCE = ("source", 2)
"""For people: where a fact is from."""
_TABLES = {
    ("product", 3), ("product", 5), ("name", 2), ("name_in_form", 2), ("strength", 2), ("form", 2),
    ("us_class", 2), ("prescription", 2), ("potency_group", 2), ("combined", 1), ("ingredient", 1),
    ("kind_of", 2), ("form_word", 2), ("is_form", 2), ("joining_word", 1), ("negation", 1),
    ("over_the_counter", 1), ("noise_word", 1),
}  # fmt: skip
Tables = Mapping[str, list[list[str]]]
T = TypeVar("T")


class Product(Struct, frozen=True, eq=False):
    """One product: an ingredient in a strength and form, as far as these are told apart."""

    id: str
    key: str
    class_name: str
    names: tuple[str, ...]
    strengths: tuple[str, ...]
    forms: tuple[str, ...]
    us_class: int | None
    potency: str | None
    prescription: bool


class Match(NamedTuple):
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
    """A name that fits products of different classes, or that names several products."""

    def __init__(self, name: str, products: Iterable[Product], *, several: bool = False) -> None:
        self.name, self.products = name, tuple(products)
        fitting = " and ".join(sorted({f"{p.key.replace('_', ' ')} ({p.class_name})" for p in self.products}))
        super().__init__(
            f"{name!r} names {fitting}; give each its own entry"
            if several
            else f"{name!r} fits {fitting}; add the form, or the class"
        )


class _Mention(Struct, eq=False):
    """Products that one part of a text fits, each with whether its name alone means it."""

    fits: dict[Product, bool]
    denied: bool
    seen: dict[Product, bool]
    """The products that fit, and those that another name of the same one has ruled out."""


class _Text(Struct):
    """A name as it is written, taken apart."""

    words: list[str]
    joined: list[bool]
    """Of each word, whether a sign joins it to the one before."""
    strengths: list[tuple[str, str]]
    named: dict[int, _Mention] = field(default_factory=dict)
    """By the place of a word, the mention that it belongs to."""
    bought: set[int] = field(default_factory=set)
    """Places of the words that say: without a prescription."""


class Catalogue:
    """The catalogue, read once; look-ups are remembered."""

    def __init__(self, products: Iterable[Product], tables: Tables, folder: Path) -> None:
        def column(table: str) -> frozenset[str]:
            return frozenset(value for row in tables.get(table, ()) for value in row)

        self.folder = folder
        self.products = tuple(sorted(products, key=lambda p: p.id))
        self.classes = frozenset(p.class_name for p in self.products)
        self._kinds = {(narrow, broad) for narrow, broad in tables.get("kind_of", ())}
        self._form_words = {word: row[-1] for row in tables.get("form_word", ()) for word in row[:-1]}
        self._noise, self._joining = column("noise_word"), column("joining_word")
        self._negations, self._ingredients = column("negation"), column("ingredient")
        self._combined = column("combined")
        self._over_the_counter = {tuple(_words(phrase)) for phrase in column("over_the_counter")}
        self._broader: dict[str, set[str]] = {}
        for form, broad in tables.get("is_form", ()):
            self._broader.setdefault(form, {form}).add(broad)
        self._names: dict[tuple[str, ...], dict[Product, bool]] = {}
        in_form: dict[str, list[str]] = {}
        for key, *names in tables.get("name_in_form", ()):
            in_form.setdefault(key, []).extend(names)
        for product in self.products:
            for name in in_form.get(product.id, ()):
                self._names.setdefault(tuple(_words(name)), {})[product] = False
            for name in product.names:
                self._names.setdefault(tuple(_words(name)), {})[product] = True
        self._longest = max(map(len, (*self._names, *self._over_the_counter)), default=1)
        self._memory: dict[tuple[str, str | None], Match | AmbiguousProduct | None] = {}
        self._shown: dict[str, str] = {}
        self._near: dict[tuple[str, int], tuple[str, ...]] = {}

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read every .lp file of a folder. Raises ValueError where a fact does not fit."""
        tables = _read(folder)
        groups = {int(k): v for k, v in tables.get("potency_group", ())}
        families: dict[str, tuple[str, str]] = {}
        own: dict[str, dict[str, list[str]]] = {}
        for name, key, class_name, *more in tables.get("product", ()):
            if families.setdefault(name, (key, class_name)) != (key, class_name):
                raise ValueError(f"{folder}: {name} is two products")
            for table, value in zip(("strength", "form"), more, strict=False):
                own.setdefault(name, {}).setdefault(table, []).append(value)
        known = {*families, *(key for key, _ in families.values())}
        for table in ("name", "name_in_form", "strength", "form", "us_class", "prescription"):
            for key, *values in tables.get(table, ()):
                if key not in known:
                    raise ValueError(f"{folder}: a fact about {key}, which is no product")
                own.setdefault(key, {}).setdefault(table, []).extend(values)
        made = []
        for name, (key, class_name) in families.items():
            facts = own.get(name, {})
            names = facts.get("name", [])
            if key != name:
                names = [*names, *own.get(key, {}).get("name", ())]
            us_class = int(facts["us_class"][0]) if "us_class" in facts else None
            if us_class is not None and us_class not in groups:
                raise ValueError(f"{folder}: {name}: US class {us_class} has no potency_group/2")
            forms = dict.fromkeys(facts.get("form", ()))
            strengths = dict.fromkeys(_amount(strength)[0] for strength in facts.get("strength", ()))
            made.append(
                Product(
                    name, key, class_name, tuple(names), tuple(strengths), tuple(forms), us_class,
                    None if us_class is None else groups[us_class],
                    facts.get("prescription") != ["false"],
                )
            )  # fmt: skip
        return cls(made, tables, folder)

    def lookup(self, name: str, class_name: str | None = None) -> Match | None:
        """The products that a name fits, or None.

        Raises AmbiguousProduct where it fits products of different classes and the stated class,
        exact before related, does not choose; and where it names several products.
        """
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
        key = (_STRENGTH.sub("", name.casefold())[:60].strip(), n)
        if key not in self._near:
            from difflib import get_close_matches

            if not self._shown:
                names = sorted(name for product in self.products for name in product.names)
                self._shown = {shown.casefold(): shown for shown in names}
            if len(self._near) > 10_000:
                self._near.clear()
            close = get_close_matches(key[0], self._shown, n, 0.6)
            self._near[key] = tuple(self._shown[found] for found in close)
        return self._near[key]

    def agrees(self, stated: str, known: str) -> bool:
        """Whether a stated class is the known one, or a broader or narrower one."""
        return stated == known or (stated, known) in self._kinds or (known, stated) in self._kinds

    def _lookup(self, name: str, class_name: str | None) -> Match | None:
        text = self._taken_apart(name)
        spoken = [word for place, word in enumerate(text.words) if place not in text.named]
        forms = {self._form_words[word] for word in spoken if word in self._form_words}
        mentions = {mention: self._likely(mention, forms, text.strengths) for mention in self._meant(text)}
        mentions = {mention: likely for mention, likely in mentions.items() if likely}
        if not mentions:
            return None
        if len(mentions) > 1:
            raise AmbiguousProduct(name, (p for likely in mentions.values() for p in likely), several=True)
        (mention,) = mentions
        fits = [p for p, alone in mention.fits.items() if self._fits(p, alone, forms, text.strengths)]
        fits = [p for p in fits if forms & set(p.forms)] or fits
        if not fits and len(mention.seen) > len(mention.fits) and len({p.class_name for p in mention.seen}) > 1:
            raise AmbiguousProduct(name, mention.seen, several=True)
        if class_name is not None:
            exact = [p for p in fits if p.class_name == class_name]
            related = [p for p in fits if self.agrees(class_name, p.class_name)]
            fits = exact or related or fits
        if not fits:
            return None
        if len({p.class_name for p in fits}) > 1:
            raise AmbiguousProduct(name, fits)
        return Match(
            tuple(fits),
            _common(p.key for p in fits),
            _common(p.class_name for p in fits),
            _common(p.us_class for p in fits),
            _common(p.potency for p in fits),
            False if text.bought else _common(p.prescription for p in fits),
            tuple(sorted({p.potency for p in fits if p.potency is not None})),
            tuple(
                word
                for place, word in enumerate(text.words)
                if text.named.get(place) is not mention and not self._understood(text, place)
            ),
        )

    def _taken_apart(self, name: str) -> _Text:
        plain = unicodedata.normalize("NFKC", _SIGNS.sub(" ", name[:_LONGEST])).casefold()
        plain = _COMMA.sub(".", plain)
        strengths = [_amount(found.group()) for found in _STRENGTH.finditer(plain)]
        text = _Text([], [], strengths)
        sign = False
        for token in _WORD.findall(_SIZE.sub(" ", _STRENGTH.sub(" ", plain))):
            if token in _JOINTS:
                sign = True
            else:
                text.words.append(token)
                text.joined.append(sign)
                sign = False
        place, denied = 0, False
        while place < len(text.words):
            for size in range(min(self._longest, len(text.words) - place), 0, -1):
                part, places = tuple(text.words[place : place + size]), range(place, place + size)
                if part in self._names:
                    mention = self._mention(text, self._names[part], denied)
                    text.named |= dict.fromkeys(places, mention)
                    denied = False
                    break
                if part in self._over_the_counter:
                    text.bought |= set(places)
                    break
            else:
                word = text.words[place]
                denied = word in self._negations or (denied and self._plain(word))
            place += size
        return text

    def _mention(self, text: _Text, fits: dict[Product, bool], denied: bool) -> _Mention:
        """The mention that is meant by these products too, or a new one of them."""
        for mention in dict.fromkeys(text.named.values()):
            same = self._same(mention.fits, fits)
            if same and (mention.denied or not denied):
                mention.fits = same
                mention.seen = mention.seen | fits
                return mention
        return _Mention(fits, denied, fits)

    def _same(self, one: dict[Product, bool], other: dict[Product, bool]) -> dict[Product, bool]:
        """What two names mean if they are names of one product: the narrower of the two."""
        both = {p: one[p] or other[p] for p in one if p in other}
        if both:
            return both
        if {p.key for p in one} & {p.key for p in other}:
            return one | other
        for narrow, broad in ((one, other), (other, one)):
            keys = {p.key for p in broad}
            found = {p: alone for p, alone in narrow.items() if any((p.key, k) in self._kinds for k in keys)}
            if found:
                return found
        return {}

    def _meant(self, text: _Text) -> list[_Mention]:
        """The mentions that are not denied, without what is no more than a part of a combination."""
        words = [(place, word) for place, word in enumerate(text.words) if place not in text.named]
        mixed = any(word in self._ingredients for _, word in words)
        joined = {
            id(mention)
            for place, _ in words
            if not self._understood(text, place)
            for mention in self._joined_to(text, place)
        }
        mentions = [mention for mention in dict.fromkeys(text.named.values()) if not mention.denied]
        for mention in mentions:
            if mixed or id(mention) in joined:
                mention.fits = {p: alone for p, alone in mention.fits.items() if p.class_name not in self._combined}
                mention.seen = mention.fits
        return mentions

    def _joined_to(self, text: _Text, at: int) -> Iterator[_Mention]:
        """The mentions that a joining word or sign ties to a word."""
        for step in (-1, 1):
            place, joined = at, False
            while 0 <= place + step < len(text.words):
                joined = joined or text.joined[max(place, place + step)]
                place += step
                if place in text.named:
                    if joined:
                        yield text.named[place]
                    break
                joined = joined or text.words[place] in self._joining
                if not self._plain(text.words[place]):
                    break

    def _plain(self, word: str) -> bool:
        return word in self._noise or word in self._form_words or word in self._joining

    def _understood(self, text: _Text, place: int) -> bool:
        word = text.words[place]
        # Four letters after a generic name tell makers of one substance apart: adalimumab-atto.
        suffix = text.joined[place] and place - 1 in text.named and len(word) == 4 and word.isalpha()
        if suffix and not any(p.class_name in self._combined for p in text.named[place - 1].fits):
            return True
        return self._plain(word) or place in text.bought

    def _likely(self, mention: _Mention, forms: set[str], strengths: list[tuple[str, str]]) -> list[Product]:
        """What a mention may mean beside others: it is not known whose each form is."""
        each = [{form} for form in forms] or [forms]
        fits = [p for p, alone in mention.fits.items() if any(self._fits(p, alone, own, strengths) for own in each)]
        return fits or [p for p, alone in mention.fits.items() if alone]

    def _fits(self, product: Product, alone: bool, forms: set[str], strengths: list[tuple[str, str]]) -> bool:
        strong = any(amount in product.strengths or unit in product.strengths for amount, unit in strengths)
        if product.strengths and strengths and not strong:
            return False
        if product.forms and not all(self._has_form(product, form) for form in forms):
            return False
        return alone or strong or bool(product.forms and forms)

    def _has_form(self, product: Product, form: str) -> bool:
        return any(form in self._broader.get(own, {own}) for own in product.forms)


def _read(folder: Path) -> dict[str, list[list[str]]]:
    """The rows of the catalogue's tables, by name; a tuple of values is several columns."""
    from clingo import Control, MessageCode

    messages: list[str] = []

    def log(code: MessageCode, message: str) -> None:
        messages.append(message.strip())

    control = Control(logger=log)
    try:
        for file in sorted(folder.glob("*.lp")):
            if foreign := foreign_sign(file):
                raise ValueError(foreign)
            control.load(str(file))
        control.ground([("base", [])])
    except RuntimeError as error:
        raise ValueError("\n".join(messages) or str(error)) from None
    atoms = control.symbolic_atoms
    for name, arity, _ in atoms.signatures:
        if (name, arity) not in _TABLES and (name, arity) != _SOURCE:
            raise ValueError(f"{folder}: {name}/{arity} is no table of a catalogue")
    rows: dict[str, list[list[str]]] = {}
    for name, arity in sorted(_TABLES):
        for atom in atoms.by_signature(name, arity):
            # One atom, one call: asking the solver for each argument of it takes three times as long.
            _, *values = _PART.findall(str(atom.symbol))
            rows.setdefault(name, []).append([text or word for text, word in values])
    return rows


def _common(values: Iterable[T]) -> T | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [token for token in _WORD.findall(plain) if token not in _JOINTS]


def _amount(text: str) -> tuple[str, str]:
    """A strength in its plainest unit, and its unit as written; a unit alone is any strength in it."""
    found = _STRENGTH.search(text.casefold())
    if found is None:
        unit = "".join(text.casefold().split())
        return unit, unit
    number, unit, of, per = found.groups()
    value, unit = Decimal(number), unit.replace("percent", "%")
    if per is None or (of and Decimal(of) != 1):
        return f"{value.normalize():f}{unit}", unit
    if unit == "mg" and per != "cm2":
        percent = value * 100 if per == "mg" else value / 10
        return f"{percent.normalize():f}%", f"{unit}/{per}"
    return f"{value.normalize():f}{unit}/{per}", f"{unit}/{per}"
