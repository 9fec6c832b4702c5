"""What depends on what in a ground program."""

import pytest
from clingo import Control

from reasoner.engine.control import observe
from reasoner.engine.ground_rules import GroundRules

PROGRAM = """
#external a. [free] #external b. [free] #external c. [free] #external d. [free]
p :- a, b.
q :- p.
q :- d.
r :- not p.
s :- 2 #count { 1 : p; 2 : c; 3 : d }.
t :- s.
u :- c, d.
v :- p, c.
"""


def dependents(of: str, *, false: str = "", ends: str = "") -> tuple[str, str]:
    """The atoms that depend on some, and those that do so by a negation or a count."""
    rules, control = GroundRules(), Control()
    observe(control, rules)
    control.add("base", [], PROGRAM)
    control.ground([("base", [])])
    literals = {str(atom.symbol): atom.literal for atom in control.symbolic_atoms}
    names = {literal: name for name, literal in literals.items()}
    each = ([literals[name] for name in part] for part in (of, false, ends))
    found = rules.dependents(*each)
    all_of, indirect = (sorted(names[one] for one in part if one in names) for part in found)
    return "".join(all_of), "".join(indirect)


@pytest.mark.parametrize(
    ("of", "false", "ends", "all_of", "indirect"),
    [
        ("a", "", "", "apqrstv", "rst"),
        ("b", "", "", "bpqrstv", "rst"),
        ("c", "", "", "cstuv", "st"),
        ("a", "b", "", "a", ""),
        ("a", "", "p", "ap", ""),
        ("a", "c", "", "apqrst", "rst"),
        ("c", "d", "", "cstv", "st"),
        ("d", "ab", "", "dqstu", "st"),
        ("c", "ab", "s", "csu", "s"),
        ("c", "a", "", "cstu", "st"),
    ],
)
def test_what_depends_on_atoms(of: str, false: str, ends: str, all_of: str, indirect: str) -> None:
    assert dependents(of, false=false, ends=ends) == (all_of, indirect)


def test_an_atom_is_false_where_none_of_its_rules_is_left() -> None:
    assert dependents("d", false="a") == ("dqstu", "st")
    assert dependents("b", false="a") == ("b", "")
