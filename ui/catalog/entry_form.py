"""Entering or changing an entry of the catalogue, with the reason and the day from which it counts."""

from datetime import date
from typing import Any

from app.catalog.commands import ChangeMake, ChangeModelYear, ChangeSeries, ChangeTrim, CreateTrim
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.entries import EntryDetail
from app.catalog.import_commands import Level
from app.catalog.inheritance import merged
from app.catalog.rules import specification_dictionary
from app.catalog.version_rules import PARAMETER
from app.catalog.versions import REASON_LIMIT
from app.kernel.commands import Command
from app.kernel.errors import DomainError
from app.kernel.money import from_fen
from app.runtime.language import tr_noop
from ui.catalog.entry_questions import today_iso, why_and_when
from ui.catalog.parameter_editor import ParameterEditor
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, Field, IntegerField, MoneyField, Section, TextField, ToggleField
from ui.kit.form import Form
from ui.kit.form_cell import FormCell
from ui.kit.printable import printable

MOST_SEATS = 60


class EntryForm(Form):
    """Fields named like those of the commands; parameters are `parameters.<code>`, as errors name them.

    `entry` is what is changed; without it a trim is added below the model year `above`.
    """

    def __init__(
        self, context: PageContext, *, entry: EntryDetail | None = None, above: EntryDetail | None = None
    ) -> None:
        self._entry, self._above = entry, above
        self.level = Level.TRIM if entry is None else entry.level
        super().__init__(context, [*_head(self.level, new=entry is None), _why(context, new=entry is None)])
        inherited = entry.inherited if entry is not None else _all_of(above)
        own = {} if entry is None else entry.own
        self.parameters = ParameterEditor(self._make_cell, own=own, inherited=inherited, energy=self._energy)
        layout: Any = self.layout()
        layout.insertWidget(layout.count() - 1, self.parameters)
        self.set_values(self._shown())
        self._arrange()
        self.changed.connect(lambda name: self._arrange() if name == "energy" else None)

    def command(self) -> Command:
        """The command for what stands in the form; `check_all` comes first."""
        typed, parameters = self.values(), self.parameters.values()
        reason, entry = typed["reason"], self._entry
        if entry is None:
            return CreateTrim(
                model_year_id=self._above.id if self._above is not None else "", parameters=parameters, reason=reason,
                source=typed["source"], **_trim_fields(typed),
            )  # fmt: skip
        common: dict[str, Any] = {
            "expected_revision": entry.revision, "parameters": parameters, "reason": reason,
            "effective_from": date.fromisoformat(typed["effective_from"]),
        }  # fmt: skip
        names = {name: typed[name] for name in ("name_zh", "name_en") if name in typed}
        if self.level is Level.MAKE:
            return ChangeMake(make_id=entry.id, country=typed["country"], **names, **common)
        if self.level is Level.SERIES:
            return ChangeSeries(series_id=entry.id, body=typed["body"] or "", **names, **common)
        if self.level is Level.MODEL_YEAR:
            return ChangeModelYear(model_year_id=entry.id, **common)
        return ChangeTrim(trim_id=entry.id, **_trim_fields(typed), **common)

    # --- fields made on demand -------------------------------------------------------------------

    def cell(self, name: str) -> FormCell:
        """Also that of a parameter nobody wanted yet."""
        if name not in self._cells and name.startswith(PARAMETER):
            return self.parameters.cell(name.removeprefix(PARAMETER))
        return super().cell(name)

    def editor(self, name: str) -> Any:
        """The editor of a field."""
        return self.cell(name).editor

    def set_raw_values(self, raw: dict[str, Any]) -> None:
        """Bring back a draft, with the fields it was typed into."""
        known = specification_dictionary().parameters
        for name in raw:
            if name.startswith(PARAMETER) and name.removeprefix(PARAMETER) in known:
                self.cell(name)
        super().set_raw_values(raw)

    def show_error(self, error: DomainError) -> bool:
        """Show the error below its field, which is made for it where it is missing."""
        code = (error.field or "").removeprefix(PARAMETER)
        if (error.field or "").startswith(PARAMETER) and code in specification_dictionary().parameters:
            self.cell(error.field or "")
        return super().show_error(error)

    # --- inside ----------------------------------------------------------------------------------

    def _energy(self) -> str:
        return str(self.value("energy") or "") if self.level is Level.TRIM else ""

    def _arrange(self) -> None:
        if self.level is not Level.TRIM:
            return
        energy = self.value("energy")
        self.set_field_visible("in_tax_directory", bool(energy) and Energy(energy) in NEW_ENERGY)

    def _shown(self) -> dict[str, Any]:
        entry = self._entry
        if entry is None:
            return {"seats": 5}
        shown = {**entry.fields, "effective_from": today_iso(self.context)}
        if "guide_price" in shown:
            shown["guide_price"] = from_fen(shown["guide_price"])
        return shown


def _trim_fields(typed: dict[str, Any]) -> dict[str, Any]:
    return {
        "name_zh": typed["name_zh"], "name_en": typed["name_en"], "energy": Energy(typed["energy"]),
        "seats": typed["seats"], "guide_price": typed["guide_price"],
        "in_tax_directory": bool(typed.get("in_tax_directory")),
    }  # fmt: skip


def _all_of(above: EntryDetail | None) -> dict[str, Any]:
    return {} if above is None else merged(above.inherited, above.own)


def _why(context: PageContext, *, new: bool) -> Section:
    if not new:
        return Section(tr_noop("Why and from when"), why_and_when(context))
    reason = TextField(
        "reason", tr_noop("Reason"), max_length=REASON_LIMIT, span=2, placeholder=tr_noop("Such as the new price list")
    )
    return Section(tr_noop("Why"), [reason])


def _head(level: Level, *, new: bool) -> list[Section]:
    if level is Level.MODEL_YEAR:
        return []
    limit = {Level.MAKE: 60, Level.SERIES: 80}.get(level, 120)
    fields: list[Field] = [
        TextField("name_zh", tr_noop("Chinese name"), check=printable, required=True, max_length=limit),
        TextField("name_en", tr_noop("English name"), check=printable, max_length=limit),
    ]
    if level is Level.MAKE:
        fields.append(TextField("country", tr_noop("Country code"), max_length=2, placeholder="CN"))
    elif level is Level.SERIES:
        bodies = specification_dictionary().parameters["body"].choices
        fields.append(
            ChoiceField("body", tr_noop("Body"), choices=[Choice(one.code, _words(one.name)) for one in bodies])
        )
    else:
        fields += _trim_head(new=new)
    return [Section(level.label, fields)]


def _trim_head(*, new: bool) -> list[Field]:
    fields: list[Field] = [
        ChoiceField(
            "energy", tr_noop("Energy"), required=True,
            choices=[Choice(energy.value, energy.label) for energy in Energy],
        ),
        IntegerField("seats", tr_noop("Seats"), required=True, least=1, most=MOST_SEATS),
        MoneyField("guide_price", tr_noop("Guide price"), required=True),
    ]  # fmt: skip
    if new:
        fields.append(TextField("source", tr_noop("Source"), max_length=120))
    toggle = ToggleField(
        "in_tax_directory", tr_noop("Purchase tax"), span=2,
        text=tr_noop("Listed in the tax directory for new-energy vehicles"), mark_optional=False,
    )  # fmt: skip
    return [*fields, toggle]


def _words(name: Any) -> Any:
    return lambda: str(name)
