"""What has to be asked before a version goes a step on; each question stands in the panel."""

from collections.abc import Callable
from typing import Any

from app.clauses.commands import ApproveText, DiscardDraft, RejectText, WithdrawText
from app.clauses.rules import REASON_LIMIT, TextSort
from app.clauses.version_rows import VersionRow
from app.contracts.templates.text_versions import TextPhase
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.fields import MultiLineField
from ui.kit.panel_form import PanelForm

_COUNTING = (TextPhase.IN_FORCE, TextPhase.SCHEDULED, TextPhase.SUPERSEDED, TextPhase.ENDED)


def approval(context: PageContext, sort: TextSort, version: VersionRow) -> PanelForm:
    """Somebody else agrees."""
    return PanelForm(
        context, tr_noop("Approve this text?"),
        [MultiLineField("note", tr_noop("Note"), span=2, max_length=REASON_LIMIT, lines=2)],
        verb=tr_noop("Approve"),
        command=lambda values: ApproveText(**_step(sort, version), note=values["note"]),
        on_done=_say(context, tr_noop("The text is approved.")),
        text=tr_noop("It counts from its first day, today at the earliest. What was signed before stays as it is."),
    )  # fmt: skip


def rejection(context: PageContext, sort: TextSort, version: VersionRow) -> PanelForm:
    """Somebody else disagrees and says why."""
    return PanelForm(
        context, tr_noop("Reject this text?"), [_reason()], verb=tr_noop("Reject"), danger=True,
        command=lambda values: RejectText(**_step(sort, version), reason=values["reason"]),
        on_done=_say(context, tr_noop("The text is rejected.")),
    )  # fmt: skip


def withdrawal(context: PageContext, sort: TextSort, version: VersionRow) -> PanelForm:
    """Taken back, also out of force."""
    counts = version.phase in _COUNTING
    return PanelForm(
        context, tr_noop("Take this text out of force?") if counts else tr_noop("Withdraw this text?"), [_reason()],
        verb=tr_noop("Withdraw"), danger=True,
        command=lambda values: WithdrawText(**_step(sort, version), reason=values["reason"]),
        on_done=_say(context, tr_noop("The text is withdrawn.")),
        text=tr_noop("What counted before counts again. What was signed stays as it is.") if counts else "",
    )  # fmt: skip


def discarding(context: PageContext, sort: TextSort, version: VersionRow) -> PanelForm:
    """A draft is thrown away."""
    return PanelForm(
        context, tr_noop("Throw this draft away?"), [], verb=tr_noop("Throw it away"), danger=True,
        command=lambda _values: DiscardDraft(**_step(sort, version)),
        on_done=_say(context, tr_noop("The draft is thrown away.")),
    )  # fmt: skip


def _step(sort: TextSort, version: VersionRow) -> dict[str, Any]:
    return {"sort": sort, "version_id": version.id, "expected_revision": version.revision}


def _reason() -> MultiLineField:
    return MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=REASON_LIMIT, lines=2)


def _say(context: PageContext, text: str) -> Callable[[Any], object]:
    return lambda _value: context.notifications.show(text, tone="good")
