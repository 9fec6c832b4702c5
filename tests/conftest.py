"""What the tests share: the shipped policy, loaded once."""

import pytest
from hypothesis import settings

from reasoner import Policy

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load()
