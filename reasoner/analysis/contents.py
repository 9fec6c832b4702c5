"""What can stand in the fields of a record that hold words, products and truths, as far as it matters to rules."""

from __future__ import annotations

from collections.abc import Sequence

from facts.declaration import Declaration, Field
from facts.derived import ClassNamed, OfProduct
from reasoner.analysis.linked_fields import LinkedFields
from reasoner.analysis.minimal import pairs_of
from reasoner.analysis.options import Group
from reasoner.analysis.reads import Reads
from reasoner.analysis.trials import distinct
from reasoner.policy.folder import RuleFolder

_IN_GROUPS = ("choice", "word", "words", "truth", "product")


def groups_of(folders: Sequence[RuleFolder], reads: Reads) -> list[Group]:
    """The groups of the record's fields that matter, or cannot be absent, with their options."""
    declaration = folders[0].declaration
    in_pairs = {one for pair in pairs_of(declaration) for one in pair}
    return [
        group
        for fields in _linked(declaration)
        if any(one.place in reads.wanted or one.required or one in in_pairs for one in fields)
        for group in LinkedFields(distinct(folders), fields, reads).groups()
    ]


def _linked(declaration: Declaration) -> list[tuple[Field, ...]]:
    """The fields of words, products and truths, together those that decide each other's values or need one another."""
    links: list[tuple[Field, ...]] = []
    for one in declaration.fields:
        by = one.derived
        if isinstance(by, OfProduct | ClassNamed):
            links.append((*by.bases, one))
        elif one.type in _IN_GROUPS:
            links.append((one,))
    links += [pair for pair in pairs_of(declaration) if all(one.type in _IN_GROUPS for one in pair)]
    groups: list[tuple[Field, ...]] = []
    for link in links:
        same = [group for group in groups if set(link) & set(group)]
        groups = [group for group in groups if group not in same]
        groups.append(tuple(dict.fromkeys(one for group in (*same, link) for one in group)))
    return groups
