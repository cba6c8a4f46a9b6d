"""The OpenAPI document: complete, true to the list of endpoints, and a service that keeps to it (by schemathesis)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from pydantic import BaseModel, ValidationError
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.serialization import serialize_binary

from sync.protocol.codes import HTTP_STATUS, ErrorCode
from sync.protocol.operations import KINDS, problem_in
from sync.server.endpoint_list import ENDPOINTS
from sync.server.endpoints import Caller
from sync.server.feed_endpoints import Operation, PublishMessage, PushMessage
from sync.server.openapi import codes_of, document
from tests.sync.conftest import BACKENDS
from tests.sync.raw_device import RawDevice
from tests.sync.service_process import ServiceProcess

_EXAMPLES = {"sqlite": 3, "postgresql": 2}
"""What PostgreSQL does otherwise is a matter of values: there the systematic phases are left out."""
_ONCE = "/v1/pull"
_SHARED = {f"#/components/parameters/{name}" for name in document()["components"]["parameters"]}
"""Headers that are read in one place for all endpoints are tried out at one of them."""
_REJECTED = ["400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429", "5xx"]


def _whole(value: Any) -> Any:
    """406.0 as 406. JSON Schema calls both an integer, the service only the one: what desks say is stored as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {key: _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def _numbered(body: Any) -> Any:
    """Operations in a push follow each other without a gap, which no schema can say."""
    try:
        start = body["previous"]["n"]
        for n, operation in enumerate(body["operations"], start=start + 1):
            if type(operation["n"]) is int and type(start) is int:
                operation["n"] = n
    except (KeyError, TypeError, AttributeError):
        pass  # broken on purpose
    return body


@schemathesis.serializer("application/timestamp-query")
def as_it_is(context: Any, value: Any) -> bytes:
    """Bytes travel as they are, whatever they are called."""
    return serialize_binary(value)


@schemathesis.hook  # type: ignore[untyped-decorator]
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Before each request of whatever phase."""
    if isinstance(case.body, dict):
        body = _whole(case.body)
        case.body = _numbered(body) if case.operation.label == "POST /v1/push" else body


def _readable(schema: Any) -> Any:
    """Lists of fixed kinds as lists of any of them: within `anyOf` schemathesis cannot read `prefixItems` yet."""
    if isinstance(schema, list):
        return [_readable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    read = {key: _readable(value) for key, value in schema.items()}
    if "prefixItems" in read:
        read["items"] = {"anyOf": read.pop("prefixItems")}
    return read


def _shorter(served: Any) -> Any:
    for path, known in served["paths"].items():
        if path != _ONCE:
            for one in (known, *(operation for operation in known.values() if isinstance(operation, dict))):
                one["parameters"] = [each for each in one.get("parameters", []) if each.get("$ref") not in _SHARED]
    return served


def _schema(device: RawDevice, url: str, backend: str) -> Any:
    served = _shorter(httpx.get(f"{url}/v1/openapi.json").json())
    schema = schemathesis.openapi.from_dict(_readable(served), config=SchemathesisConfig())
    schema.config.base_url = url
    schema.config.headers = {"Authorization": f"Bearer {device.token}"}
    generation = schema.config.generation
    generation.max_examples, generation.deterministic, generation.database = _EXAMPLES[backend], True, "none"
    phases = schema.config.phases
    phases.coverage.enabled = phases.examples.enabled = phases.stateful.enabled = backend == "sqlite"
    # Besides what is usual for a request that is not as it should be: 413 for too long a list, 426 for a protocol
    # nobody speaks.
    schema.config.checks.negative_data_rejection.expected_statuses = [*_REJECTED, "413", "426"]
    # 503 is `busy`, with `Retry-After`: a snapshot that is still being written, say. A fault is 500, `internal`.
    schema.config.checks.not_a_server_error.expected_statuses = ["2xx", "3xx", "4xx", "503"]

    return schema


def _is_known(label: str, failure: Any) -> bool:
    """A part's `Content-Range` has to fit its length, which no schema can say: `malformed` is right then. What is no
    query for a time-stamp is refused in the reply, with 200, as RFC 3161 has it. No schema says either that a text
    is a PDF and which digest it has, or a certificate and who issued it."""
    known = {
        "PUT /v1/content/{sha256}": "RejectedPositiveData", "POST /v1/timestamp": "AcceptedNegativeData",
        "POST /v1/signing-open": "RejectedPositiveData", "POST /v1/outside-lists": "RejectedPositiveData",
    }  # fmt: skip
    return known.get(label) == type(failure).__name__


def _findings(schema: Any) -> Iterator[str]:
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError | events.NonFatalError):
            yield f"{event}"
        if not isinstance(event, events.ScenarioFinished):
            continue
        for checks in event.recorder.checks.values():
            for check in checks:
                info = check.failure_info
                if info is not None and not _is_known(event.recorder.label, info.failure):
                    yield f"{event.phase} {event.recorder.label}: {info.failure.title}\n{info.code_sample}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_schemathesis_finds_nothing(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Every endpoint with right, wrong and borderline data: statuses, forms, headers, methods, who may call."""
    database = request.getfixturevalue("cluster").create_database() if backend == "postgresql" else ""
    with ServiceProcess(tmp_path, database=database) as service:  # of its own: it guesses codes
        device = RawDevice(service.url, service.enrol())
        device.push(device.put(name="Lin"))
        found = list(_findings(_schema(device, service.url, backend)))
        device.close()
    assert not found, "\n\n".join(found)


def test_the_document_has_every_endpoint_with_its_forms_and_codes(own_service: ServiceProcess) -> None:
    served = httpx.get(f"{own_service.url}/v1/openapi.json").json()
    assert served == document() and served["openapi"] == "3.1.0"
    for endpoint in ENDPOINTS:
        if not endpoint.documented:  # a page for people
            continue
        told = served["paths"][endpoint.path][endpoint.method.lower()]
        assert bool(told.get("security")) == (endpoint.caller is not Caller.ANYONE)
        said = {
            code
            for status, answer in told["responses"].items()
            if not status.startswith("2") and "allOf" in answer["content"]["application/json"]["schema"]
            for code in answer["content"]["application/json"]["schema"]["allOf"][1]["properties"]["error"]["enum"]
        }
        foreign = endpoint.openapi.get("responses", {})  # in the form of OAuth, which has codes of its own
        assert said == {code.value for code in codes_of(endpoint) if str(HTTP_STATUS[code]) not in foreign}
        assert any(status.startswith("2") or status == "302" for status in told["responses"])
    everywhere = {code for endpoint in ENDPOINTS for code in codes_of(endpoint)}
    nowhere = {ErrorCode.NOT_FOUND, ErrorCode.METHOD_NOT_ALLOWED}
    by_oauth = {ErrorCode.TOKEN_REFUSED, ErrorCode.DEVICE_KEY_WRONG}  # stand in the body beside OAuth's own
    assert everywhere | nowhere | by_oauth == set(ErrorCode)


_NAMED = {"n": 1, "txn": "", "kind": "", "table": "", "id": ""}


def _operations() -> list[dict[str, Any]]:
    good = {
        "n": 1, "txn": "a" * 32, "v": 1, "kind": "put", "table": "customer", "id": "b" * 32, "scope": "group",
        "base": 0, "fields": {"name": "Lin"}, "clock": "0199a5c2b4e00000-8b0c7d24", "at": 5, "by": "",
    }  # fmt: skip
    wrong: dict[str, list[Any]] = {
        "v": [0, "1", None], "kind": ["drop", 1], "table": ["Customer", "", 5], "id": [5, None],
        "base": [-1, "0", False], "scope": ["all", 5], "fields": [[], None, "x"], "clock": ["now", 5],
        "at": [-1, "5"], "by": [5, None],
    }  # fmt: skip
    return [good, *({**good, key: value} for key, values in wrong.items() for value in values)]


@pytest.mark.parametrize("operation", _operations())
def test_the_form_of_an_operation_is_what_the_service_takes(operation: dict[str, Any]) -> None:
    """`operation_malformed` by hand and by the documented form agree."""
    try:
        Operation.model_validate(operation)
        fits = True
    except ValidationError:
        fits = False
    assert (problem_in(operation) is None) == fits


def test_every_kind_of_operation_is_documented() -> None:
    kinds = document()["components"]["schemas"]["Operation"]["properties"]["kind"]["enum"]
    assert set(kinds) == set(KINDS)


@pytest.mark.parametrize(
    ("name", "model", "message"),
    [
        ("push", PushMessage, {"previous": {"n": 0}, "operations": [{"n": True}]}),
        ("push", PushMessage, {"previous": {"n": False}, "operations": []}),
        ("push", PushMessage, {"previous": {"n": 0}, "operations": [], "epoch": 5}),
        ("push", PushMessage, {"previous": {"n": 0}, "operations": [{**_NAMED, "txn": 1}]}),
        ("push", PushMessage, {"operations": []}),
        ("publish", PublishMessage, {"rows": [[1]]}),
        ("publish", PublishMessage, {"rows": [], "claims": [[1, 2]]}),
        ("publish", PublishMessage, {"rows": None}),
        ("publish", PublishMessage, {"rows": [], "epoch": False}),
    ],
)  # fmt: skip
def test_hand_written_checks_agree_with_the_model(
    join_small: RawDevice, name: str, model: type[BaseModel], message: Any
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(message)
    answer = join_small.post(name, message)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_a_row_nobody_can_read_does_not_fail_a_publication(join_small: RawDevice) -> None:
    rows = [
        [{}, [], {"": [1]}, {}, None, [], "x"], ["group", "customer", {}, 1, 2, {}, {}],
        ["group", [], "a", 1, 2, {}, {}], [[], "vehicle_unit", {}, 1, 2, {}, {}],
        ["group", "sales_order", "a" * 32, 1, 2, None, None],
    ]  # fmt: skip
    answer = join_small.post("publish", {"rows": rows})
    assert answer.status_code == 200
    assert {tuple(result[:4]) for result in answer.json()["results"]} == {("rejected", 0, 0, "operation_malformed")}


def test_a_claim_nobody_can_read_does_not_fail_a_publication(join_small: RawDevice) -> None:
    answer = join_small.post("publish", {"rows": [], "claims": [[[], [], {}], ["group", {"vin": 1}, None]]})
    assert answer.status_code == 200


def test_refusals_say_what_http_wants_to_hear(own_service: ServiceProcess) -> None:
    with httpx.Client(base_url=own_service.url) as http:
        wrong_method = http.get("/v1/push")
        assert (wrong_method.status_code, wrong_method.headers["allow"]) == (405, "POST")
        assert http.post("/v1/content/" + "0" * 64).headers["allow"] == "GET, HEAD, PUT"
        assert http.post("/v1/pull", json={}).headers["www-authenticate"].startswith("Bearer")
        nowhere = http.get("/v2", headers={"x-request-id": "nowhere-0001"})
        assert (nowhere.status_code, nowhere.headers["x-request-id"]) == (404, "nowhere-0001")


@pytest.fixture(scope="module")
def join_small(own_service: ServiceProcess) -> Iterator[RawDevice]:
    device = RawDevice(own_service.url, own_service.enrol())
    yield device
    device.close()
