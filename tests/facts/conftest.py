"""What the tests of records share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from declarations import BENEFIT, Records, benefit_words, records_of

from facts.words import Vocabulary


@pytest.fixture(scope="session")
def benefit_vocabularies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Vocabulary]:
    folder: Path = tmp_path_factory.mktemp("words")
    return benefit_words(folder)


@pytest.fixture(scope="session")
def benefit(benefit_vocabularies: Mapping[str, Vocabulary]) -> Records:
    return records_of(BENEFIT, benefit_vocabularies, "B1")
