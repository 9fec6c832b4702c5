"""A small folder about tests of which one could be added: its record, and what writes rules beside it."""

from pathlib import Path

from reasoner import Policy

RECORD = """
field("case_id", case_id, text). required("case_id").
section("request", "the request").
field("request.date", request_date, date). required("request.date"). fixed("request.date").
field("request.use", use, choice). allowed("request.use", (cough; fever)).
field("request.urgent", urgent, truth).
list("tests", test(N), "test") :- slot(N).
field("tests[].kind", kind(T), choice) :- list("tests", T, _). allowed("tests[].kind", (blood; scan)).
field("tests[].signed", signed(T), truth) :- list("tests", T, _).
field("tests[].days", days(T), whole) :- list("tests", T, _). bounds("tests[].days", 0, 90).
section("totals", "the totals").
field("totals.signed", number_signed, computed).
derived("totals.signed", number_of("tests", "tests[].signed", true)).
"""


def folder_of(folder: Path, record: str, rules: str) -> Policy:
    """A policy of these two files."""
    folder.mkdir()
    (folder / "record.lp").write_text(record, "utf-8")
    (folder / "policy.lp").write_text(rules, "utf-8")
    return Policy.load(folder)
