"""Random rule folders in which evidence can be added to a list whose entries other rules count, compare and read."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

RECORD = """
field("case_id", case_id, text).
required("case_id").
section("request", "the request").
field("request.date", request_date, date).
required("request.date").
fixed(("case_id"; "request.date")).
section("values", "the values").
field("values.count", count, whole).
bounds("values.count", 0, 100).
field("values.agreed", agreed, truth).
list("tests", test(N), "test") :- slot(N).
field("tests[].kind", kind(T), choice) :- list("tests", T, _).
allowed("tests[].kind", (blood; scan; biopsy)).
field("tests[].result", result(T), choice) :- list("tests", T, _).
allowed("tests[].result", (positive; negative)).
field("tests[].signed", signed(T), truth) :- list("tests", T, _).
field("tests[].days", days(T), whole) :- list("tests", T, _).
bounds("tests[].days", 0, 500).
section("totals", "the totals").
field("totals.signed", number_signed, computed).
derived("totals.signed", number_of("tests", "tests[].signed", true)).
field("totals.days", days_in_all, computed).
derived("totals.days", sum_of("tests[].days")).
"""
_KINDS = ("blood", "scan", "biopsy")
_RESULTS = ("positive", "negative")


class FoldersOfEvidence:
    """A random folder: its rules, written as an analyst would who did not think of all that an entry does."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def item(self, name: str) -> list[str]:
        """The rules of an item: some alternatives, and often an entry that could be added."""
        random = self.random
        rules = []
        for _ in range(random.choice((1, 1, 2))):
            kind, result, number = random.choice(_KINDS), random.choice(_RESULTS), random.choice((1, 2, 3))
            read = random.choice((f"given(kind(T), {kind})", f"given(result(T), {result})", "entry(tests, T)"))
            rules.append(f'met("{name}") :- ' + random.choice((
                f"{read}, holds(is(signed(T), true)).",
                f"{read}, holds(at_least(days(T), {10 * number})).",
                f"{read}, holds(is(result(T), {result})), holds(is(signed(T), true)).",
                f"{number} {{ given(kind(T), {kind}) : entry(tests, T) }}.",
                f"{number} <= #count {{ T : given(result(T), {result}), holds(is(signed(T), true)) }}.",
                f"given(kind(T), {kind}), given(kind(U), {kind}), T != U, holds(is(agreed, true)).",
                f"holds(at_least(number_signed, {number})).",
                f"holds(at_least(days_in_all, {20 * number})).",
                f"holds(at_least(count, {20 * number})).",
                "not unsigned, holds(is(agreed, true)).",
            )))  # fmt: skip
        if random.random() < 0.7:
            rules += self.addition(name)
        return rules

    def addition(self, name: str) -> list[str]:
        """Rules by which an entry could be added for an item."""
        random = self.random
        content = {
            "kind": random.choice(_KINDS), "result": random.choice(_RESULTS), "signed": random.choice(("true", "false")),
            "days": random.choice((5, 10, 30)),
        }  # fmt: skip
        said = random.sample(list(content), random.choice((2, 3, 4)))
        parts = "; ".join(f"({key}, {content[key]})" for key in said)
        rules = [f'adds(another("{name}"), tests, ({parts})).', f'words(another("{name}"), "a test for {name}").']
        if random.random() < 0.8:
            rules.append(f'met("{name}") :- holds(another("{name}")).')
        else:
            rules.append(f'met("{name}") :- holds(another("{name}")), holds(at_least(count, 30)).')
        if random.random() < 0.3:
            read = ", ".join(f"given({key}(T), {content[key]})" for key in said if key != "days")
            rules.append(f'established(another("{name}")) :- entry(tests, T), {read or "given(signed(T), true)"}.')
        return rules

    def exclusion(self) -> list[str]:
        """The rules of an exclusion by what is read of entries."""
        random = self.random
        result, kind = random.choice(_RESULTS), random.choice(_KINDS)
        return ['excludes("X") :- ' + random.choice((
            f"given(result(T), {result}), given(kind(T), {kind}).",
            f"2 {{ given(result(T), {result}) : entry(tests, T) }}.",
            "entry(tests, T), given(signed(T), false).",
            f"given(kind(T), {kind}), not holds(is(signed(T), true)).",
            "above(days_in_all, 60).",
        ))]  # fmt: skip

    def write(self, folder: Path) -> None:
        """The folder's files."""
        random = self.random
        items = [f"A.{n}" for n in range(1, random.choice((2, 3, 4)))]
        rules = [rule for item in items for rule in self.item(item)]
        rules += self.exclusion() if random.random() < 0.5 else []
        if any("unsigned" in rule for rule in rules):
            rules.append("unsigned :- entry(tests, T), given(signed(T), false).")
        declared = [f'item("{item}", "A", "Item {item}"). citation("{item}", "page 1").' for item in items]
        if any(rule.startswith("excludes") for rule in rules):
            declared.append('item("X", "", "Not so"). citation("X", "page 2"). exclusion("X").')
        head = [
            'policy("T-2", "A test of tests").', 'pathway("A").', 'item("A", "", "All"). citation("A", "page 1").',
            'met("A") :- holds(is(agreed, true)).', 'approval_months("A", 6).',
        ]  # fmt: skip
        folder.mkdir(parents=True)
        (folder / "policy.lp").write_text("\n".join([*head, *declared, *rules]), "utf-8")
        complete = 'complete("tests").' if random.random() < 0.4 else ""
        (folder / "record.lp").write_text(f"{RECORD}{complete}", "utf-8")


def data_of_tests(random: Random) -> dict[str, Any]:
    """A record of these folders."""

    def maybe(value: Any) -> Any:
        return value if random.random() < 0.7 else None

    return {
        "case_id": "r",
        "request": {"date": "2025-03-01"},
        "values": {"count": maybe(random.randrange(101)), "agreed": maybe(random.random() < 0.6)},
        "tests": [
            {"kind": maybe(random.choice(_KINDS)), "result": maybe(random.choice(_RESULTS)),
             "signed": maybe(random.random() < 0.5), "days": maybe(random.randrange(60))}
            for _ in range(random.randrange(4))
        ],
    }  # fmt: skip
