"""Work on the rules of a server, begun when it is asked for: what is at hand of it, and how far it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from reasoner.analysis.thresholds import MOST, Threshold, thresholds
from reasoner.serve import suite_files
from reasoner.serve.json_body import refusing
from reasoner.serve.judging import Judging
from reasoner.serve.problems import Problem
from reasoner.serve.rule_files import RuleFiles
from reasoner.serve.settings import Settings
from reasoner.serve.tasks import Task, Tasks, Work
from reasoner.serve.work import Rules, compare_texts, compare_versions, cover, run_suites, try_thresholds
from reasoner.verdict.policy import Policy

_SUITE_SECONDS, _COVERAGE_SECONDS, _COMPARE_SECONDS, _TRIAL_SECONDS = 600, 3600, 300, 300
_WORKERS = max(1, (os.cpu_count() or 1) - 1)
"""Processes that measure coverage; one core is left for those who ask."""


class RulesWork:
    """What is begun, and found, of the rules and suites of a server."""

    def __init__(self, judging: Judging, settings: Settings, tasks: Tasks) -> None:
        self._judging, self._settings, self._tasks = judging, settings, tasks

    async def files(self) -> RuleFiles:
        """The rule files."""
        return await self._judging.ask(_rule_files)

    async def rules(self) -> Rules:
        """The rules as a process loads them."""
        return await self._judging.ask(lambda policy: Rules.of(policy, self._settings.rules, self._settings.cache))

    def suite_files(self) -> dict[str, Path]:
        """The suites at hand."""
        return suite_files.suites_in(self._settings.edit) if self._settings.edit is not None else {}

    async def suites(self, *, again: bool = False) -> Task | None:
        """The run of the suites at hand; None: there are none."""
        found = await run_in_threadpool(self.suite_files)
        if not found:
            return None
        key = await self._key(found)
        if again:
            self._tasks.forget(("suites", *key))
        return self._tasks.task(
            ("suites", *key), run_suites, (await self.rules(), list(found.values())), _SUITE_SECONDS
        )

    async def begin_coverage(self) -> None:
        """Measure what the suites cover. Raises Problem where they fail, or there are none."""
        run = await self.suites()
        if run is None:
            raise Problem(HTTPStatus.CONFLICT, "no suites are at hand: start the server with --edit DIR")
        if not run.has_result or run.found.failed:
            why = "fail on the rules as they are" if run.has_result else "are still run"
            raise Problem(HTTPStatus.CONFLICT, f"coverage needs suites that pass; some cases {why}: see Suites")
        found = self.suite_files()
        key = await self._key(found)
        arguments = (await self.rules(), list(found.values()), _WORKERS)
        known = self._tasks.known(("coverage", *key))
        if known is not None and known.error:
            self._tasks.forget(("coverage", *key))
        self._tasks.task(("coverage", *key), cover, arguments, _COVERAGE_SECONDS, is_background=True)

    async def covered(self) -> dict[str, Any]:
        """What the pages say of coverage: whether it can be measured, and how far that is."""
        found = await run_in_threadpool(self.suite_files)
        if not found:
            return {"coverage": None, "run": None}
        return {"coverage": self._tasks.known(("coverage", *await self._key(found))), "run": await self.suites()}

    async def compare(self, asked: Mapping[str, Any]) -> Task:
        """Two versions of the rules, or the rules as edited with the rules as they are."""
        rules = await self.rules()
        if "versions" in asked:
            both = [str(version) for version in asked["versions"]]
            known = await self._judging.ask(lambda policy: list(policy.versions))
            if len(both) != 2 or not set(both) <= set(known):
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"versions: two of {', '.join(known)} are needed")
            return self._compared(compare_versions, rules, both[0], both[1])
        texts = {str(name): text for name, text in asked.get("texts", {}).items() if isinstance(text, str)}
        if not texts:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "nothing differs: give versions or texts")
        return self._compared(compare_texts, rules, texts)

    def _compared(self, work: Work, rules: Rules, *what: Any) -> Task:
        key = ("compare", rules.digest, json.dumps(what, sort_keys=True))
        return self._tasks.task(key, work, (rules, *what), _COMPARE_SECONDS, is_kept=False)

    async def trial(self, run: Task, numbers: Mapping[str, int], record: Mapping[str, Any] | None) -> Task:
        """The cases of the suites, and a record, under other thresholds."""
        key = ("trial", *await self._key(self.suite_files()), json.dumps([numbers, record], sort_keys=True))
        arguments = (await self.rules(), run.found, numbers, record)
        return self._tasks.task(key, try_thresholds, arguments, _TRIAL_SECONDS, is_kept=False)

    async def _key(self, found: Mapping[str, Any]) -> tuple[str, str]:
        digest = await run_in_threadpool(refusing, partial(suite_files.digest_of, found))
        return (await self.rules()).digest, digest


def _rule_files(policy: Policy) -> RuleFiles:
    found: RuleFiles | None = policy.remembered.get(RuleFiles)
    if found is None:
        found = policy.remembered[RuleFiles] = RuleFiles(policy)
    return found


def numbers_of(policy: Policy, changes: Sequence[Any]) -> dict[str, int]:
    """The thresholds that are other numbers, by their places. Raises Problem."""
    known = thresholds(policy)
    found: dict[str, int] = {}
    for number, change in enumerate(changes):
        row = _row(known, change)
        number_given = change.get("value") if isinstance(change, dict) else None
        if row is None or type(number_given) is not int or not 0 <= number_given <= MOST:
            fault = "no threshold stands there" if row is None else f"a whole number from 0 to {MOST:,} is needed"
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "a threshold cannot be changed so",
                errors=[{"path": f"changes[{number}]", "message": fault}],
            )  # fmt: skip
        if number_given != row.number:
            found[row.place] = number_given
    return dict(sorted(found.items()))


def _row(known: Sequence[Threshold], change: object) -> Threshold | None:
    """The threshold of a change: by file and line, and by column where several stand in the line."""
    if not isinstance(change, dict):
        return None
    at = [one for one in known if one.file == change.get("file") and one.line == change.get("line")]
    if "column" in change:
        at = [one for one in at if one.place == f"{one.file}:{one.line}:{change['column']}"]
    return at[0] if len(at) == 1 else None
