"""The pytest plugin: `*.suite.yaml` files are collected as tests, a case each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reasoner.suites.run import Result
    from reasoner.suites.suite import SuiteCase
    from reasoner.verdict.policy import Policy

_POLICY: pytest.StashKey[Any] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rules DIR`: the rule folder that suites are run against."""
    parser.addoption("--rules", default=None, help="rule folder for *.suite.yaml (default: the shipped one)")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A suite file as a collector of its cases."""
    if file_path.name.endswith((".suite.yaml", ".suite.yml")):
        collected: pytest.Collector = SuiteFile.from_parent(parent, path=file_path)
        return collected
    return None


class SuiteFile(pytest.File):
    """A suite file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its cases; a fault in the file is an error of collection."""
        from facts.errors import RecordError, printable
        from reasoner.suites.suite import read_suite

        try:
            cases = read_suite(self.path)
        except RecordError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=printable(case.name), case=case)


class CaseItem(pytest.Item):
    """A case of a suite."""

    def __init__(self, *, case: SuiteCase, **more: Any) -> None:
        super().__init__(**more)
        self.case = case

    def runtest(self) -> None:
        """Judge the case and compare what it names."""
        from reasoner.render.results import headline
        from reasoner.suites.run import check

        result = check(self._policy(), self.case)
        if not result.passed:
            raise CaseFailed(result, headline(result))

    def _policy(self) -> Policy:
        from reasoner.verdict.policy import Policy

        if _POLICY not in self.config.stash:
            self.config.stash[_POLICY] = Policy.load(self.config.getoption("rules"))
        policy: Policy = self.config.stash[_POLICY]
        return policy

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What `reasoner test` prints: expected and found side by side; of wrong rules, what is wrong."""
        from reasoner.errors import RulesError
        from reasoner.render.results import failure

        if isinstance(excinfo.value, CaseFailed):
            return self._shown(excinfo, failure(excinfo.value.result), str(excinfo.value))
        if isinstance(excinfo.value, RulesError):
            return self._shown(excinfo, f"the rules are wrong:\n{excinfo.value}", "the rules are wrong")
        return super().repr_failure(excinfo, style)

    def _shown(self, excinfo: pytest.ExceptionInfo[BaseException], text: str, headline: str) -> Any:
        """The text in place of a traceback; pytest's summary has the headline, and where the case stands."""
        shown = excinfo.getrepr(style="native")
        shown.reprtraceback.reprentries[0].lines = [f"{text}\n"]
        if shown.reprcrash is not None:
            shown.reprcrash.message = headline
            shown.reprcrash.path, shown.reprcrash.lineno = str(self.path), self.case.line
        return shown

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.case.line - 1, self.name


class CaseFailed(Exception):
    """A case that failed; as text, what differed."""

    def __init__(self, result: Result, headline: str) -> None:
        self.result = result
        super().__init__(headline)
