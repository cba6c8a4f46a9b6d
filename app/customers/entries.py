"""From what was typed about a customer to the values that are stored: checked, in one form, findable."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from app.customers.choices import CustomerSource, normal_email, normal_region
from app.customers.commands import ChangeCustomer, CreateCustomer
from app.customers.errors import IdentityKindWrong
from app.customers.rules import CustomerKind, IdentityKind, check_identity, normal_phone
from app.kernel.chinese_names import name_pinyin
from app.kernel.errors import ValueNotAllowed, ValueRequired, limited_text, require_text
from app.runtime.language import LANGUAGES

CUSTOMER_FIELDS = tuple(f.name for f in fields(CreateCustomer) if f.name != "despite_duplicate")
"""What can be said about a customer; the same names in the commands and in the row."""


def given_values(command: CreateCustomer | ChangeCustomer) -> dict[str, Any]:
    """What a command says, without what it leaves as it is."""
    given = {name: getattr(command, name) for name in CUSTOMER_FIELDS}
    return {name: value for name, value in given.items() if value is not None}


def checked_values(given: Mapping[str, Any], present: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The values to store for what is given, seen together with what is present.

    Raises for the fields `kind`, `name`, `phone`, `second_phone`, `identity_kind`, `identity_number`, `email`,
    `region_code`, `address`, `contact_name`, `contact_identity_number`, `legal_representative`,
    `paper_language`, `source` and `note`.
    """
    checked: dict[str, Any] = {name: _CHECKS[name](value) for name, value in given.items() if name in _CHECKS}
    if "contact_identity_number" in given:
        checked["contact_identity_number"] = _contact_identity(given["contact_identity_number"], today=today)
    merged = {**present, **checked}
    if merged["kind"] == CustomerKind.COMPANY and not merged["contact_name"]:
        raise ValueRequired(field="contact_name")
    if not {"kind", "identity_kind", "identity_number"}.isdisjoint(given):
        checked |= _identity({**merged, **_only(given, "identity_kind", "identity_number")}, today=today)
    if not {"kind", "name"}.isdisjoint(given):
        pinyin = name_pinyin(merged["name"], person=merged["kind"] == CustomerKind.PERSON)
        checked |= {"name_initials": pinyin.initials[:120], "name_pinyin": pinyin.full[:240]}
    if "owner_staff_id" in given:
        checked["owner_staff_id"] = given["owner_staff_id"] or None
    return checked


def _identity(merged: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The kind of document that fits the kind of customer, and its number in stored form."""
    company = merged["kind"] == CustomerKind.COMPANY
    kind = merged["identity_kind"] or (IdentityKind.COMPANY_CODE if company else IdentityKind.IDENTITY_CARD)
    if kind not in list(IdentityKind):
        raise ValueNotAllowed(field="identity_kind", value=str(kind)[:40])
    if kind != IdentityKind.OTHER and (kind == IdentityKind.COMPANY_CODE) is not company:
        raise IdentityKindWrong(field="identity_kind")
    number = merged["identity_number"]
    stored = check_identity(kind, number, today=today) if number.strip() else ""
    return {"identity_kind": IdentityKind(kind).value, "identity_number": stored}


def _contact_identity(number: str, *, today: date) -> str:
    field = "contact_identity_number"
    return check_identity(IdentityKind.IDENTITY_CARD, number, today=today, field=field) if number.strip() else ""


def _only(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def one_of(choices: Any, value: str, *, field: str) -> str:
    """The stored code of a choice; raises ValueNotAllowed for the field."""
    if value not in list(choices):
        raise ValueNotAllowed(field=field, value=str(value)[:40])
    return str(value)


def _optional_phone(text: str) -> str:
    return normal_phone(text, field="second_phone") if text.strip() else ""


def _required_phone(text: str) -> str:
    return normal_phone(require_text(text, field="phone", limit=200))


_CHECKS: dict[str, Any] = {
    "kind": lambda value: one_of(CustomerKind, value, field="kind"),
    "name": lambda value: require_text(value, field="name", limit=120),
    "phone": _required_phone,
    "second_phone": _optional_phone,
    "email": normal_email,
    "region_code": normal_region,
    "address": lambda value: limited_text(value, field="address", limit=200),
    "contact_name": lambda value: limited_text(value, field="contact_name", limit=60),
    "legal_representative": lambda value: limited_text(value, field="legal_representative", limit=60),
    "paper_language": lambda value: one_of(LANGUAGES, value, field="paper_language"),
    "source": lambda value: one_of(CustomerSource, value, field="source"),
    "note": lambda value: limited_text(value, field="note", limit=2000),
}
