"""The server as it is started: real processes on free ports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

import pytest
from served import RECORD

from reasoner import RulesError
from reasoner.serve import connections
from reasoner.serve.listening import Listening
from reasoner.serve.settings import Settings
from reasoner.serve.workers import policy_as_before

POLICIES = Path(__file__).parents[2] / "policies"
SECONDS = 60
"""Within these everything has happened, on the slowest machine: nothing is asserted of times."""


class Server(NamedTuple):
    process: subprocess.Popen[str]
    address: str
    lines: list[str]
    """What it prints to standard error, as it does."""

    @property
    def port(self) -> int:
        return int(self.address.partition("#")[0].rstrip("/").rpartition(":")[2])

    def ask(self, method: str, path: str, data: object = None, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        body = None if data is None else json.dumps(data)
        connection.request(method, path, body, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        found = response.status, response.read()
        connection.close()
        return found

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(SECONDS)


@contextmanager
def served(*options: str | Path, **environment: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", "reasoner", "serve", "--port", "0", *map(str, options)],
        stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stderr is not None
    lines: list[str] = []
    try:
        first = process.stderr.readline()
        assert first.startswith("reasoner: ready at "), first + process.stderr.read()
        rest = process.stderr
        threading.Thread(target=lambda: lines.extend(rest), daemon=True).start()
        yield Server(process, first.split()[-1], lines)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def refused(*arguments: str | Path, status: int, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "reasoner", "serve", *map(str, arguments)],
        capture_output=True, text=True, timeout=SECONDS, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == status and not done.stdout, done.stderr
    return done.stderr


def children(pid: int) -> list[int]:
    """The processes of workers that a process has started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                is_worker = "spawn_main" in (folder / "cmdline").read_text()
            except OSError:
                continue
            if int(parent) == pid and state != "Z" and is_worker:
                found.append(int(folder.name))
    return found


def wait_until(holds: Any) -> None:
    end = monotonic() + SECONDS
    while not holds():
        assert monotonic() < end, "it never came to be"
        sleep(0.05)


def test_it_listens_on_this_machine_alone_and_ends_when_asked() -> None:
    for how in (signal.SIGTERM, signal.SIGINT):
        with served() as server:
            assert server.address == f"http://127.0.0.1:{server.port}/"
            assert server.ask("GET", "/readyz") == (200, b'{"status":"ready"}')
            status, body = server.ask("POST", "/v1/decide", RECORD)
            assert status == 200 and json.loads(body)["decision"] == "denied"
            assert server.end(how) == 0
            assert server.lines == []


def test_another_folder_of_rules() -> None:
    with served("--rules", POLICIES / "household_benefit") as server:
        assert json.loads(server.ask("GET", "/v1/policy")[1]) != []
        assert server.ask("POST", "/v1/decide", RECORD)[0] == 422


def test_a_token_is_demanded_where_others_reach_it() -> None:
    with served("--host", "0.0.0.0", "--name", "policy.example") as server:
        start, _, token = server.address.partition("#token=")
        assert start == f"http://policy.example:{server.port}/" and len(token) > 40
        for host in ("policy.example", "127.0.0.1"):
            assert server.ask("GET", "/v1/policy", Host=host)[0] == 401
            assert server.ask("GET", "/v1/policy", Host=host, Authorization=f"Bearer {token}")[0] == 200
        assert server.ask("GET", "/readyz", Host="elsewhere.example")[0] == 421


def test_a_token_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef\n")
    in_file: list[str | Path] = ["--token-file", tmp_path / "token"]
    in_environment = {"REASONER_TOKEN": "0123456789abcdef"}
    for options, environment in ((in_file, {}), ([], in_environment)):
        with served(*options, **environment) as server:
            assert server.ask("GET", "/v1/policy")[0] == 401
            assert server.ask("GET", "/v1/policy", Authorization="Bearer 0123456789abcdef")[0] == 200


def test_what_cannot_be_served(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("a-word")
    for options, words in (
        (["--token-file", tmp_path / "short"], "16 or more"),
        (["--token-file", tmp_path / "none"], "cannot be read: No such file"),
        (["--host", "no.such.name.invalid"], "no address of this machine"),
        (["--edit", tmp_path / "none"], "--edit"),
    ):
        message = refused("--port", "0", *options, status=2)
        assert message.startswith("reasoner: ") and words in message and message.count("\n") == 1
        assert "a-word" not in message
    assert "16 or more" in refused(status=2, REASONER_TOKEN="")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for workers in ("1", "2"):
            message = refused("--port", str(port), "--workers", workers, status=2)
            assert message == (
                f"reasoner: port {port} of 127.0.0.1 is in use: stop what listens there, or give another one (--port)\n"
            )


def test_wrong_rules_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "policy.lp").write_text("a :- b(X).\n")
    for workers in ("1", "2"):
        message = refused("--port", "0", "--workers", workers, "--rules", tmp_path, status=3)
        assert message.startswith("reasoner: the rules are wrong:") and "Traceback" not in message


def test_without_its_libraries_it_says_how_to_have_them(tmp_path: Path) -> None:
    program = "import sys; sys.modules['fastapi'] = None\nfrom reasoner.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program, "serve"], capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 2
    assert done.stderr == 'reasoner: this takes fastapi: pip install "reasoner[serve]"\n'


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_in_flight_is_answered(workers: str) -> None:
    """Half of a request is there when it is asked to stop: the other half is received, and answered."""
    body = json.dumps(RECORD).encode()
    head = f"POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with (
        served("--workers", workers) as server,
        socket.create_connection(("127.0.0.1", server.port), SECONDS) as client,
    ):
        client.sendall(head.encode() + body[:100])
        wait_until(lambda: "reasoner_requests_open 2.0" in server.ask("GET", "/metrics")[1].decode())
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not listens(server.port))
        client.sendall(body[100:])
        answer = client.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200 OK") and b'"decision": "denied"' in answer
        assert server.process.wait(SECONDS) == 0


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_killed_workers_come_back_and_none_outlives_its_parent() -> None:
    with served("--workers", "2") as server:
        first = children(server.process.pid)
        assert len(first) == 2
        for worker in first:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len({*children(server.process.pid)} - {*first}) == 2)
        wait_until(lambda: server.ask("POST", "/v1/decide", RECORD)[0] == 200)
        again = children(server.process.pid)
        server.process.kill()
        wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in again))
        assert not listens(server.port)


def test_a_worker_serves_the_rules_of_the_others_or_waits(tmp_path: Path) -> None:
    rules = shutil.copytree(POLICIES / "household_benefit", tmp_path / "rules")
    changed = sorted(rules.glob("*.lp"))[0]
    text = changed.read_text()
    with served("--workers", "2", "--rules", rules) as server:
        first = children(server.process.pid)
        changed.write_text(text + "% changed\n")
        os.kill(first[0], signal.SIGKILL)
        wait_until(lambda: any("a worker waits" in line for line in server.lines))
        assert server.ask("GET", "/v1/policy")[0] == 200, "the other one answers"
        assert server.end() == 0


def test_a_worker_waits_for_the_rules_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = list[float]()
    monkeypatch.setattr("reasoner.serve.workers.sleep", slept.append)
    loaded = iter([RulesError("wrong"), "another", "the same"])

    class Changing(Settings):
        def policy(self) -> Any:
            found = next(loaded)
            if isinstance(found, RulesError):
                raise found
            return found

    monkeypatch.setattr("reasoner.serve.workers.content_key", str)
    assert str(policy_as_before(Changing(), "the same")) == "the same" and len(slept) == 2


def test_all_workers_are_counted_together() -> None:
    with served("--workers", "2") as server:
        for _ in range(20):
            assert server.ask("POST", "/v1/decide", RECORD)[0] == 200
        counts = server.ask("GET", "/metrics")[1].decode()
        assert 'reasoner_requests_total{method="POST",path="/v1/decide",status="200"} 20.0' in counts


def test_a_thousand_idle_connections_are_held() -> None:
    with served() as server, ExitStack() as stack:
        idle = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), SECONDS)) for _ in range(1_000)
        ]
        assert server.ask("POST", "/v1/decide", RECORD)[0] == 200
        for client in (idle[0], idle[-1]):
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert server.end() == 0


def test_a_head_has_to_arrive_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    import uvicorn

    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async def run() -> None:
        options = uvicorn.Config(
            application, http=connections.Connection, ws="none", lifespan="off", log_level="critical"
        )
        server = uvicorn.Server(options)
        listener = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.ensure_future(server.serve([listener]))
        where = listener.getsockname()[:2]
        for beginnings in ([], [b"GET / HTTP/1.1\r\nHost: x\r\n"], [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET"]):
            reader, writer = await asyncio.open_connection(*where)
            for beginning in beginnings:
                writer.write(beginning)
                if beginning.endswith(b"\r\n\r\n"):
                    assert await reader.readuntil(b"\r\n\r\n")
            assert await asyncio.wait_for(reader.read(), SECONDS) == b""
        server.should_exit = True
        await serving

    asyncio.run(run())


def test_parts_of_an_answer_are_sent_without_delay() -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(Listening("127.0.0.1", 0).socket())
        stack.enter_context(socket.create_connection(listener.getsockname()[:2]))
        connection = stack.enter_context(listener.accept()[0])
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_bytes_that_are_no_http() -> None:
    with served() as server:
        for sent in (
            b"nonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000,
            b"\x16\x03\x01" * 99,
        ):
            with socket.create_connection(("127.0.0.1", server.port), SECONDS) as client:
                try:
                    client.sendall(sent)
                    answer = client.makefile("rb").read()
                except ConnectionError:
                    continue
                assert answer.startswith(b"HTTP/1.1 400") or answer == b""
        assert server.ask("POST", "/v1/decide", RECORD)[0] == 200
