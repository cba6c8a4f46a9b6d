"""What people do on the Sync page about refused changes, replaced values, and rows that were not written."""

from typing import TYPE_CHECKING, Any

from app.desk.refused_commands import (
    DropRefusedChange,
    KeepTheirValue,
    ResendRefusedChange,
    TakeUpRefusedChange,
    UseOwnValue,
)
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from sync.client.errors import sentences
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.dialogs import ask
from ui.kit.keys import Key
from ui.kit.text import Words
from ui.sync.lines import OperationLine, ReplacedLine, UnwrittenLine
from ui.sync.ports import Checked, SyncPort
from ui.sync.refused_details import RefusedDetails
from ui.sync.tabs import HISTORY, REFUSED

if TYPE_CHECKING:
    from ui.sync.sync_page import SyncPage

_CONFIGURE = Permission.SYNC_CONFIGURE
REFUSED_VERBS = ("sync.correct", "sync.resend", "sync.dismiss")
REPLACED_VERBS = ("sync.keep_theirs", "sync.use_own")
UNWRITTEN_VERBS = ("sync.retry_unwritten",)
HISTORY_VERBS = ("sync.open", "sync.take_up")


class Settling:
    """The actions and what stands behind them. The page has the lists and the panel."""

    def __init__(self, page: "SyncPage", port: SyncPort) -> None:
        self._page, self._port = page, port
        self.details: RefusedDetails | None = None
        self._add_actions()

    def _add_actions(self) -> None:
        add = self._page.add_action
        add(Action("sync.correct", tr_noop("Correct it"), self._correct, key=Key.EDIT, icon="pencil",
                   permission=_CONFIGURE, enabled=self._can_correct))  # fmt: skip
        add(Action("sync.resend", tr_noop("Send again"), self._resend, key="Ctrl+R", icon="send",
                   permission=_CONFIGURE, enabled=self._is_refused))  # fmt: skip
        add(Action("sync.dismiss", tr_noop("Let it be"), self._ask_to_drop, key=Key.DELETE, icon="check",
                   permission=_CONFIGURE, enabled=self._is_refused))  # fmt: skip
        add(Action("sync.take_up", tr_noop("Take it up again"), self._take_up, icon="undo",
                   permission=_CONFIGURE, enabled=self._is_dropped))  # fmt: skip
        add(Action("sync.keep_theirs", tr_noop("Keep theirs"), self._keep_theirs, icon="check",
                   permission=_CONFIGURE, enabled=self._is_replaced))  # fmt: skip
        add(Action("sync.use_own", tr_noop("Use ours"), self._use_own, icon="undo",
                   permission=_CONFIGURE, enabled=self._can_use_own))  # fmt: skip
        add(Action("sync.retry_unwritten", tr_noop("Try again"), self._retry_unwritten, icon="refresh-cw",
                   permission=_CONFIGURE, enabled=self._is_unwritten))  # fmt: skip
        add(Action("sync.check", tr_noop("Check everything now"), self._check, icon="shield-check",
                   enabled=self._page.is_connected), menu=True)  # fmt: skip

    # --- refused changes -------------------------------------------------------------------------

    def refused_details(self, line: OperationLine) -> RefusedDetails:
        """The panel about one of them."""
        self.details = RefusedDetails(self._page.context, line, on_sent=self._on_sent)
        return self.details

    def _refused(self) -> list[OperationLine]:
        return [line for line in self._page.selected_rows() if isinstance(line, OperationLine)]

    def _is_refused(self) -> bool:
        return self._page.tab == REFUSED and bool(self._refused())

    def _can_correct(self) -> bool:
        """Which fields there are is known when the panel has read the change."""
        return self._is_refused() and len(self._refused()) == 1

    def _correct(self) -> None:
        if self.details is None:
            return
        if self.details.can_be_corrected:
            self.details.correct()
        else:
            self._say(tr_noop("Nothing in this change can be entered again here. Open the record."), tone="warn")

    def _numbers(self) -> tuple[int, ...]:
        return tuple(line.row.n for line in self._refused())

    def _resend(self) -> None:
        self._run(ResendRefusedChange(operations=self._numbers()), self._on_sent)

    def _on_sent(self, count: Any) -> None:
        n = int(count)
        self._done(lambda: trn("{n} change is sent again.", "{n} changes are sent again.", n))

    def _ask_to_drop(self) -> None:
        numbers = self._numbers()
        ask(
            self._page, title=lambda: trn("Let this change be?", "Let these {n} changes be?", len(numbers)),
            text=tr_noop(
                "What was entered is given up: the records stay as the centre has them, and what the centre does not "
                "have stays on this desk only. The change is kept under “All changes” for thirty days and can be "
                "taken up again there."
            ),
            verb=tr_noop("Let it be"), on_yes=lambda: self._drop(numbers),
        )  # fmt: skip

    def _drop(self, numbers: tuple[int, ...]) -> None:
        said = tr_noop("Noted. Ctrl+Z takes it up again.")
        self._run(DropRefusedChange(operations=numbers), lambda _count: self._done(said))

    def _is_dropped(self) -> bool:
        line = self._page.current_row()
        return self._page.tab == HISTORY and isinstance(line, OperationLine) and line.state == "dismissed"

    def _take_up(self) -> None:
        line = self._page.current_row()
        said = tr_noop("It stands under “Refused” again.")
        self._run(TakeUpRefusedChange(operations=(line.row.n,)), lambda _count: self._done(said))

    # --- replaced values -------------------------------------------------------------------------

    def _replaced(self) -> list[ReplacedLine]:
        return [line for line in self._page.selected_rows() if isinstance(line, ReplacedLine)]

    def _is_replaced(self) -> bool:
        return bool(self._replaced())

    def _can_use_own(self) -> bool:
        chosen = self._replaced()
        return len(chosen) == 1 and chosen[0].row.may_use_own

    def _keep_theirs(self) -> None:
        entries = tuple(line.row.entry for line in self._replaced())
        self._run(KeepTheirValue(entries=entries), lambda _nothing: self._done(tr_noop("Noted: it stays as it is.")))

    def _use_own(self) -> None:
        (line,) = self._replaced()
        self._run(
            UseOwnValue(entry=line.row.entry, expected_revision=line.row.revision),
            lambda _nothing: self._done(tr_noop("Entered again; everybody receives it.")),
        )

    # --- rows that were not written, and the whole copy ------------------------------------------

    def _is_unwritten(self) -> bool:
        return isinstance(self._page.current_row(), UnwrittenLine)

    def _retry_unwritten(self) -> None:
        def done(remaining: int) -> None:
            if remaining:
                self._say(lambda: trn("{n} record still does not fit.", "{n} records still do not fit.", remaining),
                          tone="warn")  # fmt: skip
                self._page.refresh()
            else:
                self._done(tr_noop("Everything is written now."))

        self._page.context.operations.run_plain(self._page, self._port.retry_unwritten, on_done=done)

    def _check(self) -> None:
        self._page.context.operations.run_long(
            self._page, lambda _progress: self._port.check_everything(), title=tr_noop("Comparing with the centre"),
            on_done=self._on_checked,
        )  # fmt: skip

    def _on_checked(self, checked: Checked) -> None:
        if checked.complete and not checked.differing:
            self._page.messages.show_good(lambda: checked_text(checked))
        else:
            self._page.messages.show_info(lambda: checked_text(checked))
        self._page.refresh()

    # --- inside ----------------------------------------------------------------------------------

    def _run(self, command: Command, on_done: Any) -> None:
        self._page.context.operations.run_command(self._page, command, on_done=on_done)

    def _done(self, said: Words) -> None:
        self._say(said, tone="good")
        self._page.panel.close_panel()
        self._page.refresh()

    def _say(self, said: Words, *, tone: str) -> None:
        self._page.context.notifications.show(said, tone=tone)


def checked_text(checked: Checked) -> str:
    """What came of the comparison."""
    said = []
    if not checked.complete:
        said.append(tr("The comparison did not come to an end: somebody goes on writing, here or elsewhere."))
    if checked.complete or checked.rows:
        said.append(tr("{n} records compared.", n=formats.count(checked.rows)))
    if checked.complete and not (checked.repaired or checked.left_alone or checked.differing):
        said.append(tr("Everything here is as the centre has it."))
    if checked.repaired:
        said.append(trn("{n} record was put right.", "{n} records were put right.", checked.repaired))
    if checked.left_alone:
        said.append(
            trn("{n} record is left alone: something about it waits or was refused.",
                "{n} records are left alone: something about them waits or was refused.", checked.left_alone)
        )  # fmt: skip
    if checked.differing:
        said.append(
            trn("{n} record differs although it was read again: send the log to support.",
                "{n} records differ although they were read again: send the log to support.", checked.differing)
        )  # fmt: skip
    if not checked.complete:
        said.append(tr("It goes on by itself within ten minutes; work is not held up."))
    return sentences(said)
