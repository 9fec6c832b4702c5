"""The upper bound of an atom, against every value of the inputs that are open."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.engine.bounds import with_upper_bound
from reasoner.engine.compiled import interpreted, stratified
from reasoner.engine.ground_rules import GroundRule, Simplified, simplified

INPUTS = (1, 2, 3, 4)
DERIVED = tuple(range(5, 12))
EVERY = range(2 ** len(INPUTS))


@st.composite
def rules(draw: st.DrawFn) -> list[GroundRule]:
    """Rules of atoms that read inputs and atoms of lower number; some count."""
    found = []
    for head in DERIVED:
        literals = st.sampled_from([sign * atom for atom in range(1, head) for sign in (1, -1)])
        for body in draw(st.lists(st.lists(literals, min_size=1, max_size=3, unique_by=abs), max_size=3)):
            weights = tuple(draw(st.integers(1, 3)) for _ in body) if draw(st.booleans()) else ()
            least = draw(st.integers(1, sum(weights))) if weights else 0
            found.append(GroundRule((head,), tuple(body), least=least, weights=weights))
    return found


def derived(found: Simplified, atom: int) -> int:
    """For which values of the inputs an atom holds: of each subset of them a bit."""
    bits = [sum(1 << number for number in EVERY if number >> place & 1) for place in range(len(INPUTS))]
    (own,) = interpreted(found, INPUTS, (atom,))(bits, (1 << len(EVERY)) - 1)
    return own


@settings(max_examples=300)
@given(rules(), st.sets(st.sampled_from(INPUTS)))
def test_it_holds_wherever_the_atom_could(own: list[GroundRule], free: set[int]) -> None:
    atom = DERIVED[-1]
    before = stratified(simplified(own, INPUTS), (atom,))
    after, upper = with_upper_bound(before, INPUTS, free, atom)
    holds, could = derived(before, atom), derived(after, upper)
    assert derived(after, atom) == holds
    open_bits = sum(1 << INPUTS.index(one) for one in free)
    for number in EVERY:
        others = (other for other in EVERY if other & ~open_bits == number & ~open_bits)
        assert could >> number & 1 >= any(holds >> other & 1 for other in others)
    if not free:
        assert could == holds


def test_what_is_ruled_out() -> None:
    """By an input that is not open, or by what follows from it; what is forbidden counts where it must hold."""
    own = [
        GroundRule((5,), (1, 2)), GroundRule((6,), (-5,)), GroundRule((7,), (3, -6)),
        GroundRule((8,), (7, 4), least=3, weights=(2, 1)),
    ]  # fmt: skip
    before = stratified(simplified(own, INPUTS), (8,))
    after, upper = with_upper_bound(before, INPUTS, {1}, 8)
    assert upper != 8
    assert [number for number in EVERY if derived(after, upper) >> number & 1] == [14, 15]
    without, same = with_upper_bound(before, INPUTS, (), 8)
    assert (without, same) == (before, 8)


def test_an_input_that_is_not_given_is_false() -> None:
    own = [GroundRule((5,), (1, 4)), GroundRule((5,), (1, 2, -4))]
    before = stratified(simplified(own, INPUTS), (5,))
    after, upper = with_upper_bound(before, INPUTS[:3], {1}, 5)
    assert len(after.rules) == 3
    assert [number for number in EVERY[:8] if derived(after, upper) >> number & 1] == [2, 3, 6, 7]
