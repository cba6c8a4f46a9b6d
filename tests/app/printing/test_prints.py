"""Prints are recorded before they are drawn: originals, copies, drafts and what is void."""

import hashlib
from dataclasses import replace

import pytest

from app.contracts.commands import VoidContract
from app.contracts.queries import contract_document
from app.documents.errors import CharactersNotPrintable
from app.kernel.errors import PermissionDenied, RecordNotFound, ValueNotAllowed
from app.printing.commands import BeginPrints, FinishPrints, PrintEnd, PrintStart, PrintTarget
from app.printing.errors import NothingToPrint, PrintedDocumentDiffers, TooManyPapers
from app.printing.overlay import overlay_page, print_line
from app.printing.queries import contract_to_print, list_prints, print_choice, ready_papers, receipt_to_print
from app.printing.rules import MOST_PAPERS, Duplex, PrintMark, PrintSettings, PrintState
from app.runtime.language import set_language
from db.models.contracts import Contract, ContractDocument
from db.models.printing import DocumentPrint
from tests.app.documents.reading import text_of
from tests.app.sale_desk import SaleDesk

HP = PrintSettings(printer="HP 401", duplex=Duplex.LONG_EDGE, copies=2)


def target(desk: SaleDesk, contract_id: str) -> PrintTarget:
    digest = desk.read(contract_document, contract_id).digest
    return PrintTarget(source="contract", record_id=contract_id, digest=digest)


def begin(desk: SaleDesk, *targets: PrintTarget, **more: object) -> tuple[PrintStart, ...]:
    started = desk.do(BeginPrints(kind="contract", settings=HP, targets=targets), **more)  # type: ignore[arg-type]
    assert isinstance(started, tuple)
    return started


def end(desk: SaleDesk, start: PrintStart, state: PrintState, sides: int = 0) -> None:
    desk.do(FinishPrints(ends=(PrintEnd(print_id=start.print_id, state=state, sides=sides),)))


def test_the_first_print_is_the_original_and_the_bytes_stay(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    before = desk.read(contract_document, contract_id).content
    (first,) = begin(desk, target(desk, contract_id))
    end(desk, first, PrintState.SENT, 8)
    (second,), (third,) = begin(desk, target(desk, contract_id)), begin(desk, target(desk, contract_id))
    assert [(one.mark, one.count) for one in (first, second, third)] == [
        (PrintMark.ORIGINAL, 1), (PrintMark.COPY, 2), (PrintMark.COPY, 3)
    ]  # fmt: skip
    assert overlay_page(first, (595, 842)) == b"" and overlay_page(second, (595, 842)).startswith(b"%PDF")
    assert desk.read(contract_document, contract_id).content == before
    rows = desk.read(list_prints, "contract", contract_id)
    assert [(row.count, row.mark, row.state, row.stage) for row in rows] == [
        (3, "copy", "begun", "sealed"), (2, "copy", "begun", "sealed"), (1, "original", "sent", "sealed")
    ]  # fmt: skip
    newest = rows[0]
    assert (newest.staff_name, newest.printer, newest.copies) == (desk.seller.name, "HP 401", 2)
    assert newest.desk_code == desk.seller.desk_code


def test_the_same_paper_twice_in_one_job_has_one_original(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    one = target(desk, contract_id)
    assert [start.mark for start in begin(desk, one, one)] == [PrintMark.ORIGINAL, PrintMark.COPY]


def test_a_print_that_never_reached_the_printer_leaves_the_original_to_come(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    (failed,) = begin(desk, target(desk, contract_id))
    end(desk, failed, PrintState.FAILED)
    (again,) = begin(desk, target(desk, contract_id))
    assert again.mark is PrintMark.ORIGINAL
    end(desk, again, PrintState.CANCELLED, 3)
    assert begin(desk, target(desk, contract_id))[0].mark is PrintMark.COPY, "three sides may lie there"


def test_draft_locked_and_sealed_bytes_have_originals_of_their_own(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    contract_id = desk.draft_contract(order_id).contract_id
    assert [one.mark for _n in range(2) for one in begin(desk, target(desk, contract_id))] == [PrintMark.DRAFT] * 2
    locked = desk.locked_contract(order_id)
    assert begin(desk, target(desk, locked))[0].mark is PrintMark.ORIGINAL
    assert {row.stage for row in desk.rows(DocumentPrint)} == {"draft", "locked"}


def test_what_is_out_of_force_is_printed_as_void(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()

    desk.do(
        VoidContract(
            contract_id=contract_id, expected_revision=desk.row(Contract, contract_id).revision, reason="客户退订"
        ), desk.manager,
    )  # fmt: skip
    (start,) = begin(desk, target(desk, contract_id))
    assert start.mark is PrintMark.VOID and overlay_page(start, (595, 842))


@pytest.mark.parametrize(("state", "word"), [("SUPERSEDED", "已变更"), ("TERMINATED", "已解除")])
def test_an_amended_or_terminated_contract_says_so_across_every_page(desk: SaleDesk, state: str, word: str) -> None:
    contract_id = desk.locked_contract()
    desk.change(Contract, contract_id, state=state)
    (start,) = begin(desk, target(desk, contract_id))
    assert start.mark is PrintMark(state.lower())
    assert word in text_of(overlay_page(start, (595, 842)))


def test_receipts_are_counted_by_payment_also_after_their_words_changed(desk: SaleDesk) -> None:
    order = desk.order()
    (payment_id,) = desk.pay(order.order_id, "5000.00").payment_ids
    paper = receipt_to_print(payment_id, "RC")
    (ready,) = desk.read(ready_papers, [paper])
    assert ready.mark is PrintMark.ORIGINAL and ready.target is not None
    begin(desk, ready.target)
    (english,) = desk.read(ready_papers, [receipt_to_print(payment_id, "RC", language="en")])
    assert english.content != ready.content and (english.mark, english.count) == (PrintMark.COPY, 2)
    assert hashlib.sha256(english.content).hexdigest() == english.target.digest


def test_papers_that_cannot_be_read_say_so_and_keep_back_nobody(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    ready = desk.read(
        ready_papers, [contract_to_print("0" * 32, "CT-gone"), contract_to_print(contract_id, "CT-1")]
    )
    assert isinstance(ready[0].error, RecordNotFound) and ready[0].label == "CT-gone"
    assert ready[1].error is None and ready[1].content.startswith(b"%PDF")
    with pytest.raises(NothingToPrint):
        desk.read(ready_papers, [])
    with pytest.raises(TooManyPapers):
        desk.read(ready_papers, [contract_to_print(contract_id, "CT-1")] * (MOST_PAPERS + 1))


def test_only_bytes_the_contract_has_are_recorded(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    for wrong, error in (
        (PrintTarget(source="contract", record_id=contract_id, digest="0" * 64), PrintedDocumentDiffers),
        (PrintTarget(source="contract", record_id="0" * 32, digest="0" * 64), RecordNotFound),
        (PrintTarget(source="invoice", record_id=contract_id, digest="0" * 64), ValueNotAllowed),
    ):
        with pytest.raises(error):
            begin(desk, target(desk, contract_id), wrong)
    assert desk.rows(DocumentPrint) == [], "all or nothing"
    assert desk.rows(ContractDocument, contract_id=contract_id)


def test_whoever_may_not_see_a_paper_may_not_print_it(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    stranger = replace(desk.seller, permissions=frozenset())
    with pytest.raises(PermissionDenied):
        begin(desk, target(desk, contract_id), actor=stranger)
    with pytest.raises(PermissionDenied):
        desk.read(list_prints, "contract", contract_id, actor=stranger)


def test_a_copy_needs_a_name_that_can_be_printed(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    rare = replace(desk.seller, name="王𠮷")
    assert begin(desk, target(desk, contract_id), actor=rare)[0].mark is PrintMark.ORIGINAL
    with pytest.raises(CharactersNotPrintable) as caught:
        begin(desk, target(desk, contract_id), actor=rare)
    assert "𠮷 (U+20BB7)" in caught.value.message()


def test_how_a_kind_of_paper_is_printed_is_kept_at_the_desk(desk: SaleDesk) -> None:
    assert desk.read(print_choice, "contract") == PrintSettings()
    desk.do(BeginPrints(kind="contract", settings=replace(HP, pages="2-3")))
    assert desk.read(print_choice, "contract") == PrintSettings(printer="HP 401", duplex=Duplex.LONG_EDGE)
    assert desk.read(print_choice, "receipt") == PrintSettings()


def test_nobody_rewrites_what_became_of_a_print(desk: SaleDesk) -> None:
    (start,) = begin(desk, target(desk, desk.locked_contract()))
    end(desk, start, PrintState.SENT, 4)
    end(desk, start, PrintState.FAILED)
    (row,) = desk.rows(DocumentPrint)
    assert (row.state, row.sides) == ("sent", 4)


def test_the_line_of_a_copy_stands_in_both_languages(desk: SaleDesk) -> None:
    (_first, start) = begin(desk, *[target(desk, desk.locked_contract())] * 2)
    assert print_line(start).startswith("Print no. 2 · 第 2 次打印 · ") and print_line(start).endswith(desk.seller.name)
    set_language("zh_CN")
    assert print_line(start).startswith("第 2 次打印 · Print no. 2 · 2026年")
