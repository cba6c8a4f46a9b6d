"""What stands out in a list that is about to be imported: its trims as they would be, among those that are there."""

from collections.abc import Callable

from app.anomalies.comparing_rules import column_unit, compare_trims
from app.anomalies.findings import Finding, Rule, Severity, TrimFacts
from app.anomalies.price_line import price_findings
from app.anomalies.queries import trim_facts
from app.anomalies.rules import by_severity, check_trim, said_once
from app.catalog.import_preview import ImportPreview, RecordEffect
from app.catalog.rules import specification_dictionary
from app.catalog.version_rules import code_in
from app.kernel.labels import UNNAMED
from app.kernel.unit_of_work import Reader

_AT_ONCE = 200


def findings_in(
    reader: Reader, preview: ImportPreview, *, progress: Callable[[str, float], None] | None = None
) -> list[Finding]:
    """The findings about trims the import would add or change, and about whole columns; `progress` may raise."""
    tell = progress or (lambda _message, _fraction: None)
    told = {effect.trim.id: _facts(effect) for effect in preview.effects}
    if not told:
        return []
    found: list[Finding] = []
    for number, trim in enumerate(told.values()):
        if number % _AT_ONCE == 0:
            tell("", 0.4 * number / len(told))
        found += check_trim(trim)
    others = trim_facts(reader, without=told)
    tell("", 0.4)
    everybody = [*others, *told.values()]
    found += [one for one in compare_trims(everybody, tell=lambda: tell("", 0.6)) if one.subject_id in told]
    tell("", 0.8)
    found += [one for one in price_findings(everybody, tell=lambda: tell("", 0.9)) if one.subject_id in told]
    tell("", 1.0)
    return [*_columns(preview), *by_severity(said_once(found))]


def _facts(effect: RecordEffect) -> TrimFacts:
    return TrimFacts(
        id=effect.trim.id, name=effect.name, make=effect.make, series_id=effect.series_id, year=effect.year,
        energy=effect.energy, seats=effect.seats, guide_price=effect.guide_price, parameters=effect.parameters,
    )  # fmt: skip


def _columns(preview: ImportPreview) -> list[Finding]:
    """Columns that differ from what is known by one factor: a unit was taken for another."""
    changed = [effect for effect in preview.effects if not effect.is_new]
    said_anew = {code for effect in changed for field in effect.said if (code := code_in(field))}
    found = []
    for code in (one for one in specification_dictionary().parameters if one in said_anew):
        said = column_unit(code, [pair for effect in changed for pair in _pair(*effect.pair(code))])
        if said is not None:
            found.append(
                Finding(
                    rule=Rule.COLUMN_UNIT, severity=Severity.IMPOSSIBLE, subject_table="", subject_id="", about=code,
                    name=UNNAMED, note=said,
                )
            )  # fmt: skip
    return found


def _pair(known: object, new: object) -> list[tuple[float, float]]:
    """The two values where both are numbers."""
    numbers = [float(one) for one in (known, new) if isinstance(one, int | float) and not isinstance(one, bool)]
    return [(numbers[0], numbers[1])] if len(numbers) == 2 else []
