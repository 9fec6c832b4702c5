"""The document of the API: its examples are sent, and requests made from it by chance have the answers that it promises."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from served import client
from starlette.testclient import TestClient

from reasoner import Policy
from reasoner.serve.settings import Settings

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.fixture(scope="session")
def document(api: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/openapi.json").json()
    return found


def content(part: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    ((media_type, described),) = part["content"].items()
    return media_type, described


def test_every_path_of_the_api_is_described(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1") and document["info"]["version"] == "1"
    asked = {"/v1/decide", "/v1/what-if", "/v1/ask", "/v1/sweep", "/v1/batch"}
    assert {*document["paths"]} == {*asked, "/v1/policy", "/v1/schema/{what}"}
    for path in asked:
        operation = document["paths"][path]["post"]
        assert operation["summary"] and operation["description"] and operation["requestBody"]["required"]
        for status in ("400", "401", "403", "408", "413", "415", "421", "422", "429", "500", "503", "504"):
            assert "application/problem+json" in operation["responses"][status]["content"]


def test_its_schemas_are_sound_and_those_of_the_commands(api: TestClient, document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Record"] == api.get("/v1/schema/record").json()
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas


def test_the_examples_are_answered_as_the_document_has_them(api: TestClient, document: dict[str, Any]) -> None:
    sent = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if "requestBody" not in operation:
                continue
            (kind, body), (_, answer) = content(operation["requestBody"]), content(operation["responses"]["200"])
            text = body["example"] if isinstance(body["example"], str) else json.dumps(body["example"])
            query = {"explain": "none"} if path == "/v1/batch" else {"limit": "1"} if path == "/v1/what-if" else {}
            found = api.post(path, content=text, headers={"Content-Type": kind}, params=query)
            assert found.status_code == 200
            assert (found.text if isinstance(answer["example"], str) else found.json()) == answer["example"]
            sent += 1
            if not isinstance(body["example"], str):
                for part, example in ((body, body["example"]), (answer, answer["example"])):
                    schema = {**part["schema"], "components": document["components"]}
                    jsonschema.Draft202012Validator(schema).validate(example)
    assert sent == 5


@pytest.mark.parametrize("folder", ["glp1", "household_benefit"])
def test_of_another_policy_the_schemas_are_its_own(folder: str, document: dict[str, Any]) -> None:
    other = Policy.load(POLICIES / folder)
    with client(other, Settings(rules=POLICIES / folder)) as api:
        found = api.get("/openapi.json").json()
    assert found["components"]["schemas"]["Record"] != document["components"]["schemas"]["Record"]
    assert other.title in found["info"]["title"]


# ── Requests made by chance ──────────────────────────────────────────────────


@schemathesis.serializer("application/x-ndjson")
def lines(_: object, value: Any) -> bytes:
    """A body of one line."""
    return json.dumps(value).encode()


@pytest.fixture(scope="session")
def described(policy: Policy) -> Iterator[Any]:
    with client(policy, Settings(rate=1e6, burst=10**6)) as api:
        yield schemathesis.openapi.from_asgi("/openapi.json", api.app, headers={"Host": "localhost"})


OPERATIONS = [
    *(("POST", f"/v1/{name}") for name in ("decide", "what-if", "ask", "sweep", "batch")),
    ("GET", "/v1/policy"),
    ("GET", "/v1/schema/{what}"),
]


@pytest.mark.parametrize("mode", [*schemathesis.GenerationMode], ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=str)
def test_requests_made_by_chance_have_the_answers_that_the_document_promises(
    described: Any, method: str, path: str, mode: Any
) -> None:
    """Of those that fit the document, and of those that do not.

    A record can fit its schema and have faults: parts that contradict each other. Of lines each has its own faults.
    """
    excluded = [positive_data_acceptance, *([negative_data_rejection] if path == "/v1/batch" else [])]

    @settings(max_examples=12, suppress_health_check=[*HealthCheck], phases=[Phase.generate])
    @given(described[path][method].as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(headers={"Host": "localhost"}, excluded_checks=excluded)

    try:
        check()
    except Unsatisfiable:
        assert method == "GET", "nothing can be wrong with these"
