"""Sets of small numbers as the bits of integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def single(bits: int) -> Iterator[int]:
    """Each of the bits by itself, the lowest one first."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


def union(each: Iterable[int]) -> int:
    """The bits that are in some of these."""
    found = 0
    for bits in each:
        found |= bits
    return found
