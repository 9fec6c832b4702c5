"""The document that describes the API (OpenAPI 3.1), with the schemas of the policy that is served, and examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from msgspec.json import schema_components

from reasoner.batch.verdicts import Brief
from reasoner.serve.examples import examples
from reasoner.serve.json_body import JSON
from reasoner.serve.lines import NDJSON
from reasoner.serve.problems import MEDIA_TYPE
from reasoner.verdict.model import Verdict
from reasoner.verdict.policy import Policy
from reasoner.whatif.scenario import ChangedItem

_REFERENCE = "#/components/schemas/{name}"
_REFUSALS = {
    400: "It is not JSON as it is defined, in UTF-8, or it is nested too deep.",
    401: "The token is missing or wrong.",
    403: "A page of another site asks.",
    408: "The request takes too long to arrive.",
    413: "The request is too large.",
    415: "The media type is another one.",
    421: "This machine is not served by that name.",
    422: "The record, what is asked of it, or the query has faults: each with its path.",
    429: "This address asks too often.",
    500: "The rules have no single answer for the record.",
    503: "Too many ask at this moment.",
    504: "The answer takes too long.",
}


def sent(schema: str, media_type: str = JSON) -> dict[str, Any]:
    """What a path of the API is sent, as a part of its description."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": _ref(schema)}}}}


def described(schema: str, media_type: str = JSON, *, missing: bool = False) -> dict[int | str, dict[str, Any]]:
    """What a path of the API answers, by status."""
    problem = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    refusals = {**_REFUSALS, **({404: "There is no such schema."} if missing else {})}
    return {
        200: {"description": "The answer.", "content": {media_type: {"schema": _ref(schema)}}},
        **{status: {"description": text, "content": problem} for status, text in sorted(refusals.items())},
    }


def document(served: FastAPI, policy: Policy, record: dict[str, Any], *, with_token: bool) -> dict[str, Any]:
    """The whole document."""
    made = get_openapi(
        title=f"reasoner: {policy.title}",
        version=served.version,
        description="What the commands of `reasoner` do, with the same bytes as their `--json`.",
        routes=served.routes,
    )
    _, of_verdicts = schema_components([Verdict, Brief, ChangedItem], ref_template=_REFERENCE)
    made["components"] = {"schemas": {**of_verdicts, **_SCHEMAS, "Record": record}}
    if with_token:
        made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"token": []}]
    del made["paths"]["/v1/batch"]["post"]["responses"]["200"]["content"][JSON]  # what every answer is taken for
    for name, example in examples(policy).items():
        operation = made["paths"][f"/v1/{name}"]["post"]
        media_type = NDJSON if name == "batch" else JSON
        operation["requestBody"]["content"][media_type]["example"] = example.sent
        operation["responses"]["200"]["content"][media_type]["example"] = example.answer
    return made


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(name=name)}


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _object(required: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    properties = {**required, **others}
    return {"type": "object", "required": [*required], "properties": properties, "additionalProperties": False}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS = _list(_TEXT)
_NUMBER: dict[str, Any] = {"type": "integer"}
_ANY_OBJECT: dict[str, Any] = {"type": "object"}
_PATCH = _list(_ANY_OBJECT, minItems=1, description="A JSON Patch (RFC 6902).")
_DECISION = {"enum": ["approved", "denied", "out_of_scope"]}
_FAULT = _object({"path": _TEXT, "message": _TEXT})
_CHANGE = {"type": "object", "required": ["before", "after"]}
_VALUES = {**_ANY_OBJECT, "description": "Values by path."}
_FACTS = _list(_TEXT, description="Facts, as `reasoner facts` prints them.")

_SCHEMAS: dict[str, Any] = {
    "Problem": {
        **_object({"type": _TEXT, "title": _TEXT, "status": _NUMBER, "detail": _TEXT}, errors=_list(_ref("Fault"))),
        "description": "What went wrong, by RFC 9457; each fault has its path in what was sent.",
    },
    "Fault": _FAULT,
    "Line": {
        "description": "One for each line that is not empty; after a problem there is no other.",
        "anyOf": [_ref("Verdict"), _ref("Brief"), _ref("Refusal"), _ref("Problem")],
    },
    "Refusal": _object({"line": _NUMBER, "faults": _list(_ref("Fault"))}),
    "Scenarios": _object(
        {
            "record": _ref("Record"),
            "scenarios": {
                "type": "object",
                "minProperties": 1,
                "description": "By name.",
                "additionalProperties": {"anyOf": [_PATCH, _ref("Scenario")]},
            },
        }
    ),
    "Scenario": {
        **_object(
            {}, set={**_ANY_OBJECT, "description": "Values by path."}, remove=_TEXTS, assume=_FACTS, withdraw=_FACTS
        ),
        "minProperties": 1,
    },
    "Comparisons": {
        "anyOf": [_ref("Comparison"), _list(_ref("Comparison"))],
        "description": "Of one scenario it alone.",
    },
    "Comparison": {
        "type": "object",
        "required": ["name", "assumed", "withdrawn", "items", "vanished", "appeared", "before", "after"],
        "properties": {
            **{"name": _TEXT, "assumed": _TEXTS, "withdrawn": _TEXTS, "items": _list(_ref("ChangedItem"))},
            **{
                "vanished": _list(_TEXTS),
                "appeared": _list(_TEXTS),
                "before": _ref("Verdict"),
                "after": _ref("Verdict"),
            },
        },
        "additionalProperties": _CHANGE,
    },
    "Open": _object({"record": _ref("Record")}, declined=_list(_TEXT, description="Questions without an answer.")),
    "Asked": _object({"decision": _DECISION, "question": _or_null(_ref("Question"))}),
    "Question": _object(
        {
            **{"fact": _ref("Fact"), "text": _TEXT, "path": _or_null(_TEXT), "sets": _NUMBER, "total": _NUMBER},
            **{"answer": _TEXT, "values": _TEXTS, "titles": _ANY_OBJECT, "allowed": _TEXT, "why": _TEXT},
        }
    ),
    "Range": _object(
        {"record": _ref("Record"), "over": {**_TEXT, "description": "A path and its range: PATH=FROM..TO."}}, step=_TEXT
    ),
    "Intervals": _list(_object({"first": _TEXT, "last": _TEXT, "decision": _DECISION, "turned": _list(_TEXTS)})),
    "Items": _list(_object({"id": _TEXT, "title": _TEXT, "citation": _TEXT, "rules": _TEXTS})),
    "Schema": _ANY_OBJECT,
}
