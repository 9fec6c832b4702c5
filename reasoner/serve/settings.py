"""How a policy is served."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from facts.reading import MAX_BYTES
from reasoner.verdict.policy import Policy

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names of this machine that no other one reaches."""


class Settings(NamedTuple):
    """What is served, to whom, and how much of it."""

    rules: Path | None = None
    """The folder of the policy; None: the one that comes with the package."""
    cache: bool = True
    edit: Path | None = None
    """The folder of suites into which the page may write, if it may."""
    names: tuple[str, ...] = LOOPBACK
    """The names by which requests may call this machine (their Host)."""
    token: str | None = None
    """What requests have to bring (Authorization: Bearer …), if anything."""
    record_bytes: int = MAX_BYTES
    """Of a request with one record."""
    batch_bytes: int = 1_000_000_000
    """Of a request with many."""
    waiting: int = 64
    """Requests that wait for the policy, at most."""
    seconds: float = 60.0
    """Until an answer of the policy is there, at most."""
    open: int = 256
    """Requests that are answered at the same time, at most."""
    arriving: float = 30.0
    """Seconds that a request with one record may take to arrive, and of others each piece."""
    rate: float = 500.0
    """Requests a second of one address, on average."""
    burst: int = 1_000
    """Requests of one address at once, at most."""

    def policy(self) -> Policy:
        """Load the policy. Raises RulesError."""
        return Policy.load(self.rules, cache=self.cache)
