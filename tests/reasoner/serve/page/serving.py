"""`reasoner serve` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

_SECONDS = 60


class Server:
    """A server on a port that is free, with its log."""

    def __init__(self, options: Sequence[str], log: Path, *, is_measured: bool = True) -> None:
        """`is_measured`: for coverage, which takes its time; long work of others is measured elsewhere."""
        self._options, self.log, self._port = options, log, 0
        names = [name for name in os.environ if is_measured or not name.startswith("COV")]
        self._environment = {name: os.environ[name] for name in names}
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, and wait until it is ready."""
        command = [sys.executable, "-m", "reasoner", "serve", "--port", str(self._port), *self._options]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)
        end = time.monotonic() + _SECONDS
        while (found := re.search(r"http://[^\s/]+", self.log.read_text())) is None:
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)
        self.url = found[0]
        self._port = int(self.url.rsplit(":", 1)[1])

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(_SECONDS)
