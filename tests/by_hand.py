"""The judgement of IP0369 written out by hand, to check the rules against: no solver, no rule file.

Written from the reading of the policy alone. Facts have the names that verdicts give them, so that
minimal sets can be compared; these are found by brute force over the facts that may be supposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from facts.normalize import Case, KnownTherapy

STEROID, INHIBITOR = "topical_corticosteroid", "topical_calcineurin_inhibitor"
SENSITIVE = {"face", "eyes", "eyelids", "skin_folds", "genitalia"}
DERMATOLOGY = {"dermatology"}
ALLERGY = {"allergy", "immunology", "allergy_immunology"}
STRONG = {"medium", "high", "super_high"}
OTHER_ROWS_OF_TABLE_1 = {"apremilast", "deucravacitinib", "ozanimod", "etrasimod"}
SIGNS = {
    "1": {"bsa", "erythema", "induration_papulation_edema", "excoriations", "lichenification", "other"},
    "2": {"repigmentation", "vasi", "other"},
}
INDICATIONS = {"1": "atopic_dermatitis", "2": "vitiligo"}
EXCLUSIONS = ("X.1", "X.2", "X.3", "X.4", "X.other")

Facts = frozenset[str]


@dataclass(frozen=True)
class Readings:
    """The interpretation choices: False is the default of each."""

    concomitant_use: bool = False
    vitiligo_weeks: bool = False
    appendix_table: bool = False
    potency_floor: bool = False


DEFAULT = Readings()


class ByHand:
    """One case under one reading."""

    def __init__(self, case: Case, readings: Readings = DEFAULT) -> None:
        self.case = case
        self.readings = readings
        record = case.record
        self.day = record.request.date
        self.reauthorization = record.request.type == "reauthorization"
        self.indication = record.request.indication
        self.old = self.day < date(2024, 11, 15)
        self.lengths = [_lengths(therapy, self.day) for therapy in case.therapies]
        self.active = [_active(therapy, self.day) for therapy in case.therapies]
        self.status = dict(self._statuses())

    # ── What the record establishes, contradicts or leaves missing ──────────────────────────────

    def asked_days(self, item: str) -> tuple[str, int]:
        """Unit and number of days that a trial of the item needs."""
        if item == "1.C.i":
            return "consecutive_days", 14 if self.old else 28
        if item == "1.D":
            return "consecutive_days", 42
        return ("consecutive_days" if self.readings.vitiligo_weeks else "days"), 84

    def _statuses(self) -> Iterator[tuple[str, str]]:
        record = self.case.record
        patient, disease, prescriber = record.patient, record.disease, record.prescriber
        for name in INDICATIONS.values():
            yield f"indication_is({name})", _one_of(self.indication, {name})
        age: int | None = None
        if patient is not None and patient.birth_date is not None:
            born = patient.birth_date
            age = self.day.year - born.year - ((self.day.month, self.day.day) < (born.month, born.day))
        elif patient is not None:
            age = patient.age_years
        yield "aged_at_least(12)", "missing" if age is None else _true(age >= 12)
        yield "severity_fits(1)", _one_of(disease and disease.severity, {"mild", "moderate"})
        yield "type_fits(2)", _one_of(disease and disease.vitiligo_type, {"nonsegmental"})
        area = None if disease is None else disease.bsa_percent
        for limit in (20, 10):
            yield f"area_at_most({limit})", "missing" if area is None else _true(area <= limit)
        sites = None if disease is None else disease.sites
        for item in ("1.C.ii", "2.C.ii"):
            name = f"treats_site_of({item})"
            yield name, "missing" if sites is None else _true(bool(SENSITIVE & set(sites)))
        for item, accepted in (("1.E", DERMATOLOGY | ALLERGY), ("2.E", DERMATOLOGY)):
            own = prescriber and prescriber.specialty
            others = prescriber and prescriber.consulted
            if own in accepted or accepted & set(others or ()):
                yield f"specialist_for({item})", "established"
            else:
                open_still = own is None or others is None
                yield f"specialist_for({item})", "missing" if open_still else "contradicted"
        for number, known in enumerate(self.case.therapies, start=1):
            yield from self._therapy_statuses(f"therapy({number})", known, self.lengths[number - 1])
            yield f"ended(therapy({number}))", _true(not self.active[number - 1])
        for number, entry in enumerate(record.intolerances, start=1):
            yield f"documented(intolerance({number}))", _one_of(entry.documented, {True})
        for pathway, signs in SIGNS.items():
            good = any(r.sign in signs and r.documented and not r.sample for r in record.response)
            yield f"responded({INDICATIONS[pathway]})", "established" if good else "missing"
        for name in ("mandate", "document"):
            yield f"silent({name})", _true(getattr(record.plan, name) == "silent")
        for item in ("1.C.i", "1.D", "2.C.i", "2.D"):
            unit, days = self.asked_days(item)
            yield f"new_failure({item},{unit},{days})", "missing"
        for name in (STEROID, INHIBITOR):
            yield f"new_intolerance({name})", "missing"

    def _therapy_statuses(
        self, name: str, known: KnownTherapy, lengths: dict[str, tuple[int, int | None]]
    ) -> Iterator[tuple[str, str]]:
        yield f"potent({name})", _one_of(known.potency, STRONG)
        yield f"failed({name})", _one_of(known.entry.outcome, {"failure"})
        yield f"documented({name})", _one_of(known.entry.documented, {True})
        yield f"not_sample({name})", _true(not known.entry.sample)
        for unit, (low, high) in lengths.items():
            for days in (14, 28, 42, 84):
                if low >= days:
                    status = "established"
                else:
                    status = "contradicted" if high is not None and high < days else "missing"
                yield f"applied({name},{unit},{days})", status

    # ── What follows from it, with some facts supposed ──────────────────────────────────────────

    def holds(self, fact: str, supposed: Facts) -> bool:
        """Whether the fact is established and not displaced, or supposed."""
        if fact.startswith("indication_is") and any(f.startswith("indication_is") for f in supposed):
            return fact in supposed
        return fact in supposed or self.status[fact] == "established"

    def met(self, item: str, supposed: Facts) -> bool:
        """Whether a criterion is met."""
        pathway = item[0]
        if item == "1":
            return self._all(supposed, "indication_is(atopic_dermatitis)", "severity_fits(1)")
        if item == "2":
            return self._all(supposed, "indication_is(vitiligo)", "type_fits(2)")
        if item.endswith(".A"):
            return self.holds("aged_at_least(12)", supposed)
        if item.endswith(".B"):
            return self.holds(f"area_at_most({20 if pathway == '1' else 10})", supposed)
        if item.endswith(".C"):
            either = self.met(f"{pathway}.C.i", supposed) or self.met(f"{pathway}.C.ii", supposed)
            return either or self._used_together(pathway, supposed)
        if item.endswith(".C.ii"):
            return self.holds(f"treats_site_of({item})", supposed)
        if item.endswith(".C.i"):
            return self._trial(item, STEROID, supposed)
        if item.endswith(".D"):
            return self._trial(item, INHIBITOR, supposed) or self._used_together(pathway, supposed)
        if item.endswith(".E"):
            return self.holds(f"specialist_for({item})", supposed)
        if item == "R.response":
            if self.indication is None and all(self.holds(f"responded({i})", supposed) for i in INDICATIONS.values()):
                return True
            return any(self._all(supposed, f"indication_is({i})", f"responded({i})") for i in INDICATIONS.values())
        if item == "R":
            return any(self.satisfied(p, supposed) for p in INDICATIONS)
        raise KeyError(item)

    def _all(self, supposed: Facts, *facts: str) -> bool:
        return all(self.holds(fact, supposed) for fact in facts)

    def _candidates(self, wanted: str, *, bought: bool = False) -> Iterator[str]:
        """Recorded therapies that could count: of the class, not too weak, and prescribed (or else `bought`)."""
        for number, known in enumerate(self.case.therapies, start=1):
            if known.class_name != wanted or not (known.prescription or bought):
                continue
            if wanted == STEROID and known.potency == "low":
                continue
            if wanted == STEROID and self.readings.potency_floor and known.us_class == 5:
                continue
            yield f"therapy({number})"

    def _counted_failures(self, wanted: str, supposed: Facts, *, bought: bool = False) -> Iterator[str]:
        for name in self._candidates(wanted, bought=bought):
            if wanted == STEROID and not self.holds(f"potent({name})", supposed):
                continue
            if self._all(supposed, f"failed({name})", f"documented({name})", f"not_sample({name})"):
                yield name

    def _trial(self, item: str, wanted: str, supposed: Facts) -> bool:
        unit, days = self.asked_days(item)
        if f"new_failure({item},{unit},{days})" in supposed or f"new_intolerance({wanted})" in supposed:
            return True
        for name in self._counted_failures(wanted, supposed):
            if self.holds(f"applied({name},{unit},{days})", supposed):
                return True
        for number, known in enumerate(self.case.therapies, start=1):
            name = f"therapy({number})"
            met_by_it = known.class_name == wanted and known.entry.outcome == "intolerance"
            if met_by_it and self._all(supposed, f"documented({name})", f"not_sample({name})"):
                return True
        return any(
            of == wanted and self.holds(f"documented(intolerance({number}))", supposed)
            for number, of in enumerate(self.case.intolerance_classes, start=1)
        )

    def _used_together(self, pathway: str, supposed: Facts) -> bool:
        if not self.readings.concomitant_use:
            return False
        return any(
            self._overlap(int(a[8:-1]) - 1, int(b[8:-1]) - 1)
            for a in self._counted_failures(STEROID, supposed, bought=True)
            for b in self._counted_failures(INHIBITOR, supposed, bought=True)
        )

    def _overlap(self, first: int, second: int) -> bool:
        one, two = self.case.therapies[first], self.case.therapies[second]
        if two.id in one.entry.concomitant_with or one.id in two.entry.concomitant_with:
            return True
        for p in one.entry.periods or ():
            for q in two.entry.periods or ():
                start = max(p.start or date.min, q.start or date.min)
                if start <= min(p.end or self.day, q.end or self.day, self.day):
                    return True
        return False

    def excludes(self, item: str, supposed: Facts) -> bool:
        """Whether an item of the conditions not covered excludes."""
        if item in ("X.1", "X.2"):
            return any(
                self.active[number - 1] and f"ended(therapy({number}))" not in supposed
                for number, known in enumerate(self.case.therapies, start=1)
                if self._barred(item, known)
            )
        if self.indication is None or any(f.startswith("indication_is") for f in supposed):
            return False
        uses = {"X.3": "alopecia", "X.4": "plaque_psoriasis"}
        if item == "X.other":
            return self.indication not in {*uses.values(), *INDICATIONS.values()}
        return self.indication == uses[item]

    def _barred(self, item: str, known: KnownTherapy) -> bool:
        if known.family == "ruxolitinib_cream":
            return False
        if item == "X.2":
            named = known.family in ("azathioprine", "cyclosporine_systemic")
            return named or known.class_name == "potent_immunosuppressant"
        listed = not self.readings.appendix_table and known.family in OTHER_ROWS_OF_TABLE_1
        return listed or known.class_name in ("biologic", "jak_inhibitor")

    def items(self, pathway: str) -> list[str]:
        """What a pathway requires."""
        own = [pathway, *(f"{pathway}.{letter}" for letter in "ABCDE")]
        return [*own, "R.response"] if self.reauthorization else own

    def satisfied(self, pathway: str, supposed: Facts) -> bool:
        """Whether all that a pathway requires is met."""
        return all(self.met(item, supposed) for item in self.items(pathway))

    def necessary(self, supposed: Facts) -> bool:
        """The policy's own judgement."""
        barred = any(self.excludes(item, supposed) for item in EXCLUSIONS)
        return not barred and any(self.satisfied(pathway, supposed) for pathway in INDICATIONS)

    def in_scope(self) -> bool:
        """Whether the version in force applies to the line of business."""
        return not self.old or self.case.record.plan.line_of_business == "employer"

    def approved(self, supposed: Facts) -> bool:
        """The decision over plan, mandate and policy."""
        for name in ("mandate", "document"):
            term = getattr(self.case.record.plan, name)
            if term == "covers":
                return True
            if term == "excludes" and f"silent({name})" not in supposed:
                return False
        return self.necessary(supposed)

    # ── The parts of a verdict ──────────────────────────────────────────────────────────────────

    def decision(self) -> str:
        """approved, denied or out_of_scope."""
        if not self.in_scope():
            return "out_of_scope"
        return "approved" if self.approved(frozenset()) else "denied"

    def decided_by(self) -> str:
        """Who decides."""
        plan = self.case.record.plan
        if plan.mandate != "silent":
            return "mandate"
        return "plan_document" if plan.document != "silent" else "coverage_policy"

    def hinges(self) -> list[str]:
        """The choices that would turn the decision."""
        names = ("concomitant_use", "vitiligo_weeks", "appendix_table", "potency_floor")
        mine = self.decision()
        return [n for n in names if ByHand(self.case, replace(self.readings, **{n: True})).decision() != mine]

    def item_status(self, item: str) -> str:
        """met, missing or contradicted; excludes or clear."""
        if item in EXCLUSIONS:
            return "excludes" if self.excludes(item, frozenset()) else "clear"
        if self.met(item, frozenset()):
            return "met"
        hopeful = frozenset(
            fact for fact, status in self.status.items() if status == "missing" and not fact.startswith("indication_is")
        )
        ways = (
            [hopeful | {f"indication_is({i})"} for i in INDICATIONS.values()] if self.indication is None else [hopeful]
        )
        return "missing" if any(self.met(item, way) for way in ways) else "contradicted"

    def advisories(self) -> list[str]:
        """Remarks that never decide."""
        found = []
        if (self.case.record.request.applications_per_day or 0) > 2:
            found.append("dose_frequency")
        for name, indication, days in (
            ("reevaluate_atopic_dermatitis", "atopic_dermatitis", 56),
            ("reevaluate_vitiligo", "vitiligo", 168),
        ):
            if self.indication == indication and any(
                known.family == "ruxolitinib_cream" and known.entry.outcome == "failure" and lengths["days"][0] >= days
                for known, lengths in zip(self.case.therapies, self.lengths, strict=True)
            ):
                found.append(name)
        return found

    # ── Minimal sets, by brute force ────────────────────────────────────────────────────────────

    def supposable(self, pathway: str) -> list[str]:
        """Every fact that a minimal set of the pathway may hold."""
        indication = INDICATIONS[pathway]
        names = [f"indication_is({indication})", "aged_at_least(12)"]
        names.append(f"area_at_most({20 if pathway == '1' else 10})")
        names += [f"treats_site_of({pathway}.C.ii)", f"specialist_for({pathway}.E)"]
        names.append("severity_fits(1)" if pathway == "1" else "type_fits(2)")
        for item, wanted in ((f"{pathway}.C.i", STEROID), (f"{pathway}.D", INHIBITOR)):
            unit, days = self.asked_days(item)
            names += [f"new_failure({item},{unit},{days})", f"new_intolerance({wanted})"]
            for name in self._candidates(wanted):
                names += [f"failed({name})", f"documented({name})", f"not_sample({name})"]
                names.append(f"applied({name},{unit},{days})")
                if wanted == STEROID:
                    names.append(f"potent({name})")
            for number, known in enumerate(self.case.therapies, start=1):
                if known.class_name == wanted and known.entry.outcome == "intolerance":
                    names += [f"documented(therapy({number}))", f"not_sample(therapy({number}))"]
            for number, of in enumerate(self.case.intolerance_classes, start=1):
                if of == wanted:
                    names.append(f"documented(intolerance({number}))")
        for number, known in enumerate(self.case.therapies, start=1):
            if any(self._barred(item, known) for item in ("X.1", "X.2")):
                names.append(f"ended(therapy({number}))")
        if self.reauthorization:
            names.append(f"responded({INDICATIONS[pathway]})")
        for name in ("mandate", "document"):
            if getattr(self.case.record.plan, name) == "excludes":
                names.append(f"silent({name})")
        return [name for name in dict.fromkeys(names) if self.status[name] != "established"]

    def minimal_sets(self) -> set[Facts]:
        """All subset-minimal sets with the fewest unchangeable facts."""
        found: set[Facts] = set()
        for pathway in INDICATIONS:
            mine: list[Facts] = []
            names = self.supposable(pathway)
            for size in range(len(names) + 1):
                for chosen in combinations(names, size):
                    facts = frozenset(chosen)
                    if not any(smaller <= facts for smaller in mine) and self.approved(facts):
                        mine.append(facts)
            found.update(mine)
        found = {facts for facts in found if not any(other < facts for other in found)}
        least = min((_unchangeable(facts) for facts in found), default=0)
        return {facts for facts in found if _unchangeable(facts) == least}


def _unchangeable(facts: Facts) -> int:
    return sum(fact.startswith(("indication_is", "aged_at_least", "silent")) for fact in facts)


def _true(value: bool) -> str:
    return "established" if value else "contradicted"


def _one_of(value: object, accepted: set[object] | set[str] | set[bool]) -> str:
    return "missing" if value is None else _true(value in accepted)


def _active(known: KnownTherapy, day: date) -> bool:
    periods = known.entry.periods
    if not periods:
        return True
    return any(not (p.end and p.end < day) and not (p.start and p.start > day) for p in periods)


def _lengths(known: KnownTherapy, day: date) -> dict[str, tuple[int, int | None]]:
    """Days in all and in one run, each as what is known at least and at most; day by day."""
    entry, used = known.entry, set()
    periods = entry.periods or ()
    for period in periods:
        if period.start is not None:
            at, end = period.start, min(period.end or day, day)
            while at <= end:
                used.add(at)
                at += timedelta(days=1)
    run = longest = 0
    for at in sorted(used):
        run = run + 1 if at - timedelta(days=1) in used else 1
        longest = max(longest, run)
    whole = bool(periods) and all(period.start for period in periods)
    total: tuple[int, int | None] = (len(used), len(used) if whole else None)
    if entry.days is not None:
        total = (entry.days, entry.days)
    elif not whole:
        total = (max(len(used), entry.consecutive_days or 0), None)
    one_run: tuple[int, int | None] = (longest, longest if whole else total[1])
    if entry.consecutive_days is not None:
        one_run = (entry.consecutive_days, entry.consecutive_days)
    return {"days": total, "consecutive_days": one_run}
