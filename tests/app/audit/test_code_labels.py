"""No state, kind or way is shown by its code in the audit trail."""

from sqlalchemy import String

from app.audit.code_labels import CODES, code_text
from app.runtime.language import set_language
from db.base import Base, Replicated

_CODE_NAMES = ("state", "kind", "step", "method", "origin", "level", "verdict", "severity", "outcome", "coverage")
_WORDED_OTHERWISE = {
    ("task", "kind"), ("specification_version", "subject_kind"), ("customer", "identity_kind"),
    ("contract_template", "kind"), ("disposal_line", "kind"),
}  # fmt: skip


def test_every_code_of_a_replicated_table_has_words() -> None:
    missing = {
        (mapper.local_table.name, column.name)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Replicated)
        for column in mapper.local_table.columns
        if isinstance(column.type, String) and column.name.rpartition("_")[2] in _CODE_NAMES
    } - {(table, field) for table, fields in CODES.items() for field in fields}
    assert missing <= _WORDED_OTHERWISE, sorted(missing - _WORDED_OTHERWISE)


def test_codes_in_both_languages() -> None:
    assert code_text("price_change", "state", "PENDING_APPROVAL") == "Awaiting approval"
    assert code_text("price_change", "state", "NO_SUCH") is None
    assert code_text("price_change", "number", "DRAFT") is None
    assert code_text("contract_template", "kind", "vehicle_sale") == "Vehicle Sales Contract"
    assert code_text("contract_template", "kind", "letter") is None
    assert code_text("disposal_line", "kind", "vehicle_sale") == "Vehicle Sales Contract"
    set_language("zh_CN")
    assert code_text("purchase_proposal", "state", "ORDERED") == "已下单"
    set_language("en")
