"""Time-stamps on the page of contracts and in the report of a check."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt

from app.contracts.proof.time_proof import StampState
from app.contracts.stamps.commands import StampContract
from app.contracts.stamps.roots import keep_roots
from app.contracts.stamps.stamping import make_stamp, stamp_material
from app.kernel.clock import FixedClock
from app.runtime.language import CHINESE, set_language
from tests.app.contracts.stamping_samples import LocalCentre
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from ui.contracts.document_sheet import DocumentSheet
from ui.contracts.stamp_card import STAMP_STATES

Open = Callable[..., Driver]


def test_every_state_of_a_time_stamp_has_words() -> None:
    assert set(STAMP_STATES) == {state.value for state in StampState}


def test_a_sealed_contract_waits_for_the_centre(desk: SaleDesk, open_contracts: Open) -> None:
    driver = open_contracts(contract_id=desk.sealed_contract())
    assert driver.says("Time-stamped") and driver.says("waits for the centre")


def test_a_time_stamped_contract_says_since_when(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path, clock: FixedClock
) -> None:
    contract_id = desk.sealed_contract()
    centre = LocalCentre(tmp_path, now=clock.now() + timedelta(minutes=5))
    keep_roots(desk.dispatcher.database, centre.authority(), now=clock.now())
    made = make_stamp(desk.read(stamp_material, contract_id), centre, now=clock.now())
    centre.close()
    desk.do(StampContract(contract_id=contract_id, prepared=made))
    driver = open_contracts(contract_id=contract_id)
    assert driver.says("since ")
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_R, CTRL)
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentSheet) and sheet.document is not None
    assert sheet.document.stage == "stamped"
    assert sheet.report.verdict() == "Intact: nothing has changed since it was signed."
    assert "PAdES" in sheet.report.level()
    for text in ("Time-stamps in the file", "Holds", "Forecourt Time-Stamps", "Proved by a time-stamp"):
        assert driver.says(text, sheet.report), text
    assert unnamed_controls(driver.page) == []
    set_language(CHINESE)
    try:
        sheet.report.retranslate()
        driver.settle()
        assert driver.says("文件中的时间戳", sheet.report) and driver.says("有效", sheet.report)
    finally:
        set_language("en")
