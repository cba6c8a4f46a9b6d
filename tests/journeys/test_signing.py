"""Four people sign one contract: with pen, finger and mouse, at the desk and in the customer's own window."""

from collections.abc import Callable
from datetime import UTC

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenuBar

from app.contracts.checking import verify_contract
from app.contracts.kinds.roles import PartyRole
from app.contracts.queries import get_contract
from app.runtime.language import language
from app.tour.guided_sale import SIGNATURES, main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.app.contracts.party_samples import co_buyer, guarantor
from tests.factories.people import PASSWORD
from tests.journeys.pens import sign_with_finger, sign_with_pen
from tests.journeys.signing_seat import Seat, drafted_sale, lock
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step


@pytest.fixture
def seat(start_application: Callable[..., Application], hands: Hands) -> Seat:
    """王芳 at her desk, a drafted contract on the screen."""
    application = start_application()
    sign_in(application, hands, login="wangfang", password=PASSWORD)
    return drafted_sale(application, hands)


def add_party(seat: Seat, role: PartyRole, entry: object) -> None:
    """Enter a further party in the form beside the pages; the paper is drafted again."""
    editor, station = seat.page.contract.parties, seat.page.contract
    before = station.document
    seat.hands.click(editor.add_buttons[role])
    names = ("name", "identity_kind", "identity_number", "phone", "email", "address")
    editor.form.set_values({name: getattr(entry, name) for name in names})
    seat.hands.click(editor.keep)
    seat.hands.wait(lambda: station.document is not before and station.go.isEnabled(), f"drafted with the {role}")


def test_four_people_sign_with_pen_finger_and_mouse(seat: Seat) -> None:
    add_party(seat, PartyRole.GUARANTOR, guarantor())
    add_party(seat, PartyRole.CO_BUYER, co_buyer())
    lock(seat)
    signing, hands = seat.signing, seat.hands

    seat.tick(signing.clauses.boxes)
    sign_with_pen(signing.pad)
    hands.click(signing.go)
    hands.wait(lambda: signing.ready_for("co_buyer_1"), "the co-buyer's turn")

    hands.click(signing.hand_over)
    window = seat.window
    assert window.isWindow() and window.parent() is None and window.shows_document
    assert not signing.go.isEnabled()
    window.surface.choose_language("en")
    seat.tick(window.surface.clauses.boxes)
    sign_with_finger(window.surface.pad)
    hands.click(window.surface.go)
    hands.wait(lambda: signing.ready_for("guarantor_1"), "the guarantor's turn")
    assert not window.shows_document, "the next person's document is shown only when the salesperson hands it over"
    hands.settle(0.3)
    assert signing.surface.acknowledgements() == (), "what the co-buyer ticked counts for the co-buyer alone"

    hands.click(signing.hand_over)
    seat.tick(window.surface.clauses.boxes)
    hands.draw(window.surface.pad, SIGNATURES["buyer"])
    hands.click(window.surface.go)
    hands.wait(lambda: signing.ready_for("dealer"), "the dealer's turn")
    assert signing.customer is None

    hands.draw(signing.pad, SIGNATURES["dealer"])
    hands.click(signing.go)
    hands.wait(lambda: seat.page.state.step == Step.DONE and seat.page.done.report, "sealed and checked")
    desk = seat.application.desk
    found = desk.read(verify_contract, seat.page.state.contract_id)
    assert found.intact and [one.signer for one in found.report.signatures[1:3]] == ["李娜", "张建国"]
    kept = seat.evidence()
    assert {party: (kept[party]["device"]["pen"], kept[party]["screen"]) for party in kept if party != "seal"} == {
        "buyer": ("pen", "desk"), "co_buyer_1": ("touch", "customer"), "guarantor_1": ("mouse", "customer"),
        "dealer": ("mouse", "desk"),
    }  # fmt: skip
    assert (kept["co_buyer_1"]["language"], kept["buyer"]["language"]) == ("en", "zh_CN")
    pen = kept["buyer"]["strokes"][0]
    assert [point[0] for point in pen] == [0, 5, 10, 15, 20, 25, 30], "the device's own time, every point"
    assert len({point[3] for point in pen}) == 7, "pressure as the pen gave it"


def test_the_customers_window_reaches_nothing_else(seat: Seat) -> None:
    lock(seat)
    signing, hands = seat.signing, seat.hands
    seat.tick(signing.clauses.boxes[:2])
    hands.click(signing.hand_over)
    window = seat.window
    page = main_window(seat.application).pages.current_page
    assert [box.isChecked() for box in window.surface.clauses.boxes][:3] == [True, True, False]
    for key, modifier in (
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier), (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
    ):  # fmt: skip
        QTest.keyClick(window, key, modifier)
    window.close()
    hands.settle(0.1)
    assert window.isVisible() and main_window(seat.application).pages.current_page is page
    assert not main_window(seat.application).locked and signing.customer is window
    assert not window.findChildren(QMenuBar) and not window.actions()
    app_language = language()
    window.surface.choose_language("zh_CN" if app_language == "en" else "en")
    assert language() == app_language and "阅读" in window.windowTitle()
    assert "条" in window.surface.clauses.boxes[0].text()
    assert signing.hand_over.text() == "Show in the customer's window"
    seat.tick(window.surface.clauses.boxes[2:3])
    hands.click(signing.watch.back)
    assert signing.customer is None
    assert [box.isChecked() for box in signing.clauses.boxes][:4] == [True, True, True, False]


def test_the_salesperson_follows_how_far_the_customer_is(seat: Seat) -> None:
    lock(seat)
    signing = seat.signing
    seat.hands.click(signing.hand_over)
    surface = seat.window.surface
    assert signing.watch.state.text() == "Is reading"
    seat.tick(surface.clauses.boxes)
    assert signing.watch.state.text() == "Can sign now"
    sign_with_finger(surface.pad)
    assert signing.watch.state.text() == "Has drawn a signature, not yet ended"
    seat.hands.click(surface.back)
    assert len(surface.strokes()) == 1, "one of two strokes is left"
    seat.hands.click(surface.wipe)
    assert surface.pad.is_empty() and not surface.go.isEnabled()
    assert signing.watch.findChildren(type(surface.pad)) == []


def test_the_customer_declines_with_a_reason_in_the_own_window(seat: Seat) -> None:
    lock(seat)
    signing, hands = seat.signing, seat.hands
    contract_id = seat.page.state.contract_id
    hands.click(signing.hand_over)
    surface = seat.window.surface
    hands.click(surface.refuse)
    assert not surface.refuse_now.isEnabled()
    hands.type("价格不对", into=surface.reason)
    hands.click(surface.refuse_now)
    hands.wait(lambda: signing.customer is None and seat.page.state.step == Step.CONTRACT, "the contract is declined")
    detail = seat.application.desk.read(get_contract, contract_id)
    assert (detail.row.state, detail.parties[0].decline_reason) == ("DECLINED", "价格不对")
    hands.wait(lambda: seat.page.contract.go.isEnabled(), "another contract is drafted")
    assert seat.page.state.contract_id != contract_id


def test_after_a_crash_acknowledgements_are_kept_and_the_signature_is_not(seat: Seat) -> None:
    lock(seat)
    signing, hands = seat.signing, seat.hands
    seat.tick(signing.clauses.boxes[:2])
    given = [item.at for item in signing.surface.acknowledgements()]
    sign_with_pen(signing.pad)
    key = f"signing-{seat.page.state.contract_id}-buyer"
    hands.wait(lambda: main_window(seat.application).context.drafts.load(key), "what was ticked is kept")
    order_id = seat.page.state.order_id
    main_window(seat.application).pages.close_all()
    main_window(seat.application).pages.open("sale", order_id=order_id)
    again = main_window(seat.application).pages.current_page
    assert isinstance(again, SalePage)
    hands.wait(lambda: again.signing.ready_for("buyer") and len(again.signing.surface.acknowledgements()) == 2,
               "signing goes on")  # fmt: skip
    assert [item.at for item in again.signing.surface.acknowledgements()] == given
    assert again.signing.pad.is_empty() and not again.signing.go.isEnabled()
    assert seat.evidence() == {}
    seat.tick(again.signing.clauses.boxes[2:])
    sign_with_pen(again.signing.pad)
    hands.click(again.signing.go)
    hands.wait(lambda: again.signing.ready_for("dealer"), "the buyer has signed")
    hands.wait(lambda: not main_window(seat.application).context.drafts.load(key), "the draft is gone")
    times = [item["acknowledged_at"] for item in seat.evidence()["buyer"]["acknowledgements"]]
    assert times[:2] == [at.astimezone(UTC).isoformat(timespec="microseconds") for at in given]


def test_the_buyer_is_known_before_signing(seat: Seat) -> None:
    lock(seat)
    signing, hands = seat.signing, seat.hands
    signing.known.handle.setChecked(True)
    panel = signing.identity
    hands.wait(lambda: "{" not in panel.notice.text() and len(panel.notice.text()) > 100, "the notice is there")
    hands.click(panel.explained)
    panel.form.set_values({"name": signing.form.value("signer_name"), "number": "11010519491231002X"})
    hands.click(panel.compare)
    hands.wait(lambda: "Name and number" in panel.messages._text.text(), "the document is compared")
    hands.click(panel.send)
    code_file = seat.application.profile.root / "last_code.txt"
    hands.wait(code_file.exists, "a code was written")
    hands.wait(panel.code.hasFocus, "the code can be entered")
    hands.type(code_file.read_text(encoding="utf-8").split("验证码为 ")[-1][:6], into=panel.code)
    hands.click(panel.confirm)
    hands.wait(lambda: "The code is right" in panel.messages._text.text(), "the code is right")
    seat.tick(signing.clauses.boxes)
    sign_with_pen(signing.pad)
    hands.click(signing.go)
    hands.wait(lambda: signing.ready_for("dealer"), "the buyer has signed")
    steps = seat.evidence()["buyer"]["identity_steps"]
    assert {(step["kind"], step["result"]) for step in steps} >= {
        ("notice", "noted"), ("card_check", "passed"), ("one_time_code", "passed"), ("risk_hint", "noted"),
    }  # fmt: skip
    assert all(step["detail"].get("way", "file") == "file" for step in steps)
