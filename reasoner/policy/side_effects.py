"""Whether the edits for a fact can do more than the fact says, as an entry that is added and counts elsewhere, too.

The search for minimal sets supposes that conditions hold. Where an edit does that and no more, what follows from a
supposition is what follows from the edited record. An entry that is added does more where an item reads it that its
condition is not for, where entries are counted, or where it can bring about an exclusion; it does less where the rules
do not take it for what the condition stands for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from facts.arithmetic import NumberOf, SumOf
from facts.declaration import Field
from facts.terms import Term
from reasoner.engine.ground_program import GroundProgram, entries_of
from reasoner.engine.ground_rules import GroundRules
from reasoner.policy.conditions import Condition

if TYPE_CHECKING:
    from reasoner.policy.folder import RuleFolder


def of_additions(folder: RuleFolder) -> bool:
    """Whether an entry that some condition adds can do more, or less, than the condition."""
    added = {term: condition for term, condition in folder.conditions().items() if condition.list}
    if not added:
        return False
    lists = {condition.list for condition in added.values()}
    if folder.dependencies.counts_entries or not lists.isdisjoint(field.list for field in counted_fields(folder)):
        return True
    rules = GroundRules()
    ground = GroundProgram(folder.deciding_program, (), rules=rules)
    return any(_does_more(folder, ground, rules, term, condition) for term, condition in added.items())


def of_counts(folder: RuleFolder) -> bool:
    """Whether an item asks of a sum, or a number of entries, and the rules read what is summed up, or counted, too."""
    read = {folder.declaration.field(term) for term in (*folder.expected_values(), *folder.compared_numbers())}
    return not counted_fields(folder).isdisjoint(read)


def of_order(folder: RuleFolder) -> bool:
    """Whether the rules compare two numbers, or dates, that can both be changed, one of them not above the other."""
    compared = {folder.declaration.field(term) for term in folder.compared_numbers()}
    return any(
        all(field in compared and field.change == "free" and field.derived is None for field in pair)
        for pair in folder.declaration.in_order
    )


def counted_fields(folder: RuleFolder) -> frozenset[Field]:
    """The fields of entries over which sums and numbers go that the rules compare, and those that they follow from."""
    compared = map(folder.declaration.field, folder.compared_numbers())
    functions = (field.derived for field in compared if field is not None)
    return frozenset(base for by in functions if isinstance(by, SumOf | NumberOf) for base in _with_bases(by.field))


def _with_bases(field: Field) -> Iterator[Field]:
    yield field
    if field.derived is not None:
        for base in field.derived.bases:
            yield from _with_bases(base)


def _does_more(
    folder: RuleFolder, ground: GroundProgram, rules: GroundRules, term: Term, condition: Condition
) -> bool:  # fmt: skip
    """Whether an entry that the condition adds reaches anything else than the items that ask for the condition."""
    entry = folder.declaration.entry_lists[condition.list].entry(0)
    case = folder.normalize(folder.model.of_entry(condition.list, condition.content))
    of_entry = set(ground.literals_of(lambda field: entry in entries_of(field)))
    stated = of_entry.intersection(ground.literals(ground.situation(case)))
    served = set(folder.relations().items.get(term, ()))
    ends = {
        atom.literal for atom in ground.atoms("met")
        if atom.args[0] in served or _is_apart(folder, atom.args[0], served)
    }  # fmt: skip
    reached = rules.dependents(stated, of_entry - stated, ends)
    met = {atom.args[0] for atom in ground.atoms("met") if atom.literal in reached.all}
    return (
        any(atom.literal in reached.all for atom in ground.atoms("outcome"))
        or not reached.by_negation_or_count.isdisjoint(ends)
        or not served <= met
    )


def _is_apart(folder: RuleFolder, item: Term, served: Collection[Term]) -> bool:
    """Whether an item is of a pathway for another use than those of some items."""
    own = _uses(folder, (item,))
    others = _uses(folder, served)
    return None not in own | others and own.isdisjoint(others)


def _uses(folder: RuleFolder, items: Iterable[Term]) -> set[str | None]:
    """The uses that the pathways of items are for; None: any."""
    return {folder.pathways.get(folder.pathway_of(str(item)) or "") for item in items}
