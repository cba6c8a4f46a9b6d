"""What the states of pages are reached with: the window, hands, the documents of the scene, and phones that answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.contracts.phone_queries import PhoneTerms
from app.tour.contract_scene import ContractScene
from app.tour.hands import Hands
from app.wiring.start import Application
from ui.shell.main_window import MainWindow
from ui.signing.phone_port import PhoneRequest, PhoneState

_QUIET = 1
"""So many further looks find nothing under way either."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The window with the documents of the scene in it."""

    application: Application
    window: MainWindow
    hands: Hands
    scene: ContractScene
    phones: "PicturedPhones"

    @property
    def page(self) -> Any:
        """The page in front."""
        return self.window.pages.current_page

    def open(self, page: str, **params: Any) -> Any:
        """Open a page and wait for its data; returns it."""
        self.window.pages.open(page, **params)
        self.settle()
        return self.page

    def run(self, action: str) -> None:
        """Run an action of the page in front."""
        self.window.actions_registry.run(action)
        self.settle()

    def settle(self) -> None:
        """Until nothing is under way, nor follows from what was."""
        quiet = iter(range(_QUIET))

        def calm() -> bool:
            nonlocal quiet
            if not self.application.operations.settled():
                quiet = iter(range(_QUIET))
            return next(quiet, None) is None

        self.hands.wait(calm, "nothing is under way")


class PicturedPhones:
    """`ui.signing.phone_port.PhonePort` of a centre with one customer, who has perhaps begun to read."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.reads = False

    def prepare(self, terms: PhoneTerms) -> PhoneRequest:
        """A request with secrets that open nothing."""
        return PhoneRequest(
            contract_id=terms.contract_id, party=terms.party, signer=terms.signer, digest=terms.digest,
            request_id="a" * 32, token="kq3Z" * 10 + "abc", code="204817", clauses=len(terms.clauses),
            address="https://centre.example:8420/sign#main." + "kq3Z" * 10 + "abc",
        )  # fmt: skip

    def open(self, request: PhoneRequest, terms: PhoneTerms) -> PhoneState:
        """Known from now on."""
        return self.look(request)

    def look(self, request: PhoneRequest) -> PhoneState:
        """Waits for the phone, or is read there."""
        at = self._now() - timedelta(minutes=3) if self.reads else None
        return PhoneState(
            state="open", left=1572, pages=4, pages_seen=2 if self.reads else 0, acknowledged={}, wrong_codes=0,
            opened_at=at, read_at=None, finished_at=None, answer=None,
        )  # fmt: skip

    def withdraw(self, request: PhoneRequest) -> PhoneState:
        """Taken back."""
        return replace(self.look(request), state="withdrawn")

    def done(self, request: PhoneRequest) -> None:
        """Forgotten."""
