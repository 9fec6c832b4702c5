"""The API of the shipped policy, in this process."""

from collections.abc import Iterator

import pytest
from served import client
from starlette.testclient import TestClient

from reasoner import Policy


@pytest.fixture(scope="session")
def api(policy: Policy) -> Iterator[TestClient]:
    with client(policy) as found:
        yield found
