"""Customers read and sign on their own phones: a real window, a real service over TLS, a real browser at phone size."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.contracts.checking import verify_contract
from app.tour.guided_sale import SIGNATURES, main_window, sign_in
from app.tour.hands import Hands
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from tests.factories.people import PASSWORD
from tests.journeys.centre import Centre
from tests.journeys.phone_browser import Browsing, Phone, browsing
from tests.journeys.signing_seat import Seat, drafted_sale, lock
from tests.journeys.test_two_desks import MANAGER
from tests.sync.certificates import Authority
from tests.sync.service_process import ServiceProcess
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step
from ui.signing.phone_signing import PhoneSigning

TakePhone = Callable[..., Phone]


@pytest.fixture(scope="module")
def browser(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsing]:
    with browsing(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    """A service of this test's own that speaks TLS, and that the desk trusts."""
    authority = Authority(tmp_path / "authority")
    certificate, key = authority.sign()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    made = Centre(tmp_path / "service")
    made.service = ServiceProcess(
        tmp_path / "service", arguments=("--tls-cert", str(certificate), "--tls-key", str(key))
    )
    with made as running:
        yield running


@pytest.fixture
def take_phone(centre: Centre, browser: Browsing) -> Iterator[TakePhone]:
    """`take_phone("zh-CN")` is a phone of somebody who reads Chinese; put away before the service ends."""
    taken: list[Phone] = []

    def take(locale: str, *, dark: bool = False) -> Phone:
        taken.append(Phone(browser, locale, dark=dark))
        return taken[-1]

    yield take
    for phone in taken:
        phone.close()


@pytest.fixture
def seat(start_application: Callable[..., Application], hands: Hands, centre: Centre) -> Seat:
    """A desk that is connected, with a contract that waits for the buyer."""
    application = start_application()
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    made = drafted_sale(application, hands)
    lock(made)
    link = application._link
    assert link is not None
    link.connect(centre.url, centre.code("D01"))
    give_signing_keys(application.desk)
    hands.wait(lambda: link.feed.latest.state == "agreed", "the desk is connected")
    return made


def phone_of(seat: Seat) -> PhoneSigning:
    phone = seat.signing.phone
    assert phone is not None
    return phone


def hand_over(seat: Seat) -> tuple[str, str]:
    """Press the button; what the QR code says, and the code beside it."""
    phone = phone_of(seat)
    seat.hands.click(seat.signing.by_phone)
    seat.hands.wait(lambda: phone.state is not None and phone.state.state == "open", "the centre has the request")
    assert phone.request is not None and not phone.panel.picture.is_empty and phone.panel.code.isVisible()
    return phone.request.address, phone.request.code


def says(seat: Seat, *states: str) -> None:
    """Wait until the salesperson reads one of these."""
    panel = phone_of(seat).panel
    seat.hands.wait(lambda: panel.state.text() in states, f"the desk says {states}")


def picture(seat: Seat, name: str) -> None:
    folder = os.environ.get("FORECOURT_PICTURES")
    if folder:
        main_window(seat.application).grab().save(str(Path(folder) / f"{name}.png"))


def test_a_chinese_customer_signs_on_a_phone_and_the_contract_is_sealed(
    seat: Seat, take_phone: TakePhone, centre: Centre
) -> None:
    address, code = hand_over(seat)
    assert address.startswith("https://127.0.0.1:") and "/sign#main." in address
    assert phone_of(seat).panel.state.text() == "Waits for the phone" and not seat.signing.go.isEnabled()
    picture(seat, "desk-waiting")
    phone = take_phone("zh-CN")
    phone.open(address, "000000" if code != "000000" else "111111")
    phone.wait_for("验证码不对")
    assert "main." not in phone.ask("location.href")
    phone.picture("zh-wrong-code")
    phone.enter(code)
    phone.wait_for("请阅读到最后")
    phone.picture("zh-read")
    says(seat, "Is reading")
    assert not phone_of(seat).panel.code.isVisible(), "nobody else is to see it any more"
    picture(seat, "desk-reading")
    phone.tap("#go")
    phone.wait_for("您还没有阅读到最后")
    phone.read_on()
    phone.tap("#go")
    phone.wait_for("请先逐条勾选确认")
    clauses = phone.tick()
    phone.picture("zh-clauses")
    assert clauses == len(seat.signing.clauses.boxes) > 3
    says(seat, "Can sign now")
    phone.draw([((60, 60), (70, 60))])
    phone.tap("#go")
    phone.wait_for("笔迹过少")
    phone.tap("#wipe")
    phone.draw()
    phone.picture("zh-signed")
    phone.picture("zh-whole", whole=True)
    assert phone.overflow() == 0
    phone.tap("#go")
    phone.wait_for("谢谢")  # the desk may have it before the page has said the first thing
    phone.picture("zh-done")
    seat.hands.wait(lambda: seat.signing.ready_for("dealer"), "the dealer's turn")
    phone.wait_for("工作人员已收到")
    seat.hands.draw(seat.signing.pad, SIGNATURES["dealer"])
    seat.hands.click(seat.signing.go)
    seat.hands.wait(lambda: seat.page.state.step == Step.DONE and seat.page.done.report, "sealed and checked")
    found = seat.application.desk.read(verify_contract, seat.page.state.contract_id)
    assert found.intact and len(found.report.signatures) == 3
    kept = seat.evidence()["buyer"]
    assert (kept["screen"], kept["language"], kept["device"]["pen"]) == ("phone", "zh_CN", "touch")
    points = [point for stroke in kept["strokes"] for point in stroke]
    assert len(points) >= 8 and len({point[3] for point in points}) > 3, "pressure as the finger gave it"
    assert [point[0] for point in points] == sorted(point[0] for point in points)
    (step,) = [one for one in kept["identity_steps"] if one["kind"] == "phone"]
    detail = step["detail"]
    assert (detail["wrong_codes"], detail["address"]) == (1, "127.0.0.1") and "Chrome" in detail["user_agent"]
    acknowledged = [one["acknowledged_at"] for one in kept["acknowledgements"]]
    assert len(acknowledged) == clauses
    assert detail["opened_at"] < detail["read_at"] < min(acknowledged) and max(acknowledged) < detail["given_at"]
    hints = {one["detail"]["hint"] for one in kept["identity_steps"] if one["kind"] == "risk_hint"}
    assert "wrong_phone_code" in hints
    assert centre.rows("SELECT state, sealed_document, sealed_terms, sealed_answer FROM signing_request") == [
        ("taken", "", "", "")
    ]
    assert centre.findings() == [] and len(phone.complaints) == 1, "the wrong code's 403 and nothing else"


def test_an_english_customer_loses_the_network_reloads_and_signs(seat: Seat, take_phone: TakePhone) -> None:
    address, code = hand_over(seat)
    phone = take_phone("en-GB", dark=True)
    phone.open(address, code)
    phone.tap("[data-choose=en]")  # the customer's record says Chinese
    phone.wait_for("please read and sign")
    phone.picture("en-read")
    phone.tap("[data-choose=zh]")
    phone.wait_for("请阅读并签署")
    phone.tap("[data-choose=en]")
    phone.read_on()
    phone.tick([0, 1])
    phone.offline()
    phone.tick([2])
    phone.wait_for("There is no connection.")
    phone.picture("en-offline")
    phone.offline(is_so=False)
    phone.wait_gone(".clause.waiting")
    phone.reload()
    phone.wait_for("please read and sign")
    ticked = phone.ticked()
    assert ticked[:4] == [True, True, True, False]
    phone.tick(range(3, len(ticked)))
    phone.draw()
    phone.picture("en-signed")
    phone.offline()
    phone.tap("#go")
    phone.wait_for("Sending …")
    phone.wait_for("There is no connection.")
    phone.offline(is_so=False)
    phone.wait_for("Thank you.")
    phone.picture("en-done")
    seat.hands.wait(lambda: seat.signing.ready_for("dealer"), "the dealer's turn")
    kept = seat.evidence()["buyer"]
    assert (kept["screen"], kept["language"]) == ("phone", "en")


def test_taken_back_declined_and_locked(seat: Seat, take_phone: TakePhone, centre: Centre) -> None:
    address, code = hand_over(seat)
    phone = take_phone("en-GB")
    phone.open(address, code)
    phone.wait_for("请阅读到最后")
    seat.hands.click(phone_of(seat).panel.back)
    seat.hands.wait(lambda: not phone_of(seat).is_running, "it is back on this screen")
    assert seat.signing.by_phone.isEnabled()
    phone.reload()
    phone.wait_for("The desk has taken this document back.")

    address, code = hand_over(seat)
    wrong = "000000" if code != "000000" else "111111"
    phone.open(address, wrong)
    for _attempt in range(4):
        phone.wait_for("This is not the code.")
        phone.enter(wrong)
    phone.wait_for("Locked after too many wrong codes.")
    says(seat, "Locked after too many wrong codes; nobody has seen the document")
    picture(seat, "desk-locked")
    seat.hands.click(phone_of(seat).panel.again)
    seat.hands.wait(lambda: phone_of(seat).panel.state.text() == "Waits for the phone", "another request is open")
    assert phone_of(seat).request is not None
    again = phone_of(seat).request
    phone.open(again.address, again.code)
    phone.tap("[data-choose=en]")
    phone.tap("#refusal summary")
    phone.tap("#refuse")
    phone.wait_for("Say why, so that the desk knows.")
    phone.fill("#reason", "The price is not what we agreed")
    phone.picture("en-decline")
    phone.tap("#refuse")
    phone.wait_for("You have declined.")
    seat.hands.wait(lambda: seat.page.state.step == Step.CONTRACT, "the contract is declined")
    taken = "SELECT count(*) FROM signing_request WHERE state = 'taken'"
    seat.hands.wait(lambda: centre.rows(taken) == [(1,)], "the centre forgets it")
    contract_id = next(one for one in seat.contract_ids() if seat.detail(one).row.state == "DECLINED")
    detail = seat.detail(contract_id)
    assert detail.parties[0].decline_reason == "The price is not what we agreed"
    steps = [(step.kind, step.result, step.detail.get("wrong_codes")) for step in detail.parties[0].steps]
    assert ("phone", "failed", 5) in steps and ("phone", "passed", 0) in steps


def test_what_was_given_survives_a_crash_of_the_desk(seat: Seat, take_phone: TakePhone) -> None:
    """The program ends after the phone has signed, and before the desk has taken it."""
    address, code = hand_over(seat)
    contract_id, order_id = seat.page.state.contract_id, seat.page.state.order_id
    main_window(seat.application).pages.open("customers")  # from here on this desk asks nothing
    phone = take_phone("zh-CN")
    phone.open(address, code)
    phone.wait_for("请阅读到最后")
    phone.read_on()
    phone.tick()
    phone.draw()
    phone.tap("#go")
    phone.wait_for("谢谢，您已签署完成")
    assert seat.detail(contract_id).row.state == "LOCKED"
    main_window(seat.application).pages.close_all()
    main_window(seat.application).pages.open("sale", order_id=order_id)
    page = main_window(seat.application).pages.current_page
    assert isinstance(page, SalePage)
    seat.hands.wait(lambda: page.signing.ready_for("dealer"), "what was given is taken, and the dealer signs next")
    assert seat.detail(contract_id).row.state == "PARTIALLY_SIGNED"
    phone.wait_for("工作人员已收到")
