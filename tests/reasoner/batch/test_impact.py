"""What a change of rules does to a population: counted in blocks, from files of each kind, on all cores."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from changed_rules import change, people
from population import lines, table
from pyarrow import parquet

from facts.errors import RecordError
from reasoner import RULES, Policy
from reasoner.analysis.diff import Revision
from reasoner.batch.compare import Policies, compare
from reasoner.batch.errors import BatchError
from reasoner.batch.impact import EXAMPLES, Impact
from reasoner.batch.summary import Summary
from reasoner.cli.diff import show_impact
from reasoner.render.impact import impact as render_impact
from reasoner.suites.run import FOUND
from reasoner.verdict.model import Verdict

COMMAND = "import reasoner.batch.compare as compare; compare.BLOCK = 4; from reasoner.__main__ import main; main()"


pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture(scope="module")
def revision(tmp_path_factory: pytest.TempPathFactory) -> Revision:
    return Revision(RULES, change(tmp_path_factory.mktemp("changed") / "rules"))


@pytest.fixture(scope="module")
def policies(policy: Policy, revision: Revision) -> Policies:
    return policy, Policy.load(revision.after)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").write_bytes(lines(people()))
    return tmp_path / "in"


def impact(policies: Policies, revision: Revision, source: Path | str, jobs: int = 1) -> dict[str, Any]:
    found = Impact()
    compare(policies, revision, str(source), found, jobs)
    return found.as_dict()


class Shown(NamedTuple):
    status: int
    output: str
    messages: str


Show = Callable[..., Shown]


@pytest.fixture
def show(
    policies: Policies, revision: Revision, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Show:
    """`reasoner diff --cases` with policies that are loaded already."""
    monkeypatch.setattr(Revision, "policies", lambda revision: policies)

    def shown(source: Path, *, as_json: bool = True) -> Shown:
        status = show_impact(revision, str(source), jobs=1, as_json=as_json)
        return Shown(status, *capsys.readouterr())

    return shown


# ── What is counted ──────────────────────────────────────────────────────────


def naive(policies: Policies) -> dict[str, dict[Any, list[str]]]:
    """The cases by what changed, from the verdicts of each record alone."""
    found: dict[str, dict[Any, list[str]]] = {}

    def count(what: str, name: Any, case: str) -> None:
        found.setdefault(what, {}).setdefault(name, []).append(case)

    def stands(verdict: Verdict) -> tuple[str, ...]:
        return verdict.denial.reasons if verdict.denial else ()

    def asked(verdict: Verdict) -> set[tuple[str, str]]:
        sets = verdict.explanation.minimal_sets if verdict.explanation else ()
        return {(fact.criterion, fact.fact) for found in sets for fact in found.facts}

    for record in people():
        case = record["case_id"]
        try:
            one, other = (policy.judge(record) for policy in policies)
        except RecordError:
            continue
        decision = f"{one.decision} → {other.decision}"
        if one.decision != other.decision:
            count("decisions", decision, case)
        assert all(verdict.explanation is None or verdict.explanation.complete for verdict in (one, other))
        before, after = FOUND["statuses"](one), FOUND["statuses"](other)
        for item in before | after:
            if before[item] != after[item]:
                count("items", f"{item}: {before[item]} → {after[item]}", case)
        reasons = [item for item in before if (item in stands(one)) != (item in stands(other))]
        for item in reasons:
            row = decision, item, f"{before[item]} → {after[item]}"
            count("reasons", row, case)
            if len(reasons) == 1:
                count("only_reason", row, case)
        for item in {item for item, _ in asked(other) - asked(one)}:
            count("facts_asked", (item, "appeared"), case)
        for item in {item for item, _ in asked(one) - asked(other)}:
            count("facts_asked", (item, "vanished"), case)
        if one.explanation and other.explanation and FOUND["minimal_sets"](one) != FOUND["minimal_sets"](other):
            count("minimal_sets", "", case)
    return found


def test_counts_and_examples_are_those_of_each_record_alone(
    policies: Policies, revision: Revision, source: Path
) -> None:
    found, wanted = impact(policies, revision, source), naive(policies)
    for name in ("decisions", "items"):
        rows = found[name].items()
        assert {row: (tally["cases"], list(tally["examples"])) for row, tally in rows} == {
            row: (len(cases), cases[:EXAMPLES]) for row, cases in wanted[name].items()
        }
        assert [tally["cases"] for _, tally in rows] == sorted(map(len, wanted[name].values()), reverse=True)
    assert set(found["decisions"]) == {"approved → denied", "denied → approved"}
    for name, keys in (("reasons", ("decision", "item", "status")), ("facts_asked", ("item", "change"))):
        assert {tuple(row[key] for key in keys): (row["cases"], list(row["examples"])) for row in found[name]} == {
            row: (len(cases), cases[:EXAMPLES]) for row, cases in wanted[name].items()
        }
        assert [row["cases"] for row in found[name]] == sorted(map(len, wanted[name].values()), reverse=True)
    only = {(row["decision"], row["item"], row["status"]): row["only_reason"] for row in found["reasons"]}
    assert {row: number for row, number in only.items() if number} == {
        row: len(cases) for row, cases in wanted["only_reason"].items()
    }
    assert any(row["only_reason"] not in (0, row["cases"]) for row in found["reasons"])
    assert found["minimal_sets"]["cases"] >= len(wanted["minimal_sets"][""]) > EXAMPLES
    assert all(tally["example"] == tally["examples"][0] for tally in found["decisions"].values())


def test_the_population_before_and_after(policies: Policies, revision: Revision, source: Path) -> None:
    """All that `reasoner summary` counts of verdicts, of the records that both rules judge."""
    found, summaries = impact(policies, revision, source), (Summary(), Summary())
    for record in people():
        try:
            verdicts = [policy.judge(record) for policy in policies]
        except RecordError:
            summaries[1].refused += 1
            continue
        for counts, verdict in zip(summaries, verdicts, strict=True):
            counts.add(verdict)
    assert (found["before"], found["after"]) == tuple(counts.as_dict() for counts in summaries)
    assert found["cases"] == found["before"]["judged"] == len(people()) - found["after"]["refused"]
    assert found["after"]["refused"] > 2 and found["before"]["refused"] == 0


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_counts_are_the_same_in_whatever_blocks(
    policies: Policies, revision: Revision, source: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = json.dumps(impact(policies, revision, source))
    monkeypatch.setattr("reasoner.batch.compare.BLOCK", size)
    assert json.dumps(impact(policies, revision, source)) == wanted


def test_counts_are_added_in_any_grouping(policies: Policies) -> None:
    verdicts: list[list[Verdict | RecordError]] = []
    for policy in policies:
        verdicts.append([])
        for record in people():
            try:
                verdicts[-1].append(policy.judge(record))
            except RecordError as error:
                verdicts[-1].append(error)

    def part(start: int, end: int) -> Impact:
        found = Impact()
        for line in range(start, end):
            found.add(line, verdicts[0][line], verdicts[1][line])
        return found

    def merged(*parts: Impact) -> Impact:
        found, *others = parts
        for other in others:
            found.merge(other)
        return found

    end = len(people())
    first = merged(merged(part(0, 9), part(9, 20)), part(20, end))
    second = merged(part(0, 9), merged(part(9, 20), part(20, end)))
    assert json.dumps(first.as_dict()) == json.dumps(second.as_dict()) == json.dumps(part(0, end).as_dict())
    assert first.records == end


def test_rules_that_are_the_same_change_nothing(policy: Policy, source: Path) -> None:
    found = impact((policy, policy), Revision(RULES, RULES), source)
    assert found["changed"] == 0 and found["before"] == found["after"] and found["cases"] == len(people())
    assert not any(found[name] for name in ("decisions", "kinds", "items", "reasons", "facts_asked", "refused"))


def test_as_text_the_largest_counts_stand_first(
    policies: Policies, revision: Revision, source: Path, show: Show
) -> None:
    text = re.sub(r" +", " ", show(source, as_json=False).output)
    assert '- threshold("1.B",bsa_percent,20).' in text
    assert "31 cases; the verdict of 25 changes (80.6 %), the decision of 6 (19.4 %)" in text
    assert "approved 9 7 -2\n denied 19 21 +2\n" in text
    turned = text[text.index("Decisions that turn") :].splitlines()
    assert turned[4:6] == [
        " approved → denied 4 12.9 % made0, made2, made4",
        " denied → approved 2 6.5 % made3, made6",
    ]
    assert " approved → denied 1.B met → contradicted 4 4 made0, made2, made4\n" in text
    why, others = text[text.index("Why they turn") :].split("Denials for other reasons")
    assert "approved → denied 1.B" in why and "denied → denied" not in why and "denied → denied 1.B" in others
    assert " 1.B 1 0 11 4 +10 Affected skin within the limit\n 1.A 8 2 4 0 -4 " in text


# ── Records that are refused ─────────────────────────────────────────────────


def test_refused_records_are_counted_and_the_first_named(
    policies: Policies, revision: Revision, source: Path, show: Show
) -> None:
    one, *others = source.read_bytes().splitlines(keepends=True)
    source.write_bytes(one + b"\n" + b'{"case_id": 3}\n' + b"nonsense\n" * 3 + b"".join(others))
    status, printed, messages = show(source)
    assert status == 0
    found = json.loads(printed)["impact"]
    assert (found["cases"], found["refused"]["both"]["cases"], found["refused"]["after"]["cases"]) == (31, 4, 5)
    assert found["complete"] and "before" not in found["refused"]
    assert messages.splitlines()[5:] == [
        f"reasoner: {source}: 4 records are refused by both rules, and not compared:",
        "  line 3: case_id: text is needed, not 3; and 1 more",
        "  line 4: not JSON: Expecting value (line 1, column 1)",
        "  line 5: not JSON: Expecting value (line 1, column 1)",
        "  …",
    ]
    assert messages.startswith(f"reasoner: {source}: 5 records are refused by the rules after alone, and not compared:")
    assert "disease.bsa_percent: must be 50 or less, not 55" in messages
    turned = (policies[1], policies[0])
    assert impact(turned, revision, source)["refused"]["before"]["cases"] == 5


def test_where_no_record_can_be_judged(policies: Policies, revision: Revision, source: Path, show: Show) -> None:
    source.write_text(json.dumps(people()[0], indent=2))
    status, printed, messages = show(source)
    assert status == 2
    assert not printed and re.search(r"in: none of its \d+ records can be judged\n$", messages)


# ── Input ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["in.gz", "in.zst", "in.parquet"])
def test_what_holds_the_same_records_has_the_same_impact(
    policies: Policies, revision: Revision, source: Path, name: str
) -> None:
    wanted, text = impact(policies, revision, source), source.read_bytes()
    other = source.with_name(name)
    if name == "in.parquet":
        parquet.write_table(table(policies[0], people()), other)
    else:
        other.write_bytes(gzip.compress(text) if name == "in.gz" else pa.Codec("zstd").compress(text, asbytes=True))
    assert impact(policies, revision, other) == wanted


def test_records_of_which_one_policy_alone_has_a_column(policy: Policy, tmp_path: Path, source: Path) -> None:
    """The rules that know nothing of the column refuse the records that have it, as they do in lines."""
    folder = tmp_path / "other"
    change(folder)
    with open(folder / "ip0369" / "record.lp", "a") as file:
        file.write('\nfield("request.reference", reference, text).\n')
    revision, found = Revision(RULES, folder), people()[:6]
    for record in found[:4]:
        record["request"] = record["request"] | {"reference": "A 1"}
    both = policy, Policy.load(folder)
    source.write_bytes(lines(found))
    parquet.write_table(table(both[1], found), source.with_name("in.parquet"))
    wanted = impact(both, revision, source)
    assert wanted["refused"]["before"]["examples"][0] == (
        "line 1: request.reference: unknown field; see `reasoner schema record`"
    )
    assert impact(both, revision, source.with_name("in.parquet")) == wanted


@pytest.mark.parametrize("jobs", [1, 2])
def test_blocks_are_read_when_they_are_needed(
    policies: Policies, revision: Revision, source: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two blocks ahead of the work, or two for each worker."""
    size, ahead = 300, 2 * jobs

    class Counted(io.FileIO):
        taken = 0

        def readinto(self, buffer: Any) -> int | None:
            number = super().readinto(buffer)
            self.taken += number or 0
            return number

    line = json.dumps(people()[1]).encode()
    source.write_bytes((line + b" " * (2000 - len(line) - 1) + b"\n") * size)
    raw = Counted(str(source))
    monkeypatch.setattr("reasoner.batch.streams.standard_input", lambda: io.BufferedReader(raw, 1000))
    monkeypatch.setattr("reasoner.batch.compare.BLOCK", 30)
    taken: list[tuple[int, int]] = []

    @contextmanager
    def counting(total: int | None) -> Iterator[Callable[[int, int], None]]:
        yield lambda records, position: taken.append((records, raw.taken))

    compare(policies, revision, "-", Impact(), jobs, counting)
    assert [records for records, _ in taken] == list(range(30, size + 1, 30))
    assert all(read <= (records + ahead * 30 + 1) * 2000 for records, read in taken)
    assert taken[0][1] < size * 2000 / 2


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_an_input_that_is_cut_off(
    policies: Policies, revision: Revision, source: Path, suffix: str, show: Show
) -> None:
    """One error, and what could be read is shown as what it is."""
    text = lines(people())
    parts = [text[:-2000], text[-2000:]]
    coded = [gzip.compress(part) if suffix == "gz" else pa.Codec("zstd").compress(part, asbytes=True) for part in parts]
    cut = source.with_name(f"in.{suffix}")
    cut.write_bytes(coded[0] + coded[1][: len(coded[1]) // 2])
    status, printed, messages = show(cut)
    assert status == 2
    found = json.loads(printed)["impact"]
    assert not found["complete"] and 20 < found["cases"] < 31 and found["decisions"]
    first = messages.splitlines()[0]
    assert first.startswith(f"reasoner: {cut}: cannot be read further than line ")
    records = found["cases"] + found["after"]["refused"]
    assert first.endswith(f"; what follows is of the {records} records that were judged by then")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.gz", b"{}", "in.gz: cannot be read further than line 0: Not a gzipped file"),
        ("in.zst", b"{}", "in.zst: cannot be read further than line 0: "),
        ("in.parquet", b"PAR1", "in.parquet: cannot be read as Parquet: "),
        ("in.parquet", b"columns", "in.parquet: its columns are not those of a record: case_id is missing; request"),
        ("gone.ndjson", None, "gone.ndjson: cannot be read: No such file or directory"),
        ("in.yaml", None, "in.yaml: cannot be read: No such file or directory"),
        (".", None, ": cannot be read: Is a directory"),
    ],
)
def test_an_input_that_cannot_be_read(
    policies: Policies, revision: Revision, tmp_path: Path, name: str, content: bytes | None, message: str, show: Show
) -> None:
    if content == b"columns":
        parquet.write_table(pa.table({"case": ["a"]}), tmp_path / name)
    elif content is not None:
        (tmp_path / name).write_bytes(content)
    status, printed, messages = show(tmp_path / name)
    assert status == 2 and not printed and messages.count("\n") == 1 and message in messages


def test_the_cases_of_a_suite(policies: Policies, revision: Revision, source: Path, show: Show) -> None:
    suite = source.with_name("in.suite.yaml")
    found = [record for record in people() if record.get("disease", {}).get("bsa_percent") not in (55, 60)]
    cases = [
        {"name": f"Case {n}.", "record": record, "expect": {"decision": "denied"}} for n, record in enumerate(found)
    ]
    suite.write_text(json.dumps({"cases": cases}))
    source.write_bytes(lines(found))
    of_suite, of_records = (impact(policies, revision, file) for file in (suite, source))
    assert without_examples(of_suite) == without_examples(of_records)
    names = [f"in.suite.yaml:1 Case {n}." for n, _ in enumerate(found)]
    assert {*next(iter(of_suite["decisions"].values()))["examples"]} <= {*names}
    found[3]["disease"]["bsa_percent"] = 60
    suite.write_text(json.dumps({"cases": cases}))
    status, printed, messages = show(suite)
    assert status == 2
    assert not printed and messages == (
        f"reasoner: {suite}: line 1: Case 3.: disease.bsa_percent: must be 50 or less, not 60\n"
    )


def without_examples(data: Any) -> Any:
    """Counts without the names of cases."""
    if isinstance(data, dict):
        return {name: without_examples(part) for name, part in data.items() if not name.startswith("example")}
    return [without_examples(part) for part in data] if isinstance(data, list) else data


def test_what_changes_beside_decisions_items_and_sets_is_counted_too(policy: Policy, tmp_path: Path) -> None:
    """Longer approvals, and another name of a version: each verdict that is counted as changed has its cause."""
    shutil.copytree(RULES, tmp_path / "rules")
    for name, old, new in (
        ("duration.lp", "initial,         6", "initial,         7"),
        ("revisions.lp", '"2024-11-15"', '"2024-11-15 b"'),
    ):
        file = tmp_path / "rules" / "ip0369" / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
    revision = Revision(RULES, tmp_path / "rules")
    approved = [record for record in people() if record["case_id"] in ("made0", "made5")]
    (tmp_path / "in").write_bytes(lines(approved))
    found = Impact()
    compare((policy, Policy.load(revision.after)), revision, str(tmp_path / "in"), found)
    shown = found.as_dict()
    assert shown["changed"] == 2 and not shown["decisions"] and not shown["items"]
    assert {name: (own["cases"], own["nothing_else"]) for name, own in shown["others"].items()} == {
        "through": (2, 0),
        "version": (2, 0),
    }
    assert shown["others"]["through"]["examples"] == ("made0", "made5")
    printed = render_impact(found, {})
    assert re.search(r"through +2 +0 +made0, made5", printed)


# ── Workers ──────────────────────────────────────────────────────────────────


def command(revision: Revision, *arguments: str | Path, stdin: bytes = b"") -> bytes:
    folders = (revision.before, revision.after)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "diff", *map(str, (*folders, *arguments))],
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_the_same_bytes_from_one_process_and_from_several(
    policies: Policies, revision: Revision, source: Path, show: Show
) -> None:
    several = command(revision, "--cases", "-", "--jobs", "2", "--json", stdin=source.read_bytes())
    assert several.decode() == show(source).output
    several = command(revision, "--cases", source, "--jobs", "3")
    assert several.decode() == show(source, as_json=False).output


def test_two_versions_of_one_folder_on_several_cores(source: Path) -> None:
    """Each worker makes the versions for itself."""
    revision = Revision(RULES, versions=("before-2024-11-15", "2024-11-15"))
    policies = revision.policies()
    for one, version in zip(policies, ("before-2024-11-15", "2024-11-15"), strict=True):
        assert {one.judge(record).policy.version for record in people()[:9]} == {version}
    source.write_bytes(lines(people()[:9]))
    found = impact(policies, revision, source, 2)
    assert found == impact(policies, revision, source) and found["changed"]


def test_a_worker_that_dies(policies: Policies, revision: Revision, source: Path) -> None:
    """The parent does not wait for ever, and what was judged before that is counted."""

    def kill(records: int, position: int) -> None:
        for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)

    @contextmanager
    def killing(total: int | None) -> Iterator[Callable[[int, int], None]]:
        yield kill

    found = Impact()
    with pytest.raises(BatchError, match="a worker process ended before its time .* records [0-9]+ to [0-9]+ "):
        compare(policies, revision, str(source), found, 2, killing)
    assert 4 <= found.records < len(people()) and found.records % 4 == 0
    source.write_bytes(lines(people()[: found.records]))
    assert found.as_dict() == impact(policies, revision, source)


def test_an_interruption_shows_what_was_judged(
    policies: Policies, revision: Revision, source: Path, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_all, calls = policies[1].judge_all, Counter[str]()

    def interrupted(cases: Any) -> list[Verdict]:
        calls["blocks"] += 1
        if calls["blocks"] == 3:
            raise KeyboardInterrupt
        return judge_all(cases)

    monkeypatch.setattr(policies[1], "judge_all", interrupted)
    status, printed, messages = show(source)
    assert status == 130
    assert json.loads(printed)["impact"]["before"]["judged"] == 8 - messages.count("  line ")
    assert messages.startswith("reasoner: interrupted; what follows is of the 8 records that were judged by then\n")
