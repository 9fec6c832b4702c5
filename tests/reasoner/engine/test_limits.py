"""Grounding on trial ends at its limits and names the rules at work; a solve ends at its own, and the next one is free."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest
from clingo import Control
from clingo.ast import AST, parse_string

from reasoner.engine import trial, watchdog
from reasoner.engine.limits import Limits
from reasoner.engine.texts import add_to, in_place, parsed, place, placed_messages
from reasoner.engine.trial import trial_grounding
from reasoner.engine.watchdog import Watchdog
from reasoner.errors import RulesError

ENGINE = """
#const n = 1.
#defined given/2.
#external recorded(X) : expected(X). [free]
#external alone. [free]
holds(X) :- recorded(X).
{ supposed(X) : expected(X), not recorded(X) } :- alone.
:- supposed(X), not alone.
#heuristic supposed(X) : expected(X). [1, false]
#show holds/1.
#show n : alone.
slot(1..n).
"""
POLICY = """
expected(T) :- slot(T).
met(T) :- holds(T), not given(T, no).
met(T) :- slot(T), 1 { supposed(T); supposed(T+1) }.
"""
COUNTING = "p(0).\n\np(X+1) :- p(X).\n"


def refusal(*texts: tuple[str, str], limits: Limits | None = None) -> str:
    with pytest.raises(RulesError) as caught:
        trial_grounding(texts, limits)
    return str(caught.value)


# ── Grounding on trial ───────────────────────────────────────────────────────────────────────────


def test_what_ends_passes() -> None:
    trial_grounding([("engine.lp", ENGINE), ("x.lp", POLICY)], options=["-c", "n=50"])


def test_options_are_those_of_the_program() -> None:
    texts = [("engine.lp", ENGINE), ("x.lp", POLICY)]
    limits = Limits(ground_rules=1000)
    trial_grounding(texts, limits, ["-c", "n=10"])
    with pytest.raises(RulesError, match="more than 1,000 ground rules"):
        trial_grounding(texts, limits, ["-c", "n=1000"])


def test_too_many_ground_rules_are_the_same_message_each_time() -> None:
    limits = Limits(ground_rules=1000)
    expected = (
        "x.lp:3: grounding p/1 gave more than 1,000 ground rules; the rule `p((X+1)) :- p(X).` "
        "grows without end, or too large: bound its variables"
    )
    for _ in range(2):
        assert refusal(("engine.lp", ENGINE), ("x.lp", COUNTING), limits=limits) == expected


def test_time() -> None:
    begin = time.monotonic()
    message = refusal(("x.lp", COUNTING), limits=Limits(seconds=0.3, ground_rules=10**9))
    assert message.startswith("x.lp:3: grounding p/1 took more than 0.3 s; ")
    assert time.monotonic() - begin < 5


def test_memory() -> None:
    message = refusal(("x.lp", COUNTING), limits=Limits(megabytes=10, ground_rules=10**9))
    assert message.startswith("x.lp:3: grounding p/1 took more than 10 MB of memory; ")


def test_rules_that_grow_each_other_are_all_named() -> None:
    text = "p(0). q(X) :- p(X).\nother(X) :- q(X).\np(X+1) :- q(X).\n"
    message = refusal(("a.lp", "r(1)."), ("x.lp", text), limits=Limits(ground_rules=10_000))
    assert message.startswith("x.lp:1: grounding q/1 gave more than 10,000 ground rules, with x.lp:3; the rules `q(X)")


def test_a_rule_of_the_engine_that_the_policy_makes_grow() -> None:
    engine = "reaches(N, M) :- compares(N), compares(M), M <= N.\n"
    message = refusal(("engine.lp", engine), ("x.lp", "compares(1..900)."), limits=Limits(ground_rules=10_000))
    assert message.startswith("engine.lp:1: grounding reaches/2 gave")


def test_a_choice_that_grows() -> None:
    message = refusal(("x.lp", "d(1..900).\n{ c(X, Y) : d(X), d(Y) } :- d(1)."), limits=Limits(ground_rules=2000))
    assert message.startswith("x.lp:2: grounding this statement gave more than 2,000")


def test_terms_that_nobody_can_read() -> None:
    deep = "p(0, a).\np(N+1, f(X)) :- p(N, X), N < 60.\n"
    message = refusal(("x.lp", f"{deep}q(N) :- p(N, _)."))
    assert message.startswith("x.lp:2: grounding p/2 gave an atom of more than 20,000 signs, or more than 50 terms")
    trial_grounding([("x.lp", deep.replace("60", "40"))])


def test_terms_of_atoms_that_the_engine_does_not_show() -> None:
    shown = ("engine.lp", "#show q/0.\nq :- p(0, _).")
    assert "puts terms into terms" in refusal(shown, ("x.lp", "p(0, a).\np(N+1, f(X)) :- p(N, X), N < 60."))


def test_a_term_too_large_to_be_written_even_once() -> None:
    """One that a rule makes at once, and not step by step: writing it takes all the time."""
    steps = "".join(f", X{n + 1} = f(X{n}, X{n})" for n in range(40))
    message = refusal(("x.lp", f"a.\np(X40) :- X0 = 1{steps}.\nq :- p(_)."), limits=Limits(seconds=1))
    assert message.startswith("x.lp:2: grounding p/1 gave an atom of more than 20,000 signs, ")


def test_a_text_of_many_brackets_is_not_deep() -> None:
    trial_grounding([("x.lp", f'a("{"(" * 100}").')])


def test_a_long_rule_is_shown_in_part() -> None:
    text = f"d(1..900). p(X, Y) :- d(X), d(Y), {', '.join(f'X != {n}' for n in range(1000, 1200))}."
    message = refusal(("x.lp", text), limits=Limits(ground_rules=1000))
    assert "…` grows" in message and len(message) < 500


def test_errors_have_the_place_in_their_text() -> None:
    message = refusal(("engine.lp", "a.\n" * 7), ("x.lp", "b.\n\nc(X) :- not b(X).\nd(Y)."))
    assert message.splitlines()[0].startswith("x.lp:3:1: nothing binds X")
    assert message.splitlines()[1].startswith("x.lp:4:1: nothing binds Y")
    assert refusal(("x.lp", "a.\nb :- c d.")).startswith("x.lp:2:8: a name is not expected here")


def test_no_file_is_opened(tmp_path: Path) -> None:
    """Not even where a text has not been looked through."""
    (tmp_path / "y.lp").write_text("a.")
    message = refusal(("x.lp", f'#include "{tmp_path / "y.lp"}".'))
    assert "file could not be opened" in message


def test_nothing_of_the_working_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    trial_grounding([("x.lp", "a.")])
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "os.write(1, b'begun\\n0\\n'); os.kill(os.getpid(), 11)",
            "x.lp:1: grounding p/0 ended the solver (status -11)",
        ),
        ("os.write(1, b'begun\\n'); os.abort()", "x.lp: grounding ended the solver (status -6)"),
        ("os.write(1, b'begun\\n0\\n'); time.sleep(60)", "x.lp:1: grounding p/0 took more than 0.2 s"),
    ],
)
def test_a_process_that_ends_without_a_word(monkeypatch: pytest.MonkeyPatch, code: str, message: str) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    monkeypatch.setattr(trial, "_START", f"import os, sys, time; {limit}; sys.stdin.read(); {code}")
    monkeypatch.setattr(trial, "_STARTING", 0.8)
    begin = time.monotonic()
    assert refusal(("x.lp", "p :- q."), limits=Limits(seconds=0.2)).startswith(message)
    assert time.monotonic() - begin < 10


def test_a_process_that_cannot_start_is_no_fault_of_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_START", "import no_such_module")
    with pytest.raises(RuntimeError, match="(?s)did not begin: .*no_such_module"):
        trial_grounding([("x.lp", "a.")])


# ── Texts with their places ──────────────────────────────────────────────────────────────────────


def test_lines_are_counted_on_from_text_to_text() -> None:
    texts = [("a", "x.\ny."), ("b", ""), ("c", "\nz.")]
    nodes = parsed(texts, [])
    assert [str(node) for node in nodes] == ["x.", "y.", "z."]
    assert [place(node.location.begin.line, texts) for node in nodes] == ["a:1", "a:2", "c:2"]
    line = nodes[2].location.begin.line
    assert in_place(f"<string>:{line}:1-3: info: z\n<string>:1:2: note: x", texts) == "c:2:1-3: info: z\na:1:2: note: x"


def test_messages_of_a_grounding_name_their_text() -> None:
    texts = [("a.lp", "a(1).\n"), ("b.lp", "\nb :- c.\nd :- a(X), X + e > 1.")]
    messages = placed_messages(texts)
    assert sorted(message.split(": ")[0] for message in messages) == ["b.lp:2:6-7", "b.lp:3:12-17"]
    assert placed_messages([("a.lp", "a(X).")])[0].startswith("a.lp:1:1-6: error: unsafe")
    assert placed_messages(texts[:1]) == []


def test_a_program_is_built_of_syntax_trees() -> None:
    nodes: list[AST] = []
    parse_string("a. b :- a.", nodes.append)
    control = Control()
    add_to(control, nodes)
    control.ground([("base", [])])
    assert [str(atom.symbol) for atom in control.symbolic_atoms] == ["a", "b"]


# ── Solving ──────────────────────────────────────────────────────────────────────────────────────

PIGEONS = "1 { at(P, H) : H = 1..11 } 1 :- P = 1..12, on. :- at(P, H), at(Q, H), P < Q. #external on. [free] { free }."


def pigeons() -> tuple[Control, int]:
    """A search that takes hours, and the literal without which it is none."""
    control = Control(["0"])
    control.add("base", [], PIGEONS)
    control.ground([("base", [])])
    (on,) = (atom.literal for atom in control.symbolic_atoms.by_signature("on", 0))
    return control, on


def test_a_long_solve_is_interrupted_and_the_next_one_is_not() -> None:
    control, on = pigeons()
    watched = Watchdog(control, 0.3)
    for _ in range(2):
        begin = time.monotonic()
        with pytest.raises(RulesError, match="solving took more than 0.3 s"), watched.solve():
            control.solve(assumptions=[on])
        assert 0.3 <= time.monotonic() - begin < 3
        for _ in range(3):
            with watched.solve():
                assert not control.solve(assumptions=[-on]).interrupted


def test_an_interrupt_after_the_end_of_the_search_does_not_hit_the_next() -> None:
    control, on = pigeons()
    watched = Watchdog(control, 0.05)
    for _ in range(5):
        with pytest.raises(RulesError), watched.solve():
            time.sleep(0.4)
        assert not control.solve(assumptions=[-on]).interrupted


def test_it_is_the_time_of_each_solve_that_counts() -> None:
    control, on = pigeons()
    watched = Watchdog(control, 0.9)
    for _ in range(8):
        with watched.solve():
            time.sleep(0.15)
            assert not control.solve(assumptions=[-on]).interrupted


def test_solves_of_several_controls_have_each_their_limit() -> None:
    (one, on), (other, off) = pigeons(), pigeons()
    short, long = Watchdog(one, 0.2), Watchdog(other, 60)
    with long.solve():
        with pytest.raises(RulesError, match=r"0\.2 s"), short.solve():
            one.solve(assumptions=[on])
        assert not other.solve(assumptions=[-off]).interrupted


def test_an_exception_inside_of_a_solve_stays() -> None:
    control, _ = pigeons()
    with pytest.raises(KeyError), Watchdog(control, 10).solve():
        raise KeyError
    with pytest.raises(KeyboardInterrupt), Watchdog(control, 0.05).solve():
        time.sleep(0.4)
        raise KeyboardInterrupt
    with pytest.raises(RulesError), Watchdog(control, 0.05).solve():  # what a search that was interrupted leads to
        time.sleep(0.4)
        raise KeyError


def test_the_thread_sleeps_when_nothing_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_IDLE", 0.1)
    control, on = pigeons()
    watched = Watchdog(control, 0.2)
    for _ in range(2):
        with pytest.raises(RulesError), watched.solve():
            control.solve(assumptions=[on])
        deadline = time.monotonic() + 5
        while watchdog._watch.awake:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_control_is_not_kept() -> None:
    control, _ = pigeons()
    watched = Watchdog(control, 10)
    with watched.solve():
        time.sleep(0.3)
    gone = weakref.ref(watched)
    del watched, control
    deadline = time.monotonic() + 5
    while gone() is not None:
        assert time.monotonic() < deadline
        gc.collect()
        time.sleep(0.02)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_a_fork_there_is_a_thread_again() -> None:
    control, on = pigeons()
    watched = Watchdog(control, 0.2)
    with watched.solve():
        pass
    child = os.fork()
    if child == 0:
        try:
            with watched.solve():
                control.solve(assumptions=[on])
        except RulesError:
            os._exit(7)
        os._exit(8)
    deadline = time.monotonic() + 10
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > deadline:
            os.kill(child, 9)
        time.sleep(0.02)
    assert os.waitstatus_to_exitcode(status) == 7


def test_the_interpreter_ends_while_a_solve_is_watched() -> None:
    code = (
        "from clingo import Control; from reasoner.engine.watchdog import Watchdog; import time\n"
        "w = Watchdog(Control(), 0.1); w.__enter__(); time.sleep(0.3); print('end')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")
