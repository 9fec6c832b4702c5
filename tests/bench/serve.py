"""What HTTP adds to the work itself: verdicts and decisions beside the same in this process, memory, and the start.

Both take turns on the same records in the same run; ratios are printed with their spread, as the machine may be busy.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from time import perf_counter
from typing import NamedTuple

from generate import random_record

from facts.reading import decoded, read_json
from reasoner import Policy
from reasoner.serve.lines import judged_lines

_EXAMPLE = Path(__file__).parents[2] / "facts" / "examples" / "ad-near-miss.json"
_SMALL = {"case_id": "a", "request": {"date": "2025-03-01", "type": "initial"}}


class Server(NamedTuple):
    """A server, and when it was ready."""

    process: subprocess.Popen[str]
    port: int
    seconds: float

    def megabytes(self) -> float:
        """The memory that it has at this moment."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def server() -> Iterator[Server]:
    """A server of its own, on a free port."""
    begin = perf_counter()
    command = [sys.executable, "-m", "reasoner", "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    seconds = perf_counter() - begin
    try:
        yield Server(process, int(line.rstrip().rstrip("/").rpartition(":")[2]), seconds)
    finally:
        process.terminate()
        process.wait()


def cold_decide() -> float:
    """Seconds of `reasoner decide`, started anew."""
    begin = perf_counter()
    subprocess.run([sys.executable, "-m", "reasoner", "decide", _EXAMPLE], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begin


def sender(port: int) -> Callable[[str, str, bytes], bytes]:
    """What sends bodies over one connection, and has the answers."""
    connection = HTTPConnection("127.0.0.1", port)

    def send(path: str, kind: str, body: bytes) -> bytes:
        connection.request("POST", path, body, {"Content-Type": kind})
        response = connection.getresponse()
        found = response.read()
        assert response.status == 200, found
        return found

    return send


def timed(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def spread(values: list[float]) -> str:
    """The median, and from the 5th to the 95th percentile."""
    parts = statistics.quantiles(values, n=20)
    return f"{statistics.median(values):.2f} ({parts[0]:.2f} to {parts[-1]:.2f})"


def ratios(policy: Policy, port: int, rounds: int, count: int) -> None:
    """Verdicts one by one, and decisions in a batch, over HTTP and in this process."""
    send, random = sender(port), Random("serve")
    records = [json.dumps(random_record(random)).encode() for _ in range(rounds * count)]
    names = ("verdicts one by one", "decisions in a batch")
    beside: dict[str, list[float]] = {name: [] for name in names}
    rates: dict[str, list[float]] = {name: [] for name in names}

    def judged(record: bytes) -> bytes:
        return policy.judge(policy.record(read_json(decoded(record)))).to_json(indent=2).encode() + b"\n"

    def of_verdicts(block: list[bytes]) -> tuple[float, float]:
        within = timed(lambda: [*map(judged, block)])
        return within, timed(lambda: [send("/v1/decide", "application/json", one) for one in block])

    def of_decisions(block: list[bytes]) -> tuple[float, float]:
        within = timed(lambda: judged_lines(policy, 1, block, 1, "none"))
        return within, timed(lambda: send("/v1/batch?explain=none", "application/x-ndjson", b"\n".join(block)))

    for first in range(0, len(records), count):
        for name, measure in zip(names, (of_verdicts, of_decisions), strict=True):
            within, over = measure(records[first : first + count])
            beside[name].append(over / within)
            rates[name].append(count / over)
    for name in names:
        print(f"{name}: {spread(beside[name])} times as long as in this process; {spread(rates[name])} a second")


def memory(served: Server, requests: int) -> None:
    """What the server takes after more and more requests."""
    send, body = sender(served.port), json.dumps(_SMALL).encode()
    for number in range(1, requests + 1):
        send("/v1/decide", "application/json", body)
        if number in (100, 1_000) or number % 10_000 == 0:
            print(f"after {number:,} requests: {served.megabytes():.1f} MB", flush=True)


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--records", type=int, default=50, help="of a round")
    options.add_argument("--requests", type=int, default=100_000, help="for the memory")
    asked = options.parse_args()
    policy = Policy.load()
    cold_decide()
    starts = []
    for _ in range(asked.rounds):
        decided = cold_decide()
        with server() as served:
            starts.append(served.seconds / decided)
    print(f"ready: {spread(starts)} times as long as a cold `reasoner decide`", flush=True)
    with server() as served:
        ratios(policy, served.port, asked.rounds, asked.records)
    with server() as served:
        memory(served, asked.requests)


if __name__ == "__main__":
    main()
