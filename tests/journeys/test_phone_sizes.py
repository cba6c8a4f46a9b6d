"""The page that customers sign on, at the sizes of small phones, phones held sideways and tablets."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from sync.client.credentials import KeptCredentials
from sync.client.transport import HttpTransport
from sync.server.devices import digest
from tests.journeys.phone_browser import Browsing, Phone, Size, browsing
from tests.sync.phone_requests import CODE, Asked, terms
from tests.sync.service_process import ServiceProcess

FINGER = 44
"""The least height and width of what is tapped, in CSS pixels (WCAG 2.5.5)."""
CORNERS = (
    ((-6, 6), (-40, 90), (-70, 12), (-110, 120), (-150, 20), (-190, 110)),
    ((6, 140), (90, 60), (30, 20), (150, 130), (200, 30), (240, 120)),
)
"""A name that begins in the upper right corner (counted from the right edge) and one from the lower left."""
_AT_REST = """new Promise((done) => {
  let y = -1, still = 0;
  const look = () => {
    still = scrollY === y ? still + 1 : 0;
    y = scrollY;
    still > 5 ? done() : requestAnimationFrame(look);
  };
  look();
})"""
"""Until the page scrolls no more."""
_LIMIT = {
    "zh": "乙方逾期提车超过十五日的，甲方有权解除合同，已支付的定金不予退还，并可另行出售该车辆。",
    "en": "If the buyer does not take delivery within fifteen days of the agreed date, the seller may cancel the "
    "contract, keep the deposit paid, and sell the vehicle to somebody else.",
}
LONG = {
    "house": "上海云驰汽车销售服务有限公司浦东第一分公司",
    "clauses": [{"id": f"c{n}", "number": f"{n}.2", **_LIMIT} for n in range(1, 4)],
    "notice_zh": ["收集目的：签署本合同、核实签署人身份；保存期限：合同终止后五年。"],
    "notice_en": ["Purpose: to sign this contract and to check who signs it; kept for five years after it has ended."],
}


@pytest.fixture(scope="module")
def browser(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsing]:
    with browsing(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpTransport]:
    """A desk, and a service to ask."""
    with ServiceProcess(tmp_path_factory.mktemp("service")) as service:
        transport = HttpTransport(service.url, KeptCredentials(), read_seconds=20.0)
        transport.enrol(code=service.enrol(), branch_id=digest("SH01")[:32], after_n=0, after_hash="")
        yield transport
        transport.close()


def box(phone: Phone, selector: str) -> dict[str, float]:
    told: dict[str, float] = phone.ask(f"document.querySelector('{selector}').getBoundingClientRect().toJSON()")
    return told


def is_within_reach(phone: Phone, selector: str) -> bool:
    """Whether a finger at its middle meets it, all of it is on the screen, and it is large enough for one."""
    place, (width, height) = box(phone, selector), phone.ask("[innerWidth, innerHeight]")
    x, y = (place["left"] + place["right"]) / 2, (place["top"] + place["bottom"]) / 2
    meets = phone.ask(f"Boolean(document.elementFromPoint({x}, {y})?.closest('{selector}'))")
    inside = place["left"] >= 0 and place["right"] <= width and place["top"] >= 0 and place["bottom"] <= height
    return bool(meets and inside and place["width"] >= FINGER and place["height"] >= FINGER)


def press_on(phone: Phone, *, until: str) -> None:
    """Tap what leads to the next thing, as often as it is there, until this is within reach."""
    for _press in range(6):
        phone.ask(_AT_REST)
        if is_within_reach(phone, until):
            return
        assert is_within_reach(phone, "#next"), "there is always something to press"
        phone.tap("#next")
    raise AssertionError(f"{until} is never within reach")


def corners(phone: Phone) -> list[list[tuple[int, int]]]:
    width = int(box(phone, "#pad")["width"])
    return [[(x if x > 0 else width + x, y) for x, y in stroke] for stroke in CORNERS]


@pytest.mark.parametrize(
    ("size", "locale", "dark"),
    [((360, 640), "zh-CN", False), ((844, 390), "en-GB", True), ((768, 1024), "zh-CN", True),
     ((320, 568), "en-GB", False)],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else str(value),
)  # fmt: skip
def test_everything_is_within_reach(
    desk: HttpTransport, browser: Browsing, size: Size, locale: str, dark: bool
) -> None:
    asked: Any = Asked(desk, "main", terms=terms(**LONG)).open()
    phone = Phone(browser, locale, dark=dark, size=size)
    phone.on_page(lambda page: page.goto(f"{desk.address}/sign#{asked.key}"))
    assert phone.overflow() == 0 and is_within_reach(phone, "#enter button") and is_within_reach(phone, "#code")
    phone.enter(CODE)
    phone.tap(f"[data-choose={locale[:2]}]")
    assert phone.overflow() == 0 and is_within_reach(phone, "#next")
    phone.read_on()
    assert phone.tick() == 3
    press_on(phone, until="#go")
    assert is_within_reach(phone, "#pad")
    pad, name = box(phone, "#pad"), "x".join(map(str, size))
    assert pad["width"] >= 280 and pad["height"] >= 150 and phone.overflow() == 0
    phone.draw(corners(phone), where_it_is=True)
    phone.picture(f"phone-{name}-{locale[:2]}")
    assert not phone.ask("document.querySelector('#wipe').disabled") and is_within_reach(phone, "#wipe")
    phone.tap("#go")  # at once: no tap is lost after a stroke
    phone.wait_for("谢谢" if locale == "zh-CN" else "Thank you.")
    assert phone.overflow() == 0 and phone.complaints == []
    answer = asked.look()["answer"]
    assert [len(stroke) for stroke in answer["strokes"]] == [6, 6], "nothing stands in the way of a stroke"
    phone.close()
