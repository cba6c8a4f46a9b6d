"""The first start: language, the encrypted database and its recovery code, then what to begin with."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.errors import worded_message
from ui.kit.feedback import MessageBar
from ui.kit.layout import STRETCH, column, row
from ui.kit.operations import Job, Operations
from ui.kit.text import Retranslated, Words
from ui.kit.theme import set_role, set_size, theme
from ui.shell.join_fields import JoinFields
from ui.shell.ports import FirstRunPort, NewBranch
from ui.shell.preferences import Preferences
from ui.shell.sign_in import SECRET_LIMIT, _Entry
from ui.shell.start_window import WINDOW_SIZE, TopBar

CARD_WIDTH = 560
CONFIRMED_GROUPS = (1, 4)
"""Which groups of the recovery code have to be typed again, counted from 0: not the first, not neighbours."""


_CONTENT_LABELS = {
    "name_zh": tr_noop("Branch name in Chinese"),
    "name_en": tr_noop("Branch name in English (optional)"),
    "code": tr_noop("Branch code"),
    "desk_code": tr_noop("Desk code"),
    "administrator": tr_noop("Administrator's name"),
    "login": tr_noop("Login name"),
    "password": tr_noop("Password"),
}
_EXAMPLES: dict[str, Callable[[], str]] = {
    "name_zh": lambda: "杭州西湖店",
    "name_en": lambda: "Hangzhou West Lake",
    "code": lambda: "HZ01",
    "desk_code": lambda: "D01",
    "administrator": lambda: "周涛",
    "login": lambda: "zhoutao",
}


_SETTING_UP = (tr_noop("Setting up"), tr_noop("This happens once."))
_RECEIVING = (
    tr_noop("Receiving the branch's data"),
    tr_noop("This happens once. It may be cancelled: what is here by then is kept, and it goes on from there."),
)
_KEPT = tr_noop("What was received by now is kept; Begin goes on from there.")
_TRY_AGAIN = tr_noop(
    "Check the address and this computer's network. Whatever was received is kept; Begin goes on from there."
)
_KIND_TEXTS = {
    "demo": tr_noop("The demo branch has vehicles, customers and two years of orders to try everything on."),
    "empty": tr_noop("A branch of your own: people, vehicles and customers are entered or imported afterwards."),
    "join": tr_noop("A further desk of a branch that has its data at the centre already."),
}


def _group_words(number: int) -> str:
    return tr("Group {number}", number=number)


class _Step(QWidget):
    """A heading, an explanation, content, a message, and verbs at the lower right."""

    def __init__(self, title: Words, text: Words) -> None:
        super().__init__()
        set_role(self, "plain")
        self.message = MessageBar()
        self.content = column(gap=8)
        self._buttons = row(STRETCH)
        self._title, self._text = Label(title, role="title"), Label(text, role="secondary", wrap=True)
        self.setLayout(
            column(
                self._title,
                self._text,
                8,
                self.content,
                STRETCH,
                self.message,
                self._buttons,
                margins=32,
                gap=8,
            )
        )

    def add_button(self, text: Words, on_click: Callable[[], object], *, kind: str = "secondary") -> Button:
        """A verb."""
        button = Button(text, kind=kind, on_click=on_click)
        self._buttons.addWidget(button)
        return button


class _Protection(_Step):
    """Where the key is kept. `decided(passphrase or None)`."""

    decided = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            tr_noop("Protect this desk's data"),
            tr_noop("Everything is kept on this computer, encrypted. The key is made now and never leaves this desk."),
        )
        self._keyring_problem: str | None = None
        self._ways = Segmented(
            [Choice("keyring", tr_noop("This computer's key store")), Choice("passphrase", tr_noop("A passphrase"))],
            name=tr_noop("How the key is kept"),
        )
        self._ways.chosen.connect(lambda _way: self._arrange())
        self._explanation = Label("", role="secondary", wrap=True)
        self.first = _Entry(tr_noop("Passphrase, at least 10 characters"), limit=SECRET_LIMIT, secret=True)
        self.second = _Entry(tr_noop("The same passphrase again"), limit=SECRET_LIMIT, secret=True)
        self.second.returnPressed.connect(self._submit)
        for widget in (self._ways, self._explanation, self.first, self.second):
            self.content.addWidget(widget)
        self.go = self.add_button(tr_noop("Create the database"), self._submit, kind="primary")
        self._ways.set_value("keyring")
        self._arrange()

    def set_keyring_problem(self, problem: str | None) -> None:
        """Without a usable key store only the passphrase is left, and it is said why."""
        self._keyring_problem = problem
        self._ways.setVisible(problem is None)
        self._ways.set_value("keyring" if problem is None else "passphrase")
        self._arrange()

    def choose(self, way: str) -> None:
        """Choose "keyring" or "passphrase", as a person does."""
        self._ways.set_value(way)
        self._arrange()

    @property
    def by_passphrase(self) -> bool:
        """Whether a passphrase is asked for."""
        return bool(self._ways.value() == "passphrase")

    def _arrange(self) -> None:
        self.first.setVisible(self.by_passphrase)
        self.second.setVisible(self.by_passphrase)
        self._explanation.set_words(self._explain)
        if self.by_passphrase and self.isVisible():
            self.first.setFocus()

    def _explain(self) -> str:
        if self._keyring_problem is not None:
            return self._keyring_problem
        if self.by_passphrase:
            return tr("It is asked for at every start. A few unrelated words are easy to keep in mind.")
        return tr("The desk opens by itself when you are logged in to this computer. Nobody else's login can open it.")

    def _submit(self) -> None:
        if not self.by_passphrase:
            self.decided.emit(None)
        elif self.first.text() != self.second.text():
            self.message.show_error(tr_noop("The two passphrases differ. Type both again."))
            self.second.setFocus()
        elif not self.first.text():
            self.message.show_error(tr_noop("Enter a passphrase."))
            self.first.setFocus()
        else:
            self.decided.emit(self.first.text())


class _Recovery(_Step):
    """Shows the recovery code once; two of its groups have to be typed again."""

    confirmed = Signal()

    def __init__(self) -> None:
        super().__init__(
            tr_noop("Write down the recovery code"),
            tr_noop(
                "It opens the data when the key store or the passphrase is lost. It is shown only now. Write it on "
                "paper and keep it in the safe; nobody can look it up for you."
            ),
        )
        self._groups: list[str] = []
        self._cells: list[Label] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(theme().px(8))
        frame = QFrame()
        set_role(frame, "code-box")
        frame.setLayout(self._grid)
        self._ask = Label("", role="label", wrap=True)
        self.entries = [_Entry("", limit=12) for _number in CONFIRMED_GROUPS]
        self.content.addWidget(frame)
        self.content.addWidget(self._ask)
        self.content.addLayout(row(*self.entries))
        for entry in self.entries:
            entry.textEdited.connect(lambda _text: self._on_edited())
        self.entries[-1].returnPressed.connect(self._submit)
        self.copy = self.add_button(tr_noop("Copy"), self._copy, kind="quiet")
        self.go = self.add_button(tr_noop("I have written it down"), self._submit, kind="primary")

    def set_code(self, code: str) -> None:
        """Show a code of groups joined by dashes."""
        self._groups = code.split("-")
        for number, group in enumerate(self._groups):
            cell = Label("", role="code")
            cell.set_text(group)
            cell.setAlignment(Qt.AlignmentFlag.AlignCenter)
            cell.setAccessibleName(tr("Group {number}: {group}", number=number + 1, group=" ".join(group)))
            self._grid.addWidget(cell, number // 3, number % 3)
        asked = [min(place, len(self._groups) - 1) for place in CONFIRMED_GROUPS]
        first, second = (place + 1 for place in asked)
        self._ask.set_words(lambda: tr("Type groups {first} and {second} again", first=first, second=second))
        for entry, place in zip(self.entries, asked, strict=True):
            entry.set_words(partial(_group_words, place + 1))

    def code(self) -> str:
        """The code shown."""
        return "-".join(self._groups)

    def _matches(self) -> bool:
        asked = [min(place, len(self._groups) - 1) for place in CONFIRMED_GROUPS]
        typed = [entry.text().strip().upper() for entry in self.entries]
        return typed == [self._groups[place] for place in asked]

    def _on_edited(self) -> None:
        self.message.clear()

    def _submit(self) -> None:
        if self._matches():
            self.confirmed.emit()
            return
        self.message.show_error(tr_noop("These are not the groups shown above. Compare your paper with the code."))
        self.entries[0].setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code())
        self.copy.set_words(tr_noop("Copied"))


class _Contents(_Step):
    """Demo data, an empty branch, or what a centre has. `demo()`, `empty(NewBranch)`, `join(address, code)`."""

    demo = Signal()
    empty = Signal(object)
    join = Signal(str, str)

    def __init__(self) -> None:
        super().__init__(
            tr_noop("What to begin with"), _KIND_TEXTS["demo"],
        )  # fmt: skip
        self._kinds = Segmented(
            [
                Choice("demo", tr_noop("Demo branch")), Choice("empty", tr_noop("Empty branch")),
                Choice("join", tr_noop("Join a group")),
            ],
            name=tr_noop("What to begin with"),
        )  # fmt: skip
        self._kinds.chosen.connect(lambda _kind: self._arrange())
        self.fields = {
            "name_zh": _Entry(_EXAMPLES["name_zh"], limit=80),
            "name_en": _Entry(_EXAMPLES["name_en"], limit=80),
            "code": _Entry(_EXAMPLES["code"], limit=8),
            "desk_code": _Entry(_EXAMPLES["desk_code"], limit=8),
            "administrator": _Entry(_EXAMPLES["administrator"], limit=60),
            "login": _Entry(_EXAMPLES["login"], limit=40),
            "password": _Entry(tr_noop("At least 10 characters"), limit=SECRET_LIMIT, secret=True),
        }
        self._form = QWidget()
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme().px(16))
        grid.setVerticalSpacing(theme().px(8))
        for number, (name, entry) in enumerate(self.fields.items()):
            label = Label(_CONTENT_LABELS[name], role="label")
            label.setBuddy(entry)
            grid.addLayout(column(label, entry, gap=2), number // 2, number % 2)
        self.join_fields = JoinFields()
        self.join_fields.submitted.connect(self._submit)
        for widget in (self._kinds, self._form, self.join_fields):
            self.content.addWidget(widget)
        self.go = self.add_button(tr_noop("Begin"), self._submit, kind="primary")
        self._kinds.set_value("demo")
        self._arrange()

    def choose(self, kind: str) -> None:
        """Choose "demo", "empty" or "join", as a person does."""
        self._kinds.set_value(kind)
        self._arrange()

    def _arrange(self) -> None:
        self._text.set_words(_KIND_TEXTS[self._kinds.value()])
        self._form.setVisible(self._kinds.value() == "empty")
        self.join_fields.setVisible(self._kinds.value() == "join")
        if self.join_fields.isVisible():
            self.join_fields.focus_missing()

    def show_field_error(self, error: Any) -> bool:
        """Say what is wrong with one of the fields."""
        self.message.show_error(lambda: worded_message(error))
        if self._kinds.value() == "join":
            self.join_fields.focus_wrong(error.code)
            return True
        entry = self.fields.get(getattr(error, "field", None) or "")
        if entry is not None:
            entry.setFocus()
        return True

    def show_away(self, error: Any) -> bool:
        """The centre could not be reached, or not to the end."""
        self.message.show_error(lambda: f"{tr(error.text, **error.params)}\n{tr(_TRY_AGAIN)}")
        self.join_fields.focus_wrong(error.code)
        return True

    def _submit(self) -> None:
        if self._kinds.value() == "demo":
            self.demo.emit()
            return
        if self._kinds.value() == "join":
            self._submit_joining()
            return
        values = {name: entry.text().strip() for name, entry in self.fields.items()}
        missing = [name for name, value in values.items() if not value and name != "name_en"]
        if missing:
            self.message.show_error(tr_noop("Fill in all fields; only the English name may stay empty."))
            self.fields[missing[0]].setFocus()
            return
        self.empty.emit(NewBranch(**{**values, "name_en": values["name_en"] or values["name_zh"]}))

    def _submit_joining(self) -> None:
        address, code = self.join_fields.values()
        if address and code:
            self.join.emit(address, code)
            return
        self.message.show_error(tr_noop("Enter the address of the service and the one-time code."))
        self.join_fields.focus_missing()


class _Progress(_Step):
    """What is being done, a bar, and Cancel."""

    def __init__(self) -> None:
        super().__init__(*_SETTING_UP)
        self.say = Label("", role="secondary", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.content.addWidget(self.bar)
        self.content.addWidget(self.say)
        self.cancel = self.add_button(tr_noop("Cancel"), self._stop)
        self._job: Job | None = None

    def follow(self, job: Job, words_of: tuple[str, str]) -> None:
        """Show how far this job is, under these words."""
        self._job = job
        self._title.set_words(words_of[0])
        self._text.set_words(words_of[1])
        self.bar.setAccessibleName(tr(words_of[0]))
        self.bar.setRange(0, 0)
        self.say.set_words("")
        self.cancel.setEnabled(True)
        job.progressed.connect(self._on_job_progressed)
        if job.latest is not None:
            self._on_job_progressed(*job.latest)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.cancel.setEnabled(False)

    def _on_job_progressed(self, message: str, fraction: float | None) -> None:
        self.say.set_words(message)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(fraction * 1000))


class FirstRunWindow(Retranslated, QWidget):
    """Leads through the steps. `finished` when the desk is ready for its first sign-in."""

    finished = Signal()
    closed = Signal()

    def __init__(
        self, port: FirstRunPort, operations: Operations, preferences: Preferences, *, created: bool = False
    ) -> None:  # fmt: skip
        """With `created` the encrypted database is there from before: only what to begin with is asked."""
        super().__init__()
        set_role(self, "canvas")
        self._port, self._operations = port, operations
        self.protection, self.recovery = _Protection(), _Recovery()
        self.contents, self.progress = _Contents(), _Progress()
        self._steps = QStackedWidget()
        for step in (self.protection, self.recovery, self.contents, self.progress):
            self._steps.addWidget(step)
        card = QFrame()
        set_role(card, "overlay-card")
        set_size(card, width=CARD_WIDTH, height=504)
        card.setLayout(column(self._steps))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(TopBar(preferences))
        outer.addLayout(column(STRETCH, row(STRETCH, card, STRETCH), STRETCH), 1)
        self.protection.decided.connect(self._on_create)
        self.recovery.confirmed.connect(self._on_recovery_confirmed)
        self.contents.demo.connect(self._on_demo)
        self.contents.empty.connect(self._on_empty)
        self.contents.join.connect(self._on_join)
        self.resize(theme().px(WINDOW_SIZE[0]), theme().px(WINDOW_SIZE[1]))
        if created:
            self._on_recovery_confirmed()
        else:
            operations.run_plain(self, port.keyring_problem, on_done=self._on_keyring_known)
        self.retranslate()

    def step(self) -> QWidget | None:
        """The step in sight."""
        return self._steps.currentWidget()

    def _on_keyring_known(self, problem: str | None) -> None:
        self.protection.set_keyring_problem(problem)
        (self.protection.first if self.protection.by_passphrase else self.protection.go).setFocus()

    def _show(self, step: QWidget) -> None:
        self._steps.setCurrentWidget(step)

    def _on_create(self, passphrase: str | None) -> None:
        port = self._port
        self._run(
            lambda progress: port.create_database(passphrase=passphrase, progress=progress),
            on_done=self._on_created, back_to=self.protection,
        )  # fmt: skip

    def _on_created(self, code: str) -> None:
        self.protection.first.clear()
        self.protection.second.clear()
        self.recovery.set_code(code)
        self._show(self.recovery)
        self.recovery.entries[0].setFocus()

    def _on_recovery_confirmed(self) -> None:
        self._show(self.contents)
        self.contents.go.setFocus()

    def _on_demo(self) -> None:
        self._run(self._port.fill_demo, on_done=lambda _nothing: self.finished.emit(), back_to=self.contents)

    def _on_empty(self, branch: NewBranch) -> None:
        port = self._port
        self._run(
            lambda progress: port.fill_empty(branch, progress),
            on_done=lambda _nothing: self.finished.emit(), back_to=self.contents,
        )  # fmt: skip

    def _on_join(self, address: str, code: str) -> None:
        port = self._port
        self._run(
            lambda progress: port.join_group(address, code, progress),
            on_done=lambda _nothing: self.finished.emit(), back_to=self.contents, told=_RECEIVING,
        )  # fmt: skip

    def _run(
        self, work: Callable[[Any], Any], *, on_done: Callable[[Any], object], back_to: "_Protection | _Contents",
        told: tuple[str, str] = _SETTING_UP,
    ) -> None:  # fmt: skip
        back_to.message.clear()
        self._told = told
        job = self._operations.run_long(
            self, work, title=tr_noop("Setting up"), on_done=on_done,
            on_error=lambda error: self._on_failed(error, back_to), writes=True,
        )  # fmt: skip
        job.finished.connect(lambda: self._on_job_finished(job, back_to))
        self.progress.follow(job, told)
        self._show(self.progress)

    def _on_job_finished(self, job: Job, back_to: "_Protection | _Contents") -> None:
        if job.cancelled and self.step() is self.progress:
            self._show(back_to)
            back_to.go.setFocus()
            if back_to is self.contents and self._told == _RECEIVING:
                self.contents.message.show_info(_KEPT)

    def _on_failed(self, error: BaseException, back_to: "_Protection | _Contents") -> bool:
        self._show(back_to)
        if getattr(error, "code", None) is None:
            return False
        if isinstance(back_to, _Contents) and self._told == _RECEIVING and getattr(error, "passing", False):
            return back_to.show_away(error)
        if isinstance(back_to, _Contents):
            return back_to.show_field_error(error)
        if getattr(error, "code", "") == "keyring_unavailable":
            back_to.set_keyring_problem(worded_message(error))
            return True
        back_to.message.show_error(lambda: worded_message(error))
        return True

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Forecourt: first start"))

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()
