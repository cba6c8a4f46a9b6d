"""Runs a request to sign on a phone: opens it, looks how far it is, stores what was given, and only then lets it go.

What is kept of a request (a draft of the salesperson's at this desk) is enough to go on after a crash: the centre gives
the same answer until this desk says that it is stored.
"""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.contracts.commands import ClauseAcknowledgement, DeclineContract, PhoneVisit, SignContract
from app.contracts.phone_queries import PhoneTerms, phone_terms
from app.contracts.queries import ContractDetail, get_contract
from app.contracts.signers.identity_commands import NotePhoneLocked
from app.kernel.errors import DomainError, RecordChangedMeanwhile
from app.runtime.errors import EnvironmentProblem
from ui.kit.context import PageContext
from ui.signing.phone_panel import PhonePanel
from ui.signing.phone_port import PhonePort, PhoneRequest, PhoneState

LOOK_MS, AGAIN_MS = 2_000, 5_000
SCREEN = "phone"
_ENDED = ("withdrawn", "expired", "locked", "unknown", "taken")


class PhoneSigning(QObject):
    """`begun` and `ended` show and hide the panel; `signed(party)` and `declined(party)` when it is stored here."""

    begun = Signal()
    ended = Signal()
    signed = Signal(str)
    declined = Signal(str)

    def __init__(self, context: PageContext, port: PhonePort, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._port = context, port
        self.request: PhoneRequest | None = None
        self.state: PhoneState | None = None
        self._terms: PhoneTerms | None = None
        self._told_at = 0.0
        self._storing = self._locked_noted = False
        self.panel = PhonePanel(take_back=self.take_back, renew=self.renew)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        self._second = QTimer(self)
        self._second.setInterval(1_000)
        self._second.timeout.connect(self._show)

    @property
    def is_running(self) -> bool:
        """Whether a request of this place is shown."""
        return self.request is not None

    # --- beginning and going on --------------------------------------------------------------------

    def start(self, contract_id: str, party: str) -> None:
        """Ask the centre to show the document to this party."""
        run = self._context.operations
        run.run_query(
            self, phone_terms, contract_id, party, on_done=lambda terms: run.run_remote(
                self, lambda: self._port.prepare(terms), on_done=lambda request: self._keep(request, terms)
            ),
        )  # fmt: skip

    def resume(self, contract_id: str, party: str) -> None:
        """Go on with what was under way before the program ended."""
        drafts, key = self._context.drafts, _key(contract_id)
        self._context.operations.run_plain(
            self, lambda: drafts.load(key), on_done=lambda kept: self._on_kept(kept, party),
            on_error=lambda _error: True,
        )  # fmt: skip

    def pause(self) -> None:
        """Nobody looks at it any more: it stays open at the centre, and is gone on with when somebody does."""
        self._timer.stop()
        self._second.stop()
        if self.request is not None:
            self.request = self.state = self._terms = None
            self.ended.emit()

    def renew(self) -> None:
        """Another request in the place of one that is over."""
        over = self.request
        if over is not None:
            self._forget(over)
            self._clear()
            self.start(over.contract_id, over.party)

    def take_back(self) -> None:
        """The document comes back to this screen. What was given a moment before counts all the same."""
        request = self.request
        if request is None or self._storing:
            return
        if self.state is not None and self.state.state in _ENDED:
            self._forget(request)
            self._end()
            return
        self._context.operations.run_remote(
            self, lambda: self._port.withdraw(request), acts=True,
            on_done=lambda state: self._on_withdrawn(request, state),
            on_error=lambda error: self._on_trouble(request, error),
        )  # fmt: skip

    def _keep(self, request: PhoneRequest, terms: PhoneTerms) -> None:
        drafts, key = self._context.drafts, _key(request.contract_id)
        self._begin(request, terms)
        self._context.operations.run_plain(
            self, lambda: drafts.save(key, request.as_json()), writes=True, on_done=lambda _nothing: self._open(request)
        )

    def _on_kept(self, kept: dict[str, Any] | None, party: str) -> None:
        request = PhoneRequest.from_json(kept) if kept else None
        if request is None or self.is_running:
            return
        if request.party != party:  # stored, and the program ended before the centre heard of it
            self._let_go(request)
            return
        self._begin(request, None)
        self._look()

    def _begin(self, request: PhoneRequest, terms: PhoneTerms | None) -> None:
        self.request, self.state, self._terms = request, None, terms
        self._storing = self._locked_noted = False
        self.panel.show_request(request)
        self._second.start()
        self.begun.emit()

    # --- asking ------------------------------------------------------------------------------------

    def _open(self, request: PhoneRequest) -> None:
        terms = self._terms
        if terms is not None and request is self.request:
            self._ask(request, lambda: self._port.open(request, terms))

    def _look(self) -> None:
        request = self.request
        if request is None:
            return
        if self.state is None and self._terms is not None:
            self._open(request)  # the centre may not have heard of it
        else:
            self._ask(request, lambda: self._port.look(request))

    def _ask(self, request: PhoneRequest, question: Callable[[], PhoneState]) -> None:
        self._context.operations.run_remote(
            self, question, on_done=lambda state: self._on_state(request, state),
            on_error=lambda error: self._on_trouble(request, error),
        )  # fmt: skip

    def _on_trouble(self, request: PhoneRequest, error: BaseException) -> bool:
        """It is said here and tried again; nothing is lost meanwhile."""
        if request is not self.request or not isinstance(error, EnvironmentProblem):
            return False
        self.panel.show_trouble(error.message)
        self._timer.start(AGAIN_MS)
        return True

    def _on_state(self, request: PhoneRequest, state: PhoneState) -> None:
        if request is not self.request:
            return
        self.state, self._told_at = state, time.monotonic()
        self._show()
        if state.answer is not None and state.state in ("signed", "declined"):
            self._store(request, state)
        elif state.state == "locked":
            self._note_locked(request, state)
        elif state.state not in _ENDED:
            self._timer.start(LOOK_MS)

    def _on_withdrawn(self, request: PhoneRequest, state: PhoneState) -> None:
        if request is not self.request:
            return
        if state.answer is not None:
            self._on_state(request, state)
            return
        self._forget(request)
        self._end()

    def _show(self) -> None:
        if self.request is not None and self.state is not None and not self._storing:
            left = self.state.left - (time.monotonic() - self._told_at)
            self.panel.show_state(self.request, self.state, left=left)

    # --- storing -----------------------------------------------------------------------------------

    def _store(self, request: PhoneRequest, state: PhoneState) -> None:
        if self._storing:
            return
        self._storing = True
        self._context.operations.run_query(
            self, get_contract, request.contract_id, on_done=lambda detail: self._run(request, state, detail),
            on_error=lambda error: self._on_refused(error),
        )  # fmt: skip

    def _run(self, request: PhoneRequest, state: PhoneState, detail: ContractDetail) -> None:
        command = _signing(request, state, detail) if state.state == "signed" else _declining(request, state, detail)
        told = self.signed if state.state == "signed" else self.declined
        self._context.operations.run_command(
            self, command, on_done=lambda _value: self._on_stored(request, told), on_error=self._on_refused
        )

    def _on_stored(self, request: PhoneRequest, told: Any) -> None:
        self._let_go(request)
        self._end()
        told.emit(request.party)

    def _on_refused(self, error: BaseException) -> bool:
        """The contract does not take it any more; where only its record was written to meanwhile, it is tried again."""
        self._timer.stop()
        if isinstance(error, RecordChangedMeanwhile):
            self._storing = False
            self._timer.start(LOOK_MS)
            return True
        self._second.stop()
        if isinstance(error, DomainError):
            self.panel.show_refused(error.message)
            request = self.request
            if request is not None:
                self.state = None
                self._refused(request)
            return True
        return False

    def _refused(self, request: PhoneRequest) -> None:
        self._storing = False
        self._terms = None
        self.state = PhoneState(
            state="taken", left=0, pages=0, pages_seen=0, acknowledged={}, wrong_codes=0, opened_at=None,
            read_at=None, finished_at=None, answer=None,
        )  # fmt: skip
        self._let_go(request)

    def _note_locked(self, request: PhoneRequest, state: PhoneState) -> None:
        if self._locked_noted:
            return
        self._locked_noted = True
        self._context.operations.run_command(
            self, NotePhoneLocked(
                contract_id=request.contract_id, party=request.party, request_id=request.request_id,
                wrong_codes=state.wrong_codes,
            ), on_done=lambda _step: self._forget(request), on_error=lambda _error: False,
        )  # fmt: skip

    # --- ending ------------------------------------------------------------------------------------

    def _let_go(self, request: PhoneRequest) -> None:
        """The centre forgets it, then this desk; until then it is told again whenever the contract is opened."""
        self._context.operations.run_remote(
            self, lambda: self._port.done(request), acts=True, on_done=lambda _nothing: self._forget(request),
            on_error=lambda error: isinstance(error, EnvironmentProblem),
        )  # fmt: skip

    def _forget(self, request: PhoneRequest) -> None:
        drafts, key = self._context.drafts, _key(request.contract_id)
        self._context.operations.run_plain(
            self, lambda: _discard(drafts, key, request), writes=True, on_error=lambda _error: True
        )

    def _clear(self) -> None:
        self._timer.stop()
        self._second.stop()
        self.request = self.state = self._terms = None
        self._storing = False

    def _end(self) -> None:
        self._clear()
        self.ended.emit()


def _key(contract_id: str) -> str:
    return f"phone-{contract_id}"


def _discard(drafts: Any, key: str, request: PhoneRequest) -> None:
    """Only this one: another may have taken its place."""
    kept = drafts.load(key)
    if kept and kept.get("request_id") == request.request_id:
        drafts.discard(key)


def _visit(request: PhoneRequest, state: PhoneState) -> PhoneVisit:
    answer, given_at = state.answer, state.finished_at
    assert answer is not None and given_at is not None
    return PhoneVisit(
        request_id=request.request_id, opened_at=state.opened_at or given_at, read_at=state.read_at,
        given_at=given_at, wrong_codes=state.wrong_codes, address=answer.address, user_agent=answer.user_agent,
    )  # fmt: skip


def _signing(request: PhoneRequest, state: PhoneState, detail: ContractDetail) -> SignContract:
    answer = state.answer
    assert answer is not None
    given = tuple(ClauseAcknowledgement(clause_id=one, at=at) for one, at in state.acknowledged.items())
    return SignContract(
        contract_id=request.contract_id, expected_revision=detail.row.revision, party=request.party,
        signer_name=request.signer, strokes=answer.strokes, acknowledgements=given, shown_digest=request.digest,
        pen=answer.pen, screen=SCREEN, language=answer.language, phone=_visit(request, state),
    )  # fmt: skip


def _declining(request: PhoneRequest, state: PhoneState, detail: ContractDetail) -> DeclineContract:
    answer = state.answer
    assert answer is not None
    return DeclineContract(
        contract_id=request.contract_id, expected_revision=detail.row.revision, reason=answer.reason,
        party=request.party, phone=_visit(request, state),
    )  # fmt: skip
