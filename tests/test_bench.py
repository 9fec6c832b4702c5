"""The benchmark: all who are measured agree, who does not is named, and its command prints what it should."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import compare
import contenders
import curves
import handwritten
import processes
import pytest
from contenders import samples, samples_of, sections
from generate import random_record, worded_record
from goals import Goal
from handwritten import Handwritten
from measure import Disagreement, Section, measure

from reasoner import Policy, RecordError

FOLDER = Path(__file__).parent / "bench"


@pytest.fixture(scope="module")
def every_section() -> list[Section]:
    return sections()


def test_the_policy_by_hand_decides_as_the_rules_do(policy: Policy) -> None:
    by_hand, of_json = Handwritten(policy), Handwritten.of_json(policy)
    found = {"approved": 0, "denied": 0, "out_of_scope": 0}
    for number in range(600):
        drawn = random_record if number % 2 else worded_record
        data = drawn(Random(f"hand/{number}"), therapies=6)
        try:
            decision = policy.decide(data)
        except RecordError:
            continue
        assert by_hand.decide(policy.record(data).data) == of_json.decide(data) == decision, data
        found[decision] += 1
    assert min(found.values()) > 30


def test_as_a_program_it_prints_a_decision_for_each_line(
    policy: Policy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [random_record(Random(f"lines/{number}"), 3) for number in range(20)]
    (tmp_path / "records.ndjson").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    handwritten.main(str(tmp_path / "records.ndjson"))
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [{"case_id": record["case_id"], "decision": policy.decide(record)} for record in records]


def test_all_who_are_measured_agree(policy: Policy, every_section: list[Section]) -> None:
    whole = [
        section._replace(contenders=tuple(one._replace(share=1) for one in section.contenders))
        for section in every_section
    ]
    drawn = samples(policy, "agreeing", 200)
    assert {sample.decision for sample in drawn} == {"approved", "denied", "out_of_scope"}
    measured = measure(whole, drawn[:1], [drawn[:100], drawn[100:]])
    denied = sum(sample.decision == "denied" for sample in drawn)
    named = {(section.title, one.name) for section in whole for one in (section.base, *section.contenders)}
    assert {(one.section, one.name) for one in measured} == named
    assert {one.records for one in measured} == {200, denied}
    assert all(len(one.ratios) == 2 and min(one.ratios) > 0 for one in measured)
    peers = {one.name.partition(",")[0] for one in measured if one.kind == "peer"}
    assert peers == {"GoRules ZEN", "Rego", "Z3", "Z3 Optimize", "clingo", "clingexplaid"}


def test_who_does_not_agree_is_named_with_the_record(policy: Policy, every_section: list[Section]) -> None:
    def wrong(given: Sequence[object]) -> list[str]:
        return ["approved"] * len(given)

    base = every_section[0].base
    other = base._replace(name="the wrong one", run=wrong)
    drawn = samples(policy, "wrong", 20)
    first = next(sample for sample in drawn if sample.decision != "approved")
    with pytest.raises(Disagreement, match=f"^{first.data['case_id']}: the wrong one says decision approved"):
        measure([Section("one", base, (other,))], drawn[:1], [drawn])


def test_an_engine_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "find_spec", lambda name: None)
    assert contenders.left_out() == ["zen-engine", "regopy", "z3-solver", "clingexplaid"]
    peers = [one.name for section in sections() for one in section.contenders if one.kind == "peer"]
    assert peers == ["clingo, a new Control"]


def test_the_command_prints_tables_and_writes_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "THERAPIES", (0, 2))
    monkeypatch.setattr(curves, "POLICIES", (1, 2))
    monkeypatch.setattr(curves, "_RECORDS", 2)
    figures, plot = tmp_path / "figures.json", tmp_path / "figures.svg"
    size = ["--records", "20", "--rounds", "2", "--batch", "20", "--runs", "1", "--curves", "--most", "100"]
    assert compare.main([*size, "--json", str(figures), "--svg", str(plot)]) == 0
    printed = capsys.readouterr().out
    assert "cores" in printed and "left out" not in printed
    for shown in ("GoRules ZEN, decision table", "batch, explained", "growth with therapies", "growth with policies"):
        assert shown in printed
    written = json.loads(figures.read_text("utf-8"))
    assert {one["sizes"] for one in written["curves"]} == {"records", "therapies", "policies"}
    assert len(written["goals"]) == 8 and written["machine"]["packages"]["clingo"]
    assert [point["size"] for point in written["curves"][0]["points"]] == [100]
    drawn = plot.read_text("utf-8")
    assert drawn.startswith("<?xml") and "GoRules ZEN, decision table" in drawn and "growth" not in drawn


def test_a_goal_is_kept_to_from_below_or_from_above() -> None:
    assert Goal("", 8, (7.0, 8.0, 20.0)).is_reached and not Goal("", 8, (8.1,)).is_reached
    assert Goal("", 1.8, (1.9,), at_least=True).is_reached and not Goal("", 1.8, (1.7,), at_least=True).is_reached


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--records", "0"], "--records: a whole number of 1 or more, not '0'"),
        (["--batch", "ten"], "--batch: a whole number of 10 or more, not 'ten'"),
        (["--records", "5", "--rounds", "6"], "--rounds: no more than --records"),
    ],
)
def test_sizes_that_are_none_are_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        compare.main(arguments)
    assert said in capsys.readouterr().err


def test_what_a_process_took_is_its_own() -> None:
    held = b"x" * 300_000_000
    used = processes.run([sys.executable, "-c", "import time; time.sleep(0.2)"])
    assert 1 < used.megabytes < 100 < len(held) and used.seconds > 0.2
    with pytest.raises(subprocess.CalledProcessError) as failed:
        processes.run([sys.executable, "-c", "import sys; sys.exit('it broke')"])
    assert failed.value.returncode == 1 and "it broke" in failed.value.stderr


def edges() -> Iterator[dict[str, Any]]:
    """Records of which one thing decides: right at a limit, on either side of it, or without what is needed."""
    steroid, inhibitor = "topical_corticosteroid", "topical_calcineurin_inhibitor"
    failed = {"days": 84, "consecutive_days": 84, "outcome": "failure", "documented": True}
    for use, specialist in (("atopic_dermatitis", "allergy"), ("vitiligo", "dermatology")):
        good: dict[str, Any] = {
            "case_id": use, "request": {"date": "2025-03-01", "type": "reauthorization", "indication": use},
            "patient": {"age_years": 12}, "prescriber": {"specialty": specialist},
            "disease": {"severity": "mild", "vitiligo_type": "nonsegmental", "bsa_percent": 10, "sites": ["arms"]},
            "therapies": [{"class": steroid, "potency": "medium"} | failed, {"class": inhibitor} | failed],
            "response": [{"sign": "other", "documented": True}],
        }  # fmt: skip
        yield good
        yield from (good | {"patient": {"age_years": age}} for age in (11, None))
        for disease in (
            {"bsa_percent": 10.01}, {"bsa_percent": 20}, {"bsa_percent": 20.01}, {"severity": "severe"},
            {"vitiligo_type": "segmental"}, {"bsa_percent": None},
        ):  # fmt: skip
            yield good | {"disease": good["disease"] | disease}
        for doctor in ("dermatology", "allergy", "surgery"):
            yield good | {"prescriber": {"specialty": "surgery", "consulted": [doctor]}}
        for response in ({"sign": "vasi"}, {"sign": "bsa"}, {"sample": True}, {"documented": False}):
            yield good | {"response": [good["response"][0] | response]}
        for terms in ("covers", "excludes"):
            yield from (good | {"patient": {}, "plan": {document: terms}} for document in ("mandate", "document"))
        yield from (good | {"request": good["request"] | {"indication": other}} for other in ("alopecia", None))
        for first, second in ((0, 1), (1, 0)):
            trial, beside = good["therapies"][first], good["therapies"][second]
            for change in (
                *({"days": days, "consecutive_days": days} for days in (13, 14, 27, 28, 41, 42, 83)),
                {"consecutive_days": 83}, {"sample": True}, {"documented": False}, {"prescription": False},
                {"outcome": "intolerance", "days": 0, "consecutive_days": 0}, {"outcome": "response"},
                *([{"potency": "low"}, {"potency": None}] if trial["class"] == steroid else ()),
            ):  # fmt: skip
                changed = good | {"therapies": [trial | change, beside]}
                yield changed
                yield changed | {"request": good["request"] | {"date": "2024-11-14"}}
            for documented in (True, False):
                refused = {"to": trial["class"], "kind": "intolerance", "documented": documented}
                yield good | {"therapies": [beside], "intolerances": [refused]}
            yield good | {"therapies": [beside], "disease": good["disease"] | {"sites": ["face"]}}
        for ended in ("2025-02-28", "2025-03-01"):
            for product in ("Dupixent", "Otezla", "Imuran", "methotrexate", "Opzelura", "prednisone"):
                yield good | {"therapies": [*good["therapies"], {"product": product, "periods": [{"end": ended}]}]}


def test_all_agree_at_each_edge_of_the_policy(policy: Policy, every_section: list[Section]) -> None:
    drawn = samples_of(policy, [data | {"case_id": f"edge-{number}"} for number, data in enumerate(edges())])
    whole = [
        section._replace(contenders=tuple(one._replace(share=1) for one in section.contenders))
        for section in every_section
    ]
    measured = measure(whole, drawn[:1], [drawn])
    denied = sum(sample.decision == "denied" for sample in drawn)
    assert {one.records for one in measured} == {len(drawn), denied}
    assert 40 < denied < len(drawn) - 40
