"""A network that loses things, requests before they arrive and answers after they were given, or doubles them."""

from collections.abc import Callable
from typing import Any

from sync.client.errors import AnswerDamaged, ServiceUnreachable
from sync.client.transport import HttpTransport


class LosingTransport:
    """Wraps a transport. `plan(name, count)` is asked at each call: "" passes it on, "request" or "answer" loses
    it, "twice" delivers the request twice."""

    def __init__(self, inner: HttpTransport, plan: Callable[[str, int], str]) -> None:
        self._inner = inner
        self.plan = plan
        self.calls: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _through(self, name: str, *given: Any, **named: Any) -> Any:
        count = self.calls[name] = self.calls.get(name, 0) + 1
        lost = self.plan(name, count)
        if lost == "request":
            raise ServiceUnreachable(address=self._inner.address)
        answer = getattr(self._inner, name)(*given, **named)
        if lost == "twice" and name != "renew":
            answer = getattr(self._inner, name)(*given, **named)
        if lost == "answer":
            raise AnswerDamaged()
        return answer

    def push(self, body: bytes) -> Any:
        return self._through("push", body)

    def pull(self, message: dict[str, Any]) -> Any:
        return self._through("pull", message)

    def pull_ahead(self, message: dict[str, Any]) -> Callable[[], Any]:
        page = self.pull(message)
        return lambda: page

    def publish(self, message: dict[str, Any]) -> Any:
        return self._through("publish", message)

    def ask(self, question: str, message: dict[str, Any]) -> Any:
        return self._through("ask", question, message)

    def snapshot_part(self, message: dict[str, Any]) -> Any:
        return self._through("snapshot_part", message)

    def renew(self, **given: Any) -> Any:
        return self._through("renew", **given)
