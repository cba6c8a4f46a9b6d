"""The registry of document kinds: complete, without contradictions."""

import re

import pytest

from app.contracts.kinds.errors import DocumentKindUnknown
from app.contracts.kinds.registry import KINDS, DocumentKind, Entry, EntryType, Subject, kind_of, kinds_about
from app.contracts.templates.template import latest_version, load_template, placeholders

CODES = {
    "vehicle_sale", "vehicle_order", "earnest_money", "loan_intent", "trade_in", "test_drive", "delivery_note",
    "repair_authorisation", "pdi_repair_disclosure", "settlement_statement", "receipt", "privacy_consent",
    "termination_agreement",
}  # fmt: skip
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)


def test_there_are_thirteen_kinds_with_numbers_of_their_own() -> None:
    assert set(KINDS) == CODES
    numbers = [kind.number_kind for kind in KINDS.values()]
    others = {"QT", "SC", "SO", "PP", "RC", "TR", "PC", "SA", "ST"}
    assert len(set(numbers)) == len(numbers) and others.isdisjoint(numbers)


def test_an_unknown_kind_is_named_beside_its_field() -> None:
    with pytest.raises(DocumentKindUnknown) as caught:
        kind_of("promise")
    assert caught.value.field == "kind" and "promise" in str(caught.value)


@each_kind
def test_everything_is_said_in_both_languages(kind: DocumentKind) -> None:
    said = [kind.title, kind.purpose]
    for placeholder in kind.placeholders.values():
        said += [placeholder.description, placeholder.sample]
    for entry in _entries(kind):
        said += [entry.label, *(answer.label for answer in entry.choices)]
    assert all(words.zh and words.en for words in said)


@each_kind
def test_names_can_stand_in_braces_and_entries_have_what_their_type_needs(kind: DocumentKind) -> None:
    assert all(re.fullmatch(r"[a-z_]+", name) for name in (*kind.placeholders, *kind.entry_names, *kind.conditions))
    assert len(kind.entry_names) == len(kind.entries)
    for entry in _entries(kind):
        assert bool(entry.choices) == (entry.type is EntryType.CHOICE)
        assert bool(entry.columns) == (entry.type is EntryType.LINES)
        if entry.type is EntryType.CHOICE and entry.default:
            assert entry.default in {answer.code for answer in entry.choices}
    for entry in kind.entries:
        assert all(column.type is not EntryType.LINES for column in entry.columns)


@each_kind
def test_every_kind_is_signed_by_somebody_the_dealer_last(kind: DocumentKind) -> None:
    assert kind.role_codes and all(role.least <= role.most for role in kind.roles)
    assert "dealer" not in kind.role_codes[:-1]


def test_what_can_be_drafted_follows_from_what_is_known() -> None:
    codes = {kind.code for kind in kinds_about({Subject.ORDER})}
    assert codes == {
        "vehicle_sale", "vehicle_order", "earnest_money", "loan_intent", "delivery_note", "termination_agreement",
    }  # fmt: skip
    assert {kind.code for kind in kinds_about({Subject.CUSTOMER})} == {"privacy_consent"}
    assert "test_drive" in {kind.code for kind in kinds_about({Subject.CUSTOMER, Subject.UNIT})}


@each_kind
def test_the_shipped_texts_ask_only_for_what_the_kind_has(kind: DocumentKind) -> None:
    template = load_template(kind.code, latest_version(kind.code))
    assert (template.title.zh, template.title.en) == (kind.title.zh, kind.title.en)
    articles = {f"article_{article.id}" for article in template.articles}
    offered = set(kind.placeholders) | set(template.terms) | articles
    clauses = [clause for article in template.articles for clause in article.clauses]
    for said in (*clauses, *template.notices):
        assert set(said.applies_when) <= kind.conditions | {"always"}, said.id
        assert placeholders(said.text.zh) | placeholders(said.text.en) <= offered, said.id


def _entries(kind: DocumentKind) -> list[Entry]:
    return [one for entry in kind.entries for one in (entry, *entry.columns)]
