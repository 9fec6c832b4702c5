"""Products by the names that people write; all that is known of them stands in rules/catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import product as cross
from pathlib import Path
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from facts.tables import Row, Tables, read_tables

_STRENGTH = re.compile(
    r"(\d*\.?\d+)\s*(%|percent\b|mg|mcg|units?)(?:\s*/\s*(\d*\.?\d+)?\s*(mg|ml|gm?|cm2))?(?![^\W\d_])"
)
_SIZE = re.compile(r"\d*\.?\d+\s*(?:gm?|grams?|ml|oz)(?![^\W\d_])")
_SIGNS = re.compile("[\u2122\u00ae\u00a9\u2120]")
_COMMA = re.compile(r"(?<=\d),(?=\d+\s*%)|(?<=\b0),(?=\d)")
_WORD = re.compile(r"\d*\.\d+|[^\W_]+|[+/&]|(?<=[^\W_])-(?=[^\W_])")
_JOINTS = frozenset("+/&-")
_LONGEST = 500
_TABLES = {
    ("product", 3), ("product", 5), ("name", 2), ("name_in_form", 2), ("strength", 2), ("form", 2),
    ("us_class", 2), ("prescription", 2), ("potency_group", 2), ("combined", 1), ("ingredient", 1),
    ("kind_of", 2), ("form_word", 2), ("is_form", 2), ("joining_word", 1), ("negation", 1),
    ("over_the_counter", 1), ("noise_word", 1), ("title", 2), ("source", 2),
}  # fmt: skip
_OF_PRODUCTS = ("name", "name_in_form", "strength", "form", "title")
_OF_WORDS = (
    "combined", "ingredient", "kind_of", "form_word", "is_form", "joining_word", "negation", "over_the_counter",
    "noise_word",
)  # fmt: skip
T = TypeVar("T")
_Words = tuple[str, ...]


class Product(Struct, frozen=True, eq=False):
    """One product: an ingredient in a strength and form, as far as these are distinguished."""

    id: str
    key: str
    class_name: str
    names: tuple[str, ...]
    strengths: tuple[str, ...]
    forms: tuple[str, ...]
    us_class: int | None
    potency: str | None
    prescription: bool


class Candidate(NamedTuple):
    """One family that a name can mean: what its products that fit have in common, None where they differ."""

    key: str
    class_name: str
    us_class: int | None
    potency: str | None
    prescription: bool | None
    possible_potencies: tuple[str, ...]
    title: str
    """Short words for people; no two candidates of a name have the same."""
    written: str | None
    """A name that fits this family alone and keeps the strength, form and purchase that were given.

    None where the catalogue has no such name.
    """


class Match(NamedTuple):
    """What the products that a name fits have in common; None is where they differ.

    `candidates` are the families that the name can mean, sorted by key; empty where it means one alone.
    """

    products: tuple[Product, ...]
    key: str | None
    class_name: str | None
    us_class: int | None
    potency: str | None
    prescription: bool | None
    possible_potencies: tuple[str, ...]
    ignored: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()


class AmbiguousProduct(ValueError):
    """A text that names several products at once."""

    def __init__(self, name: str, products: Iterable[Product]) -> None:
        self.name, self.products = name, tuple(products)
        named = " and ".join(sorted({f"{p.key.replace('_', ' ')} ({p.class_name})" for p in self.products}))
        super().__init__(f"{name!r} names {named}; give each its own entry")


class _Mention(Struct, eq=False):
    """Products that one part of a text fits, each with whether its name alone means it."""

    fits: dict[Product, bool]
    denied: bool
    seen: dict[Product, bool]
    """The products that fit, and those that another name of the same one has ruled out."""
    names: list[_Words]


class _Text(Struct):
    """A name as it is written, in its parts."""

    words: list[str]
    joined: list[bool]
    """Of each word, whether a sign joins it to the one before."""
    strengths: list[tuple[str, str]]
    """Of each strength, its amount and its unit."""
    amounts: list[str]
    """Each strength as it is written."""
    named: dict[int, _Mention] = field(default_factory=dict)
    """By the place of a word, the mention that it belongs to."""
    bought: set[int] = field(default_factory=set)
    """Places of the words that say: without a prescription."""


class _Reading(NamedTuple):
    """The products that a text fits, and what of it led there."""

    products: list[Product]
    mention: _Mention
    text: _Text


class CatalogueContent(NamedTuple):
    """What a catalogue is made of."""

    products: list[Product]
    tables: dict[str, list[list[str]]]
    """Those of names and words, by their names, a tuple of values as several columns."""


class Catalogue:
    """The catalogue, read once; look-ups are remembered."""

    def __init__(self, content: CatalogueContent, folder: Path) -> None:
        products, tables = content

        def column(table: str) -> frozenset[str]:
            return frozenset(value for row in tables[table] for value in row)

        self.content = content
        self.folder = folder
        self.products = tuple(sorted(products, key=lambda p: p.id))
        self.classes = frozenset(p.class_name for p in self.products)
        self._kinds = {(narrow, broad) for narrow, *broader in tables["kind_of"] for broad in broader}
        self._form_words = {word: row[-1] for row in tables["form_word"] for word in row[:-1]}
        self._noise, self._joining = column("noise_word"), column("joining_word")
        self._negations, self._ingredients = column("negation"), column("ingredient")
        self._combined = column("combined")
        self._over_the_counter = {tuple(_words(phrase)) for phrase in column("over_the_counter")}
        self._broader: dict[str, set[str]] = {}
        for form, *broader in tables["is_form"]:
            self._broader.setdefault(form, {form}).update(broader)
        self._form_titles: dict[str, str] = {}
        for first, *_, form in tables["form_word"]:
            self._form_titles.setdefault(form, first)
        self._titles = {key: title for key, title in tables["title"]}
        self._names: dict[_Words, dict[Product, bool]] = {}
        self._words_of: dict[str, _Words] = {}
        in_form: dict[str, tuple[str, ...]] = {}
        for key, *names in tables["name_in_form"]:
            in_form[key] = (*in_form.get(key, ()), *names)
        for product in self.products:
            for own, alone in ((in_form.get(product.id, ()), False), (product.names, True)):
                for name in own:
                    words = self._words_of.get(name)
                    if words is None:
                        words = self._words_of[name] = tuple(_words(name))
                    self._names.setdefault(words, {})[product] = alone
        self._longest = max(map(len, (*self._names, *self._over_the_counter)), default=1)
        self._memory: dict[tuple[str, str | None, str | None], Match | AmbiguousProduct | None] = {}
        self._ways: dict[tuple[object, ...], str | None] = {}
        self._shown: dict[str, str] = {}
        self._near: dict[tuple[str, int], tuple[str, ...]] = {}

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read every .lp file of a folder. Raises ValueError where a fact does not fit."""
        tables = read_tables(folder.glob("*.lp"), _TABLES)
        texts = {table: [_texts(tables, table, row) for row in tables[table]] for table in (*_OF_PRODUCTS, *_OF_WORDS)}
        families: dict[str, tuple[str, str]] = {}
        class_of: dict[str, str] = {}
        own: dict[str, dict[str, list[str]]] = {}
        for row in tables["product"]:
            id, key, class_name, *more = _texts(tables, "product", row)
            if families.setdefault(id, (key, class_name)) != (key, class_name):
                raise ValueError(f"{tables.location('product', *row)}: {id} is two products; give each its own name")
            if class_of.setdefault(key, class_name) != class_name:
                raise ValueError(
                    f"{tables.location('product', *row)}: {key} is of two classes, {class_of[key]} and {class_name}; "
                    "give each class a family of its own"
                )
            for table, value in zip(("strength", "form"), more, strict=False):
                own.setdefault(id, {}).setdefault(table, []).append(value)
        known = {"name": {*families, *class_of}, "title": {*class_of}}
        for table in _OF_PRODUCTS:
            for row, (key, *values) in zip(tables[table], texts[table], strict=True):
                if key not in known.get(table, families):
                    what = "family of products" if table == "title" else "product"
                    raise ValueError(f"{tables.location(table, *row)}: a fact about {key}, which is no {what}")
                own.setdefault(key, {}).setdefault(table, []).extend(values)
                if table == "title" and len(own[key][table]) > 1:
                    raise ValueError(f"{tables.location(table, *row)}: {key} has more than one title")
        us_classes = _of_one_value(tables, "us_class", int, families)
        by_prescription = _of_one_value(tables, "prescription", bool, families)
        groups = {number: group for number, group in tables["potency_group"] if isinstance(group, str)}
        made = []
        for id, (key, class_name) in families.items():
            facts = own.get(id, {})
            names = facts.get("name", [])
            if key != id:
                names = [*names, *own.get(key, {}).get("name", ())]
            us_class = us_classes.get(id)
            potency = None if us_class is None else groups.get(us_class)
            if us_class is not None and potency is None:
                place = tables.location("us_class", id, us_class)
                raise ValueError(f"{place}: {id}: US class {us_class} has no potency_group/2")
            forms = dict.fromkeys(facts.get("form", ()))
            strengths = dict.fromkeys(_amount(strength)[0] for strength in facts.get("strength", ()))
            made.append(
                Product(
                    id, key, class_name, tuple(names), tuple(strengths), tuple(forms), us_class, potency,
                    by_prescription.get(id, True),
                )
            )  # fmt: skip
        return cls(CatalogueContent(made, texts), folder)

    def lookup(self, name: str, class_name: str | None = None, potency: str | None = None) -> Match | None:
        """The products that a name fits, or None.

        Where they are of several families, and the stated class, exact before related, does not choose
        one, the families are the candidates of the match. A class, or a potency, that none of them has chooses
        nothing. Raises AmbiguousProduct where the name names several products.
        """
        key = (name, class_name, potency)
        if key not in self._memory:
            if len(self._memory) > 10_000:
                self._memory.clear()
            try:
                self._memory[key] = self._lookup(*key)
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

    def is_kind_of(self, narrow: object, broad: Iterable[object]) -> bool:
        """Whether a class is a kind of one of some others."""
        return any((narrow, other) in self._kinds for other in broad)

    def written(self, product: Product) -> str | None:
        """The product as a person would write it, if there is a way that fits it alone.

        Two products of one family that no rule can distinguish count as one.
        """
        key = (product,)
        if key not in self._ways:
            self._ways[key] = self._product_written(product)
        return self._ways[key]

    @cached_property
    def confusable(self) -> Mapping[str, frozenset[str]]:
        """By family, the families of other classes that share a name with it.

        Names that mean a product only beside its form or strength count: whatever a record writes, its
        candidates of different classes stand here with each other.
        """
        found: dict[str, set[str]] = {}
        for fits in self._names.values():
            classes = {p.key: p.class_name for p in fits}
            for key, own in classes.items():
                if others := {other for other, class_name in classes.items() if class_name != own}:
                    found.setdefault(key, set()).update(others)
        return {key: frozenset(found[key]) for key in sorted(found)}

    @cached_property
    def _spelled(self) -> dict[_Words, str]:
        """A name as the catalogue has it, by its words."""
        return {words: name for name, words in sorted(self._words_of.items(), reverse=True)}

    def _lookup(self, name: str, class_name: str | None, potency: str | None) -> Match | None:
        reading = self._read_name(name, class_name, potency)
        if reading is None:
            return None
        products, _, text = reading
        key = _common([p.key for p in products])
        return Match(
            tuple(products),
            key,
            _common([p.class_name for p in products]),
            *_common_facts(products, bool(text.bought)),
            self._ignored(reading),
            () if key is not None else self._candidates(reading),
        )

    def _read_name(self, name: str, class_name: str | None = None, potency: str | None = None) -> _Reading | None:
        text = self._parsed(name)
        forms = {*self._forms_of(text)}
        mentions = self._meant(text)
        if len(mentions) > 1:
            likely = {mention: self._likely(mention, forms, text.strengths) for mention in mentions}
            mentions = [mention for mention in mentions if likely[mention]]
            if len(mentions) > 1:
                raise AmbiguousProduct(name, (p for mention in mentions for p in likely[mention]))
        if not mentions:
            return None
        (mention,) = mentions
        fits = [p for p, alone in mention.fits.items() if self._fits(p, alone, forms, text.strengths)]
        fits = [p for p in fits if forms & set(p.forms)] or fits
        if not fits:
            ruled_out = len(mention.seen) > len(mention.fits) and len({p.class_name for p in mention.seen}) > 1
            if ruled_out and self._likely(mention, forms, text.strengths):
                raise AmbiguousProduct(name, mention.seen)
            return None
        if class_name is not None:
            exact = [p for p in fits if p.class_name == class_name]
            related = [p for p in fits if self.agrees(class_name, p.class_name)]
            fits = exact or related or fits
        if potency is not None:
            fits = [p for p in fits if p.potency == potency] or fits
        return _Reading(fits, mention, text)

    def _forms_of(self, text: _Text) -> list[str]:
        """The forms that words beside the names stand for, in their order."""
        words = self._form_words
        return [words[word] for place, word in enumerate(text.words) if word in words and place not in text.named]

    def _ignored(self, reading: _Reading) -> tuple[str, ...]:
        return tuple(
            word
            for place, word in enumerate(reading.text.words)
            if reading.text.named.get(place) is not reading.mention and not self._understood(reading.text, place)
        )

    def _candidates(self, reading: _Reading) -> tuple[Candidate, ...]:
        families: dict[str, list[Product]] = {}
        for product in reading.products:
            families.setdefault(product.key, []).append(product)
        titles = {key: self._title(key) for key in families}
        if len({*titles.values()}) < len(titles):
            titles = {key: key.replace("_", " ") for key in families}
        bought = bool(reading.text.bought)
        return tuple(
            Candidate(
                key, products[0].class_name, *_common_facts(products, bought), titles[key],
                self._family_written(products, reading),
            )
            for key, products in sorted(families.items())
        )  # fmt: skip

    def _title(self, key: str) -> str:
        """A family in short words: its title, else its forms."""
        if key not in self._titles:
            *most, last = dict.fromkeys(
                self._form_title(form) for p in self.products if p.key == key for form in p.forms
            ) or [key.replace("_", " ")]
            self._titles[key] = f"the {', '.join(most)} or {last}" if most else f"the {last}"
        return self._titles[key]

    def _form_title(self, form: str) -> str:
        return form.replace("_", " ") if "_" in form else self._form_titles.get(form, form)

    def _family_written(self, products: list[Product], reading: _Reading) -> str | None:
        """A name that fits these products of one family alone, in the words of the text where possible."""
        text = reading.text
        bought = " ".join(text.words[place] for place in sorted(text.bought))
        own = [name for name in reading.mention.names if any(p in self._names[name] for p in products)]
        given = tuple(dict.fromkeys(self._forms_of(text)))
        key = (*products, *own, *text.amounts, given, bought)
        if key not in self._ways:
            if len(self._ways) > 10_000:
                self._ways.clear()
            names = dict.fromkeys([*(self._spelled[name] for name in own), *_generic_first(products)])
            own_forms = dict.fromkeys(form for p in products for form in p.forms)
            forms = [" ".join(map(self._form_title, given)), *map(self._form_title, own_forms)]
            texts = (_joined(name, *text.amounts, form, bought) for name in names for form in forms)
            self._ways[key] = self._fitting(texts, products)
        return self._ways[key]

    def _fitting(self, texts: Iterable[str], products: list[Product]) -> str | None:
        """The first text that fits just these products, else the first that fits their family alone."""
        within = None
        for text, found in self._readings(texts):
            if set(found.products) == set(products):
                return text
            if within is None and {p.key for p in found.products} == {products[0].key}:
                within = text
        return within

    def _product_written(self, product: Product) -> str | None:
        alike = None
        strengths = ("", *(amount for amount in product.strengths if amount[0].isdigit()))
        usual, *others = map(self._form_title, product.forms or ("",))
        ways = [*cross(strengths, ("", usual)), *cross(strengths, others)]
        texts = (_joined(name, *way) for name in _generic_first([product]) for way in ways)
        for text, found in self._readings(texts):
            if found.products == [product]:
                return text
            if alike is None and {_facts(p) for p in found.products} == {_facts(product)}:
                alike = text
        return alike

    def _readings(self, texts: Iterable[str]) -> Iterator[tuple[str, _Reading]]:
        """What each text fits, if anything and no two products at once."""
        for text in texts:
            try:
                found = self._read_name(text)
            except AmbiguousProduct:
                continue
            if found is not None:
                yield text, found

    def _parsed(self, name: str) -> _Text:
        plain = unicodedata.normalize("NFKC", _SIGNS.sub(" ", name[:_LONGEST])).casefold()
        plain = _COMMA.sub(".", plain)
        amounts = [found.group() for found in _STRENGTH.finditer(plain)]
        text = _Text([], [], [_amount(amount) for amount in amounts], amounts)
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
                part, span = tuple(text.words[place : place + size]), range(place, place + size)
                if part in self._names:
                    mention = self._mention(text, part, denied)
                    text.named |= dict.fromkeys(span, mention)
                    denied = False
                    break
                if part in self._over_the_counter:
                    text.bought |= set(span)
                    break
            else:
                word = text.words[place]
                denied = word in self._negations or (denied and self._plain(word))
            place += size
        return text

    def _mention(self, text: _Text, name: _Words, denied: bool) -> _Mention:
        """The mention that is meant by this name too, or a new one of its products."""
        fits = self._names[name]
        for mention in dict.fromkeys(text.named.values()):
            same = self._same(mention.fits, fits)
            if same and (mention.denied or not denied):
                mention.fits = same
                mention.seen = mention.seen | fits
                mention.names.append(name)
                return mention
        return _Mention(fits, denied, fits, [name])

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
        # Four letters joined to a generic name distinguish the makers of one biological substance.
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


def _texts(tables: Tables, table: str, row: Row) -> list[str]:
    """The values of a row, a tuple of values as several columns. Raises ValueError for one that is no text or name."""
    values: list[str] = []
    for part in row:
        for value in part if isinstance(part, tuple) and part else (part,):
            if not isinstance(value, str):
                raise ValueError(f"{tables.location(table, *row)}: {value} is no name; put it in quotes")
            values.append(value)
    return values


def _of_one_value(tables: Tables, table: str, kind: type[T], known: Collection[str]) -> dict[str, T]:
    """The value that a table gives for each product. Raises ValueError for another kind of value, or a second one."""
    found: dict[str, T] = {}
    for row in tables[table]:
        key, value = row
        if not isinstance(key, str) or key not in known:
            fault = f"a fact about {key}, which is no product"
        elif type(value) is not kind:
            fault = f"{value} is no value of {table}; write {'a number' if kind is int else 'true or false'}"
        elif key in found:
            fault = f"{key} has two values of {table}; keep one"
        else:
            found[key] = value
            continue
        raise ValueError(f"{tables.location(table, *row)}: {fault}")
    return found


def _common(values: Iterable[T]) -> T | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _common_facts(products: list[Product], bought: bool) -> tuple[int | None, str | None, bool | None, tuple[str, ...]]:
    """US class, potency and prescription that the products share, and the potencies that they have."""
    return (
        _common([p.us_class for p in products]),
        _common([p.potency for p in products]),
        False if bought else _common([p.prescription for p in products]),
        tuple(sorted({p.potency for p in products if p.potency is not None})),
    )


def _facts(product: Product) -> tuple[object, ...]:
    """All that a rule can see of a product."""
    return (product.key, product.class_name, product.us_class, product.potency)


def _generic_first(products: Iterable[Product]) -> list[str]:
    """The names of the products in the catalogue's order, those that begin with a small letter first."""
    names = dict.fromkeys(name for product in products for name in product.names)
    return sorted(names, key=lambda name: name[:1].isupper())


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [token for token in _WORD.findall(plain) if token not in _JOINTS]


@lru_cache(maxsize=4096)
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
