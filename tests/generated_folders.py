"""Random rule folders and records of them: small, and of everything that conditions can ask."""

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
title("values.count", "count").
field("values.level", level, decimal).
bounds("values.level", 0, 100).
field("values.kind", kind, choice).
allowed("values.kind", (red; green; blue; grey)).
field("values.agreed", agreed, truth).
field("values.marks", marks, words(marks)).
field("values.before", before, #amount).
bounds("values.before", 1, 1000).
field("values.after", after, #amount).
bounds("values.after", 0, 1000).
field("values.loss", loss, #stated).
derived("values.loss", #loss("values.before", "values.after")).
#bounds
list("trials", trial(N), "trial") :- slot(N).
field("trials[].result", result(T), choice) :- list("trials", T, _).
allowed("trials[].result", (good; bad)).
field("trials[].length", length(T), whole) :- list("trials", T, _).
bounds("trials[].length", 0, 500).
field("trials[].noted", noted(T), truth) :- list("trials", T, _).
field("values.part", part, whole).
bounds("values.part", 0, 1000).
field("values.share", share, computed).
derived("values.share", ratio_percent("values.part", #whole)).
#unchangeable
"""
MARKS = """
term(marks, a, "a"). term(marks, b, "b"). term(marks, c, "c"). term(marks, d, "d").
"""
_KINDS = ("red", "green", "blue", "grey")


class Folders:
    """A random folder: its rules, written as an analyst would."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.tables: list[str] = []
        self.number = 0
        self.stated_loss = ""
        """The function of the loss, where a record can state that itself."""

    def condition(self) -> str:
        """A condition of the record as a whole, as rules ask for it."""
        random = self.random
        kind = random.randrange(10)
        low, high = sorted(random.sample(range(5, 95, 5), 2))
        field = random.choice(("count", "level", "count"))
        if kind == 0:
            return f"holds(at_least({field}, {low}))"
        if kind == 1:
            return f"holds(at_most({field}, {high}))"
        if kind == 2:
            return f"holds(within({field}, {low}, {high}))"
        if kind == 3:
            return f"holds(is(kind, {random.choice(_KINDS[:3])}))"
        if kind == 4:
            return f"holds(is(agreed, {random.choice(('true', 'false'))}))"
        if kind == 5:
            return f"holds(at_least(loss, {random.choice((5, 10, 20))}))"
        if kind == 6:
            return f"holds(at_least({random.choice(('before', 'after'))}, {random.choice((40, 60, 120))}))"
        if kind == 7 and random.random() < 0.4:
            return f"holds(at_most(share, {random.choice((20, 30, 50))}))"
        if kind == 7:
            return f"holds(at_most({random.choice(('before', 'after'))}, {random.choice((40, 60, 120))}))"
        self.number += 1
        name = f'"group {self.number}"'
        field = random.choice(("kind", "marks"))
        values = random.sample(_KINDS[:3] if field == "kind" else ("a", "b", "c"), 2)
        self.tables.append(f"accepted({name}, {field}, ({'; '.join(values)})).")
        return f"holds(among({field}, {name}))"

    def item(self, name: str) -> list[str]:
        """The rules of an item: some alternatives, each of some conditions."""
        random = self.random
        rules = []
        for _ in range(random.choice((1, 1, 2, 3))):
            shape = random.randrange(6)
            if shape == 0:
                days = random.choice((10, 20, 30))
                rules.append(
                    f'met("{name}") :- entry(trials, T), holds(is(result(T), bad)), holds(is(noted(T), true)), '
                    f"holds(at_least(length(T), {days}))."
                )
            elif shape == 1:
                parts = "; ".join(f"{n} : {self.condition()}" for n in range(3))
                rules.append(f'met("{name}") :- 2 <= #count {{ {parts} }}.')
            else:
                body = ", ".join(self.condition() for _ in range(random.choice((1, 2, 2, 3))))
                rules.append(f'met("{name}") :- {body}.')
        return rules

    def exclusion(self) -> list[str]:
        """The rules of an exclusion."""
        random = self.random
        rules = [f'excludes("X") :- {self.condition()}.']
        if random.random() < 0.5:
            rules.append('excludes("X") :- given(kind, grey).')
        return rules

    def write(self, folder: Path) -> None:
        """The folder's files."""
        random = self.random
        items = [f"A.{n}" for n in range(1, random.choice((2, 3, 4)))]
        rules = [rule for item in items for rule in self.item(item)]
        rules += self.exclusion() if random.random() < 0.5 else []
        declared = [f'item("{item}", "A", "Item {item}"). citation("{item}", "page 1").' for item in items]
        if any(rule.startswith("excludes") for rule in rules):
            declared.append('item("X", "", "Not so"). citation("X", "page 2"). exclusion("X").')
        head = [
            'policy("T-1", "A test").', 'pathway("A").', 'item("A", "", "All"). citation("A", "page 1").',
            f'met("A") :- {self.condition()}.', 'approval_months("A", 6).',
        ]  # fmt: skip
        folder.mkdir(parents=True)
        (folder / "policy.lp").write_text("\n".join([*head, *declared, *self.tables, *rules]), "utf-8")
        fixed = 'unchangeable("values.count").' if random.random() < 0.3 else ""
        words = {
            "#unchangeable": fixed,
            "#amount": random.choice(("whole", "whole", "decimal")),
            "#whole": random.choice(('"values.before"', '"values.loss"')),
            "#loss": random.choice(("decrease_percent", "decrease_percent", "difference", "ratio_percent")),
            "#stated": "computed",
            "#bounds": "",
        }
        if random.random() < 0.4:
            self.stated_loss = words["#loss"]
            words |= {"#stated": "whole", "#bounds": 'bounds("values.loss", -100000, 100000).'}
        record = RECORD
        for word, text in words.items():
            record = record.replace(word, text)
        (folder / "record.lp").write_text(record, "utf-8")
        (folder / "vocabulary").mkdir()
        (folder / "vocabulary" / "marks.lp").write_text(MARKS, "utf-8")


def random_data(random: Random, stated_loss: str = "") -> dict[str, Any]:
    """A record of these folders; `stated_loss`: the function of the loss, where it can be stated beside its bases."""

    def maybe(value: Any) -> Any:
        return value if random.random() < 0.7 else None

    before = random.choice((1, 50, 100, 200))
    found = {
        "case_id": "r",
        "request": {"date": "2025-03-01"},
        "values": {
            "count": maybe(random.randrange(101)),
            "level": maybe(random.choice((0, 4.5, 5, 20.5, 55, 94.9, 100))),
            "kind": maybe(random.choice(_KINDS)),
            "agreed": maybe(random.random() < 0.5),
            "marks": maybe(random.sample("abcd", random.randrange(3))),
            "before": maybe(before),
            "part": maybe(random.choice((0, 10, 40, 100))),
            "after": maybe(random.choice((before, int(before * 0.93), int(before * 0.8), before + 7))),
        },
        "trials": [
            {"result": maybe(random.choice(("good", "bad"))), "length": maybe(random.randrange(40)),
             "noted": maybe(random.random() < 0.5)}
            for _ in range(random.randrange(3))
        ],
    }  # fmt: skip
    if stated_loss:
        values = found["values"]
        assert isinstance(values, dict)
        values["loss"] = maybe(_loss(stated_loss, values["before"], values["after"], random))
    return found


def _loss(function: str, before: int | None, after: int | None, random: Random) -> int:
    """What the loss is of these numbers; where they do not give it, any."""
    if before is None or after is None or (function == "ratio_percent" and after == 0):
        return random.choice((-20, 0, 4, 5, 10, 20, 50, 150))
    if function == "difference":
        return before - after
    return before * 100 // after if function == "ratio_percent" else (before - after) * 100 // before
