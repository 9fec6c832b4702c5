"""The API: the bytes of the commands, and one clear problem for whatever is wrong."""

import asyncio
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from served import EXAMPLES, JSON, NDJSON, RECORD, ask, client, problem
from starlette.testclient import TestClient
from typer.testing import CliRunner

from facts.reading import MAX_BYTES, MAX_DEPTH, read_data
from reasoner import Policy, RulesError
from reasoner.batch import blocks
from reasoner.cli.serve import app
from reasoner.errors import TimeLimitError
from reasoner.serve import lines
from reasoner.serve.application import application
from reasoner.serve.judging import Judging
from reasoner.serve.lines import Lines
from reasoner.serve.problems import Problem
from reasoner.serve.settings import Settings

RECORDS = sorted(EXAMPLES.iterdir())
OVER = "disease.bsa_percent=0..30"


def printed(*arguments: str | Path) -> bytes:
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, done.stderr
    return done.stdout_bytes


# ── The bytes of the commands ────────────────────────────────────────────────


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_the_bytes_are_those_of_the_commands(api: TestClient, path: Path, tmp_path: Path) -> None:
    record = read_data(path)
    scenarios = {"sites": {"set": {"disease.sites": ["face"]}}, "none": {"remove": ["disease"]}}
    (tmp_path / "scenarios.json").write_text(json.dumps(scenarios))
    asked: list[tuple[str, Any, list[Any]]] = [
        ("decide", record, ["decide", path]),
        ("decide?limit=2", record, ["decide", path, "--limit", "2"]),
        (
            "what-if",
            {"record": record, "scenarios": scenarios},
            ["what-if", path, "--scenarios", tmp_path / "scenarios.json"],
        ),
        ("ask", {"record": record}, ["ask", path]),
        ("sweep", {"record": record, "over": OVER, "step": "5"}, ["sweep", path, "--over", OVER, "--step", "5"]),
    ]
    for where, body, command in asked:
        answer = api.post(f"/v1/{where}", json=body)
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
        assert answer.content == printed(*command, "--json"), where


def test_what_is_known_of_the_policy(api: TestClient) -> None:
    assert api.get("/v1/policy").content == printed("policy", "--json")
    for what in ("record", "verdict", "suite"):
        assert api.get(f"/v1/schema/{what}").content == printed("schema", what)
    assert "record, verdict, suite" in problem(api.get("/v1/schema/nonsense"), 404)["detail"]


def test_one_scenario_and_suppositions(api: TestClient) -> None:
    path = EXAMPLES / "ad-near-miss.json"
    fact = "given(sites,face)"
    body = {"record": RECORD, "scenarios": {"what if": {"set": {"disease.bsa_percent": 3}, "assume": [fact]}}}
    assert api.post("/v1/what-if", json=body).content == printed(
        "what-if", path, "--set", "disease.bsa_percent=3", "--assume", fact, "--json"
    )


def test_questions_that_cannot_be_answered_are_left_out(api: TestClient) -> None:
    record = read_data(EXAMPLES / "ad-missing-information.yaml")
    first = api.post("/v1/ask", json={"record": record}).json()
    second = api.post("/v1/ask", json={"record": record, "declined": [first["question"]["path"]]}).json()
    assert first["question"]["path"] is not None and second == {"decision": "denied", "question": None}


# ── Batches ──────────────────────────────────────────────────────────────────


def test_a_batch_has_the_lines_of_the_command_in_the_order_of_the_records(api: TestClient, tmp_path: Path) -> None:
    records = [json.dumps(read_data(path)).encode() for path in RECORDS]
    source = b"\n".join([records[0], b"", b"no json", *records[1:], b'{"case_id": "x"}'])
    (tmp_path / "in").write_bytes(source)
    for options in ({"explain": "all"}, {"explain": "denials", "limit": "3"}, {"explain": "none"}):
        command = [text for name, value in options.items() for text in (f"--{name}", value)]
        printed(
            "batch",
            tmp_path / "in",
            "--out",
            tmp_path / "out",
            "--errors",
            tmp_path / "errors",
            "--jobs",
            "1",
            *command,
        )
        verdicts, refused = ((tmp_path / name).read_bytes().splitlines() for name in ("out", "errors"))
        answer = api.post("/v1/batch", params=options, content=source, headers=NDJSON)
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert answer.content.splitlines() == [verdicts[0], refused[0], *verdicts[1:], refused[1]]


def test_a_batch_does_not_depend_on_how_it_arrives(policy: Policy) -> None:
    source = b"\n".join(
        [json.dumps(RECORD).encode(), b"", b"{}", b'"' + b"x" * MAX_BYTES + b'"', json.dumps(RECORD).encode()]
    )
    found = []
    for size in (1_000_000, 777, len(source)):
        pieces = [source[at : at + size] for at in range(0, len(source), size)]
        messages: list[Any] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        sent = ask(policy, Settings(), "/v1/batch", [*messages, {"type": "http.request"}], NDJSON)
        assert sent[0]["status"] == 200 and not sent[-1].get("more_body")
        found.append(b"".join(message["body"] for message in sent[1:]))
    assert len(set(found)) == 1
    first, fault, long, last = map(json.loads, found[0].splitlines())
    assert first == last and [fault["line"], long["line"]] == [3, 4]
    assert long["faults"] == [{"path": "", "message": f"larger than {MAX_BYTES:,} bytes"}]


def test_lines_are_answered_before_the_next_ones_arrive(policy: Policy) -> None:
    async def judge(number: int, block: list[bytes]) -> bytes:
        return lines.judged_lines(policy, number, block, 50, "none")

    arrived = 0

    async def receive() -> Any:
        nonlocal arrived
        arrived += 1
        return {"type": "http.request", "body": json.dumps(RECORD).encode() + b"\n", "more_body": arrived < 100}

    async def run() -> None:
        answered = 0
        async for _ in lines.answers(receive, judge):
            answered += 1
            assert arrived <= answered + 1
        assert answered == 100

    asyncio.run(run())


def test_the_work_stops_where_the_client_is_gone(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    whole = blocks.judged

    def counted(policy: Policy, records: Iterator[object], settings: Any) -> Any:
        data = [*records]
        judged.append(len(data))
        return whole(policy, data, settings)

    monkeypatch.setattr(lines, "judged", counted)
    many = (json.dumps(RECORD).encode() + b"\n") * 1_000
    sent = ask(
        policy, Settings(), "/v1/batch",
        [{"type": "http.request", "body": many, "more_body": True}, {"type": "http.disconnect"}], NDJSON,
    )  # fmt: skip
    assert sum(judged) <= lines.BLOCK and len(sent) <= 3


def test_a_batch_is_asked_in_small_blocks_and_not_refused_once_it_is_answered(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, sizes = [], []
    asked, whole = Judging.ask, blocks.judged

    async def noted(self: Judging, question: Any, **options: bool) -> Any:
        again.append(options)
        return await asked(self, question, **options)

    def counted(policy: Policy, records: Iterator[object], settings: Any) -> Any:
        data = [*records]
        sizes.append(len(data))
        return whole(policy, data, settings)

    monkeypatch.setattr(Judging, "ask", noted)
    monkeypatch.setattr(lines, "judged", counted)
    with client(policy) as api:
        assert api.post("/v1/batch?explain=none", content=b"{}\n" * 40, headers=NDJSON).content.count(b"\n") == 40
    assert sizes == [16, 16, 8] and again == [{"again": False}, {"again": True}, {"again": True}]


def test_requests_that_ask_again_are_not_refused() -> None:
    async def run() -> tuple[object, object]:
        judging = Judging(lambda: found, 0)
        await judging.begin()
        answers = await asyncio.gather(
            judging.ask(lambda _: 1), judging.ask(lambda _: 2, again=True), return_exceptions=True
        )
        judging.end()
        return answers

    found: Any = object()
    first, second = asyncio.run(run())
    assert isinstance(first, Problem) and first.status == 503 and second == 2


def test_no_more_is_kept_of_a_line_than_it_is_refused_for() -> None:
    kept = Lines()
    for _ in range(20):
        assert kept.of(b"x" * 1_000_000) == []
    assert [len(line) for line in kept.of(b"\n{}\n")] == [MAX_BYTES + 1, 2] and kept.end() == []


def test_a_batch_that_cannot_go_on_ends_with_the_problem_and_is_cut(policy: Policy) -> None:
    line = json.dumps(RECORD).encode() + b"\n"
    settings = Settings(batch_bytes=len(line) * 2)
    messages: list[Any] = [{"type": "http.request", "body": line, "more_body": True}] * 3
    sent = ask(policy, settings, "/v1/batch", messages, NDJSON)
    assert sent[-1]["more_body"], "the end of the answer must not be that of a whole one"
    *verdicts, last = b"".join(message["body"] for message in sent[1:]).splitlines()
    assert len(verdicts) == 2 and json.loads(last)["status"] == 413
    assert ask(policy, settings, "/v1/batch", [{**messages[0], "body": line * 3}], NDJSON)[0]["status"] == 413


def test_other_requests_wait_for_one_block_of_a_batch_at_most(policy: Policy) -> None:
    """Blocks of several batches and other requests take turns."""

    async def run() -> list[str]:
        judging, order = Judging(lambda: policy, 10), list[str]()
        await judging.begin()

        async def batch(name: str) -> None:
            for _ in range(3):
                order.append(await judging.ask(lambda _: name, again=True))

        async def once() -> None:
            order.append(await judging.ask(lambda _: "once"))

        await asyncio.gather(batch("a"), batch("b"), once())
        judging.end()
        return order

    assert "once" in asyncio.run(run())[:3]


# ── Bad input ────────────────────────────────────────────────────────────────

BAD_JSON = {
    "not JSON": (b'{"case_id": ', "not JSON"),
    "nothing": (b"", "empty"),
    "not UTF-8": (b'{"case_id": "\xff"}', "not UTF-8 (byte 13)"),
    "NaN": (b'{"case_id": NaN}', "NaN is not a number that JSON knows (line 1, column 13)"),
    "twice": (
        b'{"case_id": "a",\n "case_id": "b"}',
        "the field 'case_id' stands twice in one object (line 2, column 2)",
    ),
    "too deep": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), f"nested deeper than {MAX_DEPTH} levels"),
    "far too deep": (b"[" * 1_000_000, f"nested deeper than {MAX_DEPTH} levels"),
    "a long number": (b"9" * 100_000, "not JSON: Exceeds the limit"),
}


@pytest.mark.parametrize("name", BAD_JSON)
@pytest.mark.parametrize("path", ["decide", "what-if", "ask", "sweep"])
def test_what_is_no_json_is_refused_with_its_place(api: TestClient, name: str, path: str) -> None:
    body, detail = BAD_JSON[name]
    assert detail in problem(api.post(f"/v1/{path}", content=body, headers=JSON), 400)["detail"]


def test_each_fault_of_a_record_has_its_path(api: TestClient) -> None:
    record = {**RECORD, "disease": {"bsa_percent": "much"}, "therapies": [{"id": "a", "days": -1}], "nonsense": 1}
    details = problem(api.post("/v1/decide", json=record), 422)
    paths = [fault["path"] for fault in details["errors"]]
    assert {"disease.bsa_percent", "therapies[0].days", "nonsense"} <= {*paths} and all(
        fault["message"] for fault in details["errors"]
    )
    within = problem(api.post("/v1/ask", json={"record": record}), 422)["errors"]
    assert [fault["path"] for fault in within] == [f"record.{path}" for path in paths]


@pytest.mark.parametrize(
    ("path", "body", "places"),
    [
        ("what-if", [], [""]),
        ("what-if", {}, ["record", "scenarios"]),
        ("what-if", {"record": RECORD, "scenarios": {}}, ["scenarios"]),
        ("what-if", {"record": RECORD, "scenarios": []}, ["scenarios"]),
        ("what-if", {"record": RECORD, "scenarios": {"a": {}}}, ["scenarios.a"]),
        ("what-if", {"record": RECORD, "scenarios": {"a": {"put": 1}}}, ["scenarios.a"]),
        ("what-if", {"record": RECORD, "scenarios": {"a": [{"op": "remove", "path": "/x"}]}}, ["scenarios.a"]),
        ("what-if", {"record": RECORD, "scenarios": {"a": {"set": {"disease.bsa_percent": 200}}}}, ["scenarios.a"]),
        ("what-if", {"record": RECORD, "scenarios": {"a": {"assume": "x"}}}, ["scenarios.a.assume"]),
        ("what-if", {"record": RECORD, "scenarios": {"a": {"assume": ["("]}}}, ["scenarios.a.assume"]),
        ("what-if", {"record": RECORD, "scenarios": {str(n): [{}] for n in range(101)}}, ["scenarios"]),
        ("ask", {"record": RECORD, "declined": [1]}, ["declined"]),
        ("ask", {"record": RECORD, "more": 1}, ["more"]),
        ("sweep", {"record": RECORD}, ["over"]),
        ("sweep", {"record": RECORD, "over": 1}, ["over"]),
        ("sweep", {"record": RECORD, "over": "disease.bsa_percent=9..1"}, ["over"]),
        ("sweep", {"record": RECORD, "over": "disease.bsa_percent=0..99999"}, ["over"]),
        ("sweep", {"record": RECORD, "over": "disease.bsa_percent=0..100", "step": 1}, ["step"]),
    ],
)  # fmt: skip
def test_what_is_asked_of_a_record_is_checked(api: TestClient, path: str, body: Any, places: list[str]) -> None:
    details = problem(api.post(f"/v1/{path}", json=body), 422)
    assert [fault["path"] for fault in details["errors"]] == places


def test_the_query_is_checked(api: TestClient) -> None:
    for query in ("limit=0", "limit=many", "limit=1000001"):
        assert problem(api.post(f"/v1/decide?{query}", json=RECORD), 422)["errors"][0]["path"] == "query.limit"
    assert (
        problem(api.post("/v1/batch?explain=some", content=b"", headers=NDJSON), 422)["errors"][0]["path"]
        == "query.explain"
    )


def test_media_types(api: TestClient) -> None:
    for path, wanted in (("decide", "application/json"), ("batch", "application/x-ndjson")):
        for kind in ({}, {"Content-Type": "text/plain"}, {"Content-Type": wanted, "Content-Encoding": "gzip"}):
            response = api.post(f"/v1/{path}", content=b"{}", headers=kind)
            problem(response, 415)
        assert api.post(f"/v1/{path}", content=b"{}", headers={"Content-Type": "x/y"}).headers["accept"] == wanted
    assert api.post(
        "/v1/decide", content=json.dumps(RECORD), headers={"Content-Type": "Application/JSON; charset=utf-8"}
    ).is_success


def test_paths_and_methods(api: TestClient) -> None:
    for path in (
        "/v1/nonsense",
        "/v2/decide",
        "/v1/decide/",
        "/v1",
        "/docs",
        "/redoc",
    ):
        problem(api.get(path), 404)
    for method, path, allowed in (
        ("GET", "/v1/decide", "POST"),
        ("POST", "/v1/policy", "GET"),
        ("DELETE", "/healthz", "GET"),
    ):
        response = api.request(method, path)
        assert allowed in problem(response, 405)["detail"] and response.headers["allow"] == allowed


# ── What the rules cannot answer ─────────────────────────────────────────────


def test_a_fault_of_the_server_is_a_problem_and_logged_by_its_place(
    policy: Policy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise KeyError("secret")

    with client(policy) as api:
        monkeypatch.setattr(Policy, "judge", fails)
        response = api.post("/v1/decide", json=RECORD)
        assert "secret" not in response.text and "fault of the server" in problem(response, 500)["detail"]
    assert "unexpected KeyError in" in caplog.text and "test_api.py" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize(
    ("error", "status"), [(TimeLimitError("solving took more than 20 s"), 504), (RulesError("two values"), 500)]
)
def test_rules_without_an_answer(
    policy: Policy, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fails(*_: object) -> None:
        raise error

    with client(policy) as api:
        monkeypatch.setattr(Policy, "judge", fails)
        assert str(error) in problem(api.post("/v1/decide", json=RECORD), status)["detail"]
        monkeypatch.setattr(lines, "judged", fails)
        assert (
            str(error) in problem(api.post("/v1/batch", content=json.dumps(RECORD), headers=NDJSON), status)["detail"]
        )
        monkeypatch.undo()
        assert api.post("/v1/decide", json=RECORD).is_success


def test_health_and_readiness(policy: Policy) -> None:
    with client(policy) as api:
        assert api.get("/healthz").json() == {"status": "alive"} and api.get("/readyz").json() == {"status": "ready"}
    before = TestClient(application(Settings(), lambda: policy), base_url="http://127.0.0.1")
    assert before.get("/healthz").status_code == 200
    assert problem(before.get("/readyz"), 503) and before.get("/readyz").headers["retry-after"] == "1"
    problem(before.post("/v1/decide", json=RECORD), 503)


def test_requests_are_counted_by_path_and_status(policy: Policy) -> None:
    with client(policy) as api:
        for body in (RECORD, RECORD, {}):
            api.post("/v1/decide", json=body)
        api.get("/v1/nonsense")
        api.get("/v1/schema/record", headers={"Host": "elsewhere"})
        counts = api.get("/metrics").text
    for labels, count in (
        ('{method="POST",path="/v1/decide",status="200"}', 2),
        ('{method="POST",path="/v1/decide",status="422"}', 1),
        ('{method="GET",path="unknown",status="404"}', 1),
        ('{method="GET",path="unknown",status="421"}', 1),
    ):
        assert f"reasoner_requests_total{labels} {count}.0" in counts
    assert "reasoner_requests_open 1.0" in counts and 'reasoner_request_seconds_count{path="/v1/decide"} 3.0' in counts
    assert len([*islice(counts.splitlines(), 200)]) < 100
