"""What verdicts have in common: counted right, from each format, shown as tables and as a picture."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from population import lines, records
from pyarrow import parquet

from reasoner import Policy
from reasoner.batch import formats
from reasoner.batch.errors import BatchError
from reasoner.batch.population import summary_of
from reasoner.batch.run import Batch, run
from reasoner.batch.summary import Shortfall, Single, Summary, shortfall
from reasoner.render.population import tables
from reasoner.render.population_svg import picture


@pytest.fixture(scope="module")
def population(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the verdicts of a population in each format, as `out.…`."""
    folder = tmp_path_factory.mktemp("population")
    (folder / "in").write_bytes(lines(records(60, seed=5)))
    for name in ("out", "out.gz", "out.zst", "out.parquet"):
        run(policy, Batch(str(folder / "in"), str(folder / name), "/dev/null"))
    return folder


@pytest.fixture(scope="module")
def verdicts(population: Path) -> list[dict[str, Any]]:
    return list(map(json.loads, (population / "out").read_text().splitlines()))


def summary(*arguments: str | Path, stdin: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reasoner", "summary", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, input=stdin)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


# ── Counts ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["out", "out.gz", "out.zst", "out.parquet"])
def test_each_format_has_the_same_counts(population: Path, name: str) -> None:
    counts = summary_of(str(population / name))
    assert counts.as_dict() == summary_of(str(population / "out")).as_dict()
    assert counts.judged == 53


def test_counts_are_those_of_the_verdicts(population: Path, verdicts: list[dict[str, Any]]) -> None:
    counts = summary_of(str(population / "out"))
    denied = [one for one in verdicts if one["denial"]]
    assert counts.decisions == Counter(one["decision"] for one in verdicts)
    assert counts.kinds == Counter(one["denial"]["kind"] for one in denied)
    assert counts.in_the_way == Counter(item for one in denied for item in one["denial"]["reasons"])
    alone = (one["denial"]["reasons"] for one in denied)
    assert counts.alone == Counter(items[0] for items in alone if len(items) == 1) and counts.alone
    assert counts.no_way == sum(not one["explanation"]["approvable"] for one in denied) > 0
    assert counts.hinges == Counter((choice, one["decision"]) for one in verdicts for choice in one["hinges_on"])
    singles = Counter(
        single
        for one in denied
        if one["explanation"]["approvable"]
        for single in {
            (facts[0]["criterion"], re.sub(r"(therapy|intolerance|response)\(\d+\)", r"\1", facts[0]["fact"]))
            for facts in (found["facts"] for found in one["explanation"]["minimal_sets"])
            if len(facts) == 1
        }
    )
    assert counts.singles == singles and len(singles) > 1
    assert all(counts.titles[item] for item in counts.in_the_way if not item.startswith("P."))


def verdict(near: list[tuple[str, str]], **others: Any) -> dict[str, Any]:
    facts = [{"fact": f"f({n})", "criterion": item, "text": "", "near": text} for n, (item, text) in enumerate(near)]
    return {
        "case_id": "a",
        "decision": "denied",
        "denial": {"kind": "criteria_not_met", "reasons": ["1"]},
        "explanation": {"minimal_sets": [{"facts": [fact]} for fact in facts], "approvable": True},
        **others,
    }


def test_a_denial_counts_once_for_an_item_by_its_least_shortfall(tmp_path: Path) -> None:
    near = [
        ("1", "20 of 28 days"),
        ("1", "27 of 28 days"),
        ("1", "3 of 28 days"),
        ("2", "1000 of 5000 days"),
        ("2", "12.5 %, where 10 % is the most"),
    ]
    (tmp_path / "out").write_text(json.dumps(verdict(near)) + "\n\n" + json.dumps(verdict(near[:1])))
    assert summary_of(str(tmp_path / "out")).shortfalls == {
        Shortfall("1", "days", 1): 1,
        Shortfall("1", "days", 10): 1,
        Shortfall("2", "days", None): 1,
        Shortfall("2", "%", 5): 1,
    }


def test_near_misses_are_of_all_ways_not_of_the_sets_listed_alone(tmp_path: Path) -> None:
    data = verdict([("1", "20 of 28 days")])
    fact = {"fact": "f", "criterion": "2", "text": "", "near": "1 of 2 years"}
    data["explanation"]["needs"] = [{"alternatives": [[fact]]}]
    (tmp_path / "out").write_text(json.dumps(data))
    assert summary_of(str(tmp_path / "out")).shortfalls == {Shortfall("2", "years", 1): 1}


def test_the_words_of_near_misses_are_read(verdicts: list[dict[str, Any]]) -> None:
    found = set(re.findall(r'"near": "(.*?)"', json.dumps(verdicts, ensure_ascii=False)))
    assert len(found) > 10
    for near in found:
        numbers = list(map(float, re.findall(r"\d+(?:\.\d+)?", near)))
        known = shortfall(near)
        assert known is not None and known[0] == round(abs(numbers[0] - numbers[1]), 6) and near.count(known[1])
        assert known[1] in ("days", "days in a row", "years", "%")
    assert shortfall("at most 3 of 10") == (7, "") and shortfall("2025-01-01, where 2024-12-31 is the latest") is None


def test_an_entry_is_named_by_its_list() -> None:
    counts = Summary()
    for number, product in enumerate(("cream", "a later one"), start=1):
        fact = {
            "fact": f"applied(therapy({number}),days,7)",
            "criterion": "1",
            "text": f"{product}; the record says: x",
        }
        data = verdict([], explanation={"minimal_sets": [{"facts": [{**fact, "near": None}]}], "approvable": True})
        (counted := Summary()).add(_seen(data))
        counts.merge(counted)
    single = Single("1", "applied(therapy,days,7)")
    assert counts.singles == {single: 2} and counts.texts == {single: "e.g. cream"}


def _seen(data: dict[str, Any]) -> object:
    from msgspec import convert

    from reasoner.batch.summary import VerdictSeen

    return convert(data, VerdictSeen)


# ── Shown ────────────────────────────────────────────────────────────────────


def test_the_command(population: Path) -> None:
    text = summary(population / "out.parquet").stdout
    counts = summary_of(str(population / "out"))
    assert text == tables(counts, 110) + "\n"
    assert re.search(rf"^  denied +{counts.decisions['denied']} +\d+\.\d %$", text, re.M)
    for item, number in counts.in_the_way.most_common(3):
        assert re.search(rf"^  {re.escape(item)} +{number} +\d+\.\d % +{counts.alone[item]} ", text, re.M)
    assert json.loads(summary("--json", "-", stdin=(population / "out").read_text()).stdout) == counts.as_dict()


def test_the_picture_is_the_same_for_the_same_counts(population: Path, tmp_path: Path) -> None:
    summary(population / "out.gz", "--svg", tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    counts = summary_of(str(population / "out"))
    assert drawn == picture(counts)
    assert ElementTree.fromstring(drawn).tag.endswith("svg") and not re.search(r"20\d\d-\d\d-\d\dT", drawn)
    texts = re.findall(r"<!-- (.*?) -->", drawn)
    for item, number in counts.in_the_way.most_common(3):
        assert f"{number}, alone {counts.alone[item]}" in texts
        assert any(text.startswith(item) for text in texts)


def test_names_from_outside_are_cut_and_drawn_as_they_stand() -> None:
    counts = Summary()
    long = "$x^2$ \x1b[2J <b>&amp;</b> -- \u4e2d " + "word " * 400
    data = verdict([], denial={"kind": "k", "reasons": [long]}, hinges_on=[long])
    counts.add(_seen(data))
    assert len(ElementTree.fromstring(picture(counts))) and "\x1b" not in picture(counts) + tables(counts, 80)
    assert max(map(len, tables(counts, 80).splitlines())) <= 80


@pytest.mark.parametrize("brief", [[], [("a", "approved")], [("a", "denied"), ("b", "out_of_scope")]])
def test_brief_verdicts_and_none(tmp_path: Path, brief: list[tuple[str, str]]) -> None:
    text = "".join(json.dumps({"case_id": case, "decision": decision}) + "\n" for case, decision in brief)
    (tmp_path / "out").write_text(text)
    counts = summary_of(str(tmp_path / "out"))
    assert counts.judged == len(brief) and not counts.kinds
    assert picture(counts) and tables(counts, 80).startswith(f"Decisions: {len(brief)} verdicts")


# ── Bad input ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"case_id": "a", "decision": "denied"}\n{"case": 1}\n', "line 2 is no verdict of `reasoner batch`: "),
        ("{\n", "line 1 is no verdict of `reasoner batch`: "),
        ('{"case_id": "\xe9"', "line 1 is no verdict of `reasoner batch`: "),
    ],
)
def test_what_is_no_verdict(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "out").write_text(text, "latin-1")
    with pytest.raises(BatchError, match=re.escape(message)):
        summary_of(str(tmp_path / "out"))


def test_broken_files(population: Path, tmp_path: Path) -> None:
    for name in ("out.gz", "out.zst", "out.parquet"):
        raw = (population / name).read_bytes()
        (tmp_path / name).write_bytes(raw[: len(raw) // 2])
        with pytest.raises(BatchError, match=f"{name}: cannot be read"):
            summary_of(str(tmp_path / name))
    parquet.write_table(pa.table({"case": ["a"]}), tmp_path / "out.parquet")
    with pytest.raises(BatchError, match="no columns case_id and decision"):
        summary_of(str(tmp_path / "out.parquet"))
    (tmp_path / "out.gz").write_bytes(gzip.compress(b"[]\n"))
    done = summary(tmp_path / "out.gz", status=2)
    assert done.stderr.startswith(f"reasoner: {tmp_path / 'out.gz'}: line 1 is no verdict") and not done.stdout


def test_the_command_refuses(population: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from reasoner.cli.summary import summarize

    reported: list[str] = []
    monkeypatch.setattr("reasoner.cli.summary.report", reported.append)
    assert summarize(str(tmp_path / "nowhere"), as_json=False, svg=None) == 2
    assert summarize(str(population / "out"), as_json=False, svg=population / "out") == 2
    assert summarize(str(population / "out"), as_json=False, svg=tmp_path / "nowhere" / "x.svg") == 2
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    assert summarize(str(population / "out"), as_json=False, svg=tmp_path / "x.svg") == 2
    assert [message.partition(": ")[2] for message in reported] == [
        "No such file or directory",
        "",
        "No such file or directory",
        'this takes matplotlib: pip install "reasoner[summary]"',
    ]
