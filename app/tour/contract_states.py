"""Further states of the pages about contracts, for the pictures: how each is reached, one function a state.

A function brings its state in sight; where it returns a window of its own, that one is pictured.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.contracts.documents.reading import About
from app.contracts.kinds.roles import PartyRole
from app.tour.contract_scene import CLAUSE, arrange_contracts
from app.tour.guided_sale import SIGNATURES
from app.tour.hands import Hands
from app.tour.stage import PicturedPhones, Stage
from app.wiring.start import Application
from ui.clauses.arrangement import ArticleTree
from ui.clauses.clause_editor import ClauseEditor
from ui.clauses.difference_view import DifferenceView
from ui.contracts.disposal_sheet import DisposalCard
from ui.contracts.document_page import DocumentPage
from ui.contracts.keeping_section import KeepingSection
from ui.contracts.new_document import ChooseDocument, DocumentFormSheet
from ui.contracts.package_view import PackageView
from ui.contracts.read_station import ReadStation
from ui.contracts.report_view import ReportView
from ui.contracts.verify_sheet import DropZone, VerifySheet
from ui.kit.detail_panel import DetailPanel
from ui.kit.form import Form
from ui.kit.panel_form import PanelForm
from ui.kit.print_dialog import PrintDialog
from ui.kit.print_offset import OffsetSection
from ui.kit.qr_code import QrCode
from ui.kit.record_page import RecordPage
from ui.kit.record_table import RecordTable
from ui.sales.sale_page import SalePage
from ui.shell.main_window import MainWindow
from ui.signing.customer_window import CustomerWindow
from ui.signing.done_station import DoneStation
from ui.signing.identity_panel import IdentityPanel
from ui.signing.party_strip import PartyStrip
from ui.signing.phone_panel import PhonePanel
from ui.signing.signing_station import SigningStation
from ui.signing.surface import SigningSurface
from ui.signing.watch_panel import WatchPanel
from ui.signing_keys.key_form import KeyForm

Reach = Callable[[Stage], object]


# --- contracts ---------------------------------------------------------------------------------------


def _contract(stage: Stage) -> None:
    stage.open("contracts", contract_id=stage.scene.contract)


def _terminated(stage: Stage) -> None:
    stage.open("contracts", contract_id=stage.scene.terminated)


def _pages(stage: Stage) -> None:
    stage.open("contracts", contract_id=stage.scene.contract, document=True)
    stage.run("contracts.check")


def _amending(stage: Stage) -> None:
    _contract(stage)
    stage.run("contracts.amend")


def _terminating(stage: Stage) -> None:
    _contract(stage)
    stage.run("contracts.terminate")


def _choosing(stage: Stage) -> None:
    stage.open("contracts").choose_document()
    stage.settle()


def _filling(stage: Stage) -> None:
    stage.open("contracts")._begin_document("earnest_money", About(order_id=stage.scene.order))
    stage.hands.wait(lambda: stage.page.sheet and stage.page.sheet.view.isVisible(), "the paper stands beside the form")


def _printing(stage: Stage) -> QWidget:
    stage.open("contracts", contract_id=stage.scene.contract, document=True)
    stage.run("contracts.print")
    return _dialog(stage)


def _dialog(stage: Stage) -> QWidget:
    dialog: QWidget = stage.hands.wait(lambda: stage.window.findChild(PrintDialog), "the print dialog")
    stage.settle()
    return dialog


def _checking(stage: Stage, path: Path | None) -> None:
    page = stage.open("contracts")
    page.verify_any()
    sheet = page.sheet
    assert isinstance(sheet, VerifySheet)
    if path is not None:
        sheet.check(path)
        stage.hands.wait(lambda: sheet.report.report is not None, "the file is checked")
        stage.settle()


# --- one document ------------------------------------------------------------------------------------


def _document(stage: Stage, document_id: str, **params: Any) -> DocumentPage:
    page = stage.open("document", document_id=document_id, **params)
    assert isinstance(page, DocumentPage)
    return page


def _signing(stage: Stage, document_id: str, party: str) -> SigningStation:
    station = _document(stage, document_id).signing
    stage.hands.wait(lambda: station.ready_for(party), "somebody can sign")
    return station


def _customers_turn(stage: Stage) -> SigningStation:
    return _signing(stage, stage.scene.awaited, PartyRole.CUSTOMER.value)


def _signed(stage: Stage) -> None:
    station = _customers_turn(stage)
    for box in station.clauses.boxes:
        box.setChecked(True)
    stage.hands.settle(0.05)
    stage.hands.draw(station.pad, SIGNATURES["buyer"])


def _identity(stage: Stage) -> None:
    stage.open("sale", order_id=stage.scene.unsigned_order)
    station = stage.page.signing
    stage.hands.wait(lambda: station.ready_for(PartyRole.BUYER.value), "the buyer can sign")
    station.known.handle.setChecked(True)


def _four(stage: Stage) -> None:
    stage.open("sale", order_id=stage.scene.unsigned_order)
    station = stage.page.signing
    stage.hands.wait(lambda: station.ready_for(PartyRole.BUYER.value), "the buyer can sign")


def _customer_window(stage: Stage) -> QWidget:
    station = _customers_turn(stage)
    station.open_customer()
    window = station.customer
    assert window is not None
    stage.settle()
    return window


def _watching(stage: Stage) -> None:
    """What stands at the desk meanwhile."""
    _customer_window(stage)


def _notice(stage: Stage) -> QWidget:
    window = _customer_window(stage)
    station = stage.page.signing
    station.customer.explain(station.identity.current_notice())
    return window


def _phone(stage: Stage, *, reads: bool) -> None:
    stage.phones.reads = reads
    station = _customers_turn(stage)
    station.open_phone()
    phone = station.phone
    assert phone is not None
    stage.hands.wait(lambda: phone.state is not None, "the centre has answered")
    stage.settle()


# --- the archive -------------------------------------------------------------------------------------


def _searching(stage: Stage) -> None:
    page = stage.open("archive")
    page.filters.set_values({"text": "定金", "kind": ["vehicle_sale"]}, silently=False)
    stage.settle()
    page.table.selectRow(0)


def _keeping(stage: Stage) -> KeepingSection:
    page = stage.open("archive", contract_id=stage.scene.contract)
    section: KeepingSection = stage.hands.wait(lambda: page.panel.findChild(KeepingSection), "how it is kept")
    stage.hands.wait(lambda: section.shown is not None, "it is read")
    area = page.panel._scroll
    area.ensureWidgetVisible(section, 0, 0)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    return section


def _holding(stage: Stage) -> None:
    _keeping(stage).ask_hold()


def _exporting(stage: Stage) -> None:
    _keeping(stage).ask_export()


def _disposals(stage: Stage) -> None:
    sheet = _lists(stage)
    for card in sheet.cards.values():
        card.named.handle.setChecked(True)
    stage.settle()


def _lists(stage: Stage) -> Any:
    page = stage.open("archive")
    page.show_disposals()
    stage.hands.wait(lambda: page.sheet.cards, "the lists")
    return page.sheet


def _confirming(stage: Stage) -> None:
    next(iter(_lists(stage).cards.values())).ask_confirmation()


def _proposing(stage: Stage) -> None:
    page = stage.open("archive")
    page.show_disposals(chosen=[row for row in page.model.rows if row is not None and row.id == stage.scene.old])
    stage.settle()


# --- texts, keys, forms ------------------------------------------------------------------------------


def _clause(stage: Stage) -> None:
    stage.open("clauses", clause_id=CLAUSE)


def _comparing(stage: Stage) -> None:
    page = stage.open("clauses", clause_id=CLAUSE, open="compare")
    stage.hands.wait(lambda: page.sheet is not None, "the versions beside each other")


def _new_clause(stage: Stage) -> None:
    stage.open("clauses").new()
    stage.settle()


def _text_picker(stage: Stage) -> None:
    _new_clause(stage)
    box = stage.page.sheet.form.editor("text_zh").box
    box.setPlainText("买方应于")
    box.moveCursor(box.textCursor().MoveOperation.End)
    box.setFocus()
    stage.hands.press(Qt.Key.Key_Space, on=box, control=True)


def _new_section(stage: Stage) -> None:
    from app.contracts.templates.in_force import template_id

    page = stage.open("templates", template_id=template_id("vehicle_sale"), open="edit")
    stage.hands.wait(lambda: page.sheet is not None, "the editor")
    stage.settle()
    page.sheet.form.editor("articles")._add_article()


def _bringing(stage: Stage) -> None:
    stage.open("signing_keys").bring()


def _revoking(stage: Stage) -> None:
    page = stage.open("signing_keys")
    page.table.selectRow(0)
    stage.settle()
    stage.run("signing_keys.revoke_seal")


def _mail(stage: Stage) -> None:
    page = stage.open("code_sending")
    page.form.set_value("way", "smtp")
    page.form.changed.emit("way")


def _form_of_contract(stage: Stage) -> None:
    stage.open("forms", source="contract", record_id=stage.scene.contract)


STATES: dict[str, dict[str, tuple[Reach, type[QWidget]]]] = {
    "contracts": {
        "open": (_contract, DetailPanel),
        "terminated": (_terminated, DetailPanel),
        "checked": (_pages, ReportView),
        "amending": (_amending, PanelForm),
        "terminating": (_terminating, PanelForm),
        "choosing": (_choosing, ChooseDocument),
        "filling": (_filling, DocumentFormSheet),
        "printing": (_printing, PrintDialog),
        "file": (lambda stage: _checking(stage, None), DropZone),
        "file-valid": (lambda stage: _checking(stage, stage.scene.pdf), ReportView),
        "file-tampered": (lambda stage: _checking(stage, stage.scene.tampered), ReportView),
        "file-package": (lambda stage: _checking(stage, stage.scene.package), PackageView),
    },
    "document": {
        "draft": (lambda stage: _document(stage, stage.scene.draft), ReadStation),
        "form": (lambda stage: _document(stage, stage.scene.draft, form=True), DocumentFormSheet),
        "customer": (_customers_turn, SigningSurface),
        "signed": (_signed, SigningSurface),
        "dealer": (lambda stage: _signing(stage, stage.scene.half_signed, PartyRole.DEALER.value), SigningSurface),
        "done": (lambda stage: _document(stage, stage.scene.sealed), DoneStation),
        "window": (_customer_window, SigningSurface),
        "notice": (_notice, CustomerWindow),
        "watching": (_watching, WatchPanel),
        "phone": (lambda stage: _phone(stage, reads=False), QrCode),
        "phone-reads": (lambda stage: _phone(stage, reads=True), PhonePanel),
    },
    "sale": {"four": (_four, PartyStrip), "identity": (_identity, IdentityPanel)},
    "archive": {
        "searching": (_searching, RecordTable),
        "keeping": (_keeping, KeepingSection),
        "holding": (_holding, PanelForm),
        "exporting": (_exporting, PanelForm),
        "disposals": (_disposals, DisposalCard),
        "confirming": (_confirming, PanelForm),
        "proposing": (_proposing, PanelForm),
    },
    "clauses": {
        "proposed": (_clause, DetailPanel),
        "comparing": (_comparing, DifferenceView),
        "new": (_new_clause, ClauseEditor),
        "picker": (_text_picker, ClauseEditor),
    },
    "templates": {"section": (_new_section, ArticleTree)},
    "signing_keys": {"bringing": (_bringing, KeyForm), "revoking": (_revoking, PanelForm)},
    "code_sending": {"mail": (_mail, Form)},
    "forms": {"filled": (_form_of_contract, OffsetSection)},
}
"""By page and name: how it is reached, and what is in sight then."""


def set_up(application: Application, window: MainWindow, hands: Hands, folder: Path) -> Stage:
    """Write the scene; phones answer by themselves from now on."""
    phones = PicturedPhones(application.desk.clock.now)
    specs = window.pages.specs
    specs["document"] = replace(specs["document"], factory=lambda context: DocumentPage(context, phones))
    return Stage(application, window, hands, arrange_contracts(application.desk, folder), phones)


def states_of(stage: Stage, pages: Iterable[str]) -> Iterator[tuple[str, QWidget, type[QWidget]]]:
    """Reach one state after the other: its name, the window to picture, and what is in sight. Then it is left."""
    for page in pages:
        stage.window.pages.close_all()
        for name, (reach, shows) in STATES.get(page, {}).items():
            stage.window.toasts.clear()
            reached = reach(stage)
            own = isinstance(reached, QWidget) and reached.isWindow()
            shown: QWidget = reached if own else stage.window  # type: ignore[assignment]
            stage.settle()
            yield f"{page}-{name}", shown, shows
            _leave(stage, shown)
    stage.window.pages.close_all()


def _leave(stage: Stage, shown: QWidget) -> None:
    """Nothing in front, nothing asked or searched for, nothing away in another window or on a phone."""
    for popup in QApplication.topLevelWidgets():
        if popup.windowType() == Qt.WindowType.Popup:
            popup.hide()
    if isinstance(shown, PrintDialog):
        shown.reject()
        shown.deleteLater()
    page = stage.page
    if isinstance(page, RecordPage):
        page.close_sheet()
        page.panel.close_panel()
        if any(page.filters.values().values()):
            page.filters.clear()
    elif isinstance(page, DocumentPage | SalePage):
        page.signing.take_back()
        if page.signing.phone is not None:
            page.signing.phone.take_back()
    stage.settle()
