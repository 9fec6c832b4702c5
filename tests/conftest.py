"""What the tests share: the shipped policy, loaded once, and records of a policy that is no medicine."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from browsing import browser, server, visit
from declarations import BENEFIT, Records, benefit_words, records_of
from hypothesis import settings
from population import lines, records
from results import Population, of_batch, population, write

from facts.words import Vocabulary
from reasoner import Policy

if TYPE_CHECKING:
    from starlette.testclient import TestClient

__all__ = ["browser", "server", "visit"]

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")

collect_ignore_glob = ["policies/*/*.suite.yaml"]
"""These are run against their own folders (test_policies.py), not against the shipped one."""


@pytest.fixture(scope="session", autouse=True)
def cache_of_tests() -> Iterator[Path]:
    """A folder for what is kept of rules, which the commands that tests start use, too; never the user's own."""
    with TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        yield Path(folder)


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load()


@pytest.fixture(scope="session")
def benefit_vocabularies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Vocabulary]:
    return benefit_words(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="session")
def benefit(benefit_vocabularies: Mapping[str, Vocabulary]) -> Records:
    return records_of(BENEFIT, benefit_vocabularies, "B1")


# ── Populations ──────────────────────────────────────────────────────────────


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of four records, so that a few records are several blocks."""
    for module in ("run", "compare"):
        monkeypatch.setattr(f"reasoner.batch.{module}.BLOCK", 4)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file of a few records, some of which are refused."""
    (tmp_path / "in").write_bytes(lines(records()))
    return tmp_path / "in"


# ── Engines of many machines ─────────────────────────────────────────────────


@pytest.fixture(scope="session")
def judged_population(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Population:
    found, folder = population(policy), tmp_path_factory.mktemp("engines")
    return Population(found, write(found, folder / "records"), of_batch(policy, found, folder))


@pytest.fixture(scope="module")
def cluster_environment() -> Iterator[pytest.MonkeyPatch]:
    """The environment in which an engine is started: nothing but this machine, and no coverage of the engine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
            patch.delenv(name, raising=False)
        yield patch


# ── The server ───────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def api(policy: Policy) -> Iterator["TestClient"]:
    """A client of the API of the shipped policy, in this process."""
    from served import client

    with client(policy) as found:
        yield found
