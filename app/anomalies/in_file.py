"""What stands out in a list that is about to be imported: its trims as they would be, among those that are there."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from app.anomalies.comparing_rules import column_unit, compare_trims
from app.anomalies.findings import Finding, Rule, Severity, TrimFacts
from app.anomalies.price_line import price_findings
from app.anomalies.queries import trim_facts
from app.anomalies.rules import by_severity, check_trim, said_once
from app.catalog.import_preview import ImportPreview, RecordEffect
from app.catalog.rules import specification_dictionary
from app.catalog.version_rules import PARAMETER
from app.kernel.labels import UNNAMED
from app.kernel.unit_of_work import Reader


def findings_in(
    reader: Reader, preview: ImportPreview, *, progress: Callable[[str, float], None] | None = None
) -> list[Finding]:
    """The findings about trims the import would add or change, and about whole columns; `progress` may raise."""
    tell = progress or (lambda _message, _fraction: None)
    told = {effect.trim_id: _facts(effect) for effect in preview.effects}
    if not told:
        return []
    tell("", 0.1)
    found = [finding for trim in told.values() for finding in check_trim(trim)]
    others = [trim for trim in trim_facts(reader) if trim.id not in told]
    tell("", 0.4)
    everybody = [*others, *told.values()]
    found += [one for one in compare_trims(everybody) if one.subject_id in told]
    tell("", 0.7)
    found += [one for one in price_findings(everybody) if one.subject_id in told]
    tell("", 1.0)
    return [*_columns(preview), *by_severity(said_once(found))]


def _facts(effect: RecordEffect) -> TrimFacts:
    content = effect.content
    return TrimFacts(
        id=effect.trim_id, name=effect.name, make=effect.make, series_id=effect.series_id, year=effect.year,
        energy=content["energy"], seats=content["seats"], guide_price=Decimal(content["guide_price"]).scaleb(-2),
        parameters=effect.parameters,
    )  # fmt: skip


def _columns(preview: ImportPreview) -> list[Finding]:
    """Columns that differ from what is known by one factor: a unit was taken for another."""
    dictionary = specification_dictionary().parameters
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for effect in preview.effects:
        for field, known in (effect.before or {}).items():
            new = effect.content.get(field)
            code = field.removeprefix(PARAMETER)
            if field != code and code in dictionary:
                pairs[code] += _pair(known, new)
    found = []
    for code, values in pairs.items():
        said = column_unit(code, values)
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
