"""A population for engines, and what is expected of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from results import of_batch, population, write

from reasoner import Policy


class Population(NamedTuple):
    table: pa.Table
    folder: Path
    """Its files, as an engine reads them."""
    expected: tuple[bytes, bytes]
    """The verdicts and the refused records that `reasoner batch` writes."""


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
