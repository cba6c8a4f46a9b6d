"""Connecting this desk to a centre: where the service is, and the one-time code it gave."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.operations import Cancelled, Progress
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.sync.ports import Joined, SyncPort

ADDRESS_LIMIT, CODE_LIMIT = 200, 120
_CONCERNS_CODE = frozenset({"enrolment_code_refused", "too_many_attempts", "branch_differs", "branch_unknown"})
_CONCERNS_ADDRESS = frozenset(
    {
        "address_not_usable", "service_unreachable", "service_timed_out", "service_failing", "service_busy",
        "answer_not_understood", "answer_damaged", "certificate_not_trusted",
    }
)  # fmt: skip


def complete_address(typed: str) -> str:
    """What a person typed, with the scheme left out put before it: TLS, except for this computer itself."""
    address = typed.strip().rstrip("/")
    if not address or "://" in address:
        return address
    host = urlsplit(f"//{address}").hostname or ""
    return f"{'http' if _is_this_computer(host) else 'https'}://{address}"


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ConnectForm(QFrame):
    """`joined(Joined)` once it is done; `left()` when the person does without."""

    joined = Signal(object)
    left = Signal()

    def __init__(self, context: PageContext, port: SyncPort, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.context, self._port = context, port
        self.form = Form(context, [Section("", [_address_field(), _code_field()])], submit_on_return=True)
        self.form.submitted.connect(self.submit)
        self.title = Label(tr_noop("Connect this desk to a centre"), role="section")
        explanation = Label(
            tr_noop(
                "What was entered here is kept, sent, and exchanged with the other desks from then on. A code for one "
                "use is made on the service's computer:"
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        self.command = Label(self._command, wrap=True)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._keep = Button(tr_noop("Cancel"), kind="quiet", on_click=self.left.emit)
        self.go = Button(tr_noop("Connect"), kind="primary", icon="log-in", on_click=self.submit)
        self.setLayout(
            column(
                self.title, explanation, self.command, self.form, row(STRETCH, self._keep, self.go), gap=8, margins=16
            )
        )

    def begin(self, *, address: str = "", may_leave: bool = False) -> None:
        """Show it with the address known so far; `may_leave` where the desk is connected already."""
        self._keep.setVisible(may_leave)
        if address and not self.form.value("address"):
            self.form.set_value("address", address)

    def take_focus(self) -> None:
        """Where typing begins: the code, where the address is known."""
        self.form.focus_field("code" if self.form.value("address") else "address")

    def submit(self) -> None:
        """Talk to the service, off the GUI thread."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        address, code = complete_address(self.form.value("address")), self.form.value("code")
        self.form.set_value("address", address)
        self.form.messages.clear()
        job = self.context.operations.run_long(
            self, lambda progress: self._connect(progress, address, code), title=tr_noop("Connecting"),
            on_done=self._on_connected, on_error=self._on_refused,
        )  # fmt: skip
        self.go.busy_while(job)

    def _connect(self, progress: Progress, address: str, code: str) -> Joined:
        progress(tr("Asking {address}", address=address), None)
        joined = self._port.connect(address, code)
        try:
            progress(tr_noop("Connected"), 1.0)
        except Cancelled:
            self._port.disconnect()
            raise
        return joined

    def _on_connected(self, joined: Joined) -> None:
        self.form.clear()
        self.joined.emit(joined)

    def _on_refused(self, error: BaseException) -> bool:
        problem: Any = error
        if getattr(problem, "code", None) in _CONCERNS_CODE:
            problem.field = "code"
        elif getattr(problem, "code", None) in _CONCERNS_ADDRESS:
            problem.field = "address"
        else:
            return False
        return self.form.show_error(problem)

    def _command(self) -> str:
        actor = self.context.actor
        return f"python3 bootstrap.py service enrol --branch {actor.branch_code} --desk {actor.desk_code}"


def _address_field() -> TextField:
    return TextField(
        "address", tr_noop("Address of the service"), required=True, max_length=ADDRESS_LIMIT,
        placeholder=_example, check=_check_address,
    )  # fmt: skip


def _code_field() -> TextField:
    return TextField("code", tr_noop("One-time code"), required=True, max_length=CODE_LIMIT)


def _example() -> str:
    return "https://service.example:8420"


def _check_address(typed: str) -> Words | None:
    address = urlsplit(complete_address(typed))
    try:
        usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    return None if usable else tr_noop("Enter an address such as https://service.example:8420.")
