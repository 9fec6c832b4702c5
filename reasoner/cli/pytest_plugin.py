"""The pytest plugin: `*.suite.yaml` files are collected as tests, a case each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reasoner.policy.policy import Policy
    from reasoner.suites.suite import SuiteCase

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
        from reasoner.suites.run import check

        result = check(self._policy(), self.case)
        if not result.passed:
            raise _Differs(result)

    def _policy(self) -> Policy:
        from reasoner.policy.policy import Policy

        if _POLICY not in self.config.stash:
            self.config.stash[_POLICY] = Policy.load(self.config.getoption("rules"))
        policy: Policy = self.config.stash[_POLICY]
        return policy

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What `reasoner test` prints: expected and found side by side; of wrong rules, what is wrong."""
        from reasoner.errors import RulesError
        from reasoner.render.results import failure

        if isinstance(excinfo.value, _Differs):
            return failure(excinfo.value.result)
        if isinstance(excinfo.value, RulesError):
            return f"the rules are wrong:\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.case.line - 1, self.name


class _Differs(Exception):
    def __init__(self, result: Any) -> None:
        self.result = result
        super().__init__(result.case.name)
