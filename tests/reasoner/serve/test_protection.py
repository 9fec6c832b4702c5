"""What is refused before it is asked of the policy, and what is never kept."""

import asyncio
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from served import JSON, NDJSON, RECORD, ask, client, problem
from starlette.testclient import TestClient

from reasoner import Policy
from reasoner.serve import protection
from reasoner.serve.bodies import Body
from reasoner.serve.callers import OPEN_PATHS
from reasoner.serve.judging import Judging
from reasoner.serve.problems import Problem
from reasoner.serve.protection import Rates
from reasoner.serve.settings import Settings

TOKEN = "a-token-of-the-tests"
PATHS = [
    ("GET", "/v1/policy"),
    ("GET", "/openapi.json"),
    ("GET", "/metrics"),
    ("POST", "/v1/decide"),
    ("GET", "/v1/x"),
    ("GET", "/x"),
]


# ── Who may ask ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:8000", "localhost."])
def test_this_machine_is_served_by_its_names(api: TestClient, host: str) -> None:
    assert api.get("/v1/policy", headers={"Host": host}).is_success


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[::2]", "192.168.0.1", "localhost@x"]
)
@pytest.mark.parametrize("path", ["/v1/policy", "/healthz", "/"])
def test_another_name_is_refused(api: TestClient, host: str, path: str) -> None:
    assert "--name" in problem(api.get(path, headers={"Host": host}), 421)["detail"]


def test_a_name_can_be_added(policy: Policy) -> None:
    with client(policy, Settings(names=("policy.example",))) as api:
        assert api.get("/readyz", headers={"Host": "policy.example:80"}).is_success
        problem(api.get("/readyz"), 421)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:81", "http://localhost", "file://", ""]
)
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_pages_of_other_sites_may_not_ask(api: TestClient, origin: str, method: str, path: str) -> None:
    assert "Origin" in problem(api.request(method, path, headers={"Origin": origin}), 403)["detail"]


def test_the_own_page_may_ask(api: TestClient) -> None:
    for origin in ("http://127.0.0.1", "https://127.0.0.1"):
        own = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        assert api.post("/v1/decide", json=RECORD, headers=own).is_success
    assert api.get("/v1/policy", headers={"Sec-Fetch-Site": "none"}).is_success


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_browsers_know_to_come_from_elsewhere_is_refused(api: TestClient, site: str) -> None:
    for method, path in PATHS:
        problem(api.request(method, path, headers={"Sec-Fetch-Site": site}), 403)
    for path in OPEN_PATHS:  # a link may lead to the page, which says nothing
        assert api.get(path, headers={"Sec-Fetch-Site": site}).status_code in (200, 404)


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xff"],
)
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_without_the_token_nothing_is_answered(policy: Policy, given: str, method: str, path: str) -> None:
    with client(policy, Settings(token=TOKEN)) as api:
        response = api.request(method, path, headers={b"Authorization": given.encode("latin-1")})
        assert "Bearer TOKEN" in problem(response, 401)["detail"] and response.headers["www-authenticate"] == "Bearer"


def test_with_the_token_all_is_answered(policy: Policy) -> None:
    with client(policy, Settings(token=TOKEN)) as api:
        for kind in ("Bearer", "bearer"):
            assert api.post("/v1/decide", json=RECORD, headers={"Authorization": f"{kind} {TOKEN}"}).is_success
        for path in OPEN_PATHS:
            assert api.get(path).status_code in (200, 404)
        described = api.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()
        assert described["security"] == [{"token": []}]


# ── How much ─────────────────────────────────────────────────────────────────


def test_a_request_that_is_too_large(policy: Policy) -> None:
    body = json.dumps(RECORD).encode()
    with client(policy, Settings(record_bytes=len(body), batch_bytes=2 * len(body))) as api:
        assert api.post("/v1/decide", content=body, headers=JSON).is_success
        assert (
            f"{len(body):,} bytes" in problem(api.post("/v1/decide", content=body + b" ", headers=JSON), 413)["detail"]
        )
        assert api.post("/v1/batch", content=body + b"\n", headers=NDJSON).is_success
        problem(api.post("/v1/batch", content=body * 3, headers=NDJSON), 413)
        problem(api.post("/v1/nonsense", content=body * 3, headers=JSON), 413)
    pieces: list[Any] = [{"type": "http.request", "body": body, "more_body": True}] * 2
    sent = ask(policy, Settings(record_bytes=len(body)), "/v1/decide", pieces, JSON)  # of no stated length
    assert sent[0]["status"] == 413


def test_a_request_that_arrives_too_slowly(policy: Policy) -> None:
    first: Any = {"type": "http.request", "body": b"{", "more_body": True}
    for path, kind in (("/v1/decide", JSON), ("/v1/batch", NDJSON)):
        assert ask(policy, Settings(arriving=0.01), path, [first], kind)[0]["status"] == 408


def test_the_pieces_of_a_batch_have_time_each() -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": True}

    async def run(at_once: bool) -> None:
        body = Body(receive, 9, 1e-9 if at_once else 60, at_once=at_once)
        for _ in range(3):
            await asyncio.sleep(0.001)
            await body.receive()

    asyncio.run(run(False))
    with pytest.raises(Problem, match="too long to arrive"):
        asyncio.run(run(True))


def test_a_client_that_does_not_read_is_left(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    from reasoner.serve.application import application

    monkeypatch.setattr(protection, "SENDING_SECONDS", 0.01)

    async def never(*_: object) -> Any:
        await asyncio.get_running_loop().create_future()

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": "/healthz", "query_string": b"",
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(application(Settings(), lambda: policy)(scope, never, never), 20))


def test_an_address_that_asks_too_often(policy: Policy) -> None:
    with client(policy, Settings(rate=0.001, burst=3)) as api:
        assert [api.get("/v1/x").status_code for _ in range(3)] == [404] * 3
        response = api.get("/v1/x")
        assert problem(response, 429) and int(response.headers["retry-after"]) > 100
        assert api.get("/healthz").is_success, "those who watch the server are answered"


def test_guesses_of_the_token_count(policy: Policy) -> None:
    with client(policy, Settings(rate=0.001, burst=3, token=TOKEN)) as api:
        assert [api.get("/v1/x").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_rates_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(protection, "monotonic", lambda: now)
    rates = Rates(rate=2, burst=4)
    assert [rates.wait("a") for _ in range(5)] == [0, 0, 0, 0, 1] and rates.wait("b") == 0
    now = 0.5
    assert [rates.wait("a") for _ in range(2)] == [0, 1]
    now = 100
    assert [rates.wait("a") for _ in range(5)] == [0, 0, 0, 0, 1]
    for number in range(20_000):
        rates.wait(str(number))
    assert len(rates) == 10_000


def test_too_many_requests_at_the_same_time(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()
    judge = Policy.judge

    def waits(self: Policy, *arguments: Any) -> Any:
        begun.release()
        assert go_on.wait(60)
        return judge(self, *arguments)

    monkeypatch.setattr(Policy, "judge", waits)
    for settings in (Settings(open=1), Settings(waiting=1)):
        go_on.clear()
        with client(policy, settings) as api, ThreadPoolExecutor(1) as pool:
            first = pool.submit(api.post, "/v1/decide", json=RECORD)
            assert begun.acquire(timeout=60)
            response = api.post("/v1/decide", json=RECORD)
            assert problem(response, 503) and response.headers["retry-after"] == "1"
            assert api.get("/healthz").is_success
            go_on.set()
            assert first.result().is_success


def test_an_answer_that_takes_too_long() -> None:
    go_on = threading.Event()

    async def run() -> list[int]:
        judging = Judging(lambda: policy, 10, seconds=0.05)
        await judging.begin()
        asked = [asyncio.ensure_future(judging.ask(lambda _: go_on.wait(60))) for _ in range(2)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        go_on.set()
        assert judging.waiting == 0
        judging.end()
        return [error.status for error in found if isinstance(error, Problem)]

    policy: Any = object()
    assert asyncio.run(run()) == [504, 503], "the first one is being answered, the second one is not"


def test_one_policy_is_asked_by_one_thread(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    threads, inside = set(), []
    judge = Policy.judge

    def noted(self: Policy, *arguments: Any) -> Any:
        threads.add(threading.get_ident())
        inside.append(1)
        assert len(inside) == 1
        try:
            return judge(self, *arguments)
        finally:
            inside.pop()

    monkeypatch.setattr(Policy, "judge", noted)
    with client(policy) as api, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post("/v1/decide", json=RECORD), range(40)))
    assert all(answer.is_success for answer in answers) and len(threads) == 1


# ── What is sent along, and what is kept ─────────────────────────────────────


def test_headers_of_every_answer(api: TestClient) -> None:
    for response in (api.get("/v1/policy"), api.get("/x"), api.get("/healthz"), api.get("/x", headers={"Host": "y"})):
        content = dict(part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";"))
        assert content["default-src"] == "'none'" and content["script-src"] == content["style-src"] == "'self'"
        assert content["frame-ancestors"] == content["base-uri"] == "'none'"
        assert "unsafe" not in response.headers["content-security-policy"]
        assert (
            response.headers["cache-control"] == "no-store" and response.headers["x-content-type-options"] == "nosniff"
        )
        assert response.headers["referrer-policy"] == "no-referrer" and "server" not in response.headers
        assert "access-control-allow-origin" not in response.headers and "set-cookie" not in response.headers


def test_nothing_of_a_record_is_kept(
    policy: Policy, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Xq7-secret"
    record = {**RECORD, "case_id": secret, "therapies": [{"id": secret, "product": secret}]}
    answers = []
    with client(policy) as api:
        answers += [
            api.post("/v1/decide", json=record), api.post("/v1/decide", json={**record, secret: 1}),
            api.post("/v1/decide", content=f'{{"{secret}', headers=JSON), api.post("/v1/ask", json={"record": record}),
            api.post("/v1/batch", content=json.dumps(record), headers=NDJSON), api.get(f"/v1/schema/{secret}"),
            api.get(f"/{secret}"), api.get(f"/v1/policy?{secret}={secret}"), api.request(secret.upper(), "/v1/policy"),
            api.post("/v1/decide", json=RECORD, headers={"Authorization": secret, "User-Agent": secret}),
        ]  # fmt: skip

        def fails(*_: object) -> None:
            raise ValueError(secret)

        monkeypatch.setattr(Policy, "judge", fails)
        answers += [api.post("/v1/decide", json=record)]
        metrics = api.get("/metrics").text
    kept = [line for line in caplog.text.splitlines() if not line.startswith(("INFO     httpx", "DEBUG    httpcore"))]
    printed = capfd.readouterr()
    assert not any(secret.lower() in text.lower() for text in (*kept, metrics, printed.out, printed.err))
    assert not any(secret in value for answer in answers for value in answer.headers.values())
