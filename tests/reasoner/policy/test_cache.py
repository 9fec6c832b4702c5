"""What is kept of rules: used where it is whole and of the same rules, and never needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import msgspec
import pytest
from random_records import Data, Records
from typer.testing import CliRunner

from reasoner import RULES, Policy, RulesError, read_record
from reasoner.cli.rules import app
from reasoner.engine import control
from reasoner.engine.limits import Limits
from reasoner.policy import cache, folder
from reasoner.policy.folder import RuleFolder

ROOT = Path(__file__).parents[3]
NEAR_MISS = ROOT / "facts" / "examples" / "ad-near-miss.json"
OTHERS = ROOT / "tests" / "policies"
SEARCHED = "household_benefit"
"""A policy with sets that are searched for, as labels of them grow too large: it is ground for that."""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder with nothing in it yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "reasoner"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules, to change."""
    copytree(RULES, tmp_path / "rules")
    return tmp_path / "rules" / "ip0369"


def files(kept: Path) -> list[Path]:
    return sorted(path for path in kept.rglob("*") if path.is_file()) if kept.is_dir() else []


def verdict(policy: Policy) -> dict[str, object]:
    return policy.judge(read_record(NEAR_MISS)).as_dict()


@pytest.fixture
def nothing_is_ground(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called on."""

    def refuse(*_: object) -> None:
        raise AssertionError("ground, though it is known")

    return lambda: monkeypatch.setattr(control, "grounded", refuse)


# ── What is kept is used ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "other",
    [None, *(path for path in sorted(OTHERS.iterdir()) if path.name != SEARCHED)],
    ids=lambda path: path.name if path else "ip0369",
)
def test_a_second_load_grounds_nothing_and_judges_alike(
    other: Path | None, nothing_is_ground: Callable[[], None]
) -> None:
    reference = Policy.load(other, cache=False)
    random = Records(reference, "cache")
    records = [make() for _ in range(6) for make in (random.record, random.near_approval)]
    expected = judged(reference, records)
    assert judged(Policy.load(other), records) == expected
    nothing_is_ground()
    again = Policy.load(other)
    assert again.is_known and again.not_covered == ""
    assert judged(again, records) == expected
    assert [found.to_json() for found in Policy.load(other).judge_all(records)] == expected


def judged(policy: Policy, records: list[Data]) -> list[str]:
    return [policy.judge(record).to_json() for record in records]


def test_what_the_rules_do_is_known_as_well(nothing_is_ground: Callable[[], None]) -> None:
    """What depends on the rules' text is read from it when it is asked for."""
    first, again = Policy.load(), Policy.load()
    assert not first.is_known or again.is_known
    assert again.locations("1.E") == first.locations("1.E") != []
    assert again.dependencies.counts_entries == first.dependencies.counts_entries
    assert again.edits_have_side_effects == first.edits_have_side_effects
    assert again.expected_values() == first.expected_values()


def test_what_labels_are_not_for_is_solved_by_what_is_ground_then(monkeypatch: pytest.MonkeyPatch) -> None:
    Policy.load()
    policy = Policy.load()
    assert policy.is_known
    case = policy.case(read_record(NEAR_MISS))
    before = policy.judge(case).to_json()
    monkeypatch.setattr(policy.solver(case), "_labelled", lambda items, kept: None)
    assert policy.judge(case).to_json() == before
    assert "control" in policy.solver(case).ground.__dict__


def test_programs_for_longer_lists_are_kept_when_they_are_needed(kept: Path) -> None:
    record = read_record(NEAR_MISS)
    record["therapies"] = [{**record["therapies"][0], "id": f"t{number}"} for number in range(5)]
    expected = Policy.load(cache=False).judge(record).to_json()
    for _ in range(2):
        assert Policy.load().judge(record).to_json() == expected
    assert sorted(path.name for path in files(kept)) == ["folder", "solver-2-none", "solver-6-none"]


def test_programs_for_very_long_lists_are_ground_each_time(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "_KEPT", 2)
    record = read_record(NEAR_MISS)
    record["therapies"] = [{**record["therapies"][0], "id": f"t{number}"} for number in range(5)]
    assert Policy.load().judge(record).decision == "denied"
    assert sorted(path.name for path in files(kept)) == ["folder", "solver-2-none"]


# ── What is broken, or foreign, is not ───────────────────────────────────────────────────────────


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _turn_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _link(path: Path) -> None:
    path.rename(path.with_suffix(".other"))
    path.symlink_to(path.with_suffix(".other"))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _written_by_others(path: Path) -> None:
    path.chmod(0o666)


def _in_a_folder_of_others(path: Path) -> None:
    path.parent.chmod(0o777)


BREAKING = [_cut, _turn_a_bit, _link, _folder, _pipe, _written_by_others, _in_a_folder_of_others]


@pytest.mark.parametrize("damage", [*BREAKING, lambda path: path.write_bytes(b"")], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", ["folder", "solver-2-none"])
def test_what_is_broken_or_foreign_is_derived_again(kept: Path, name: str, damage: Callable[[Path], None]) -> None:
    expected = verdict(Policy.load(cache=False))
    Policy.load()
    (path,) = kept.glob(f"*/{name}")
    whole = path.read_bytes()
    damage(path)
    read = cache.Cache._read
    found: dict[str, object] = {}

    def noted(self: cache.Cache, name: str, kind: type) -> object:
        found[name] = read(self, name, kind)
        return found[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache.Cache, "_read", noted)
        assert verdict(Policy.load()) == expected
    assert found.get(name) is None
    if damage in (_cut, _turn_a_bit, _link, _written_by_others):  # then it is put in order
        assert path.read_bytes() == whole and not path.is_symlink()


def test_a_file_of_another_policy_is_not_taken_for_one_of_this(kept: Path, rules: Path) -> None:
    item = rules / "1_atopic_dermatitis.lp"
    Policy.load(rules)
    item.write_text(item.read_text("utf-8").replace("Atopic dermatitis", "Eczema"), "utf-8")
    expected = verdict(Policy.load(rules, cache=False))
    (old,) = kept.iterdir()
    Policy.load(rules)
    (new,) = set(kept.iterdir()) - {old}
    for path in old.iterdir():
        (new / path.name).write_bytes(path.read_bytes())
    assert verdict(Policy.load(rules)) == expected


def test_data_of_other_types_is_refused(kept: Path) -> None:
    expected = verdict(Policy.load())
    (path,) = kept.glob("*/solver-2-none")
    own = Policy.load()._cache
    assert own is not None
    for content in (msgspec.msgpack.encode([{"met": [[1, "a"]]}, [], []]), b"\xff\x00"):
        path.write_bytes(own._digest(path.name, content) + content)
        assert verdict(Policy.load()) == expected


def test_what_is_kept_and_is_not_what_the_rules_are_is_noticed_where_they_are_solved() -> None:
    Policy.load()
    policy = Policy.load()
    solver = policy.solver(policy.case(read_record(NEAR_MISS)))
    atoms = solver.ground.every_atom
    solver.ground._known = atoms._replace(derived={**atoms.derived, "met": atoms.derived["met"][1:]})
    with pytest.raises(RulesError, match="--no-cache"):
        solver.derives("met")


# ── What cannot be kept, or is not to be, is no hindrance ────────────────────────────────────────


@pytest.fixture(params=["a file in its place", "no such disk", "full", "no home"])
def unwritable(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    match request.param:
        case "a file in its place":
            (tmp_path / "cache").write_text("")
        case "no such disk":
            monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
        case "full":

            def full(*_: object, **__: object) -> None:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(cache, "mkstemp", full)
        case _:

            def unknown(*_: object, **__: object) -> None:
                raise RuntimeError("Could not determine home directory.")

            monkeypatch.setattr(cache, "user_cache_path", unknown)
    yield


@pytest.mark.usefixtures("unwritable")
def test_a_cache_that_cannot_be_written_is_no_fault() -> None:
    expected = verdict(Policy.load(cache=False))
    assert verdict(Policy.load()) == verdict(Policy.load()) == expected


def test_without_a_cache_nothing_is_kept_or_read(kept: Path) -> None:
    Policy.load(cache=False)
    Policy.load(by_solver=True)
    assert files(kept) == []
    Policy.load()
    assert not Policy.load(cache=False).is_known and not Policy.load(by_solver=True).is_known


@pytest.mark.parametrize(
    "command",
    [
        ["decide", str(NEAR_MISS)], ["explain", str(NEAR_MISS)], ["explain", "--apply", "1", str(NEAR_MISS)],
        ["what-if", str(NEAR_MISS), "--set", "patient.birth_date=1990-01-01"], ["ask", str(NEAR_MISS), "--json"],
        ["sweep", str(NEAR_MISS), "--over", "therapies[0].days=1..2"], ["normalize", str(NEAR_MISS)],
        ["facts", str(NEAR_MISS)], ["words", "eyelids"], ["policy"], ["schema", "record"],
    ],
    ids=lambda command: " ".join(command[:1]),
)  # fmt: skip
def test_no_cache_is_an_option_of_every_command_that_loads_rules(kept: Path, command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--no-cache"])
    assert "No such option" not in done.stderr and files(kept) == []


def test_rules_that_are_wrong_are_not_kept(kept: Path, rules: Path) -> None:
    (rules / "more.lp").write_text('met("1.E") :- holds(no_such_condition).\n', "utf-8")
    for _ in range(2):
        with pytest.raises(RulesError, match="no_such_condition"):
            Policy.load(rules)
    assert files(kept) == []


def test_a_pipe_among_the_files_is_not_waited_for(rules: Path) -> None:
    os.mkfifo(rules / "more.lp")
    with pytest.raises(RulesError, match="a named pipe"):
        Policy.load(rules)


# ── Whose key it is ──────────────────────────────────────────────────────────────────────────────


class _Loaded(Exception):
    """The files are read."""


def test_a_change_of_any_file_is_seen(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise _Loaded

    Policy.load(rules)
    monkeypatch.setattr(RuleFolder, "_load", refuse)
    for path in (*rules.glob("*.lp"), *rules.parent.glob("catalogue/*.lp"), *rules.parent.glob("vocabulary/*.lp")):
        text = path.read_text("utf-8")
        path.write_text(text + "\n% changed\n", "utf-8")
        with pytest.raises(_Loaded):
            Policy.load(rules)
        path.write_text(text, "utf-8")
        assert Policy.load(rules).is_known


def test_other_limits_other_folders_and_other_code_have_keys_of_their_own(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Policy.load(rules)
    assert not Policy.load(rules, limits=Limits(seconds=30)).is_known
    assert not Policy.load().is_known
    monkeypatch.setattr(cache, "_code", lambda: iter(["another version"]))
    assert not Policy.load(rules).is_known


def test_the_code_is_this_package_and_clingo() -> None:
    named = list(cache._code())
    for part in ("reasoner/engine/encodings/decide.lp", "facts/words.py", "clingo/__init__.py"):
        assert any(f"{part} " in name for name in named)


def test_files_that_change_while_they_are_read_are_not_kept(
    kept: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = rules / "1_atopic_dermatitis.lp"
    load = RuleFolder._load

    def changed(self: RuleFolder, catalogue: Path, vocabulary: Path, entries: int) -> None:
        load(self, catalogue, vocabulary, entries)
        item.write_text(item.read_text("utf-8") + "\n", "utf-8")

    monkeypatch.setattr(RuleFolder, "_load", changed)
    Policy.load(rules)
    assert files(kept) == []


def test_what_a_killed_start_left_unfinished_is_deleted_once_it_is_old(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *_: os._exit(9))
        child = os.fork()
        if not child:
            Policy.load()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (left,) = files(kept)
    new = left.with_name(f"{left.name}2")
    new.write_bytes(b"of a start that goes on")
    os.utime(left, (0, 0))
    Policy.load()
    assert new in files(kept) and left not in files(kept) and len(files(kept)) > 2


def test_of_many_policies_the_last_ones_are_kept(kept: Path, monkeypatch: pytest.MonkeyPatch, rules: Path) -> None:
    monkeypatch.setattr(cache, "MOST_POLICIES", 2)
    item = rules / "1_atopic_dermatitis.lp"
    first: set[Path] = set()
    other = kept / "of something else"
    other.mkdir(parents=True)
    for _ in range(3):
        Policy.load(rules)
        first = first or set(kept.iterdir()) - {other}
        item.write_text(item.read_text("utf-8") + "\n", "utf-8")
    assert set(kept.iterdir()) > {other} and len(list(kept.iterdir())) == 3 and not first & set(kept.iterdir())
