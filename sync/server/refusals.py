"""A request answered with an error: its code, and what the desk needs to go on."""

from typing import Any

from sync.protocol.codes import HTTP_STATUS, ErrorCode


class Refusal(Exception):
    """Ends a request. `detail` travels beside the code; `retry_after` is in seconds."""

    def __init__(self, code: ErrorCode, *, retry_after: int | None = None, **detail: Any) -> None:
        super().__init__(code.value, detail)
        self.code = code
        self.detail = detail
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        return HTTP_STATUS[self.code]

    @property
    def headers(self) -> dict[str, str]:
        """Further headers of the answer."""
        return {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The answer as it travels."""
        return {"error": self.code.value, "detail": self.detail, "request_id": request_id}
