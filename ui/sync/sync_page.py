"""How this desk stands with the centre: what waits, what was refused, which orders lost their vehicle."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QWidget

from app.document_log.queries import AlarmRow
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.leases.port import LeasePort, Secured
from app.leases.rules import LeaseStanding
from app.runtime.language import tr, tr_noop, trn
from sync.client.status import SyncState, SyncStatus
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice
from ui.kit.dialogs import ask
from ui.kit.keys import Key
from ui.kit.layout import boxed, column
from ui.kit.lease_words import answer_words, given_back_words
from ui.kit.page import Page
from ui.kit.text import Words
from ui.kit.theme import theme
from ui.kit.view_bar import ViewBar
from ui.sync import details
from ui.sync.connect_form import ConnectForm
from ui.sync.leases_tab import LEASES, LeaseLine, lease_details, renew_all, several_details
from ui.sync.lines import (
    ConflictLine,
    OperationLine,
    RecordLine,
    ReplacedLine,
    Summary,
    UnwrittenLine,
    get_summary,
)
from ui.sync.log_watching import LOG, LOG_VERBS, LogWatching, alarm_details
from ui.sync.log_words import fault_title
from ui.sync.ports import Joined, SyncPort
from ui.sync.settling import HISTORY_VERBS, REFUSED_VERBS, REPLACED_VERBS, UNWRITTEN_VERBS, Settling
from ui.sync.settling_details import ReplacedDetails, unwritten_details
from ui.sync.status_card import StatusCard
from ui.sync.tabs import CONFLICTS, REFUSED, REPLACED, UNWRITTEN, WAITING, Tab, make_tabs
from ui.sync.words import RECONNECT, table_text

_CONFIGURE = Permission.SYNC_CONFIGURE
_LEAST_LIST, _ROOM_FOR_CARD = 200, 240


class SyncPage(Page):
    """Live: told by the port's feed and by changes of rows."""

    title = tr_noop("Synchronisation")

    def __init__(self, context: PageContext, port: SyncPort, leases: LeasePort | None = None) -> None:
        super().__init__(context)
        self._port, self._leases = port, leases
        self.summary: Summary | None = None
        self._told: SyncStatus | None = None
        self._reconnecting = False
        self._tab = WAITING
        self.settling = Settling(self, port)
        self.log_watching = LogWatching(self, port)
        self._add_actions()
        exchange = Button.for_action(context.actions.get("sync.exchange"), context.actions)
        self.exchange_button = exchange
        self.card = StatusCard(context.clock, button=exchange)
        self.connect_form = ConnectForm(context, port)
        self.connect_form.joined.connect(self._on_joined)
        self.connect_form.left.connect(self._leave_connecting)
        self.tabs: dict[str, Tab] = {tab.key: tab for tab in make_tabs(context)}
        self.views = ViewBar(
            [Choice(tab.key, self._label_of(tab), tab.hint) for tab in self.tabs.values()], name=tr_noop("Show")
        )
        self.views.chosen.connect(self.show_tab)
        self._lists = QStackedWidget()
        for tab in self.tabs.values():
            self._lists.addWidget(tab.content)
            tab.content.selected.connect(self._on_row_selected)
            tab.content.opened.connect(self._open_row)
        self._lists.setMinimumHeight(theme().px(_LEAST_LIST))
        # The widest of the empty states in it must not keep the page from being narrow.
        self._lists.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.set_body(_Body(self.card, column(self.card, self.connect_form, self.views, self._lists, gap=16)))
        self.panel.closed.connect(self._on_panel_closed)
        port.feed.changed.connect(self._on_feed_changed)
        self.show_tab(WAITING)
        self._offer_lists()
        self._show_status(port.feed.latest)

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """`params["tab"]` opens one of the lists."""
        if params.get("tab") in self.tabs:
            self.show_tab(params["tab"])
        self.refresh()
        if self.connect_form.isVisible():
            self.connect_form.take_focus()
        else:
            self.tabs[self._tab].content.take_focus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Fetch the summary and the list in sight."""
        self.context.operations.run_query(self, get_summary, on_done=self._show_summary, key="summary")
        self.tabs[self._tab].content.refresh()

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "views"):
            self._show_subtitle()

    # --- the lists -------------------------------------------------------------------------------

    def show_tab(self, key: str) -> None:
        """One of the lists."""
        self._tab = key
        self.tabs[key].content.forget_choice()
        self.views.set_value(key)
        self._lists.setCurrentWidget(self.tabs[key].content)
        self.panel.close_panel()
        if self.isVisible():
            self.tabs[key].content.refresh()

    @property
    def tab(self) -> str:
        """The list in sight."""
        return self._tab

    def _label_of(self, tab: Tab) -> Words:
        def text() -> str:
            word = tr(str(tab.label))
            counted = self._count_of(tab.key)
            return f"{word} {counted:,}" if counted else word

        return text

    def _count_of(self, key: str) -> int:
        if self.summary is None:
            return 0
        counts = self.summary.counts
        return {
            WAITING: counts.unsent, REFUSED: counts.rejected, CONFLICTS: counts.conflicts,
            REPLACED: counts.overridden, UNWRITTEN: counts.unwritten, LEASES: self.summary.secured,
            LOG: len(self.summary.log.open_alarms),
        }.get(key, 0)  # fmt: skip

    def _offer_lists(self) -> None:
        """Lists that are nearly always empty are offered only while something stands there."""
        alarms = self.summary is not None and bool(self.summary.log.alarms)
        self.views.offer(
            key for key in self.tabs
            if (alarms if key == LOG else key not in (REPLACED, UNWRITTEN) or self._count_of(key))
        )  # fmt: skip

    def current_row(self) -> Any:
        """The selected row of the list in sight."""
        return self.tabs[self._tab].content.current_row()

    def selected_rows(self) -> list[Any]:
        """All selected rows of the list in sight."""
        return self.tabs[self._tab].content.selected_rows()

    def _on_row_selected(self, line: Any) -> None:
        if line is None:
            self.panel.close_panel()
        elif isinstance(line, RecordLine):
            self._show_panel(
                lambda: details.record_title(line), details.waiting_details(self.context, line), ("sync.open",)
            )
        elif isinstance(line, ConflictLine):
            self._show_panel(
                lambda: tr("Order {number}", number=line.number), details.conflict_details(self.context, line),
                ("sync.open",),
            )  # fmt: skip
        elif isinstance(line, LeaseLine):
            self._show_leases(line)
        elif isinstance(line, ReplacedLine):
            self._show_replaced(line)
        elif isinstance(line, UnwrittenLine):
            self._show_unwritten(line)
        elif isinstance(line, AlarmRow):
            self._show_panel(lambda: fault_title(line.kind), alarm_details(line), LOG_VERBS)
        elif isinstance(line, OperationLine):
            self._show_operation(line)

    def _show_leases(self, line: LeaseLine) -> None:
        chosen, verbs = self._chosen_leases(), ("sync.lease_renew", "sync.lease_back")
        if len(chosen) < 2:
            self._show_panel(lambda: str(line.name), lease_details(line), (*verbs, "sync.open"))
            return
        count = len(chosen)
        self._show_panel(lambda: trn("{n} vehicle", "{n} vehicles", count), several_details(chosen), verbs)

    def _show_operation(self, line: OperationLine) -> None:
        if self._tab != REFUSED:
            content = details.operation_details(self.context, line)
            self._show_panel(lambda: details.record_title(line), content, HISTORY_VERBS)
            return
        self._show_panel(lambda: details.record_title(line), self.settling.refused_details(line), REFUSED_VERBS)

    def _show_replaced(self, line: ReplacedLine) -> None:
        content = ReplacedDetails(self.context, line)
        self._show_panel(lambda: f"{table_text(line.table)} {line.title}".strip(), content, REPLACED_VERBS)

    def _show_unwritten(self, line: UnwrittenLine) -> None:
        content = unwritten_details(line.row, line.title, line.branch)
        self._show_panel(lambda: f"{table_text(line.table)} {line.title}".strip(), content, UNWRITTEN_VERBS)

    def _show_panel(self, title: Words, content: QWidget, verbs: tuple[str, ...]) -> None:
        registry = self.context.actions
        possible = [registry.get(verb) for verb in verbs]
        buttons = [
            Button.for_action(action, registry, kind="primary" if place == 0 else "secondary")
            for place, action in enumerate(
                action for action in possible if registry.permitted(action) and action.is_enabled()
            )
        ]
        self.panel.show_content(title, content, actions=buttons)

    def _on_panel_closed(self) -> None:
        self.tabs[self._tab].content.take_focus()

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add = self.add_action
        add(Action("sync.exchange", tr_noop("Exchange now"), self._exchange, key=Key.REFRESH, icon="refresh-cw",
                   enabled=self.is_connected))  # fmt: skip
        add(Action("sync.open", tr_noop("Open it"), self._open_current, key=Key.OPEN, icon="external-link",
                   enabled=self._can_open))  # fmt: skip
        add(Action("sync.next_list", tr_noop("Next list"), lambda: self.views.step(1), key=Key.NEXT_VIEW,
                   icon="chevron-right"))  # fmt: skip
        add(Action("sync.previous_list", tr_noop("Previous list"), lambda: self.views.step(-1), key=Key.PREVIOUS_VIEW,
                   icon="chevron-left"))  # fmt: skip
        add(Action("sync.lease_renew", tr_noop("Renew"), self._renew_lease, icon="lock",
                   permission=Permission.INVENTORY_SECURE, enabled=self._is_lease))  # fmt: skip
        add(Action("sync.lease_back", tr_noop("Give it back"), self._give_lease_back, icon="unlock",
                   permission=Permission.INVENTORY_SECURE, enabled=lambda: bool(self._kept_leases())))  # fmt: skip
        add(Action("sync.connect", tr_noop("Connect with a new code"), self._begin_connecting, icon="log-in",
                   permission=_CONFIGURE), menu=True)  # fmt: skip
        add(Action("sync.disconnect", tr_noop("Disconnect from the centre"), self._ask_to_disconnect, icon="log-out",
                   permission=_CONFIGURE, enabled=self.is_connected), menu=True)  # fmt: skip
        add(Action("sync.prefetch", self._prefetch_words, self._change_prefetching, icon="image",
                   permission=_CONFIGURE), menu=True)  # fmt: skip

    def _prefetch_words(self) -> str:
        if self._port.prefetches:
            return tr("Fetch pictures only when somebody looks")
        return tr("Keep small pictures of everything at this desk")

    def _change_prefetching(self) -> None:
        self._port.set_prefetching(not self._port.prefetches)
        said = (
            tr_noop("Small pictures are fetched beforehand now.") if self._port.prefetches
            else tr_noop("Pictures are fetched when somebody looks now.")
        )  # fmt: skip
        self.context.notifications.show(said, tone="good")

    def is_connected(self) -> bool:
        """Whether this desk has a centre."""
        return self._port.feed.latest.state is not SyncState.NOT_ENROLLED

    def _exchange(self) -> None:
        self._port.sync_now()
        self.messages.clear()
        self.refresh()

    def _can_open(self) -> bool:
        line = self.current_row()
        return line is not None and hasattr(line, "owner") and details.page_of(line.owner[0]) is not None

    def _open_current(self) -> None:
        self._open_row(self.current_row())

    def _open_row(self, line: Any) -> None:
        target = details.page_of(line.owner[0]) if hasattr(line, "owner") else None
        if target is not None:
            page, param = target
            self.context.navigator.open(page, **{param: line.owner[1]})

    def _is_lease(self) -> bool:
        return self._leases is not None and bool(self._chosen_leases())

    def _chosen_leases(self) -> list[LeaseLine]:
        return [line for line in self.selected_rows() if isinstance(line, LeaseLine)]

    def _kept_leases(self) -> list[LeaseLine]:
        """Those the centre still keeps for this desk."""
        if self._leases is None:
            return []
        kept = (LeaseStanding.SECURED, LeaseStanding.CLOCK_WRONG)
        return [line for line in self._chosen_leases() if line.row.standing in kept]

    def _renew_lease(self) -> None:
        lines, port = self._chosen_leases(), self._leases
        if port is not None and lines:
            self.context.operations.run_long(
                self, lambda _progress: renew_all(port, lines), title=tr_noop("Securing the vehicle"),
                on_done=self._on_lease_answered,
            )  # fmt: skip

    def _give_lease_back(self) -> None:
        vins, port = [line.vin for line in self._kept_leases()], self._leases
        if port is not None and vins:
            self.context.operations.run_long(
                self, lambda _progress: port.give_back(vins), title=tr_noop("Giving the vehicle back"),
                on_done=self._on_lease_given_back,
            )  # fmt: skip

    def _on_lease_answered(self, answer: Secured) -> None:
        text, tone = answer_words(answer)
        self.context.notifications.show(text, tone=tone)
        self.refresh()

    def _on_lease_given_back(self, heard: bool) -> None:
        self.context.notifications.show(given_back_words(heard), tone="good")
        self.panel.close_panel()
        self.refresh()

    # --- connecting ------------------------------------------------------------------------------

    def _begin_connecting(self) -> None:
        self._reconnecting = True
        self._arrange()
        self.connect_form.take_focus()

    def _leave_connecting(self) -> None:
        self._reconnecting = False
        self._arrange()

    def _on_joined(self, joined: Joined) -> None:
        self._reconnecting = False
        self.context.notifications.show(
            lambda: tr("Connected as desk {desk} of branch {branch}.", desk=joined.desk_code,
                       branch=joined.branch_code),
            tone="good",
        )  # fmt: skip
        self._arrange()
        self.refresh()

    def _ask_to_disconnect(self) -> None:
        ask(
            self, title=tr_noop("Disconnect from the centre?"),
            text=tr_noop(
                "What was entered stays here, and is no longer sent. Connecting again takes a new one-time code."
            ),
            verb=tr_noop("Disconnect"), on_yes=self._disconnect, danger=True,
        )  # fmt: skip

    def _disconnect(self) -> None:
        self.context.operations.run_long(
            self, lambda _progress: self._port.disconnect(), title=tr_noop("Disconnecting"),
            on_done=lambda _nothing: self.refresh(),
        )  # fmt: skip

    # --- what is told ----------------------------------------------------------------------------

    def _on_feed_changed(self, status: SyncStatus) -> None:
        self._show_status(status)
        told, self._told = self._told, status
        if self.isVisible() and (told is None or _figures(told) != _figures(status)):
            self.refresh()

    def _show_status(self, status: SyncStatus) -> None:
        self.card.show_status(status)
        self.exchange_button.setEnabled(self.is_connected())
        self._show_subtitle()
        self._arrange()

    def _show_summary(self, summary: Summary) -> None:
        self.summary = summary
        self.card.show_summary(summary)
        self._offer_lists()
        self.views.retranslate()
        self._show_subtitle()
        if self.connect_form.isVisible():
            self.connect_form.begin(address=summary.desk.service_url, may_leave=self.is_connected())

    def _show_subtitle(self) -> None:
        address = self.summary.desk.service_url if self.summary is not None else ""
        self.set_subtitle(address if self.is_connected() else "")

    def _arrange(self) -> None:
        """The form stands there while the desk has no centre, or needs a new code."""
        status = self._port.feed.latest
        lost = status.state is SyncState.REFUSED and status.problem in RECONNECT
        wanted = not self.is_connected() or self._reconnecting or lost
        shown = wanted and self.context.may(_CONFIGURE)
        if shown and self.connect_form.isHidden():
            address = self.summary.desk.service_url if self.summary is not None else ""
            self.connect_form.begin(address=address, may_leave=self.is_connected())
        self.connect_form.setVisible(shown)


class _Body(QScrollArea):
    """Where the window is low or the type large, the page goes on below; beside a panel that takes nearly all the room,
    the lists have what is left."""

    def __init__(self, card: QWidget, content: QBoxLayout) -> None:
        super().__init__()
        self._card = card
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(boxed(content))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._card.setVisible(self.width() >= theme().px(_ROOM_FOR_CARD))
        super().resizeEvent(event)


def _figures(status: SyncStatus) -> tuple[object, ...]:
    """What the lists depend on; that an exchange begins or ends changes none of them."""
    return (
        status.state is SyncState.NOT_ENROLLED, status.unsent, status.rejected, status.conflicts,
        status.unwritten, status.overridden, status.last_agreed_at, status.log_alarms, status.log_restored,
    )  # fmt: skip
