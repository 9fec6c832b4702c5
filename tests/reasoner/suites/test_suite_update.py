"""--update writes values alone: the layout stays, and what it cannot decide is left, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_cli import run

from reasoner import Policy
from reasoner.suites.run import run as judged
from reasoner.suites.suite import read_suite
from reasoner.suites.update import Update, _Writer, update

POLICY = Policy.load()

HEAD = """\
records:
  adult:
    record:
      case_id: adult
      request: {date: 2025-03-01, type: initial, indication: atopic_dermatitis}
      patient: {age_years: 30}
      disease: {severity: moderate, bsa_percent: 12, sites: [arms]}
      prescriber: {specialty: dermatology}
      therapies:
        - {id: steroid, class: topical_corticosteroid, potency: medium, days: 28, consecutive_days: 28,
           outcome: failure, documented: true}
        - {id: inhibitor, class: topical_calcineurin_inhibitor, days: 42, consecutive_days: 42,
           outcome: failure, documented: true}

cases:
"""
SHORT = """\
  - name: x
    extends: adult
    set: {"therapies[0].days": 27, "therapies[0].consecutive_days": 27}
"""
SETS = [
    '["applied(therapy(1),consecutive_days,28)"]',
    '["new_failure(1.C.i,consecutive_days,28)"]',
    '["new_intolerance(topical_corticosteroid)"]',
    '["treats_site_of(1.C.ii)"]',
]


def failing(path: Path, text: str) -> Update:
    path.write_bytes(text.encode())
    failed = [result for result in judged(POLICY, read_suite(path)) if not result.passed]
    assert failed
    return update(POLICY, path, failed)


def rewritten(path: Path, text: str) -> str:
    """The cases that the update makes of these."""
    done = failing(path, HEAD + text)
    assert not done.left and done.text.startswith(HEAD)
    path.write_text(done.text)
    assert all(result.passed for result in judged(POLICY, read_suite(path)))
    return done.text.removeprefix(HEAD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.suite.yaml"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n      kind:\n      through:   # last\n      reasons:\n", "\n      kind:\n      through: 2025-08-31   # last\n      reasons:\n"),
        (" {through: , decision: denied}", " {through: 2025-08-31 , decision: approved}"),
        (" {through, version}", " {through: 2025-08-31, version: 2024-11-15}"),
        ("\n      through:", "\n      through: 2025-08-31"),
        (" {statuses: {1.A:   missing, 1.B: met},total:  1}  # c", " {statuses: {1.A:   met, 1.B: met},total:  0}  # c"),
        (" {decision: 'denied', medically_necessary: no}", None),
        (" {decision: 'denied', medically_necessary: false}", " {decision: approved, medically_necessary: true}"),
        ("\n      reasons:\n        - 1.C\n      total: 1\n", "\n      reasons: null\n      total: 0\n"),
        ("\n      hinges_on:\n        - potency_floor\n", "\n      hinges_on: []\n"),
        ("\n      decision: >-\n        denied\n      # c\n", "\n      decision: approved\n      # c\n"),
    ],
)  # fmt: skip
def test_values_are_written_where_they_stand(path: Path, old: str, new: str | None) -> None:
    case = "  - name: x\n    extends: adult\n    expect:"
    if new is not None:
        assert rewritten(path, case + old) == case + new
    else:
        with pytest.raises(ValueError, match="true or false is needed"):
            failing(path, HEAD + case + old)


def test_lists_keep_their_comments_and_items(path: Path) -> None:
    old = f"""\
    expect:
      reasons:   # which
        # first
        - 1.C     # steroid
        - 1.D     # gone
        - 1.E
      minimal_sets:
        # a trial
        - {SETS[1]}   # yes
        # wrong
        - [foo]   # no
        # end
      total: 4
"""
    new = old.replace("        - 1.D     # gone\n        - 1.E\n", "        # gone\n")
    new = new.replace("[foo]   # no", f"{SETS[2]}   # no\n        - {SETS[0]}\n        - {SETS[3]}")
    assert rewritten(path, SHORT + old) == SHORT + new
    spread = f"    expect: {{minimal_sets: [{SETS[1]},\n                            [foo]]}}\n"
    wide = f",\n{' ' * 28}".join([SETS[1], SETS[2], SETS[0], SETS[3]])
    assert rewritten(path, SHORT + spread) == f"{SHORT}    expect: {{minimal_sets: [{wide}]}}\n"


def test_line_ends_and_a_byte_order_mark_stay(path: Path) -> None:
    text = HEAD + SHORT + f"    expect:\n      minimal_sets:\n        - {SETS[1]}\n        - [b]\n      total: 1\n"
    crlf = "\ufeff" + text.replace("\n", "\r\n")
    done = failing(path, crlf).text
    assert done.startswith("\ufeff") and done.count("\n") == done.count("\r\n") == crlf.count("\n") + 2


def test_json_suites_stay_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    text = '{"cases": [\n\t{"name": "x", "record": {"case_id": "a", "request": {"date": "2025-03-01", "type": "initial"}}, "expect": {"decision": "approved"}}]}'
    assert failing(path, text).text == text.replace("approved", "denied")


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (f"{SHORT}    expect: {{missing: [[nope], {SETS[3]}], decision: approved}}", "which of the sets found should stand for the absent ones"),
        (f"{SHORT}    expect: {{statuses: {{9.Z: met}}, total: 9}}", "statuses.9.Z: no such item: 9.Z; nearest: "),
        (f"{SHORT}    expect: {{statuses: {{2.A: met}}}}", "statuses.2.A: the item has no status in this case; take it out"),
        (f"{SHORT}    expect: {{decision: approved}}\n    table:\n      - [expect.total]\n      - [9]", "decision: `expect` is shared by the rows of the table; give it a column"),
        (f"{SHORT}    expect: {{statuses: {{1.A: clear}}}}\n    table:\n      - [expect.statuses.1.B]\n      - [clear]", "statuses.1.A: `expect` is shared by the rows"),
        ("  - {name: x, record: {}, expect: {decision: denied}}", "its record is refused"),
        (f"{SHORT}    expect:\n      minimal_sets: [[a], # c\n        [b]]", "a comment stands within"),
        ("  - name: x\n    extends: adult\n    expect:\n      reasons:\n        - a # c\n        - b", "a comment stands within"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_left_with_the_reason(path: Path, case: str, why: str) -> None:
    other = "\n  - {name: other, extends: adult, expect: {decision: denied}}\n"
    done = failing(path, HEAD + case + other)
    ((left, reason),) = done.left
    assert left.name.startswith("x") and why in reason
    assert done.text == HEAD + case + other.replace("denied", "approved")


def test_the_command_says_what_it_left_and_the_status_says_so(path: Path) -> None:
    path.write_text(
        HEAD + SHORT + "    expect: {missing: [[nope]]}\n  - {name: y, extends: adult, expect: {total: 9}}\n"
    )
    done = run("test", path, "--update", status=1)
    assert f"{path}:16: left as it is: x: `missing`: which" in done.stderr and "1 cases rewritten" in done.stderr
    assert "✗ x\n" in done.stdout and "2 cases, 1 failed" in done.stdout
    assert path.read_text().endswith("{missing: [[nope]]}\n  - {name: y, extends: adult, expect: {total: 0}}\n")


@pytest.mark.parametrize(
    ("written", "why"),
    [("{", "would not read again: "), ("8", "would not make x pass"), ("0}}\n  - {name: z, extends: adult, expect: {total: 0", "would add cases"), ("0}, set: {case_id: b", "would change the record of x")],
)  # fmt: skip
def test_an_update_that_would_be_wrong_is_not_written(
    path: Path, written: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Writer, "_value", lambda self, value: written)
    done = failing(path, HEAD + "  - {name: x, extends: adult, expect: {total: 9}}\n")
    assert not done.rewritten and why in done.left[0][1]
