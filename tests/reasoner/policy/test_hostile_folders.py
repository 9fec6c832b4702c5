"""Rule folders that somebody made to read, run, hang or end what they should not: each is refused with place and reason."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest
from clingo.ast import AST, ASTType, parse_string
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.engine.limits import Limits
from reasoner.engine.trial import trial_grounding
from reasoner.errors import RulesError
from reasoner.policy.rule_text import rule_text
from reasoner.policy.source import MAX_FILES, MAX_STATEMENTS, read_rule_files
from reasoner.policy.vetting import refused

ROOT = Path(__file__).parents[3]
SMALL = Limits(seconds=2, megabytes=200, ground_rules=20_000)
LOAD = f"import sys; sys.path[:] = {[str(Path(__file__).parent), *sys.path]!r}; from test_hostile_folders import main; main()"

Content = str | bytes | Callable[[Path], object]
"""The text of a file, or what makes it."""


class Hostile(NamedTuple):
    """A folder, and the one message with which it is refused: where (a file, with line and column), and why."""

    files: Mapping[str, Content]
    place: str
    reason: str


def one(text: str | bytes, place: str, reason: str) -> Hostile:
    """A folder of one file."""
    return Hostile({"x.lp": text}, f"x.lp{place}", reason)


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """What reads a pipe or a device is interrupted."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("it took more than 30 s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def made(folder: Path, files: Mapping[str, Content]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        if callable(content):
            content(folder / name)
        else:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def load(folder: Path, limits: Limits = SMALL) -> None:
    """Read a folder and ground it on trial. Raises RulesError."""
    sources = read_rule_files(folder.glob("*.lp"))
    trial_grounding([(str(source.path), source.program) for source in sources], limits)


def main() -> None:
    """Load the folder of the command line; for folders that could end the process."""
    try:
        load(Path(sys.argv[1]))
    except RulesError as error:
        sys.exit(f"refused {error}")


def is_refused(error: str, folder: Path, hostile: Hostile) -> None:
    assert len(error.splitlines()) == 1, error
    assert error.startswith(f"{folder / hostile.place}: "), error
    assert hostile.reason in error


# ── Refused before it is ground ──────────────────────────────────────────────────────────────────

DIRECTIVES = {
    "include of a file of the system": one('a.\n#include "/etc/passwd".\n', ":2:1", "#include does not belong into a policy's rules: each file"),
    "include of itself": one('#include "x.lp".', ":1:1", "#include"),
    "include of the file beside it": Hostile({"x.lp": 'b :- a. #include "y.lp".', "y.lp": "a."}, "x.lp:1:9", "#include"),
    "include of an encoding of the solver": one("#include <incmode>.", ":1:1", "#include"),
    "include in the middle of a rule": one('a :-\n #include "/etc/passwd".', ":2:2", "#include"),
    "include after a comment": one('%* a *% #include "/etc/passwd".', ":1:9", "#include"),
    "include after comments inside of comments": one('%* %* % *%\n *% *% #include "/etc/passwd".', ":2:8", "#include"),
    "include after a quote in a comment": one('% "\n#include "/etc/passwd".', ":2:1", "#include"),
    "include after a comment sign in a text": one('a("%"). #include "/etc/passwd".', ":1:9", "#include"),
    "script in Python": one('#script (python)\nimport os\nos.system("touch marker")\n#end.\n', ":1:1", "#script does not belong into a policy's rules: a rule folder runs no program"),
    "script in Lua": one('#script (lua) os.execute("touch marker") #end.', ":1:1", "#script"),
    "const": one("#const n = 3.\na(n).", ":1:1", "#const does not belong into a policy's rules: it has no citation"),
    "external": one("a.\n  #external b.", ":2:3", "#external"),
    "heuristic": one("a. #heuristic a. [1, true]", ":1:4", "#heuristic"),
    "theory": one("#theory t { x { + : 1, unary } ; &a/0 : x, any }.", ":1:1", "#theory"),
    "defined": one("#defined a/1.", ":1:1", "#defined"),
    "show of a predicate": one("#show a/1.", ":1:1", "#show"),
    "show of a term": one("a(1). #show X : a(X).", ":1:7", "#show"),
    "show of nothing": one("#show.", ":1:1", "#show"),
    "project": one("a. #project a/0.", ":1:4", "#project"),
    "edge": one("#edge (1, 2).", ":1:1", "#edge"),
    "minimize": one("a. #minimize { 1 : a }.", ":1:4", "#minimize"),
    "maximise": one("a. #maximise { 1 : a }.", ":1:4", "#maximise"),
    "program part": one("#program part(n).\na(n).", ":1:1", "#program does not belong into a policy's rules: all rules of a folder"),
    "end of a script alone": one("a. #end.", ":1:4", "#end"),
    "directive that there is not": one("a. #incluse b.", ":1:4", "#incluse"),
    "weak constraint": one("a.\n:~ a. [1@2]", ":2:1", "a weak constraint"),
}  # fmt: skip

HEADS = {
    "choice": one("{ a }.", ":1:1", "a choice as head"),
    "choice with bounds": one("b(1..3). 1 { a(X) : b(X) } 1 :- b(_).", ":1:10", "a choice as head"),
    "disjunction": one("a ; b.", ":1:1", "a disjunction as head"),
    "disjunction with a bar": one("c.\na | b :- c.", ":2:1", "a disjunction as head"),
    "condition in a head": one("b(1). a : b(X).", ":1:7", "a condition inside of a head"),
    "constraint": one("a.\n:- a.", ":2:1", "a rule without a head: a policy's rules derive, and an item's condition belongs into met/1"),
    "false as a head": one("a. #false :- a.", ":1:4", "a rule without a head"),
    "true as a head": one("a. #true :- a.", ":1:4", "a head that always holds"),
    "negated head": one("b. not a :- b.", ":1:4", "a negated head"),
    "doubly negated head": one("b. not not a :- b.", ":1:4", "a negated head"),
    "comparison as a head": one("b(1). X < 2 :- b(X).", ":1:7", "a comparison as head"),
    "aggregate as a head": one("b(1). 1 #count { X : a(X) : b(X) }.", ":1:7", "an aggregate as head"),
    "theory atom as a head": one("&diff { a - b } <= 3.", ":1:1", "a theory atom as head"),
    "minus before a head": one("-a(1).", ":1:1", "a predicate with a minus before it"),
    "minus before a head, with a blank": one("- a(1;2).", ":1:1", "a predicate with a minus before it"),
}  # fmt: skip

PARTS = {
    "minus before an atom": one("b. a :- not -b.", ":1:13", "a predicate with a minus before it"),
    "minus inside of an aggregate": one("a :- 1 { -b }.", ":1:10", "a predicate with a minus before it"),
    "theory atom": one("a :- &sum { x } > 3.", ":1:7", "a theory atom"),
    "function of Python in a head": one("a(@os_system(1)).", ":1:3", "a function of Python"),
    "function of Python in a body": one("a :- X = @f(1), X > 0.", ":1:10", "a function of Python"),
    "function of Python deep in a term": one("b(1). a(f(g(1, h(X+@f)))) :- b(X).", ":1:20", "a function of Python"),
    "function of Python in an aggregate": one("a :- #sum { @f : #true } > 3.", ":1:13", "a function of Python"),
    "wide interval": one("a(1..1000000000).", ":1:3", "more than 10,000 values"),
    "wide interval that is computed": one("a :- X = -(10**4)..10**9, X < 0.", ":1:10", "more than 10,000 values"),
}  # fmt: skip

SIGNS = {
    "NUL, at which the parser stops": one(b"a.\n \0\nb.", ":2:2", "U+0000 is a sign that cannot be seen"),
    "escape sequence in a comment": one("a. % \x1b[2J", ":1:6", "U+001B"),
    "line that only a terminal shows": one("a. % no\rb.", ":1:8", "U+000D"),
    "text that is shown backwards": one('a("\u202ex").', ":1:4", "U+202E"),
    "control sign of one byte more": one("a. % \x85 b.", ":1:6", "U+0085"),
    "Latin-1": one("a. % caf\xe9\n".encode("latin-1"), ":1:9", "not UTF-8 (byte 0xe9)"),
    "UTF-16": one("a.".encode("utf-16"), ":1:1", "not UTF-8"),
    "byte order mark": one("\ufeffa.", ":1:1", "byte order mark"),
    "curly quotes": one("a.\nb(\u201cx\u201d).", ":2:3", "\u201c is no sign of a rule; are plain quotes"),
    "dash": one("a :\u2013 b.", ":1:4", "\u2013 is no sign of a rule"),
    "blank that is none, at which the process would end": one("a\xa0.", ":1:2", "is no sign of a rule"),
    "dollar": one("a. b($).", ":1:6", "$ is no sign of a rule"),
    "quote that is not closed": one('a("x).\nb.', ":1:3", "a text in quotes ends in its line"),
    "quote over a comment": one('a("x). % "\n#include "/etc/passwd".', ":2:1", "#include"),
    "backslash in a text": one('a("\\x"). b("\\"). #include "/etc/passwd".', ":1:3", "a backslash in it stands before"),
    "comment that is not closed": one("a.\n%* %* *% b.", ":2:1", "a comment that is not closed"),
    "ground program": one("asp 1 0 0\n1 0 1 1 0 0\n0\n", ":1:1", "a ground program"),
    "number that wraps around": one("a(9999999999).", ":1:3", "9999999999 is larger than any number"),
    "number that wraps around by a little": one("a(2147483648).", ":1:3", "2147483648 is larger than any number"),
    "number of another base that wraps around": one("a(0xFFFFFFFFF).", ":1:3", "0xFFFFFFFFF is larger"),
    "number of 5,000 digits": one(f"a({'9' * 5000}).", ":1:3", "is larger than any number"),
    "faulty syntax": one("a :- b c.", ":1:8", "a name is not expected here; is a full stop or a comma missing"),
}  # fmt: skip


def linked(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


def listening(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket must be short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


NOT_REGULAR = "where a regular file is needed; put the file itself into the folder"
FILES = {
    "link to a file": Hostile({"x.lp": linked("/etc/passwd")}, "x.lp", f"a symbolic link, {NOT_REGULAR}"),
    "link to a rule file": Hostile({"y.lp": "a.", "x.lp": linked("y.lp")}, "x.lp", f"a symbolic link, {NOT_REGULAR}"),
    "link to a folder": Hostile({"x.lp": linked("/etc")}, "x.lp", f"a symbolic link, {NOT_REGULAR}"),
    "link to nothing": Hostile({"x.lp": linked("nowhere")}, "x.lp", f"a symbolic link, {NOT_REGULAR}"),
    "link to itself": Hostile({"x.lp": linked("x.lp")}, "x.lp", f"a symbolic link, {NOT_REGULAR}"),
    "link to a device": Hostile({"x.lp": linked("/dev/zero")}, "x.lp", f"a symbolic link, {NOT_REGULAR}"),
    "named pipe": Hostile({"x.lp": os.mkfifo}, "x.lp", f"a named pipe, {NOT_REGULAR}"),
    "folder": Hostile({"x.lp": Path.mkdir}, "x.lp", f"a folder, {NOT_REGULAR}"),
    "socket": Hostile({"x.lp": listening}, "x.lp", f"a socket, {NOT_REGULAR}"),
    "large file": one("% " + "x" * 1_000_000, "", "larger than 1,000,000 bytes"),
    "large folder": Hostile({f"{n}.lp": "%" + "x" * 999_000 for n in range(9)}, "8.lp", "have more than 8,000,000 bytes"),
    "many facts": Hostile({f"{n}.lp": "a.\n" * 11_000 for n in range(2)}, "1.lp", "have more than 20,000 rules and facts"),
    "name over two lines": Hostile({"x\ny.lp": "a."}, ".", "a file has signs in its name that cannot be shown: 'x\\ny.lp'"),
    "name of no letters": Hostile({os.fsdecode(b"\xff.lp"): "a."}, ".", "a file has signs in its name that cannot be shown"),
}  # fmt: skip

BEFORE_GROUNDING = {**DIRECTIVES, **HEADS, **PARTS, **SIGNS, **FILES}


@pytest.mark.parametrize("name", BEFORE_GROUNDING)
def test_it_is_refused_before_it_is_ground(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = BEFORE_GROUNDING[name]
    folder = made(tmp_path / "rules", hostile.files)
    monkeypatch.chdir(folder)
    with pytest.raises(RulesError) as caught:
        read_rule_files(folder.glob("*.lp"))
    is_refused(str(caught.value), folder, hostile)
    assert not (folder / "marker").exists()


def test_many_files_are_not_all_read(tmp_path: Path) -> None:
    folder = made(tmp_path, {f"{n}.lp": os.mkfifo for n in range(MAX_FILES + 1)})
    with pytest.raises(RulesError, match=f"more than {MAX_FILES} rule files"):
        read_rule_files(folder.glob("*.lp"))


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for anybody but root, who reads every file."""

    def refused(path: object, *_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(RulesError, match=r"x\.lp: cannot be read: Permission denied"):
        read_rule_files([made(tmp_path, {"x.lp": "a."}) / "x.lp"])


def test_a_file_that_becomes_a_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at a file and its opening somebody may put another one in its place."""
    folder = made(tmp_path, {"y": "a.", "x.lp": linked("y")})
    monkeypatch.setattr(os, "lstat", os.stat)
    with pytest.raises(RulesError, match=r"x\.lp: cannot be read"):
        read_rule_files(folder.glob("*.lp"))


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path, {"y": "a.", "x.lp": os.mkfifo})
    file = os.lstat(folder / "y")
    monkeypatch.setattr(os, "lstat", lambda path: file)
    with pytest.raises(RulesError, match=r"x\.lp: a named pipe"):
        read_rule_files(folder.glob("*.lp"))


def test_the_faults_of_all_files_are_listed(tmp_path: Path) -> None:
    folder = made(tmp_path, {"a.lp": "#show.\n#const n=1.", "b.lp": os.mkfifo, "c.lp": "{ a }.\n:- a.", "d.lp": "a :-"})
    with pytest.raises(RulesError) as caught:
        read_rule_files(folder.glob("*.lp"))
    locations = [line.removeprefix(f"{folder}/").split(": ")[0] for line in str(caught.value).splitlines()]
    assert locations == ["a.lp:1:1", "a.lp:2:1", "b.lp", "c.lp:1:1", "c.lp:2:1", "d.lp:2:1"]


@pytest.mark.parametrize("text", ["#show.\n" * 1000, "{ a }.\n" * 1000, "#" * 999_000])
def test_not_every_one_of_many_faults_is_listed(text: str, tmp_path: Path) -> None:
    folder = made(tmp_path, {"a.lp": text, "b.lp": text})
    with pytest.raises(RulesError) as caught:
        read_rule_files(folder.glob("*.lp"))
    assert len(str(caught.value).splitlines()) == 20


# ── What could end the process, or hold it up, is tried in a process of its own ──────────────────────

DEEP = 100_000
COMPLEX = {
    "brackets": one(f"a({'(' * DEEP}1{')' * DEEP}).", ":1", "a rule of more than 20,000 signs"),
    "brackets in fewer signs": one(f"b.\na({'(' * 5000}1{')' * 5000}).", ":2", "more than 50 brackets inside of each other"),
    "functions": one(f"a({'f(' * 5000}1{')' * 5000}).", ":1", "more than 50 brackets"),
    "tuples": one(f"a({'(1,' * 4000}1{')' * 4000}).", ":1", "more than 50 brackets"),
    "minus signs": one(f"a({'-' * DEEP}1).", ":1", "a rule of more than 20,000 signs"),
    "sums": one(f"a({'1+' * 9000}1).", ":1", "more than 200 signs of arithmetic"),
    "powers": one(f"a({'1**' * 300}1).", ":1", "more than 200 signs of arithmetic"),
    "bars": one(f"a({'|' * 1000}1{'|' * 1000}).", ":1", "more than 200 signs of arithmetic"),
    "intervals of intervals": one(f"a({'1..' * 300}1).", ":1", "more than 200 signs of arithmetic"),
    "comparisons": one(f"a :- {'1<' * 300}2.", ":1", "more than 200 signs of arithmetic"),
    "pools": one(f"a(({';'.join('1234567')}),({';'.join('1234567')}),({';'.join('1234567')}),({';'.join('1234567')}),f({';'.join('1234567')})).", ":1", "a rule whose pools stand for 16,807 rules"),
    "rule of 10,000 literals": one(f"a :- {','.join(f'b{n}' for n in range(10_000))}.", ":1", "a rule of more than 20,000 signs"),
    "name of 500,000 letters": one(f"{'a' * 500_000}.", ":1", "a rule of more than 20,000 signs"),
    "underscores": one(f"{'_' * 9000}.\n" * 100, ":1", "a name of more than 100 underscores"),
    "quotes that are not closed": one('"' + '\\"' * 499_000, ":1:1", "a text in quotes ends in its line"),
    "comments inside of comments": one("%*" * 499_000, ":1:1", "a comment that is not closed"),
    "file without a full stop": one("a :- b,\n" * 100_000, ":1", "a rule of more than 20,000 signs"),
}  # fmt: skip

GROWING = {
    "counting up": one("p(0).\np(X+1) :- p(X).", ":2", "grounding p/1 gave more than 20,000 ground rules; the rule `p((X+1)) :- p(X).` grows without end, or too large: bound its variables"),
    "counting up through negation": one("q(X) :- p(X), not r(X).\nr(X) :- p(X), not q(X).\np(X+1) :- q(X).\np(0).", ":1", "ground rules, with "),
    "functions": one("p(a).\np(f(X)) :- p(X).", ":2", "grounding p/1 gave more than 20,000 ground rules"),
    "functions that stop too late": one("p(0, a).\np(N+1, f(X)) :- p(N, X), N < 3000.", ":2", "grounding p/2 gave an atom of more than 20,000 signs, or more than 50 terms inside of each other"),
    "terms that double": one("p(0, a).\np(N+1, f(X, X)) :- p(N, X), N < 60.", ":2", "puts terms into terms again and again"),
    "pairs of pairs": one("p(a). p(b).\np((X, Y)) :- p(X), p(Y).", ":2", "grounding p/1 gave more than 20,000 ground rules"),
    "product of 3,000 cubed": one("d(1..3000).\nq(A,B,C) :- d(A), d(B), d(C).", ":2", "grounding q/3 gave more than 20,000 ground rules"),
    "product over two files": Hostile({"d.lp": "d(1..3000).", "x.lp": "% of d.lp\nq(A,B,C) :- d(A), d(B), d(C)."}, "x.lp:2", "grounding q/3 gave more than 20,000 ground rules"),
    "product of intervals in a fact": one("a.\np(1..9999, 1..9999, 1..9999).", ":2", "grounding p/3 gave more than 20,000 ground rules"),
    "interval whose end is a variable": one("n(1000000000).\na(1..N) :- n(N).", ":2", "grounding a/1 gave more than 20,000 ground rules"),
    "join that gives nothing": one("d(1..3000).\nq :- d(A), d(B), d(C), A+B+C = 0.", ":2", "grounding q/0 took more than 2 s; the rule `q :- d(A); d(B); d(C); ((A+B)+C) = 0.` grows"),
    "aggregate": one("d(1..3000). e(X) :- d(X), not f(X). f(X) :- d(X), not e(X).\nq :- 5 #count { A,B,C : e(A), e(B), e(C) }.", ":2", "grounding q/0 took more than"),
    "condition in a body": one("d(1..3000). e(X) :- d(X), not f(X). f(X) :- d(X), not e(X).\nq :- d(1) : e(A), e(B), e(C), A+B+C = 0.", ":2", "grounding q/0 took more than"),
    "chain of joins": one(f"c(1..9).\na :- {', '.join(f'c(X{n})' for n in range(30))}, {'+'.join(f'X{n}' for n in range(30))} = 0.", ":2", "grounding a/0 took more than"),
}  # fmt: skip
ISOLATED = {
    **{f"read: {name}": each for name, each in COMPLEX.items()},
    **{f"ground: {name}": each for name, each in GROWING.items()},
}


@pytest.mark.parametrize("name", ISOLATED)
def test_it_is_refused_and_does_not_end_the_process(name: str, tmp_path: Path) -> None:
    hostile = ISOLATED[name]
    folder = made(tmp_path / "rules", hostile.files)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)], capture_output=True, text=True, timeout=25, check=False
    )
    assert done.returncode == 1 and done.stderr.startswith("refused "), done.stderr
    is_refused(done.stderr.removeprefix("refused "), folder, hostile)


def test_an_included_pipe_is_not_opened(tmp_path: Path) -> None:
    """The parser opens what is included before anybody can refuse it: this one would never come to its end."""
    folder = made(tmp_path, {"pipe": os.mkfifo, "x.lp": 'a.\n#include "pipe".'})
    command = [sys.executable, "-c", LOAD, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=25, check=False, cwd=folder)
    is_refused(done.stderr.removeprefix("refused "), folder, Hostile({}, "x.lp:2:1", "#include"))


# ── What is refused is refused by the syntax tree's account of it, and nothing else is ──────────────────

HARMLESS = {
    "directives in comments and texts": '% #include "x".\n%* #script (lua) %* #end. *% *% a("#include %* {}").\n#! #show.',
    "a comment of several bytes before a rule": "%* ·─é *% a. %* ─\n─ *% b(1) :- a.",
    "pools, intervals and arithmetic": "a(1;2). b((x;y), 1..3). c(X+1, -X, |X|, X**2, X\\3) :- a(X), X = -1..9998, X != -1 - 1.",
    "aggregates and conditions": "a(1). b :- #count { X : a(X) } > 0, #sum+ { X : a(X) } < 9, 1 { a(X) } 2, a(Y) : a(Y); not c. c :- #false.",
    "texts": 'a("x\\n\\"\\\\%", "100 % & @ {} .. -a · \u201cé\u201d"). b("$").',
    "names": "_a'B(_X', #sup, #inf, ()) :- _X' = f(g(h(i(j(1))))), not not c, X' = 1, X' < 2. c.",
    "line ends of Windows": "a.\r\n% b\r\nc :-\r\n a.\r\n",
    "nothing": "",
    "only a comment": "% a",
    "a rule over lines": "a\n :-\n   % why\n  b ,\n\n c . b. c.",
    "a large file": "% " + "x" * 999_990,
}  # fmt: skip


def of_clingo(text: str) -> list[AST]:
    """The statements that clingo itself finds."""
    nodes: list[AST] = []
    parse_string(text, nodes.append, logger=lambda code, message: None)
    return [node for node in nodes if node.ast_type not in (ASTType.Program, ASTType.Comment)]


def placed(nodes: Sequence[AST]) -> list[tuple[str, int, int]]:
    return [(str(node), node.location.begin.line, node.location.begin.column) for node in nodes]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_read_as_the_solver_reads_it(name: str, tmp_path: Path) -> None:
    (source,) = read_rule_files(made(tmp_path, {"x.lp": HARMLESS[name]}).glob("*.lp"))
    assert source.text == HARMLESS[name] and source.path == tmp_path / "x.lp"
    assert placed(source.nodes) == placed(of_clingo(HARMLESS[name]))


@pytest.mark.parametrize(
    "folder", [*sorted((ROOT / "rules").glob("*/")), *sorted((ROOT / "tests" / "policies").glob("*/"))], ids=str
)
def test_the_shipped_folders_are_accepted(folder: Path) -> None:
    files = sorted(folder.glob("*.lp"))
    sources = read_rule_files(files)
    assert [source.path for source in sources] == files
    for source in sources:
        assert placed(source.nodes) == placed(of_clingo(source.path.read_text("utf-8")))


def test_as_many_statements_as_a_folder_may_have_are_read(tmp_path: Path) -> None:
    (source,) = read_rule_files(made(tmp_path, {"x.lp": "a.\n" * (MAX_STATEMENTS - 1)}).glob("*.lp"))
    assert len(source.nodes) == MAX_STATEMENTS - 1


LEXEMES = [
    "%",
    "%*",
    "*%",
    "*",
    "#!",
    '"',
    '\\"',
    "\\",
    "\\n",
    "\n",
    " ",
    "a.",
    'b("x").',
    "c(",
    ")",
    ".",
    "asp 1",
    "'",
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(LEXEMES), max_size=14).map("".join))
def test_comments_and_texts_end_where_the_solver_ends_them(text: str) -> None:
    """Otherwise a directive could hide in what only we take for a comment."""
    try:
        program = rule_text(text, "x").program
    except RulesError:
        return
    try:
        expected = placed(of_clingo(text))
    except RuntimeError:
        with pytest.raises(RuntimeError):
            of_clingo(program)
        return
    assert placed(of_clingo(program)) == expected


GOOD_HEADS = [
    "a",
    "a(1)",
    "a (X)",
    "_a'(f(g(X)),(1,2))",
    'a("x)")',
    "a(1;2)",
    "a((1;2),-X)",
    "not_a",
    "a()",
    "a(1..3)",
    "a(n-m)",
]
BAD_HEADS = [
    "",
    "-a",
    "- a(1)",
    "not a",
    "not(a)",
    "not not a",
    "{a}",
    "1{a}",
    "a;b",
    "a|b",
    "a:b",
    "1<2",
    "X=a",
    "(1)<2",
    "#true",
    "#false",
    "&t{}",
    "a(@f)",
    "a(1..99999)",
    "#sum{1:a}>1",
    "a<b",
    "a(1)=b",
]
GOOD_BODIES = [
    "b",
    "not b(X)",
    "X=1",
    "2{b;c}",
    "b:c",
    'b("-a @ & ..")',
    "X=-1..3",
    "#count{X:b(X)}>1",
    "X=n-m",
    "1-2<X",
    "X = |Y|",
]
BAD_BODIES = ["-b", "not -b", "not  - b(1)", "&t{}", "b(@f(1))", "2{b;-c}", "b:-c", "X=0..99999", "#sum{1:-b}>1"]


@settings(max_examples=500)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(GOOD_HEADS + BAD_HEADS), st.lists(st.sampled_from(GOOD_BODIES + BAD_BODIES), max_size=3)
        ),
        min_size=1,
        max_size=3,
    )
)
def test_exactly_the_faulty_statements_are_refused(statements: list[tuple[str, list[str]]]) -> None:
    """The quick look at the text, the look at a statement's text and the one at its tree agree."""
    lines = [f"{head} :- {'; '.join(body)}." if body or not head else f"{head}." for head, body in statements]
    try:
        checked = rule_text("\n".join(lines), "x")
        nodes = of_clingo(checked.program)
    except (RulesError, RuntimeError):
        return
    faulty = [head in BAD_HEADS or bool({*body} & {*BAD_BODIES}) for head, body in statements]
    found = {int(message.split(":")[1]) for message in refused(nodes, "x")}
    assert found == {number for number, is_faulty in enumerate(faulty, start=1) if is_faulty}
    assert not checked.plain or not found
