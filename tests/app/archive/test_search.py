"""Finding a document again: by any word on its paper, by any field, and by what was scanned from it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.archive.commands import PlaceLegalHold
from app.archive.indexing import tend_archive, tend_whole_archive
from app.archive.search import (
    ArchiveRow,
    Keeping,
    Proof,
    archive_choices,
    count_archive,
    list_archive,
    waiting_for_index,
)
from app.contracts.commands import VoidContract
from app.documents.qr_code import qr_text
from app.kernel.permissions import Permission
from db.models.contracts import Contract, ContractDocument
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from tests.app.sale_desk import SaleDesk


def find(desk: SaleDesk, **filters: object) -> list[ArchiveRow]:
    return desk.read(list_archive, **filters)


def numbers(desk: SaleDesk, **filters: object) -> list[str]:
    return [row.id for row in find(desk, **filters)]


@pytest.fixture
def sealed(desk: SaleDesk) -> str:
    """A sealed contract whose text is in the index."""
    contract_id = desk.sealed_contract()
    tend_whole_archive(desk.dispatcher.database)
    return contract_id


def test_a_draft_is_not_in_the_archive_a_locked_document_is(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    assert numbers(desk) == []
    assert desk.read(waiting_for_index) == 1
    assert tend_archive(desk.dispatcher.database).changes.ids("archive_entry") == {contract_id}
    assert numbers(desk) == [contract_id]
    assert desk.read(waiting_for_index) == 0


def test_every_word_on_the_paper_finds_it(desk: SaleDesk, sealed: str) -> None:
    for typed in ("定金", "向卖方交付定金", "earnest money", "民法典", "Civil Code", "珍珠白", "Lavida"):
        assert numbers(desk, text=typed) == [sealed], typed
    for typed in ("不存在的词", "zzz", "定金 zzz", "……"):
        assert numbers(desk, text=typed) == [], typed


def test_what_was_found_is_shown_where_it_stands(desk: SaleDesk, sealed: str) -> None:
    found = find(desk, text="向卖方交付定金")[0].found
    assert found is not None
    assert [found.text[a:b] for a, b in found.marks] == ["向卖方交付定金"]
    both = find(desk, text="Civil code")[0].found
    assert both is not None and {both.text[a:b].lower() for a, b in both.marks} == {"civil", "code"}


def test_names_pinyin_numbers_and_pieces_of_them_find_it(desk: SaleDesk, sealed: str) -> None:
    contract = desk.row(Contract, sealed)
    order = desk.row(SalesOrder, contract.order_id)
    vin = desk.row(VehicleUnit, order.vehicle_unit_id).vin
    serial = contract.number.rpartition("-")[2]
    names = ("张伟", "张", "zhangwei", "zhang", "zw", "ZHANG WEI", "王芳", "wangf")
    codes = (vin, vin[-6:], vin[4:9].lower(), contract.number, contract.number[:-2], f"CT-{serial}", order.number)
    for typed in (*names, *codes, str(int(order.on_road_total))):
        assert numbers(desk, text=typed) == [sealed], typed
    assert numbers(desk, text="hangwei") == []


def test_a_scanned_code_and_a_printed_digest_find_the_document(desk: SaleDesk, sealed: str) -> None:
    contract = desk.row(Contract, sealed)
    printed = " ".join(contract.data_digest[i : i + 4] for i in range(0, 32, 4))
    for typed in (qr_text(contract.number, contract.data_digest), printed, contract.sealed_digest,
                  contract.sealed_digest[:10], contract.document_digest.upper()):  # fmt: skip
        assert numbers(desk, text=typed) == [sealed], typed
    assert numbers(desk, text=qr_text(contract.number, "0" * 64)) == []


def test_personal_numbers_are_masked_in_what_was_found(desk: SaleDesk, sealed: str) -> None:
    found = find(desk, text="证件号码")[0].found
    assert found is not None
    assert "11010519491231002X" not in found.text and "110***********002X" in found.text


def test_fields_narrow_what_is_found(desk: SaleDesk, sealed: str) -> None:
    row = find(desk)[0]
    assert row.amount is not None and row.sealed_on is not None
    right = {
        "kind": ["vehicle_sale"], "state": ["SEALED", "DRAFT"], "sealed": [str(row.sealed_on.year)],
        "amount": ["100k_200k"], "salesperson": desk.seller.staff_id, "branch": desk.seller.branch_id,
        "customer_id": row.customer_id, "order_id": row.order_id, "proof": Proof.NOT_STAMPED,
    }  # fmt: skip
    for name, value in right.items():
        assert numbers(desk, **{name: value}) == [sealed], name
    assert numbers(desk, text="定金", **right) == [sealed]
    wrong = {
        "kind": ["receipt"], "state": "VOIDED", "sealed": ["1999"], "amount": ["over_400k"], "salesperson": "x",
        "branch": "x", "customer_id": "x", "order_id": "x", "unit_id": "x", "proof": Proof.STAMPED,
        "keeping": Keeping.HELD,
    }  # fmt: skip
    for name, value in wrong.items():
        assert numbers(desk, **{name: value}) == [], name
        assert desk.read(count_archive, **{name: value}) == (0, 1)


def test_ranges_are_typed_into_the_line(desk: SaleDesk, sealed: str) -> None:
    row = find(desk)[0]
    assert row.amount is not None and row.sealed_on is not None
    month, whole = row.sealed_on.isoformat()[:7], int(row.amount)
    for typed in (f"sealed:{month}", f"盖章:{month}..{month}", f"drafted:{month[:4]}", f"amount:{whole}",
                  f"金额:{whole - 1}..{whole + 1} 定金"):  # fmt: skip
        assert numbers(desk, text=typed) == [sealed], typed
    for typed in ("sealed:2001", f"amount:{whole + 1}..{whole + 5}", "金额:1..2 定金"):
        assert numbers(desk, text=typed) == [], typed


def test_what_is_held_and_what_may_go_are_found(desk: SaleDesk, sealed: str) -> None:
    desk.clock.advance(timedelta(days=366 * 31))
    assert numbers(desk, keeping=Keeping.MAY_GO) == [sealed]
    desk.do(PlaceLegalHold(contract_id=sealed, reason="法院"), desk.manager)
    assert numbers(desk, keeping=Keeping.MAY_GO) == []
    assert [row.held for row in find(desk, keeping=Keeping.HELD)] == [True]


def test_what_is_late_is_found_until_it_is_paid(desk: SaleDesk, sealed: str) -> None:
    assert numbers(desk, keeping=Keeping.OVERDUE) == []
    desk.clock.advance(timedelta(days=60))
    assert numbers(desk, keeping=Keeping.OVERDUE) == [sealed]


def test_a_change_of_state_comes_into_the_index_without_reading_the_pages_again(
    desk: SaleDesk, sealed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(_pdf: bytes) -> str:
        raise AssertionError("the pages were read already")

    monkeypatch.setattr("app.archive.indexing.words_on_paper", unread)
    revision = desk.row(Contract, sealed).revision
    desk.do(VoidContract(contract_id=sealed, expected_revision=revision, reason="重签"), desk.manager)
    tend_whole_archive(desk.dispatcher.database)
    assert numbers(desk, state="VOIDED", text="向卖方交付定金") == [sealed]


def test_a_document_without_its_bytes_is_found_by_its_fields_and_by_its_words_when_they_come(
    desk: SaleDesk, sealed: str
) -> None:
    database = desk.dispatcher.database
    kept = desk.rows(ContractDocument, contract_id=sealed)
    with database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM contract_document")
        connection.exec_driver_sql("INSERT INTO archive_pending (contract_id) VALUES (?)", (sealed,))
    tend_whole_archive(database)
    assert numbers(desk, text="民法典") == []
    assert [row.read for row in find(desk, text="张伟")] == [False]
    with database.exclusive() as connection:
        for row in kept:
            values = {column.name: getattr(row, column.name) for column in ContractDocument.__table__.columns}
            connection.execute(ContractDocument.__table__.insert().values(**values))
    tend_whole_archive(database)
    assert numbers(desk, text="民法典") == [sealed]


def test_many_marks_of_one_document_hide_no_other(desk: SaleDesk) -> None:
    ids = [desk.locked_contract() for _ in range(2)]
    database = desk.dispatcher.database
    with database.exclusive() as connection:
        for contract_id in ids:
            for _ in range(60):
                connection.exec_driver_sql("INSERT INTO archive_pending (contract_id) VALUES (?)", (contract_id,))
    assert tend_archive(database, portion=1).more
    tend_whole_archive(database)
    assert set(numbers(desk)) == set(ids) and desk.read(waiting_for_index) == 0


def test_pages_follow_each_other(desk: SaleDesk) -> None:
    ids = [desk.locked_contract() for _ in range(3)]
    tend_whole_archive(desk.dispatcher.database)
    first = find(desk, limit=2)
    rest = find(desk, limit=2, after=first[-1].cursor)
    assert [row.id for row in (*first, *rest)] == ids[::-1]
    assert desk.read(count_archive, text="民法典") == (3, 3)


def test_who_may_not_see_a_kind_does_not_find_it(desk: SaleDesk, sealed: str) -> None:
    from dataclasses import replace

    advisor = replace(desk.seller, permissions=frozenset({Permission.CONTRACTS_VIEW}))
    assert desk.read(list_archive, text="民法典", actor=advisor) == []
    assert desk.read(count_archive, actor=advisor) == (0, 0)


def test_there_is_something_to_choose_from(desk: SaleDesk, sealed: str) -> None:
    choices = desk.read(archive_choices)
    sealed_on = find(desk)[0].sealed_on
    assert sealed_on is not None and choices.years == (str(sealed_on.year),)
    assert [name for _, name in choices.people] == ["王芳"]
    assert Decimal(len(choices.branches)) == 1
