"""Headquarters: the branches and desks of the group as the centre sees them, for people who run it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from sync.client.errors import SyncProblem
from ui.headquarters import details, questions, words
from ui.headquarters.deeds import Deeds
from ui.headquarters.lists import BRANCHES, CONFLICTS, DESKS, KEPT, LEASES, LOG, PAGE, Names, RemoteList, Tab, make_tabs
from ui.headquarters.ports import HeadquartersPort
from ui.headquarters.rows import BranchLine, DeskLine, KeptLine, LeaseLine, LogLine
from ui.headquarters.sign_in_card import SignInCard
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.page import Page
from ui.kit.text import Words

LIVE_MS = 30_000
_MANAGE = Permission.HEADQUARTERS_MANAGE
_DEED_KINDS = {KEPT: "quarantined", CONFLICTS: "conflicts", LEASES: "leases"}


class HeadquartersPage(Page):
    """Signed in or not; then lists that are asked for again every 30 s while somebody looks."""

    title = tr_noop("Headquarters")
    scope = "headquarters"

    def __init__(self, context: PageContext, port: HeadquartersPort) -> None:
        super().__init__(context)
        self._port = port
        self._tab = BRANCHES
        self._branch: BranchLine | None = None
        self._asking = 0
        self._told_at: datetime | None = None
        self._signed_in = False
        self.branches: list[BranchLine] = []
        self.names = Names()
        self._add_actions()
        self.card = SignInCard(context, port)
        self.card.signed_in.connect(self._on_signed_in)
        self.card.refused.connect(self._show_problem)
        self.tabs: dict[str, Tab] = {tab.key: tab for tab in make_tabs(context, self.names)}
        self.segments = Segmented(
            [Choice(tab.key, self._label_of(tab)) for tab in self.tabs.values()], name=tr_noop("Show")
        )
        self.segments.chosen.connect(self.show_tab)
        self.only = Button(tr_noop("All branches"), kind="quiet", icon="x", on_click=self.show_all_desks)
        self.only.hide()
        self.told = Label(self._told_text, role="secondary")
        self._lists = QStackedWidget()
        for tab in self.tabs.values():
            self._lists.addWidget(tab.content)
            tab.content.selected.connect(self._on_selected)
            tab.content.opened.connect(self._on_opened)
            tab.content.more_wanted.connect(partial(self._ask_list, tab, more=True))
        self._board = boxed(column(row(self.segments, self.only, STRETCH, self.told), self._lists, gap=16))
        self._views = QStackedWidget()
        self._views.addWidget(boxed(column(self.card, STRETCH)))
        self._views.addWidget(self._board)
        self.set_body(self._views)
        self._timer = QTimer(self)
        self._timer.setInterval(LIVE_MS)
        self._timer.timeout.connect(self._on_tick)
        self.panel.closed.connect(lambda: self.tabs[self._tab].content.take_focus())

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """`params["tab"]` opens one of the lists."""
        if params.get("tab") in self.tabs:
            self._tab = str(params["tab"])
        self._timer.start()
        if self._port.is_signed_in:
            self._on_signed_in()
        else:
            self._leave()
            self.context.operations.run_remote(self, self._port.resume, on_done=self._on_resumed)

    def deactivate(self) -> None:
        self._timer.stop()

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "told"):
            self._show_subtitle()

    def refresh(self) -> None:
        """Ask again for what is in sight."""
        if not self._signed_in:
            return
        self._ask("overview", {}, self._on_overview)
        if self._tab != BRANCHES:
            self._ask_list(self.tabs[self._tab])

    def _on_tick(self) -> None:
        """Every 30 s while the page is in sight; not while somebody is asked something."""
        if self.isVisible() and self._signed_in and not self._asking and not self._is_asked:
            self.refresh()

    @property
    def _is_asked(self) -> bool:
        content = self.panel.content() if self.panel.isVisible() else None
        return content is not None and bool(content.findChildren(questions.RemoteForm))

    # --- signing in ------------------------------------------------------------------------------

    def _on_resumed(self, signed_in: bool) -> None:
        if signed_in:
            self._on_signed_in()
        elif self.isVisible():
            self.card.take_focus()

    def _on_signed_in(self) -> None:
        self._signed_in = True
        self._show_new_code()
        self.messages.clear()
        self._views.setCurrentWidget(self._board)
        self.show_tab(self._tab)
        self.tabs[self._tab].content.take_focus()

    def _leave(self) -> None:
        """Nobody is signed in: nothing of what was told stays in sight."""
        self._signed_in = False
        self._told_at, self.branches = None, []
        self._show_new_code()
        for tab in self.tabs.values():
            tab.content.forget()
        self.panel.close_panel()
        self._views.setCurrentIndex(0)
        self.card.begin()
        self._show_subtitle()

    def _show_new_code(self) -> None:
        """What is done at headquarters is offered to who is signed in there."""
        button = self.header_button("headquarters.code")
        if button is not None:
            button.setVisible(self._signed_in)

    def _sign_out(self) -> None:
        self.context.operations.run_remote(
            self, self._port.sign_out, acts=True, on_done=lambda _nothing: self._leave(), on_error=self._on_signed_out
        )

    def _on_signed_out(self, error: BaseException) -> bool:
        """Here it is over in any case; the centre forgets it by itself."""
        self._leave()
        return isinstance(error, SyncProblem)

    # --- asking ----------------------------------------------------------------------------------

    def _ask(self, question: str, message: Mapping[str, Any], on_done: Callable[[dict[str, Any]], object]) -> None:
        def done(told: dict[str, Any]) -> None:
            self._asking -= 1
            if self._signed_in:
                self._told_at = self.context.clock.now()
                self.told.retranslate()
                self.messages.clear()
                on_done(told)

        self._asking += 1
        self.context.operations.run_remote(
            self, lambda: self._port.ask(question, **message), on_done=done, on_error=self._on_failed
        )

    def _on_failed(self, error: BaseException) -> bool:
        self._asking -= 1
        if not isinstance(error, SyncProblem):
            return False
        if error.code == "sign_in_over":
            self._leave()
        self._show_problem(error)
        return True

    def _show_problem(self, error: SyncProblem) -> None:
        """What is wrong; what was known stays in sight, with its time."""
        text, params, told = error.text, dict(error.params), self._told_at

        def said() -> str:
            if told is None:
                return tr(text, **params)
            return f"{tr(text, **params)} {tr('What stands here was told at {time}.', time=formats.moment(told))}"

        self.messages.show_error(said)

    def _on_overview(self, told: Mapping[str, Any]) -> None:
        self.branches = [BranchLine.told(one) for one in told["branches"]]
        self.names.branches = self.codes()
        self.tabs[BRANCHES].content.show_rows(self.branches, None)
        self.segments.retranslate()
        self._show_subtitle()

    def _ask_list(self, tab: Tab, *, more: bool = False) -> None:
        if not tab.pages:
            self._ask("overview", {}, self._on_overview)
            return
        after = tab.content.known.next if more else None
        message: dict[str, Any] = {"limit": PAGE} | ({"after": after} if after is not None else {})
        if tab.key == DESKS and self._branch is not None:
            message["branch_id"] = self._branch.id
        self._ask(tab.question, message, partial(self._on_listed, tab, append=more))

    def _on_listed(self, tab: Tab, told: Mapping[str, Any], *, append: bool) -> None:
        rows = [tab.read(one) for one in told["rows"]]
        if tab.key == DESKS:
            self.names.desks |= {one.id: one.name for one in rows}
        tab.content.show_rows(rows, told["next"], append=append)
        self._show_subtitle()

    # --- the lists -------------------------------------------------------------------------------

    def show_tab(self, key: str) -> None:
        """One of the lists; it is asked for at once."""
        self._tab = key
        self.segments.set_value(key)
        self._lists.setCurrentWidget(self.tabs[key].content)
        self.panel.close_panel()
        self.only.setVisible(key == DESKS and self._branch is not None)
        if not self._signed_in:
            return
        if key in (KEPT, LOG) and not self.names.desks:
            self._ask("desks", {"limit": PAGE * 2}, partial(self._on_listed, self.tabs[DESKS], append=False))
        self.refresh()

    @property
    def tab(self) -> str:
        """The list in sight."""
        return self._tab

    @property
    def content(self) -> RemoteList:
        """Its widget."""
        return self.tabs[self._tab].content

    def show_desks_of(self, branch: BranchLine) -> None:
        """The desks of one branch."""
        self._branch = branch
        self.only.set_words(lambda: tr("Only {branch}", branch=branch.code or branch.id[-8:]))
        self.tabs[DESKS].content.forget()
        self.show_tab(DESKS)

    def show_all_desks(self) -> None:
        """The desks of all branches again."""
        self._branch = None
        self.tabs[DESKS].content.forget()
        self.show_tab(DESKS)

    def _label_of(self, tab: Tab) -> Words:
        def text() -> str:
            name = _DEED_KINDS.get(tab.key, "")
            number = sum(getattr(branch, name) for branch in self.branches) if name else 0
            return f"{tr(str(tab.label))} {number:,}" if number else tr(str(tab.label))

        return text

    # --- the panel -------------------------------------------------------------------------------

    def _on_selected(self, line: Any) -> None:
        if line is None or self._is_asked:
            return
        self.show_details(line)

    def show_details(self, line: Any) -> None:
        """What the panel says of a row, with what can be done about it."""
        title, content, verbs = self._details_of(line)
        registry = self.context.actions
        possible = [action for verb in verbs if registry.permitted(action := registry.get(f"headquarters.{verb}"))]
        buttons = [
            Button.for_action(action, registry, kind="primary" if place == 0 and verbs[0] != "end_lease"
                              else "secondary")
            for place, action in enumerate(action for action in possible if action.is_enabled())
        ]  # fmt: skip
        self.panel.show_content(lambda: title, content, actions=buttons)

    def _details_of(self, line: Any) -> tuple[str, QWidget, tuple[str, ...]]:
        """Title, content and verbs for a row."""
        now = self.context.clock.now()
        if isinstance(line, BranchLine):
            return words.branch_name(line), details.branch_details(line, now), ("desks", "code")
        if isinstance(line, DeskLine):
            return line.name, details.desk_details(line, self.codes(), now), ("scopes", "revoke")
        if isinstance(line, KeptLine):
            content = details.kept_details(line, self.desk_name(line.device_id), self.codes())
            return words.kind_text(line), content, ("release", "drop")
        if isinstance(line, LeaseLine):
            return line.id, details.lease_details(line), ("end_lease",)
        if isinstance(line, LogLine):
            return line.who, details.log_details(line, self.names.desks), ()
        return line.number or line.vin, details.conflict_details(line), ()

    def _on_opened(self, line: Any) -> None:
        if isinstance(line, BranchLine):
            self.show_desks_of(line)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add = self.add_action
        add(Action("headquarters.refresh", tr_noop("Ask again"), self.refresh, key=Key.REFRESH, icon="refresh-cw",
                   enabled=lambda: self._signed_in), menu=True)  # fmt: skip
        add(Action("headquarters.sign_out", tr_noop("Sign out of headquarters"), self._sign_out, icon="log-out",
                   enabled=lambda: self._signed_in), menu=True)  # fmt: skip
        self._deeds = Deeds(self, self._port)

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in at headquarters."""
        return self._signed_in

    @property
    def shown_branch(self) -> BranchLine | None:
        """The branch whose desks are shown, None for all."""
        return self._branch

    def current_row(self) -> Any:
        """The selected row of the list in sight; None while nobody is signed in."""
        return self.content.current_row() if self._signed_in and hasattr(self, "tabs") else None

    def codes(self) -> dict[str, str]:
        """Codes of branches by their ids."""
        return {branch.id: branch.code for branch in self.branches}

    def desk_name(self, device_id: str) -> str:
        """A desk's name, as far as it was told."""
        return self.names.desks.get(device_id, device_id[-8:])

    # --- what stands above -----------------------------------------------------------------------

    def _told_text(self) -> str:
        told = self._told_at
        return "" if told is None else tr("As of {time}", time=formats.moment(told))

    def _show_subtitle(self) -> None:
        if not self._signed_in or not self.branches:
            self.set_subtitle("")
            return
        branches, desks = len(self.branches), sum(branch.desks for branch in self.branches)
        self.set_subtitle(
            lambda: tr(
                "{branches}, {desks}", branches=trn("{n} branch", "{n} branches", branches),
                desks=trn("{n} desk", "{n} desks", desks),
            )
        )  # fmt: skip


__all__ = ["BRANCHES", "CONFLICTS", "DESKS", "KEPT", "LEASES", "LIVE_MS", "LOG", "HeadquartersPage"]
