"""What comes after signing, in the panel: amending and terminating, and which contract stands before and after one."""

from collections.abc import Callable
from datetime import date

from app.contracts.after_signing.amendment_commands import AmendContract
from app.contracts.after_signing.termination_commands import TerminateContract
from app.contracts.after_signing.termination_queries import TerminationChoices
from app.contracts.after_signing.termination_rules import TerminationGround
from app.contracts.drift import proposed_changes
from app.contracts.lineage import Lineage, Named, Termination
from app.contracts.queries import ContractDetail
from app.contracts.rules import ContractState
from app.kernel.clock import branch_date, branch_day
from app.orders.rules import DepositSettlement
from app.runtime.language import tr, tr_noop
from ui.contracts.contract_states import CONTRACT_STATES
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, DateField, Field, MultiLineField, ToggleField
from ui.kit.panel_form import PanelForm
from ui.kit.printable import printable
from ui.kit.record_line import RecordLine
from ui.kit.text import Words, words

LIMIT = 400
_STAYS = tr_noop("The order stays as it is, and with it what was received for it.")
Note = tuple[Words, str]
"""A text and its tone."""


def amendment_question(
    context: PageContext, detail: ContractDetail, on_drafted: Callable[[str], object]
) -> PanelForm:
    """What changes, begun with what the order says otherwise; `on_drafted(contract id)` comes with the draft."""
    line = detail.row
    changes = MultiLineField(
        "changes", tr_noop("What the amendment changes"), required=True, span=2, max_length=LIMIT, lines=4,
        check=printable,
        placeholder=tr_noop("Such as: the vehicle is handed over on 20 December instead of 6 December"),
        hint=tr_noop("These words stand on the paper. Change the order first where it is to say something else."),
    )  # fmt: skip
    question = PanelForm(
        context, lambda: tr("Amend contract {number}?", number=line.number), [changes],
        verb=tr_noop("Draft the amendment"),
        text=tr_noop("A contract with a number of its own is drafted, for the same parties to sign. This one stays in "
                     "force until that one is sealed."),
        command=lambda values: AmendContract(contract_id=line.id, changes=values["changes"]),
        on_done=lambda drafted: on_drafted(drafted.contract_id),
    )  # fmt: skip
    proposed = proposed_changes(detail.drift, line.paper_language, limit=LIMIT)
    if proposed:
        question.form.set_values({"changes": proposed})
    return question


def termination_question(context: PageContext, detail: ContractDetail, means: TerminationChoices) -> PanelForm:
    """On which ground, from which day, and why; what becomes of the deposits is said before."""
    line = detail.row
    sealed_on = branch_date(line.sealed_at or line.created_at).isoformat()
    today = branch_day(context.clock.now())
    fields: list[Field] = [
        ChoiceField("ground", tr_noop("Ground"), required=True, span=2,
                    choices=[Choice(ground.value, ground.label) for ground in TerminationGround]),
        DateField("terminated_on", tr_noop("Ends on"), required=True, earliest=sealed_on, latest=today, span=2),
        MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=LIMIT, lines=3,
                       placeholder=tr_noop("What happened, and how the other side was told")),
    ]  # fmt: skip
    if means.order_can_end:
        toggle = ToggleField("cancel_order", tr_noop("Order"), span=2, text=tr_noop("Cancel the order with it"))
        fields.append(toggle)
    question = PanelForm(
        context, lambda: tr("Terminate contract {number}?", number=line.number), fields,
        verb=tr_noop("Terminate the contract"), danger=True, keep=tr_noop("Keep the contract"),
        text=_BY_RIGHT if means.agreed is None else lambda: _by_agreement(means),
        command=lambda values: TerminateContract(
            contract_id=line.id, expected_revision=line.revision, ground=values["ground"], reason=values["reason"],
            terminated_on=date.fromisoformat(values["terminated_on"]),
            cancel_order=bool(values.get("cancel_order", False)),
        ),
        on_done=lambda _value: context.notifications.show(
            lambda: tr("Contract {number} is terminated.", number=line.number), tone="good"
        ),
    )  # fmt: skip
    begun = {"ground": TerminationGround.AGREEMENT.value, "terminated_on": today}
    agreed = means.agreed
    if agreed is not None:
        begun = {"ground": agreed.ground, "terminated_on": agreed.ended_on.isoformat(), "reason": agreed.reason}
    question.form.set_values(begun | ({"cancel_order": True} if means.order_can_end else {}))
    settlements = {one.ground: one.settlement for one in means.choices}

    def explain(_field: str = "") -> None:
        settled = settlements.get(question.form.value("ground") or "")
        ends = means.order_can_end and question.form.value("cancel_order")
        if settled is not None:
            question.form.set_hint("ground", lambda: settlement_words(settled) if ends else tr(_STAYS))

    question.form.changed.connect(explain)
    explain()
    return question


_BY_RIGHT = tr_noop("It stays readable and provable, and nothing is due by it any more.")


def _by_agreement(means: TerminationChoices) -> str:
    number = means.agreed.number if means.agreed is not None else ""
    return tr("The parties signed termination agreement {number}: its ground and day are taken.", number=number)


def settlement_words(settled: DepositSettlement) -> str:
    """What becomes of the deposits, by Civil Code 586 to 588."""
    if not settled.to_customer and not settled.forfeited:
        return tr("No money was received: nothing goes back.")
    return _money_words(settled.returned + settled.penalty, settled.forfeited, doubled=bool(settled.penalty))


def _money_words(back: object, kept: object, *, doubled: bool) -> str:
    amount = formats.money(back)  # type: ignore[arg-type]
    if doubled:
        return tr("{amount} goes to the customer: the earnest money double (Civil Code 587).", amount=amount)
    if kept:
        stays = formats.money(kept)  # type: ignore[arg-type]
        return tr("{kept} of earnest money stays here, {amount} goes back (Civil Code 587).", kept=stays, amount=amount)
    return tr("{amount} goes back to the customer; the cashier finds it as a task.", amount=amount)


def after_notes(detail: ContractDetail) -> list[Note]:
    """What has to be known of a contract before anybody relies on it."""
    notes: list[Note] = []
    lineage, ended = detail.lineage, detail.termination
    after = lineage.replaced_by
    if detail.row.state == ContractState.SUPERSEDED and after is not None:
        text = tr_noop("Amended: contract {number} counts in its place.")
        notes.append((lambda: tr(text, number=after.number), "warn"))
    if ended is not None:
        notes.append((lambda: _ended_words(ended, detail.void_reason), "bad"))
    if lineage.amends is not None:
        notes.append((lambda: _amends_words(lineage), "info"))
    if lineage.rivals:
        notes.append((lambda: _rival_words(lineage), "bad"))
    return notes


def _ended_words(ended: Termination, reason: str) -> str:
    ground = next((one.label for one in TerminationGround if one == ended.ground), ended.ground)
    said = [tr("Terminated on {day}: {ground}.", day=formats.date_text(ended.day), ground=tr(ground)), reason]
    if ended.agreement is not None:
        said.append(tr("The parties agreed on it in {number}.", number=ended.agreement.number))
    if ended.returned is not None and (ended.returned or ended.forfeited or ended.penalty):
        back = ended.returned + (ended.penalty or 0)
        said.append(_money_words(back, ended.forfeited, doubled=bool(ended.penalty)))
    return "\n".join(part for part in said if part)


def _amends_words(lineage: Lineage) -> str:
    number = lineage.amends.number if lineage.amends is not None else ""
    return tr("Amends contract {number}: {changes}", number=number, changes=lineage.changes)


def _rival_words(lineage: Lineage) -> str:
    numbers = tr(", ").join(one.number for one in lineage.rivals)
    return tr(
        "Another desk sealed an amendment of the same contract without knowing of this one: {numbers}. Settle which "
        "counts, and void the other.", numbers=numbers,
    )  # fmt: skip


def lineage_lines(detail: ContractDetail, show: Callable[[str], object]) -> list[RecordLine]:
    """Links to the contracts before and after this one."""
    lineage = detail.lineage
    lines = []
    if lineage.amends is not None:
        lines.append(_line(tr_noop("Amends {number}"), lineage.amends, show))
    if lineage.replaces is not None:
        lines.append(_line(tr_noop("Replaces {number}"), lineage.replaces, show))
    after = lineage.replaced_by
    if after is not None and after.id not in {one.id for one in lineage.amendments}:
        lines.append(_line(tr_noop("Replaced by {number}"), after, show))
    lines += [_line(tr_noop("Amended by {number}"), one, show) for one in lineage.amendments]
    lines += [_line(tr_noop("Termination agreement {number}"), one, show) for one in lineage.agreements]
    if lineage.ends is not None:
        lines.append(_line(tr_noop("Ends {number}"), lineage.ends, show))
    lines += [_line(tr_noop("Beside it: {number}"), one, show) for one in lineage.rivals]
    return lines


def _line(text: str, other: Named, show: Callable[[str], object]) -> RecordLine:
    state = CONTRACT_STATES[other.state].label
    line = RecordLine(
        lambda: tr(text, number=other.number), subtitle=lambda: words(state), icon="file-text",
    )  # fmt: skip
    line.clicked.connect(lambda: show(other.id))
    return line
