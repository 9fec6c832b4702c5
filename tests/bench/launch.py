"""Runs a command and prints, as JSON, its seconds and the megabytes that it took at most.

It is a process of its own, as a process counts what the one that started it had taken by then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import perf_counter

_UNIT = 1024**2 if sys.platform == "darwin" else 1024
"""Of what the system counts memory in, a megabyte."""


def main(command: list[str]) -> int:
    """Run a command, what it prints aside; returns its exit status."""
    start = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    print(json.dumps({"seconds": perf_counter() - start, "megabytes": usage.ru_maxrss / _UNIT}))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
