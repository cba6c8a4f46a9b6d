"""Signing in at headquarters: through the browser of this computer, or by hand with any other."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QWidget

from app.runtime.language import tr_noop
from sync.client.errors import SyncProblem
from ui.headquarters.ports import HeadquartersPort
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import Section, TextField, ToggleField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.theme import set_role

CODE_LIMIT = 200


class SignInCard(QFrame):
    """`signed_in()` once it is done, `refused(SyncProblem)` with what stood in the way."""

    signed_in = Signal()
    refused = Signal(object)

    def __init__(self, context: PageContext, port: HeadquartersPort, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.context, self._port = context, port
        self._address = ""
        stay = ToggleField("stay", "", text=tr_noop("Stay signed in at this computer for 30 days"), span=2)
        self.form = Form(context, [Section("", [stay])])
        self.form.set_field_visible("stay", False)
        self.go = Button(tr_noop("Sign in"), kind="primary", icon="log-in", on_click=self.sign_in)
        self.by_hand = Button(tr_noop("Use another device"), kind="quiet", on_click=self.begin_by_hand)
        self.hand = self._make_hand()
        self.setLayout(
            column(
                Label(tr_noop("Sign in to headquarters"), role="section"),
                Label(
                    tr_noop(
                        "Headquarters know people, not desks. The page of the service opens in the browser: enter your "
                        "login there, your password, and the six digits from your phone."
                    ),
                    role="secondary", wrap=True,
                ),
                self.form, row(STRETCH, self.by_hand, self.go), self.hand, gap=12, margins=16,
            )
        )  # fmt: skip

    def _make_hand(self) -> QWidget:
        self.address = Label("", wrap=True)
        self.address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        copy = Button(tr_noop("Copy the address"), icon="copy", on_click=self._copy)
        code = TextField("code", tr_noop("Code from the page"), required=True, max_length=CODE_LIMIT, span=2)
        self.code_form = Form(self.context, [Section("", [code])], submit_on_return=True)
        self.code_form.submitted.connect(self.finish_by_hand)
        self.finish = Button(tr_noop("Enter"), kind="primary", on_click=self.finish_by_hand)
        how = tr_noop("Open this address on any device, sign in there, and enter the code it shows:")
        place = boxed(
            column(
                Label(how, wrap=True), self.address, row(copy, STRETCH), self.code_form,
                row(STRETCH, self.finish), gap=8,
            )
        )  # fmt: skip
        place.hide()
        return place

    def begin(self) -> None:
        """Made ready for somebody new."""
        self.hand.hide()
        self.code_form.clear()
        self.context.operations.run_plain(self, self._port.can_stay, on_done=self._on_can_stay)

    def _on_can_stay(self, can: bool) -> None:
        self.form.set_field_visible("stay", bool(can))

    def take_focus(self) -> None:
        """Where it begins."""
        self.go.setFocus()

    @property
    def _stay(self) -> bool:
        return bool(self.form.value("stay"))

    def sign_in(self) -> None:
        """Open the browser and wait."""
        stay = self._stay
        job = self.context.operations.run_long(
            self, lambda progress: self._port.sign_in(progress, stay=stay), title=tr_noop("Signing in"),
            on_done=lambda _nothing: self.signed_in.emit(), on_error=self._on_refused,
        )  # fmt: skip
        self.go.busy_while(job)

    def begin_by_hand(self) -> None:
        """Show the address, and take the code."""
        stay = self._stay
        job = self.context.operations.run_remote(
            self, lambda: self._port.begin_by_hand(stay=stay), on_done=self._show_address, on_error=self._on_refused
        )
        self.by_hand.busy_while(job)

    def _show_address(self, address: str) -> None:
        self._address = address
        self.address.set_text(address)
        self.address.setAccessibleName(address)
        self.hand.show()
        self.code_form.focus_first()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._address)
        self.context.notifications.show(tr_noop("Copied."), tone="good")

    def finish_by_hand(self) -> None:
        """Exchange the code."""
        if not self.finish.isEnabled() or not self.code_form.check_all():
            return
        code = self.code_form.value("code")
        job = self.context.operations.run_remote(
            self.code_form, lambda: self._port.finish_by_hand(code), acts=True,
            on_done=lambda _nothing: self.signed_in.emit(), on_error=self._on_code_refused,
        )  # fmt: skip
        self.finish.busy_while(job)

    def _on_code_refused(self, error: BaseException) -> bool:
        if getattr(error, "code", "") != "sign_in_code_refused":
            return self._on_refused(error)
        problem = error
        problem.field = "code"  # type: ignore[attr-defined]
        return self.code_form.show_error(problem)  # type: ignore[arg-type]

    def _on_refused(self, error: BaseException) -> bool:
        """Without a browser the other way is offered at once; what else is wrong is said above."""
        if getattr(error, "code", "") == "no_browser":
            self.begin_by_hand()
        if not isinstance(error, SyncProblem):
            return False
        self.refused.emit(error)
        return True
