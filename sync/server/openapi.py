"""The OpenAPI document of the service, made from the list of endpoints: nothing is said in two places."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sync.protocol import codec
from sync.protocol.codes import HTTP_STATUS, ErrorCode
from sync.protocol.limits import BODY_BYTES, PLAIN_BYTES
from sync.protocol.versions import PROTOCOL_VERSION
from sync.server.endpoint_list import DOCUMENTED_MODELS, ENDPOINTS
from sync.server.endpoints import Caller, Endpoint
from sync.server.messages import ErrorAnswer

_JSON = "application/json"
_ALWAYS = (
    ErrorCode.UPGRADE_REQUIRED, ErrorCode.TOO_MANY_REQUESTS, ErrorCode.INTERNAL, ErrorCode.BUSY,
)  # fmt: skip
_WITH_BODY = (
    ErrorCode.MALFORMED, ErrorCode.BODY_CORRUPT, ErrorCode.TOO_LARGE, ErrorCode.TOO_SLOW, ErrorCode.ENCODING_UNKNOWN,
)  # fmt: skip
_WITH_TOKEN = (ErrorCode.TOKEN_MISSING, ErrorCode.TOKEN_EXPIRED)
_RETRIED = frozenset({ErrorCode.BUSY, ErrorCode.TOO_MANY_ATTEMPTS, ErrorCode.TOO_MANY_REQUESTS})
SECURITY: dict[Caller, tuple[str, Mapping[str, Any]]] = {
    Caller.DESK: (
        "deskToken",
        {
            "type": "http", "scheme": "bearer",
            "description": "The token a desk gets at `/oauth/token` for its key; good for ten minutes.",
        },
    ),
    Caller.PERSON: (
        "person",
        {
            "type": "oauth2", "description": "A person who signed in; PKCE is required.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "/oauth/authorize", "tokenUrl": "/oauth/token", "refreshUrl": "/oauth/token",
                    "scopes": {},
                }
            },
        },
    ),
}  # fmt: skip
"""The security scheme of each kind of caller that needs one."""
_DESCRIPTION = f"""How desks and the centre talk: `docs/sync_protocol.md` explains it, this document has every form.

Bodies are JSON in UTF-8, at most {BODY_BYTES >> 20} MiB as they travel and {PLAIN_BYTES >> 20} MiB after
decompression; `Content-Encoding` and `Accept-Encoding` may be {" or ".join(codec.encodings())}."""


def codes_of(endpoint: Endpoint) -> list[ErrorCode]:
    """Every code this endpoint can answer, those of every request included."""
    codes = [*_ALWAYS, *endpoint.codes]
    if endpoint.message is not None or endpoint.openapi.get("requestBody"):
        codes += _WITH_BODY
    if endpoint.openapi.get("parameters"):
        codes += [ErrorCode.MALFORMED]
    if endpoint.caller is not Caller.ANYONE:
        codes += _WITH_TOKEN
    if endpoint.guesses:
        codes += [ErrorCode.TOO_MANY_ATTEMPTS]
    return list(dict.fromkeys(codes))


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1 of all endpoints."""
    references, schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        if not endpoint.documented:
            continue
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Forecourt central service", "version": str(PROTOCOL_VERSION), "description": _DESCRIPTION,
            "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in ENDPOINTS if one.documented)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {name: dict(scheme) for name, scheme in SECURITY.values()},
            "headers": _HEADERS,
            "parameters": _PARAMETERS,
        },
    }  # fmt: skip


def _schemas() -> tuple[dict[type[BaseModel], dict[str, Any]], dict[str, Any]]:
    models: dict[type[BaseModel], str] = {ErrorAnswer: "serialization"}
    for endpoint in ENDPOINTS:
        if endpoint.documented:
            models |= {endpoint.message: "validation"} if endpoint.message else {}
            models |= {endpoint.answer: "serialization"} if endpoint.answer else {}
    models |= dict.fromkeys(DOCUMENTED_MODELS, "validation")
    made, definitions = models_json_schema(
        [(model, mode) for model, mode in models.items()],  # type: ignore[misc]
        ref_template="#/components/schemas/{model}",
    )
    schemas = _closed(definitions["$defs"])
    schemas["ErrorCode"] = {"type": "string", "enum": [code.value for code in ErrorCode]}
    references: dict[Any, dict[str, Any]] = {model: reference for (model, _mode), reference in made.items()}
    return references, schemas


def _closed(schema: Any) -> Any:
    """Objects whose keys follow a pattern have no others: the models refuse them, pydantic does not say so."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "patternProperties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


def _operation(endpoint: Endpoint, references: Mapping[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": endpoint.name, "summary": endpoint.summary, "tags": [endpoint.tag],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS],
    }  # fmt: skip
    if endpoint.message is not None:
        description = (endpoint.message.__doc__ or "").strip()
        content: dict[str, Any] = {"schema": references[endpoint.message]}
        if endpoint.example is not None:
            content["examples"] = {"usual": {"value": dict(endpoint.example)}}
        told["requestBody"] = {"required": True, "description": description, "content": {_JSON: content}}
    if endpoint.caller is not Caller.ANYONE:
        told["security"] = [{SECURITY[endpoint.caller][0]: []}]
    told["responses"] = {**_success(endpoint, references), **_refusals(endpoint)}
    for key, value in endpoint.openapi.items():
        if key == "parameters":
            told[key] = [*told[key], *value]
        elif key == "responses":
            told[key] = {**told[key], **value}
        else:
            told[key] = value
    return told


def _success(endpoint: Endpoint, references: Mapping[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    if endpoint.answer is None:
        return {}
    content: dict[str, Any] = {"schema": references[endpoint.answer]}
    if endpoint.answer_example is not None:
        content["examples"] = {"usual": {"value": dict(endpoint.answer_example)}}
    done = {
        "description": (endpoint.answer.__doc__ or "Done").strip(), "headers": answer_headers(),
        "content": {_JSON: content},
    }  # fmt: skip
    if endpoint.links:
        done["links"] = {
            name: {
                "operationId": name,
                "requestBody": {key: f"$response.body#/{told}" for key, told in keys.items()},
            }
            for name, keys in endpoint.links.items()
        }
    return {"200": done}


def answer_headers(*more: str) -> dict[str, Any]:
    """References to the headers an answer carries."""
    return {_HEADER_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in ("RequestId", *more)}


def _refusals(endpoint: Endpoint) -> dict[str, Any]:
    by_status: dict[int, list[ErrorCode]] = {}
    for code in codes_of(endpoint):
        by_status.setdefault(HTTP_STATUS[code], []).append(code)
    return {str(status): refusal_response(by_status[status]) for status in sorted(by_status)}


def refusal_response(codes: Iterable[ErrorCode]) -> dict[str, Any]:
    """The response that says one of these codes."""
    listed = list(codes)
    headers = ["ErrorCode"]
    if any(code in _RETRIED for code in listed):
        headers.append("RetryAfter")
    if HTTP_STATUS[listed[0]] == 401:
        headers.append("Authenticate")
    narrowed = {"properties": {"error": {"enum": [code.value for code in listed]}}}
    return {
        "description": "Refused: " + ", ".join(f"`{code.value}`" for code in listed),
        "headers": answer_headers(*headers),
        "content": {_JSON: {"schema": {"allOf": [{"$ref": "#/components/schemas/ErrorAnswer"}, narrowed]}}},
    }


_HEADER_NAMES = {
    "RequestId": "X-Request-Id", "ErrorCode": "Forecourt-Error", "RetryAfter": "Retry-After",
    "Authenticate": "WWW-Authenticate",
}  # fmt: skip
_HEADERS: dict[str, Any] = {
    "RequestId": {
        "description": "The id of the request, as it stands in the centre's log", "required": True,
        "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    },
    "ErrorCode": {
        "description": "The code of a refusal once more", "required": True,
        "schema": {"$ref": "#/components/schemas/ErrorCode"},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the next try", "schema": {"type": "integer", "minimum": 1},
    },
    "Authenticate": {"description": "What is to be shown", "schema": {"type": "string"}},
}  # fmt: skip
_PARAMETERS: dict[str, Any] = {
    "RequestId": {
        "name": "X-Request-Id", "in": "header", "required": False,
        "description": "An id for this request: 8 to 64 letters, digits and `-`. Any other is replaced by a new one.",
        "schema": {"type": "string"}, "example": "0199a5c2b4e07cf1a6d35f1e8b0c7d24",
    },
    "Protocol": {
        "name": "Forecourt-Protocol", "in": "header", "required": False,
        "description": "The version of the protocol the caller speaks",
        "schema": {"type": "string", "enum": [str(PROTOCOL_VERSION - 1), str(PROTOCOL_VERSION)]},
        "example": str(PROTOCOL_VERSION),
    },
}  # fmt: skip
