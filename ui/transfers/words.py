"""Words and tones for transfers."""

from app.kernel.labels import Labelled
from app.runtime.language import tr, tr_noop
from app.transfers.queries import BranchName, TransferRow
from app.transfers.rules import CertificateTravel, Condition, TransferState
from ui.kit.columns import State
from ui.kit.controls import Choice

STATES: dict[str, State] = {
    TransferState.PENDING.value: State(TransferState.PENDING.label, "warn"),
    TransferState.APPROVED.value: State(TransferState.APPROVED.label, "info"),
    TransferState.DEPARTED.value: State(TransferState.DEPARTED.label, "accent"),
    TransferState.MOVED.value: State(TransferState.MOVED.label, "good"),
    TransferState.REJECTED.value: State(TransferState.REJECTED.label, "bad"),
    TransferState.CANCELLED.value: State(TransferState.CANCELLED.label, "neutral"),
}

TAKEN: dict[str, State] = {
    "": State(tr_noop("Free"), "good"),
    "hold": State(tr_noop("Held"), "warn"),
    "order": State(tr_noop("Sold"), "info"),
    "transfer": State(tr_noop("Promised"), "accent"),
}


def choices(kind: type[Labelled]) -> list[Choice]:
    """All members of a kind as choices of a field."""
    return [Choice(member.value, member.label) for member in kind]


def certificate_text(code: str) -> str:
    """How the certificate travels; a dash while nothing is said."""
    return tr(CertificateTravel(code).label) if code else "–"


def condition_text(code: str) -> str:
    """How the vehicle was received; a dash before that."""
    return tr(Condition(code).label) if code else "–"


def branch_text(branch: BranchName | None) -> str:
    """Code and name, or that it is open to all."""
    return tr("Any branch") if branch is None else f"{branch.code} {branch.name}".strip()


def direction_text(row: TransferRow) -> str:
    """`SH01 → HZ01`."""
    return f"{row.source.code if row.source is not None else tr('any')} → {row.target.code}"


def centre_text(row: TransferRow) -> str:
    """Whether the centre has said all this; a dash where nobody has asked it."""
    if row.waiting:
        return tr("Waiting")
    return tr("Confirmed") if row.confirmed else "–"


def waits_text(row: TransferRow) -> str:
    """Whether the centre has still to speak, and what about; empty when nothing waits."""
    if not row.waiting:
        return ""
    if row.asked is None:
        return tr("Entered here, not yet at the centre.")
    if row.effective is TransferState.MOVED:
        return tr("Taken in here, waiting for the centre: until then the vehicle is {branch}'s.",
                  branch=row.source.code if row.source is not None else "–")  # fmt: skip
    return tr("“{state}” is asked for here, waiting for the centre.", state=tr(row.effective.label))


def next_step_text(row: TransferRow) -> str:
    """Who has to do what now."""
    state, source, target = row.effective, row.source.code if row.source is not None else "", row.target.code
    if state is TransferState.PENDING:
        return tr("{branch} decides", branch=source) if source else tr("Any branch may take it up")
    if state is TransferState.APPROVED:
        return tr("{branch} sends it off", branch=source)
    return tr("{branch} takes it in", branch=target) if state is TransferState.DEPARTED else ""
