"""Values of refused and replaced fields in words, and the fields of the form that enters them again."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.audit.code_labels import CODES, code_text
from app.audit.rules import field_words
from app.desk.record_titles import find_record_titles, referenced_table
from app.desk.refused_rules import FieldKind, FieldRule
from app.kernel.money import from_fen
from app.runtime.language import tr, tr_noop
from sync.client.quarantine import NOT_KNOWN, FieldChange
from ui.kit.controls import Choice
from ui.kit.fields import (
    ChoiceField,
    DateField,
    DateTimeField,
    Field,
    IntegerField,
    MoneyField,
    MultiLineField,
    PhoneField,
    TextField,
    ToggleField,
    VinField,
)
from ui.kit.stored_values import is_derived, value_text
from ui.kit.text import Words

_PHONES = frozenset({"phone", "second_phone", "driver_phone"})
_TEXT_LIMIT = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


NO_NAMES: Mapping[str, str] = {}


def reference_names(reader: Any, values: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Names of the records that these fields refer to, by id, as far as they are here; reader threads only."""
    keys = [
        (table, value)
        for field, value in values
        if isinstance(value, str) and value and (table := referenced_table(field)) is not None
    ]
    return {key[1]: found.title for key, found in find_record_titles(reader, keys).items() if found.title}


def shown(table: str, field: str, value: Any, names: Mapping[str, str] = NO_NAMES) -> str:
    """A stored value as people read it; a dash for one nobody knows. `names` are those of records referred to."""
    if value is NOT_KNOWN:
        return "–"
    if isinstance(value, str) and value in names:
        return names[value]
    worded = code_text(table, field, value) if isinstance(value, str) else None
    return value_text(field, value) if worded is None else worded


def form_fields(table: str, changes: tuple[FieldChange, ...], *, wrong: str) -> list[Field]:
    """The fields somebody can enter again, the one the centre complained of first."""
    rules = [change.rule for change in changes if change.rule is not None and _is_entered(change.rule)]
    return [form_field(table, rule) for rule in sorted(rules, key=lambda rule: rule.name != wrong)]


def _is_entered(rule: FieldRule) -> bool:
    return rule.kind is not FieldKind.FIXED and not is_derived(rule.name)


def form_field(table: str, rule: FieldRule) -> Field:
    """One field by the rule of its column; of a personal one, what is left empty stays as it was."""
    label: Words = field_words(rule.name)
    hint: Words = tr_noop("Left empty, it stays as it was entered.") if rule.personal else ""
    codes = CODES.get(table, {}).get(rule.name)
    if codes is not None:
        choices = [Choice(code.value, code.label) for code in codes]
        return ChoiceField(rule.name, label, choices=choices, required=rule.required, span=2)
    required = rule.required and not rule.personal
    if rule.kind is FieldKind.MONEY:
        return MoneyField(rule.name, label, required=required, span=2)
    if rule.kind is FieldKind.INTEGER:
        return IntegerField(rule.name, label, required=required, span=2)
    if rule.kind is FieldKind.DAY:
        return DateField(rule.name, label, required=required, span=2)
    if rule.kind is FieldKind.MOMENT:
        return DateTimeField(rule.name, label, required=required, span=2)
    if rule.kind is FieldKind.YES_NO:
        return ToggleField(rule.name, label, span=2)
    if rule.name == "vin":
        return VinField(rule.name, label, required=True, span=2)
    if rule.name in _PHONES:
        return PhoneField(rule.name, label, span=2, hint=hint)
    kind = MultiLineField if rule.kind is FieldKind.LONG_TEXT else TextField
    return kind(rule.name, label, span=2, hint=hint, required=required, max_length=rule.longest or _TEXT_LIMIT)


def form_values(changes: tuple[FieldChange, ...]) -> dict[str, Any]:
    """What stands in the form at first: what was entered, as far as its column can hold it and it is not hidden."""
    return {
        change.name: _entered(change.rule, change.after)
        for change in changes
        if change.rule is not None and _is_entered(change.rule) and not change.is_personal
    }


def _entered(rule: FieldRule, value: Any) -> Any:
    is_number = type(value) is int
    if rule.kind is FieldKind.MONEY:
        return from_fen(value) if is_number else None
    if rule.kind is FieldKind.INTEGER:
        return value if is_number else None
    if rule.kind is FieldKind.MOMENT:
        return _EPOCH + timedelta(microseconds=value) if is_number else None
    if rule.kind is FieldKind.YES_NO:
        return value is True
    if rule.kind is FieldKind.DAY:
        return value if isinstance(value, str) else None
    return value if isinstance(value, str) else ""


def entered_values(changes: tuple[FieldChange, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form changed: hidden fields that were left empty stay as they are."""
    by_name = {change.name: change for change in changes}
    before = form_values(changes)
    found: dict[str, Any] = {}
    for name, value in values.items():
        change = by_name.get(name)
        if change is None or (change.is_personal and value in ("", None)):
            continue
        if change.is_personal or value != before.get(name) or not _fits(change):
            found[name] = value
    return found


def _fits(change: FieldChange) -> bool:
    """Whether what was entered is of the column's kind at all."""
    rule, value = change.rule, change.after
    assert rule is not None
    if value is None:
        return not rule.required
    wanted: dict[FieldKind, type] = {
        FieldKind.MONEY: int, FieldKind.INTEGER: int, FieldKind.MOMENT: int, FieldKind.YES_NO: bool,
    }  # fmt: skip
    return type(value) is wanted.get(rule.kind, str)


def decision_text(what: str) -> str:
    """What somebody decided."""
    return tr(_DECISIONS.get(what, what))


_DECISIONS = {
    "dropped": tr_noop("Let be"), "resent": tr_noop("Sent again"), "corrected": tr_noop("Corrected and sent again"),
    "taken_up": tr_noop("Taken up again"),
}  # fmt: skip
