"""A new price change: which vehicles, how the prices follow, from when; the preview stands beside it as one types."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.kernel.clock import branch_day
from app.kernel.money import ZERO
from app.pricing.commands import ProposePrices
from app.pricing.preview import preview_prices, proposed_lines
from app.pricing.queries import PreviewRow, PriceDraft, PricePlan, PricePreview, PriceTarget
from app.pricing.rules import Formula, FormulaKind, PriceKind, PriceLevel, Rounding
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.feedback import MessageBar
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.theme import set_role, set_size
from ui.pricing.change_form import change_form, number_of
from ui.pricing.model_choice import ModelChoice
from ui.pricing.preview_table import PreviewTable
from ui.pricing.stock_choice import StockChoice
from ui.pricing.words import signed

_BY_FILTER, _BY_MODEL, _CHOSEN = "filter", "model", "chosen"
_FORM_WIDTH = 376
_ABSOLUTE = (FormulaKind.SET, FormulaKind.OF_GUIDE)


class ChangeSheet(QWidget):
    """`stored(change_id)` once it is submitted. `propose` prefills kind, percent, and unit_ids or trims (id, name)."""

    stored = Signal(str)

    def __init__(
        self, context: PageContext, *, back: Button, propose: Mapping[str, Any] | None = None,
        draft: PriceDraft | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._draft = draft
        self._amounts = dict(draft.amounts) if draft is not None else {}
        self.context = context
        self.plan: PricePlan | None = None
        self._unit_ids: tuple[str, ...] = draft.unit_ids if draft else tuple((propose or {}).get("unit_ids", ()))
        self.messages = MessageBar()
        self.form = change_form(context)
        self.stock = StockChoice(context)
        self.models = ModelChoice(context)
        self.preview = PreviewTable(context)
        self._target = Segmented(self._targets(), name=tr_noop("Which vehicles"))
        self._target.set_value(_CHOSEN if self._unit_ids else _BY_FILTER)
        self._about = Label("", role="secondary", wrap=True)
        self.go = Button(tr_noop("Submit"), kind="primary", icon="send", on_click=self.submit)
        self.go.setEnabled(False)
        self.keep = Button(tr_noop("Save as draft"), icon="file-text", on_click=self.keep_draft)
        self.keep.setEnabled(False)
        self._places = self._made_places()
        self.setLayout(self._arranged(back))
        self._connect()
        self._fill(propose or {})
        if draft is not None:
            self._resume(draft)
        self.refresh()

    # --- building --------------------------------------------------------------------------------

    def _targets(self) -> list[Choice]:
        chosen = len(self._unit_ids)
        found = [
            Choice(_BY_FILTER, tr_noop("Vehicles by filter")), Choice(_BY_MODEL, tr_noop("Whole trims and series")),
        ]  # fmt: skip
        if chosen:
            found.insert(0, Choice(_CHOSEN, lambda: trn("{n} chosen vehicle", "{n} chosen vehicles", chosen)))
        return found

    def _made_places(self) -> QWidget:
        chosen = Label(tr_noop("The vehicles that were chosen on the page before."), role="secondary", wrap=True)
        self._place_of = {_BY_FILTER: self.stock, _BY_MODEL: self.models, _CHOSEN: boxed(column(chosen))}
        return boxed(column(*self._place_of.values(), gap=0))

    def _arranged(self, back: Button) -> Any:
        left = QFrame()
        set_role(left, "card")
        holder = QWidget()
        set_role(holder, "plain")
        holder.setLayout(column(self.form, margins=16))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(holder)
        footer = QFrame()
        set_role(footer, "form-footer")
        footer.setLayout(row(STRETCH, self.keep, self.go, margins=(16, 12, 16, 12)))
        inner = column(gap=0, margins=1)
        inner.addWidget(scroll, 1)
        inner.addWidget(footer)
        left.setLayout(inner)
        set_size(left, width=_FORM_WIDTH)
        right = column(self.messages, row(self._target, STRETCH), self._places, self._about, gap=12)
        right.addWidget(self.preview, 1)
        body = row(gap=16)
        body.addWidget(left)
        body.addLayout(right, 1)
        whole = column(row(back, STRETCH), gap=12)
        whole.addLayout(body, 1)
        return whole

    def _connect(self) -> None:
        self.form.changed.connect(self._on_form_changed)
        self.form.submitted.connect(self.submit)
        self.stock.changed.connect(lambda _values: self.refresh())
        self._target.chosen.connect(lambda _value: self._on_target_chosen())
        self.models.changed.connect(self.refresh)
        self.preview.changed.connect(self._show_summary)

    def _fill(self, propose: Mapping[str, Any]) -> None:
        kind = PriceKind(propose.get("kind", PriceKind.LIST))
        percent = propose.get("percent")
        self.form.set_values(
            {
                "kind": kind,
                "formula": FormulaKind.BY_PERCENT if percent else FormulaKind.BY_AMOUNT,
                "value": str(percent or ""),
                "rounding": Rounding.TO_100,
                "valid_from": branch_day(self.context.clock.now()),
            }
        )
        trims = propose.get("trims", ())
        if trims:
            self.choose_models([Choice((PriceLevel.TRIM, one), _named(name)) for one, name in trims])
        self._on_target_chosen()
        self._show_fields()

    def _resume(self, draft: PriceDraft) -> None:
        """Go on with a draft: its terms and vehicles, and afterwards the amounts that were entered by hand."""
        today = branch_day(self.context.clock.now())
        formula = draft.formula
        self.form.set_values(
            {
                "kind": draft.kind, "valid_from": max(draft.valid_from.isoformat(), today),
                "valid_to": draft.valid_to.isoformat() if draft.valid_to else None, "name_zh": draft.name.zh,
                "name_en": draft.name.en, "below_floor": draft.below_floor, "reason": draft.reason,
                "floor_follows": draft.floor_follows,
            }
        )  # fmt: skip
        if draft.models:
            self.choose_models(
                [Choice((one.level, one.id), lambda name=one.name: str(name)) for one in draft.models]  # type: ignore[misc]
            )
        if formula is not None:
            self.form.set_values(
                {"formula": formula.kind, "value": f"{formula.value:f}", "rounding": formula.rounding}
            )
        self._show_fields()

    # --- what is typed ---------------------------------------------------------------------------

    def take_focus(self) -> None:
        """Where typing begins."""
        self.form.focus_field("value")

    def _on_form_changed(self, name: str) -> None:
        if name == "kind":
            self._show_fields()
        if name in ("kind", "formula", "value", "rounding", "floor_follows", "below_floor"):
            self.refresh()

    def _show_fields(self) -> None:
        kind = self.form.value("kind")
        campaign = kind == PriceKind.CAMPAIGN
        for name in ("valid_to", "name_zh", "name_en", "below_floor"):
            self.form.set_field_visible(name, campaign)
        self.form.set_field_visible("floor_follows", kind == PriceKind.LIST and self._target.value() != _BY_MODEL)

    def _on_target_chosen(self) -> None:
        for target, place in self._place_of.items():
            place.setVisible(target == self._target.value())
        if self._target.value() == _BY_FILTER:
            self.stock.count()
        if self._target.value() == _BY_MODEL and self.form.value("kind") != PriceKind.CAMPAIGN:
            self.form.set_value("formula", FormulaKind.OF_GUIDE)
        self._show_fields()
        self.refresh()

    def choose_models(self, choices: Sequence[Choice]) -> None:
        """Choose whole trims and series."""
        self._target.set_value(_BY_MODEL)
        self.models.choose(choices)
        self._on_target_chosen()

    # --- preview ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Calculate the preview of what is entered; nothing where that is not enough."""
        self.plan = self._entered()
        self.messages.clear()
        if self.plan is None:
            self.preview.show_rows((), edited=False)
            self._about.set_words(tr_noop("Enter how the price changes: the preview shows every vehicle."))
            self.go.setEnabled(False)
            self.keep.setEnabled(False)
            return
        self._about.set_words(tr_noop("Calculating prices"))
        self.context.operations.run_query(
            self, preview_prices, self.plan, on_done=self._on_preview, on_error=self._on_failed, key="preview",
            after_ms=200,
        )  # fmt: skip

    def _entered(self) -> PricePlan | None:
        number = number_of(self.form.value("value"))
        kind, formula = self.form.value("kind"), self.form.value("formula")
        target = self._target_entered()
        if number is None or kind is None or formula is None or target is None:
            return None
        return PricePlan(
            kind=PriceKind(kind), target=target,
            formula=Formula(FormulaKind(formula), number, Rounding(self.form.value("rounding") or Rounding.NONE)),
            floor_follows=bool(self.form.value("floor_follows")) and kind == PriceKind.LIST,
            below_floor=bool(self.form.value("below_floor")) and kind == PriceKind.CAMPAIGN,
        )  # fmt: skip

    def _target_entered(self) -> PriceTarget | None:
        place = self._target.value()
        if place == _CHOSEN:
            return PriceTarget(unit_ids=self._unit_ids)
        if place == _BY_FILTER:
            return PriceTarget(filter=self.stock.unit_filter())
        if not self.models.models:
            return None
        chosen_of = self.models.chosen_of
        return PriceTarget(trim_ids=chosen_of(PriceLevel.TRIM), series_ids=chosen_of(PriceLevel.SERIES))

    def _on_preview(self, found: PricePreview) -> None:
        self.found = found
        self.preview.show_rows(found.rows, edited=False)
        if self._amounts:
            self.preview.set_prices(self._amounts)
            self._amounts = {}
        self._show_summary()

    def _on_failed(self, error: BaseException) -> bool:
        message = getattr(error, "message", None)
        self.preview.show_rows((), edited=False)
        self._about.set_words("")
        self.go.setEnabled(False)
        self.keep.setEnabled(False)
        if message is None:
            return False
        self.messages.show_error(message)
        return True

    def _show_summary(self) -> None:
        rows, found = self.preview.rows, self.found
        stopped = sum(row.stops for row in rows)
        self._about.set_words(lambda: _summary(rows, found, stopped))
        for button in (self.go, self.keep):
            button.setEnabled(bool(rows) and not stopped)

    # --- storing ---------------------------------------------------------------------------------

    def submit(self) -> None:
        """Store it and ask for approval, if every field is all right and no line stops it."""
        self._store(submit=True)

    def keep_draft(self) -> None:
        """Store it to go on with later, at any desk of the branch."""
        self._store(submit=False)

    def _store(self, *, submit: bool) -> None:
        if not self.go.isEnabled() or self.plan is None or not self.form.check_all():
            return
        values, plan = self.form.values(), self.plan
        rows, edited = tuple(self.preview.rows), frozenset(self.preview.edited)
        left_out, draft = self.preview.left_out, self._draft
        operations = self.context.operations
        workplace = operations.workplace

        def store(progress: Any) -> Any:
            lines = proposed_lines(plan, rows, edited=edited, left_out=left_out)
            command = ProposePrices(
                kind=plan.kind, lines=lines, formula=plan.formula, below_floor=plan.below_floor,
                valid_from=date.fromisoformat(values["valid_from"]),
                valid_to=date.fromisoformat(values["valid_to"]) if values.get("valid_to") else None,
                name_zh=values.get("name_zh") or "", name_en=values.get("name_en") or "",
                reason=values.get("reason") or "", submit=submit, progress=progress,
                replaces=draft.change_id if draft else None, expected_revision=draft.revision if draft else 0,
            )  # fmt: skip
            return workplace.dispatcher.execute(command, workplace.actor)

        job = operations.run_long(
            self.form, store, title=tr_noop("Writing prices"), on_done=self._on_stored, writes=True
        )
        (self.go if submit else self.keep).busy_while(job)

    def _on_stored(self, outcome: Any) -> None:
        value = getattr(outcome, "value", outcome)
        self.stored.emit(str(value))


def _named(name: object) -> Any:
    return lambda: str(name)


def _summary(rows: Sequence[PreviewRow], found: PricePreview, stopped: int) -> str:
    parts = [trn("{n} line", "{n} lines", len(rows))]
    units = [row for row in rows if row.level is PriceLevel.UNIT]
    if units:
        parts.append(tr("in all {amount}", amount=signed(sum((row.change for row in units), ZERO))))
    if stopped:
        parts.append(trn("{n} has to be mended or left out", "{n} have to be mended or left out", stopped))
    if found.taken:
        parts.append(tr("held or sold, left out: {n}", n=formats.count(found.taken)))
    if found.elsewhere:
        parts.append(tr("of other branches, left out: {n}", n=formats.count(found.elsewhere)))
    if found.unchanged:
        parts.append(tr("unchanged: {n}", n=formats.count(found.unchanged)))
    if found.own_price:
        parts.append(tr("keep a price of their own: {n}", n=formats.count(found.own_price)))
    return " · ".join(parts)

