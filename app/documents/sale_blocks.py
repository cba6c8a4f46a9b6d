"""Blocks about a sale that several papers share: the vehicle, the on-road total, the loan in short."""

from collections.abc import Sequence
from decimal import Decimal

from reportlab.platypus import Table
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Cell, Commands, fitting, in_languages, label_grid, ruled_table
from app.documents.chinese_amounts import amount_in_capitals
from app.documents.paper_data import PaperLine, PaperParty, PaperPlan, PaperVehicle, PlanKind, Words
from app.documents.styles import BODY, FIGURE, GRID, LABEL, SMALL, TOTAL, Align
from app.documents.text_block import TextBlock
from app.documents.text_runs import Run
from app.documents.wording import figure, money, rate_in_words
from app.runtime.language import tr_in, tr_noop

PLAN_NAMES = {
    PlanKind.EQUAL_INSTALMENT: tr_noop("Equal instalments"),
    PlanKind.EQUAL_PRINCIPAL: tr_noop("Equal principal"),
}


_PARTY_SHARES = (17, 15)
"""The label of a company's code is the longest."""


class Tongue:
    """The languages a paper speaks: one that leads and perhaps one that explains."""

    def __init__(self, first: str, second: str | None = None) -> None:
        self.first = first
        self.second = second

    def label(self, text: str) -> str:
        """An English literal in the leading language, followed by the second one."""
        return self._joined(tr_in(self.first, text), tr_in(self.second, text) if self.second else "")

    def words(self, words: Words | None) -> str:
        """A name kept in both languages, likewise."""
        if words is None:
            return ""
        second = words.in_language(self.second) if self.second else ""
        return self._joined(words.in_language(self.first), second)

    @staticmethod
    def _joined(first: str, second: str) -> str:
        return f"{first}  {second}" if second and second != first else first


def vehicle_pairs(vehicle: PaperVehicle, *, tongue: Tongue, named: bool = True) -> list[tuple[str, str]]:
    """What identifies the vehicle, as label and value; without its name where that stands above already."""
    year = str(vehicle.model_year) if vehicle.model_year else ""
    odometer = f"{vehicle.odometer_km:,} km" if vehicle.odometer_km is not None else ""
    return [
        (tongue.label(tr_noop("Vehicle")), tongue.words(vehicle.name) if named else ""),
        ("VIN", vehicle.vin),
        (tongue.label(tr_noop("Model year")), year),
        (tongue.label(tr_noop("Exterior")), tongue.words(vehicle.exterior)),
        (tongue.label(tr_noop("Interior")), tongue.words(vehicle.interior)),
        (tongue.label(tr_noop("Energy")), tongue.words(vehicle.energy)),
        (tongue.label(tr_noop("Engine no.")), vehicle.engine_number),
        (tongue.label(tr_noop("Certificate no.")), vehicle.certificate_number),
        (tongue.label(tr_noop("Odometer")), odometer),
    ]


def vehicle_grid(
    vehicle: PaperVehicle, *, tongue: Tongue, width: float, shares: Sequence[float], named: bool = True
) -> Table:
    """What identifies the vehicle, label above value; without its name where that stands above already."""
    return label_grid(vehicle_pairs(vehicle, tongue=tongue, named=named), width=width, shares=shares)


def lines_table(lines: Sequence[PaperLine], total: Decimal, *, tongue: Tongue, width: float) -> Table:
    """The on-road total itemised: number, item, where the figure comes from, amount. An item of which nothing is said
    has the room of both."""
    number_width, amount_width = 3 * GRID, 12 * GRID
    note_width = (width - number_width - amount_width) * 0.5
    item_width = width - number_width - amount_width - note_width
    head = [
        TextBlock("#", LABEL),
        TextBlock(tongue.label(tr_noop("Item")), LABEL),
        TextBlock(tongue.label(tr_noop("Basis")), LABEL),
        TextBlock(tongue.label(tr_noop("Amount (CNY)")), LABEL.but(align=Align.RIGHT)),
    ]
    rows: list[list[Cell]] = []
    wide: Commands = []
    for index, line in enumerate(lines, start=1):
        note = _note(line, tongue)
        room = item_width if note else item_width + note_width
        if not note:
            wide.append(("SPAN", (1, index), (2, index)))
        rows.append(_line_row(index, line, note, tongue=tongue, width=room - GRID))
    rows.append(_total_row(total, tongue=tongue, width=amount_width))
    table = ruled_table(head, rows, [number_width, item_width, note_width, amount_width], closing_rows=1)
    table.setStyle(wide)
    return table


def _note(line: PaperLine, tongue: Tongue) -> str:
    """Where a figure comes from, in the leading language."""
    note = line.note.in_language(tongue.first) if line.note else ""
    if not line.collected_for_others:
        return note
    collected = tr_in(tongue.first, "pass-through")
    return f"{note} · {collected}" if note else collected


def _line_row(index: int, line: PaperLine, note: str, *, tongue: Tongue, width: float) -> list[Cell]:
    second = line.label.in_language(tongue.second) if tongue.second else ""
    runs = [Run(line.label.in_language(tongue.first))]
    if second and second != runs[0].text:
        runs.append(Run("  " + second, color=LABEL.color))
    small = SMALL.but(leading=BODY.leading, size=7)
    return [
        TextBlock(str(index), BODY.but(color=LABEL.color)),
        in_languages(runs, BODY, width),
        TextBlock(note, small) if note else "",
        TextBlock(figure(line.amount), FIGURE),
    ]


def _total_row(total: Decimal, *, tongue: Tongue, width: float) -> list[Cell]:
    capitals = amount_in_capitals(total)
    said = f"人民币{capitals}"
    item = [
        TextBlock(tongue.label(tr_noop("On-road total")), BODY.but(bold=True, leading=20)),
    ]
    words = TextBlock(said, BODY.but(leading=20, size=8.5))
    return ["", item, words, fitting(money(total), TOTAL, width)]


def plan_pairs(plan: PaperPlan, *, tongue: Tongue) -> list[tuple[str, str]]:
    """A loan in short, as label and value."""
    return [
        (tongue.label(tr_noop("Loan")), tr_in(tongue.first, PLAN_NAMES[plan.kind])),
        (tongue.label(tr_noop("Lender")), plan.lender),
        (tongue.label(tr_noop("Down payment")), money(plan.down_payment)),
        (tongue.label(tr_noop("Principal")), money(plan.principal)),
        (tongue.label(tr_noop("Annual rate")), rate_in_words(plan.annual_rate)),
        (tongue.label(tr_noop("Months")), str(plan.months)),
        _instalments(plan, tongue),
        (tongue.label(tr_noop("Total interest")), money(plan.total_interest)),
    ]


def _instalments(plan: PaperPlan, tongue: Tongue) -> tuple[str, str]:
    first, last = money(plan.first_instalment), money(plan.last_instalment)
    if first == last:
        return tongue.label(tr_noop("Monthly instalment")), first
    return tongue.label(tr_noop("First, last instalment")), f"{first} – {last}"


def party_grid(party: PaperParty, *, tongue: Tongue, width: float) -> list[Flowable]:
    """One side of a document, two facts in a row and the address on a line of its own."""
    *pairs, address = party_pairs(party, tongue=tongue)
    return [
        label_grid(some, width=width, shares=shares)
        for some, shares in ((pairs, _PARTY_SHARES), ([address], (1,)))
        if any(text for _, text in some)
    ]


def party_pairs(party: PaperParty, *, tongue: Tongue) -> list[tuple[str, str]]:
    """Label and value for one side of a document, in the order people read them."""
    identity_label = tr_noop("Company code") if party.is_company else tr_noop("Identity no.")
    return [
        (tongue.label(identity_label), party.identity),
        (tongue.label(tr_noop("Legal representative")), party.legal_representative),
        (tongue.label(tr_noop("Represented by")), party.representative),
        (tongue.label(tr_noop("Identity no. of the agent")), party.representative_identity),
        (tongue.label(tr_noop("Phone")), party.phone),
        (tongue.label(tr_noop("Address")), party.address),
    ]
