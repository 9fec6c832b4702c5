"""How a wanted value is written into a record: JSON Patch (RFC 6902) on its full form."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from facts.fields import LIST_FIELDS, entry_path, look, paths, pointer
from facts.normalize import Case
from facts.record import longest_run, runs, total_days
from facts.symbols import Term, age_of

Edit = dict[str, Any]


def set_value(case: Case, field: Term, values: list[Term]) -> list[Edit]:
    """Give the field one of the values: the first that the record's other data admit."""
    if isinstance(field, tuple) and field[0] == "active":
        return _end(case, field[1])
    value = values[0]
    if isinstance(field, tuple) and field[0] == "potency":
        possible = case.therapies[_position(field[1])].possible_potencies
        value = next((v for v in values if v in possible), value)
    path = paths(field, case.full)[0]
    if field in LIST_FIELDS:
        if look(case.full, path) is None:
            return [_add(pointer(path), [value])]
        return [_add(f"{pointer(path)}/-", value)]
    return [_add(pointer(path), value)]


def raise_to(case: Case, field: Term, least: int) -> list[Edit]:
    """Make the number in the field at least `least` (days, or years of age)."""
    if field == "age_years":
        return _age(case, least)
    if isinstance(field, tuple) and field[0] in ("days", "consecutive_days"):
        return _lengthen(case, field[1], least, in_one_run=field[0] == "consecutive_days")
    return [_add(pointer(paths(field, case.full)[0]), least)]


def lower_to(case: Case, field: Term, most: int) -> list[Edit]:
    """Make the number in the field at most `most` (years of age, or percent)."""
    if field == "age_years":
        return _age(case, most)
    return [_add(pointer(paths(field, case.full)[0]), most)]


def append(case: Case, section: str, entry: dict[str, Any], label: str) -> list[Edit]:
    """Add an entry to a list of the record; a new therapy gets an id that no other has."""
    if section == "therapies":
        taken = {therapy.id for therapy in case.therapies}
        name = f"new-{label}"
        while name in taken:
            name += "-new"
        entry = {"id": name, **entry}
    return [_add(f"/{section}/-", entry)]


def _add(path: str, value: Any) -> Edit:
    return {"op": "add", "path": path, "value": value}


def _position(entry: Term) -> int:
    if not isinstance(entry, tuple) or not isinstance(entry[1], int):
        raise ValueError(f"{entry!r} is no entry of a record")
    return entry[1] - 1


def _age(case: Case, years: int) -> list[Edit]:
    day, patient = case.record.request.date, case.record.patient
    edits = []
    if patient is not None and patient.birth_date is not None:
        try:
            born = day.replace(year=day.year - years)
        except ValueError:  # 29 February, in a year without one
            born = date(day.year - years, 2, 28)
        edits.append(_add("/patient/birth_date", born.isoformat()))
    if age_of(case) is None or (patient is not None and patient.age_years is not None):
        edits.append(_add("/patient/age_years", years))
    return edits


def _end(case: Case, entry: Term) -> list[Edit]:
    """End every period that covers the request date on the day before it."""
    base = pointer(entry_path(entry))
    therapy = case.therapies[_position(entry)].entry
    day = case.record.request.date
    before = (day - timedelta(days=1)).isoformat()
    if not therapy.periods:
        return [_add(f"{base}/periods", [{"end": before}])]
    edits = []
    counted = therapy.days is not None or therapy.consecutive_days is not None
    for index, period in enumerate(therapy.periods):
        begun = period.start is None or period.start <= day
        if not begun or (period.end is not None and period.end < day):
            continue
        if period.start == day or counted:  # its days could no longer agree: keep the end alone
            edits.append({"op": "replace", "path": f"{base}/periods/{index}", "value": {"end": before}})
        else:
            edits.append(_add(f"{base}/periods/{index}/end", before))
    return edits


def _lengthen(case: Case, entry: Term, least: int, *, in_one_run: bool) -> list[Edit]:
    """Lengthen a trial to `least` days, back in time from the end of its longest run."""
    base = pointer(entry_path(entry))
    therapy = case.therapies[_position(entry)].entry
    day = case.record.request.date
    periods = list(therapy.periods or ())
    dated = bool(periods) and all(period.start is not None for period in periods)
    edits = []
    total = run = least
    if dated:
        spans = [(p.start or day, p.end) for p in periods]
        stretches = runs(periods, day)
        if stretches:
            start, end = max(stretches, key=lambda s: ((s[1] - s[0]).days, s[1]))
            if in_one_run:
                wanted = end - timedelta(days=least - 1)
            else:
                wanted = start
                while _days_with(stretches, wanted, end) < least:
                    wanted -= timedelta(days=least - _days_with(stretches, wanted, end))
            index = next(i for i, (first, _) in enumerate(spans) if first == start)
            edits.append(_add(f"{base}/periods/{index}/start", wanted.isoformat()))
            joined = (*stretches, (wanted, end))
        else:
            last = day - timedelta(days=1)
            wanted = last - timedelta(days=least - 1)
            value = {"start": wanted.isoformat(), "end": last.isoformat()}
            edits.append(_add(f"{base}/periods/-", value))
            joined = ((wanted, last),)
        merged = _merge(joined)
        total, run = total_days(merged), longest_run(merged)
        if therapy.days is not None:
            edits.append(_add(f"{base}/days", total))
        if therapy.consecutive_days is not None:
            edits.append(_add(f"{base}/consecutive_days", run))
        return edits
    if in_one_run:
        if therapy.days is not None and therapy.days < least:
            edits.append(_add(f"{base}/days", least))
        edits.append(_add(f"{base}/consecutive_days", least))
    else:
        edits.append(_add(f"{base}/days", max(least, therapy.consecutive_days or 0)))
    return edits


Stretch = tuple[date, date]


def _merge(stretches: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1] + timedelta(days=1):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _days_with(stretches: tuple[Stretch, ...], start: date, end: date) -> int:
    return total_days(_merge((*stretches, (start, end))))


def apply(full: dict[str, Any], edits: list[Edit]) -> dict[str, Any]:
    """The record in full form with the edits applied; raises ValueError where one does not fit."""
    import jsonpatch

    try:
        edited: dict[str, Any] = jsonpatch.apply_patch(full, edits)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise ValueError(f"the patch does not apply: {error}") from None
    return edited
