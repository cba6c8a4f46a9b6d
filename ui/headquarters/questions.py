"""What is asked before something is done at headquarters: short forms in the panel, and the code that came of one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.kernel.permissions import ROLE_LABELS, Role
from app.runtime.language import tr, tr_noop
from sync.client.errors import SyncProblem
from ui.headquarters.rows import BranchLine, DeskLine, KeptLine, LeaseLine
from ui.headquarters.words import branch_name
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import ChoiceField, Field, MultiLineField, SegmentField, TextField
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words

Asked = Callable[[str, Mapping[str, Any]], dict[str, Any]]
Said = Callable[[Any], object]
OWN, ALL, SOME = "own", "all", "some"
_REASON = 200
_FIELD_OF = {"desk_code_taken": "desk", "branch_not_there": "listed"}


class RemoteForm(PanelForm):
    """A question whose answer goes to the centre and not to this desk's database."""

    def __init__(
        self, context: PageContext, title: Words, fields: list[Field], *, verb: Words,
        work: Callable[[Mapping[str, Any]], Any], **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(context, title, fields, verb=verb, command=_no_command, **more)
        self._work = work

    def submit(self) -> None:
        """Ask if every field is all right."""
        if not self.verb.isEnabled() or not self.form.check_all():
            return
        values = self.form.values()
        self.form.messages.clear()
        self._had_focus = self._has_focus()
        job = self.context.operations.run_remote(
            self.form, lambda: self._work(values), acts=True, on_done=self._on_command_done, on_error=self._on_refused
        )
        self.verb.busy_while(job)

    def _on_refused(self, error: BaseException) -> bool:
        """Beside its field where there is one, else above the fields: what was filled in stays."""
        problem: Any = error
        if not isinstance(error, SyncProblem):
            return False
        problem.field = _FIELD_OF.get(error.code, "")
        if not (problem.field and self.form.show_error(problem)):
            self.form.messages.show_error(partial(tr, error.text, **dict(error.params)))
        return True


def _no_command(_values: Mapping[str, Any]) -> Any:
    raise NotImplementedError("asked over the network")


def _reason() -> Field:
    return MultiLineField(
        "reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON, lines=2, check=_check_reason
    )


def _check_reason(typed: str) -> Words | None:
    return None if len(typed.strip()) >= 3 else tr_noop("Say it in a few words: it stands in the log.")


def revoke_question(context: PageContext, desk: DeskLine, *, ask: Asked, said: Said) -> RemoteForm:
    """Shut a desk out."""
    return RemoteForm(
        context, lambda: tr("Shut {desk} out?", desk=desk.name), [_reason()], verb=tr_noop("Shut out"), danger=True,
        text=tr_noop(
            "At once it reads and changes nothing any more, and its leases end. What it still sends is set aside here, "
            "and can be released. To let it in again it needs a new enrolment code."
        ),
        work=lambda values: ask("revoke", {"device_id": desk.id, "reason": values["reason"]}), on_done=said,
    )  # fmt: skip


def code_question(
    context: PageContext, branches: Sequence[BranchLine], *, branch: str, ask: Asked, said: Said
) -> RemoteForm:  # fmt: skip
    """A one-time code for a new desk."""
    fields: list[Field] = [
        ChoiceField("branch", tr_noop("Branch"), required=True,
                    choices=[Choice(one.code, _named(one)) for one in branches if one.code]),
        TextField("desk", tr_noop("Name of the desk"), required=True, max_length=12,
                  placeholder=tr_noop("such as D02"), check=_check_desk),
        SegmentField("reads", tr_noop("Reads"), required=True, span=2, choices=_reads()),
        TextField("listed", tr_noop("Further branches"), required=True, span=2, max_length=400,
                  placeholder=tr_noop("Codes, such as SH02, BJ01")),
        ChoiceField("role", tr_noop("Role of people the centre does not know yet"), required=True, span=2,
                    choices=[Choice(role.value, ROLE_LABELS[role]) for role in Role]),
        SegmentField("hours", tr_noop("Good for"), required=True, span=2, choices=[
            Choice(1, tr_noop("1 hour")), Choice(24, tr_noop("1 day")), Choice(72, tr_noop("3 days"))]),
    ]  # fmt: skip
    form = RemoteForm(
        context, tr_noop("New enrolment code"), fields, verb=tr_noop("Make the code"),
        work=lambda values: ask("make-code", _code_message(values)), on_done=said,
    )  # fmt: skip
    form.form.set_values({"branch": branch or None, "reads": OWN, "role": Role.SALESPERSON.value, "hours": 24})
    _listed_where_wanted(form)
    return form


def _named(branch: BranchLine) -> Callable[[], str]:
    return lambda: branch_name(branch)


def _reads() -> list[Choice]:
    return [
        Choice(OWN, tr_noop("Its own branch")), Choice(SOME, tr_noop("Others too")), Choice(ALL, tr_noop("All")),
    ]  # fmt: skip


def _check_desk(typed: str) -> Words | None:
    plain = typed.strip().upper()
    good = plain.isascii() and plain.isalnum()
    return None if good else tr_noop("Up to 12 letters and digits, such as D02.")


def _listed_where_wanted(form: RemoteForm) -> None:
    def fit(name: str) -> None:
        if name == "reads":
            form.form.set_field_visible("listed", form.form.value("reads") == SOME)

    form.form.changed.connect(fit)
    fit("reads")


def _scopes(values: Mapping[str, Any]) -> Any:
    if values["reads"] == ALL:
        return "*"
    if values["reads"] == OWN:
        return []
    text = str(values.get("listed") or "").replace("，", ",").replace("、", ",")
    return [code.strip().upper() for code in text.replace(" ", ",").split(",") if code.strip()]


def _code_message(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "branch": values["branch"], "desk": values["desk"].strip().upper(), "scopes": _scopes(values),
        "role": values["role"], "hours": values["hours"],
    }  # fmt: skip


def scopes_question(
    context: PageContext, desk: DeskLine, codes: Mapping[str, str], *, ask: Asked, said: Said
) -> RemoteForm:  # fmt: skip
    """Which branches a desk reads from now on."""
    others = sorted(codes.get(one, "") for one in desk.scopes or () if one not in ("group", desk.branch_id))
    form = RemoteForm(
        context, lambda: tr("What {desk} reads", desk=desk.name),
        [
            SegmentField("reads", tr_noop("Reads"), required=True, span=2, choices=_reads()),
            TextField("listed", tr_noop("Further branches"), required=True, span=2, max_length=400,
                      placeholder=tr_noop("Codes, such as SH02, BJ01")),
            _reason(),
        ],
        verb=tr_noop("Change"),
        text=tr_noop(
            "The desk learns of it at its next contact: what is new there is read, what it may read no more is "
            "taken off it."
        ),
        work=lambda values: ask(
            "change-scopes", {"device_id": desk.id, "scopes": _scopes(values), "reason": values["reason"]}
        ),
        on_done=said,
    )  # fmt: skip
    reads = ALL if desk.scopes is None else SOME if any(others) else OWN
    form.form.set_values({"reads": reads, "listed": ", ".join(one for one in others if one)})
    _listed_where_wanted(form)
    return form


def release_question(
    context: PageContext, line: KeptLine, desk: str, *, everything: int, ask: Asked, said: Said
) -> RemoteForm:
    """Apply what is set aside."""
    return _decision(
        context, line, title=lambda: tr("Release changes of {desk}?", desk=desk), verb=tr_noop("Release them"),
        text=tr_noop(
            "They are applied as the centre's own act, in their order, each with all that was changed together with "
            "it. What the rules do not allow is refused as ever; the log says who released it."
        ),
        question="release", everything=everything, ask=ask, said=said, danger=False,
    )  # fmt: skip


def drop_question(
    context: PageContext, line: KeptLine, desk: str, *, everything: int, ask: Asked, said: Said
) -> RemoteForm:
    """Let what is set aside be."""
    return _decision(
        context, line, title=lambda: tr("Drop changes of {desk}?", desk=desk), verb=tr_noop("Drop"),
        text=tr_noop("They are never applied. They stay in the centre's records, and the log says who dropped them."),
        question="drop", everything=everything, ask=ask, said=said, danger=True,
    )  # fmt: skip


def _decision(
    context: PageContext, line: KeptLine, *, title: Words, verb: Words, text: Words, question: str, everything: int,
    ask: Asked, said: Said, danger: bool,
) -> RemoteForm:  # fmt: skip
    one, all_of_it = "one", "all"

    def work(values: Mapping[str, Any]) -> Any:
        chosen = [] if values["which"] == all_of_it else [[line.n, line.hash]]
        return ask(question, {"device_id": line.device_id, "operations": chosen, "reason": values["reason"]})

    form = RemoteForm(
        context, title,
        [
            SegmentField("which", tr_noop("Which"), required=True, span=2, choices=[
                Choice(one, tr_noop("Only this")),
                Choice(all_of_it, lambda: tr("All {n} of this desk", n=everything)),
            ]),
            _reason(),
        ],
        verb=verb, text=text, danger=danger, work=work, on_done=said,
    )  # fmt: skip
    form.form.set_values({"which": one})
    return form


def lease_question(context: PageContext, line: LeaseLine, *, ask: Asked, said: Said) -> RemoteForm:
    """Take a lease away."""
    return RemoteForm(
        context, lambda: tr("End the lease of {vin}?", vin=line.id), [_reason()], verb=tr_noop("End it"), danger=True,
        text=tr_noop(
            "At once everybody may sell the vehicle. The desk learns of it only at its next contact: until then it may "
            "sell it too and tell the customer that the sale is binding; then the first sale at the centre wins. Call "
            "the branch before you do this."
        ),
        work=lambda values: ask("end-lease", {"vin": line.id, "reason": values["reason"]}), on_done=said,
    )  # fmt: skip


def made_code(context: PageContext, code: str, until: datetime | None) -> QWidget:
    """The code, once: with a button that copies it, and how long it is good."""
    shown = Label("", role="number")
    shown.set_text(code)
    shown.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    shown.setAccessibleName(code)

    def copy() -> None:
        QGuiApplication.clipboard().setText(code)
        context.notifications.show(tr_noop("Copied."), tone="good")

    good = Label(lambda: tr("Good for one desk until {time}.", time=formats.moment(until)) if until else "", wrap=True)
    told = Label(
        tr_noop("It is shown only now. Enter it at the new desk with the address of the service."), role="secondary",
        wrap=True,
    )  # fmt: skip
    return boxed(
        column(shown, row(Button(tr_noop("Copy the code"), icon="copy", on_click=copy), STRETCH), good, told, gap=12)
    )
