"""The only place that speaks HTTP. Every way it can fail becomes a `SyncProblem`."""

import platform
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
from requests import exceptions as http_errors
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import exceptions as socket_errors

from db.ids import new_id
from sync.client.credentials import Credentials, CredentialStore
from sync.client.errors import (
    BY_CODE,
    AddressNotUsable,
    AnswerDamaged,
    AnswerNotUnderstood,
    BranchDiffers,
    BranchUnknown,
    CertificateNotTrusted,
    NotEnrolled,
    NotOffered,
    ServiceBusy,
    ServiceFailing,
    ServiceTimedOut,
    ServiceTooOld,
    ServiceUnreachable,
    SyncProblem,
    TokenExpired,
    UpgradeRequired,
)
from sync.protocol import codec
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import COMPRESS_FROM, CONTENT_PART, PLAIN_BYTES
from sync.protocol.versions import PROGRAM_VERSION, PROTOCOL_VERSION

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
_TOKEN_MARGIN = 30.0
_LONGEST_WAIT = 300.0
T = TypeVar("T")
_Read = Callable[[requests.Response, str], T]
"""Makes an answer of a response and its request's id; raises SyncProblem."""
_ALWAYS_THERE = frozenset({"oauth/token", "v1/enrol", "v1/renew", "v1/push", "v1/pull", "v1/publish", "v1/health"})
REQUEST_ID = "request_id"
"""Under this key an answer carries the id of its request, which also stands in the service's log."""


class _Bearer(AuthBase):
    """Sets the token; being set explicitly, it keeps a .netrc from putting something else there."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True, slots=True)
class ContentStanding:
    """How much of a content the centre has; `complete` once it proved the digest."""

    size: int
    received: int
    complete: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    headers: Mapping[str, str]
    body: bytes


class HttpTransport:
    """Talks to one service as one desk. Threads may share it.

    `ca_file` is a certificate authority to trust besides none other; timeouts are in seconds.
    """

    def __init__(
        self, address: str, credentials: CredentialStore, *, ca_file: Path | None = None,
        connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS,
    ) -> None:  # fmt: skip
        self.address = address.rstrip("/")
        self.credentials = credentials
        self._known: Credentials | None = None
        self._timeout = (connect_seconds, read_seconds)
        self._session = requests.Session()
        self._session.mount("https://", HTTPAdapter(pool_maxsize=2))
        self._session.mount("http://", HTTPAdapter(pool_maxsize=2))
        self._read_environment(ca_file)
        self._session.headers.update(
            {
                "User-Agent": user_agent(), "Accept": "application/json", "Content-Type": "application/json",
                "Accept-Encoding": ", ".join(codec.encodings()), "Forecourt-Protocol": str(PROTOCOL_VERSION),
            }
        )  # fmt: skip
        self._asked_before: dict[tuple[str, str], requests.PreparedRequest] = {}
        self._token, self._token_until = "", 0.0
        self._bytes_out = self._bytes_in = 0
        self._token_lock = threading.Lock()

    def _read_environment(self, ca_file: Path | None) -> None:
        """Proxies and certificates as the computer is set up, read once: requests would read them at every request."""
        try:
            found = self._session.merge_environment_settings(self.address, {}, None, None, None)
        except ValueError:  # an address that is none is told of when it is used
            found = {}
        self._session.proxies = dict(found.get("proxies") or {})
        self._session.verify = str(ca_file) if ca_file is not None else found.get("verify", True)
        self._session.trust_env = False

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes of bodies that travelled there and back since this was made, compressed as they were; about."""
        return self._bytes_out, self._bytes_in

    @property
    def is_enrolled(self) -> bool:
        """Whether this desk has credentials at all."""
        return self._credentials() is not None

    @property
    def tenant(self) -> str:
        """The dealer group this desk belongs to. Raises NotEnrolled."""
        known = self._credentials()
        if known is None:
            raise NotEnrolled()
        return known.tenant

    def push(self, body: bytes) -> dict[str, Any]:
        """Send operations; the body is the JSON of the message."""
        return self._authorised("push", body, self._read)

    def pull(self, message: dict[str, Any]) -> dict[str, Any]:
        """Ask for the next page."""
        return self._authorised("pull", codec.dump(message), self._read)

    def pull_ahead(self, message: dict[str, Any]) -> Callable[[], dict[str, Any]]:
        """Ask for a page that is looked at later, by what this gives: a page waits as it travelled, in a twentieth of
        the memory."""
        return self._authorised("pull", codec.dump(message), self._read_later)

    def publish(self, message: dict[str, Any]) -> dict[str, Any]:
        """Show the centre rows it may not know."""
        return self._authorised("publish", codec.dump(message), self._read)

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        """A question that changes nothing: `stock`, `compare` or `rows`."""
        return self._authorised(question, codec.dump(message), self._read)

    def snapshot_part(self, message: dict[str, Any]) -> bytes:
        """One part of a snapshot, as the text its digest is made of."""
        return self._authorised("snapshot-part", codec.dump(message), self._read_text)

    def send_form(self, name: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """A form of OAuth 2.0 to `token` or `revoke`."""
        body = urlencode(fields).encode("ascii")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._exchange(f"oauth/{name}", body, kind, "", self._read)

    def ask_as_person(self, question: str, message: dict[str, Any], token: str) -> dict[str, Any]:
        """A question or an order of somebody at headquarters, who shows their own token."""
        return self._send(f"administration/{question}", codec.dump(message), token, self._read)

    def renew(self, *, after_n: int, after_hash: str) -> dict[str, Any]:
        """Get a further identity and use it from now on."""
        answer = self._authorised("renew", codec.dump({"after_n": after_n, "after_hash": after_hash}), self._read)
        self._take(answer)
        return answer

    def enrol(self, *, code: str, branch_id: str, after_n: int, after_hash: str) -> dict[str, Any]:
        """Exchange a code for credentials, which are kept."""
        message = {"code": code, "branch_id": branch_id, "after_n": after_n, "after_hash": after_hash}
        answer = self._send("enrol", codec.dump(message), "", self._read)
        self._take(answer)
        return answer

    def content_standing(self, sha256: str, attachment_id: str) -> ContentStanding:
        """How much of a content the centre has; `attachment_id` names a row that has it."""
        answer = self._content("HEAD", sha256, attachment_id)
        return self._standing(
            {name: answer.headers.get(f"Forecourt-{name}") for name in ("received", "size", "complete")}
        )

    def send_content(
        self, sha256: str, attachment_id: str, *, start: int, total: int, part: bytes
    ) -> ContentStanding:  # fmt: skip
        """Send a part; tells how much the centre has then."""
        span = f"bytes {start}-{start + len(part) - 1}/{total}"
        sent = {"Content-Range": span, "Content-Type": "application/octet-stream"}
        answer = self._content("PUT", sha256, attachment_id, body=part, headers=sent)
        return self._standing(_json(answer.body))

    def fetch_content(self, sha256: str, attachment_id: str, *, start: int) -> bytes:
        """The bytes from `start` on, one part of them."""
        answer = self._content("GET", sha256, attachment_id, headers={"Range": f"bytes={start}-"})
        if not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise AnswerNotUnderstood(address=self.address)
        return answer.body

    def _standing(self, told: Any) -> ContentStanding:
        try:
            return ContentStanding(int(told["size"]), int(told["received"]), complete=int(told["complete"]) == 1)
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerNotUnderstood(address=self.address) from error

    def time_stamp(self, query: bytes) -> bytes:
        """A TimeStampResp for a TimeStampReq (RFC 3161), both DER; a refusal by the authority stands in it."""
        sent = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        answer = self._plain_bytes("POST", f"{self.address}/v1/timestamp", body=query, headers=sent)
        if not answer.headers.get("Content-Type", "").startswith(sent["Accept"]):
            raise AnswerNotUnderstood(address=self.address)
        return answer.body

    def health(self) -> dict[str, Any]:
        """Whether the service answers."""
        return self._send("health", None, "", self._read)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _credentials(self) -> Credentials | None:
        if self._known is None:
            self._known = self.credentials.load()
        return self._known

    def _take(self, answer: dict[str, Any]) -> None:
        try:
            credentials = Credentials(answer["tenant"], answer["device_id"], answer["key"])
        except (KeyError, TypeError) as error:
            raise AnswerNotUnderstood(address=self.address) from error
        self.credentials.save(credentials)
        with self._token_lock:
            self._known, self._token = credentials, ""

    def _authorised(self, name: str, body: bytes, read: _Read[T]) -> T:
        try:
            return self._send(name, body, self._current_token(), read)
        except TokenExpired:
            with self._token_lock:
                self._token = ""
            return self._send(name, body, self._current_token(), read)

    def _content(
        self, method: str, sha256: str, attachment_id: str, *, body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> _Answer:  # fmt: skip
        """One request about a content."""
        address = f"{self.address}/v1/content/{sha256}?attachment={attachment_id}"
        return self._plain_bytes(method, address, body=body, headers=headers or {})

    def _plain_bytes(self, method: str, address: str, *, body: bytes | None, headers: dict[str, str]) -> _Answer:
        """One request of bytes as they are, repeated once with a new token where the old one has expired."""
        try:
            return self._plain_bytes_once(method, address, body, headers)
        except TokenExpired:
            with self._token_lock:
                self._token = ""
            return self._plain_bytes_once(method, address, body, headers)

    def _plain_bytes_once(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> _Answer:
        request_id, token = new_id(), self._current_token()
        try:
            response = self._session.request(
                method, address, data=body, auth=_Bearer(token), timeout=self._timeout, allow_redirects=False,
                headers={"X-Request-Id": request_id, "Accept-Encoding": "identity", **headers}, stream=True,
            )  # fmt: skip
            with response:
                found = b"" if method == "HEAD" else _limited(response, limit=CONTENT_PART)
        except codec.CorruptBody as error:
            raise AnswerDamaged(request_id=request_id) from error
        except (http_errors.RequestException, socket_errors.HTTPError, OSError) as error:
            raise self._problem(error, request_id) from error
        if response.status_code in (200, 206):
            return _Answer(response.headers, found)
        told = _json(found) or {"error": response.headers.get("Forecourt-Error", "")}
        raise self._refusal(response, told, request_id)

    def _current_token(self) -> str:
        with self._token_lock:
            if self._token and time.monotonic() < self._token_until:
                return self._token
            known = self._credentials()
            if known is None:
                raise NotEnrolled()
            client = f"{known.tenant}.{known.device_id}"
            answer = self.send_form(
                "token", {"grant_type": "client_credentials", "client_id": client, "client_secret": known.key}
            )
            try:
                self._token, seconds = str(answer["access_token"]), float(answer["expires_in"])
            except (KeyError, TypeError, ValueError) as error:
                raise AnswerNotUnderstood(address=self.address) from error
            self._token_until = time.monotonic() + max(seconds - _TOKEN_MARGIN, 1.0)
            return self._token

    def _send(self, name: str, body: bytes | None, token: str, read: _Read[T]) -> T:
        headers: dict[str, str] = {}
        if body is not None and len(body) >= COMPRESS_FROM:
            encoding = codec.encodings()[0]
            body = codec.compress(body, encoding)
            headers["Content-Encoding"] = encoding
        self._bytes_out += len(body or b"")
        return self._exchange(f"v1/{name}", body, headers, token, read)

    def _exchange(
        self, path: str, body: bytes | None, headers: dict[str, str], token: str, read: _Read[T]
    ) -> T:  # fmt: skip
        request_id = new_id()
        try:
            request = self._prepared(path, body, {**headers, "X-Request-Id": request_id}, token)
            response = self._session.send(
                request, timeout=self._timeout, allow_redirects=False, stream=True, proxies=self._session.proxies,
                verify=self._session.verify, cert=None,
            )  # fmt: skip
            with response:
                return read(response, request_id)
        except NotOffered as problem:
            if path in _ALWAYS_THERE:  # whoever lacks these is not an older service, but none
                raise AnswerNotUnderstood(address=self.address, request_id=request_id) from problem
            raise
        except SyncProblem as problem:
            problem.request_id = problem.request_id or request_id
            raise
        except (http_errors.RequestException, socket_errors.HTTPError, OSError) as error:
            raise self._problem(error, request_id) from error

    def _prepared(
        self, path: str, body: bytes | None, headers: dict[str, str], token: str
    ) -> requests.PreparedRequest:  # fmt: skip
        """One request. Its address was looked at the first time it was asked for: that takes longer than all the rest.

        Where something in between has set a cookie, each one is prepared anew, with it.
        """
        method = "GET" if body is None else "POST"
        like = self._asked_before.get((method, path))
        if like is None or self._session.cookies:
            like = self._session.prepare_request(requests.Request(method, f"{self.address}/{path}"))
            self._asked_before[method, path] = like
        request = like.copy()
        request.headers.update(headers)
        request.prepare_body(body, None)
        return _Bearer(token)(request)

    def _problem(self, error: BaseException, request_id: str) -> SyncProblem:
        """What became of a request that got no answer: the service may have seen it all the same."""
        problem = self._worded(error)
        problem.request_id = request_id
        return problem

    def _worded(self, error: BaseException) -> SyncProblem:
        if isinstance(error, http_errors.SSLError):
            return CertificateNotTrusted(address=self.address)
        if isinstance(error, (http_errors.ReadTimeout, socket_errors.ReadTimeoutError)):
            return ServiceTimedOut(address=self.address)
        damaged = (
            http_errors.ChunkedEncodingError, http_errors.ContentDecodingError, socket_errors.ProtocolError,
            socket_errors.IncompleteRead, socket_errors.DecodeError,
        )  # fmt: skip
        if isinstance(error, damaged):
            return AnswerDamaged()
        unusable = (http_errors.InvalidURL, http_errors.MissingSchema, http_errors.InvalidSchema)
        if isinstance(error, unusable) or not urlsplit(self.address).hostname:
            return AddressNotUsable(address=self.address)
        return ServiceUnreachable(address=self.address)

    def _read(self, response: requests.Response, request_id: str) -> dict[str, Any]:
        """The message of an answer; raises the refusal it is."""
        body = self._body(response, request_id)
        is_json = "json" in response.headers.get("Content-Type", "")
        message = _message_in(body) if is_json else None
        if response.status_code == 200 and isinstance(message, dict):
            message[REQUEST_ID] = request_id
            return message
        raise self._refusal(response, message, request_id)

    def _read_later(self, response: requests.Response, request_id: str) -> Callable[[], dict[str, Any]]:
        """What reads the message of an answer that has arrived; raises the refusal it is."""
        if response.status_code != 200:
            self._read(response, request_id)  # which raises it
        travelled, encoding = self._arrived(response, request_id)

        def read() -> dict[str, Any]:
            try:
                message = _message_in(self._plain(travelled, encoding))
                if not isinstance(message, dict):
                    raise AnswerNotUnderstood(address=self.address)
            except SyncProblem as problem:
                problem.request_id = request_id
                raise
            message[REQUEST_ID] = request_id
            return message

        return read

    def _read_text(self, response: requests.Response, request_id: str) -> bytes:
        """The text of an answer, as yet unread; raises the refusal it is."""
        body = self._body(response, request_id)
        if response.status_code == 200:
            return body
        raise self._refusal(response, _json(body), request_id)

    def _body(self, response: requests.Response, request_id: str) -> bytes:
        """The plain body, which is JSON where the answer is no refusal."""
        return self._plain(*self._arrived(response, request_id))

    def _arrived(self, response: requests.Response, request_id: str) -> tuple[bytes, str]:
        """The body as it travelled, and its encoding."""
        if response.headers.get("X-Request-Id", request_id) != request_id:
            raise AnswerDamaged()  # something in between has mixed up two answers
        if response.status_code == 200 and "json" not in response.headers.get("Content-Type", ""):
            raise AnswerNotUnderstood(address=self.address)
        try:
            travelled = _limited(response)
        except codec.CorruptBody as error:
            raise AnswerDamaged() from error
        self._bytes_in += len(travelled)
        return travelled, response.headers.get("Content-Encoding", "")

    @staticmethod
    def _plain(travelled: bytes, encoding: str) -> bytes:
        try:
            return codec.decompress(travelled, encoding, limit=PLAIN_BYTES)
        except (codec.CorruptBody, codec.UnknownEncoding) as error:
            raise AnswerDamaged() from error

    def _refusal(self, response: requests.Response, message: Any, request_id: str) -> SyncProblem:
        retry_after = _seconds(response.headers.get("Retry-After", ""))
        told = message if isinstance(message, dict) else {}
        try:
            # An answer of OAuth 2.0 has its own word under "error", and the house's beside it.
            code = ErrorCode(told.get("code") or told.get("error", ""))
        except ValueError:
            return self._foreign(response.status_code, retry_after, request_id)
        sent = told.get("detail")
        detail: dict[str, Any] = sent if isinstance(sent, dict) else {}
        kind: type[SyncProblem] = BY_CODE[code]
        if kind is BranchDiffers and not detail.get("known", True):
            kind = BranchUnknown
        spoken = detail.get("protocol")
        if kind is UpgradeRequired and type(spoken) is int and spoken < PROTOCOL_VERSION:
            kind = ServiceTooOld
        return kind(
            detail=detail, retry_after=retry_after, request_id=request_id, address=self.address,
            status=response.status_code, reason=code.value, branch=detail.get("branch", ""),
        )  # fmt: skip

    def _foreign(self, status: int, retry_after: float | None, request_id: str) -> SyncProblem:
        """The answer of something that is not the service: a proxy, a sign-in page, a gateway."""
        if status in (429, 503):
            return ServiceBusy(retry_after=retry_after, request_id=request_id)
        if status >= 500:
            return ServiceFailing(status=status, retry_after=retry_after, request_id=request_id)
        return AnswerNotUnderstood(address=self.address, request_id=request_id)


def user_agent() -> str:
    """What this desk says of its program and computer with every request: `Forecourt/0.1.0 (Windows 11; AMD64)`."""
    system = f"{platform.system()} {platform.release()}; {platform.machine()}"
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in system)
    return f"Forecourt/{PROGRAM_VERSION} ({plain.replace('(', '').replace(')', '')[:70]})"


def _message_in(body: bytes) -> Any:
    """What a body says. Raises AnswerDamaged for what is no JSON."""
    try:
        return codec.load(body)
    except codec.CorruptBody as error:
        raise AnswerDamaged() from error


def _json(body: bytes) -> Any:
    """What a body says; None for what is no JSON."""
    try:
        return codec.load(body)
    except codec.CorruptBody:
        return None


def _limited(response: requests.Response, *, limit: int = PLAIN_BYTES) -> bytes:
    """The raw body, still compressed; raises codec.ExplosiveBody beyond the limit, IncompleteRead when it is cut."""
    body: bytes = response.raw.read(limit + 1, decode_content=False)
    if len(body) > limit:
        raise codec.ExplosiveBody("larger than allowed")
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) != len(body):
        raise codec.CorruptBody("cut short")
    return body


def _seconds(header: str) -> float | None:
    return min(float(header), _LONGEST_WAIT) if header.isascii() and header.isdigit() else None
