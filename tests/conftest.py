"""What the tests share: the shipped policy, loaded once, and records of a policy that is no medicine."""

from collections.abc import Mapping

import pytest
from declarations import BENEFIT, Records, benefit_words, records_of
from hypothesis import settings

from facts.words import Vocabulary
from reasoner import Policy

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")

collect_ignore_glob = ["policies/*/*.suite.yaml"]
"""These are run against their own folders (test_policies.py), not against the shipped one."""


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load()


@pytest.fixture(scope="session")
def benefit_vocabularies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Vocabulary]:
    return benefit_words(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="session")
def benefit(benefit_vocabularies: Mapping[str, Vocabulary]) -> Records:
    return records_of(BENEFIT, benefit_vocabularies, "B1")
