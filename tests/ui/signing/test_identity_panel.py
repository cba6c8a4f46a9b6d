"""Getting to know a signer in the window: explained, compared, photographed, a code sent and entered; all on record."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.queries import get_contract
from app.contracts.signers.code_sending import use_code_gateways
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.code_gateways import ConsoleGateway, FileGateway
from db.models.attachments import Attachment
from db.models.signing import IdentityStep
from tests.app.contracts.conftest import held_keys  # noqa: F401  (a fixture)
from tests.app.runtime.test_code_gateways import _Server, gateway, server  # noqa: F401  (a fixture)
from tests.app.sale_desk import SaleDesk
from tests.factories.pictures import picture
from tests.factories.records import Records
from ui.kit.context import PageContext
from ui.signing.identity_panel import IdentityPanel

NUMBER = "11010519491231002X"
Show, Settle = Callable[..., Any], Callable[[], None]


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    return actor_with(Role.SALESPERSON)


@pytest.fixture
def desk(
    dispatcher: Dispatcher, records: Records, clock: FixedClock, held_keys: HeldKeys  # noqa: F811
) -> Iterator[SaleDesk]:
    """王芳's desk, which can send codes nowhere yet."""
    use_signing_keys(held_keys)
    yield SaleDesk(dispatcher, records, clock)
    use_signing_keys(None)
    use_code_gateways()


class Seat:
    """The panel with a contract that waits for its buyer; `again` is what the page does after each step."""

    def __init__(self, panel: IdentityPanel, desk: SaleDesk, settle: Settle) -> None:
        self.panel, self.desk, self.settle = panel, desk, settle
        self.contract_id = desk.locked_contract()
        self.explained: list[Any] = []
        panel.recorded.connect(self.again)
        panel.explaining.connect(self.explained.append)
        self.again()
        settle()

    def again(self) -> None:
        self.panel.begin(self.contract_id, self.desk.read(get_contract, self.contract_id).parties[0])

    def kinds(self) -> list[tuple[str, str]]:
        return [(step.kind, step.result) for step in self.desk.rows(IdentityStep)]


@pytest.fixture
def seat(context: PageContext, desk: SaleDesk, show: Show, settle: Settle) -> Seat:
    """The panel, shown."""
    panel = IdentityPanel(context, lambda: "zh_CN")
    show(panel, 420, 900)
    return Seat(panel, desk, settle)


def test_purposes_and_retention_are_shown_to_the_customer_in_their_language(seat: Seat) -> None:
    panel = seat.panel
    assert panel.notice.text().count("\n") == 4 and "5 年" in panel.photo_words.text()
    panel.explained.click()
    seat.settle()
    assert seat.explained == [panel.current_notice()] and seat.kinds()[0] == ("notice", "noted")
    assert seat.desk.rows(IdentityStep)[0].detail["language"] == "zh_CN"


def test_a_document_is_compared_and_what_differs_is_hinted_at(seat: Seat) -> None:
    form, panel = seat.panel.form, seat.panel
    form.set_values({"name": "张维", "number": "110105194912310021"})
    panel.compare.click()
    seat.settle()
    assert form.cell("number").is_wrong and seat.kinds() == [], "a number that cannot exist leaves nothing"
    for _ in range(3):
        form.set_values({"name": "张维", "number": NUMBER})
        panel.compare.click()
        seat.settle()
    hints = {step.detail["hint"] for step in seat.desk.rows(IdentityStep, kind="risk_hint")}
    assert hints == {"old", "name_differs", "many_failures"} and panel.hints.isVisible()
    form.set_values({"name": "张伟", "number": NUMBER})
    panel.compare.click()
    seat.settle()
    assert seat.kinds()[-1] == ("card_check", "passed") and form.value("number") == "", "it does not stay on the screen"


def test_a_photo_from_a_file_needs_the_consent_first(seat: Seat, tmp_path: Path) -> None:
    panel, path = seat.panel, tmp_path / "card.jpg"
    path.write_bytes(picture())
    assert not panel.from_file.isEnabled() and not panel.from_camera.isEnabled()
    panel.consent.setChecked(True)
    assert panel.from_file.isEnabled()
    panel.keep_photo(path)
    seat.settle()
    seat.settle()
    assert ("document_photo", "passed") in seat.kinds() and len(seat.desk.rows(Attachment)) == 1


def test_a_code_written_into_the_file_is_entered(seat: Seat, tmp_path: Path) -> None:
    use_code_gateways(FileGateway(tmp_path / "code.txt"))
    panel = seat.panel
    panel.send.click()
    seat.settle()
    seat.settle()
    assert "file of this desk" in panel.messages.text()
    written = (tmp_path / "code.txt").read_text(encoding="utf-8")
    (code,) = re.findall(r"(?<![\d-])\d{6}(?!\d)", written.split("\n\n")[1])
    panel.code.setText("000000" if code != "000000" else "111111")
    panel.confirm.click()
    seat.settle()
    assert "4" in panel.messages.text()
    panel.code.setText(f"{code[:3]} {code[3:]}")
    panel.confirm.click()
    seat.settle()
    assert [result for kind, result in seat.kinds() if kind == "one_time_code"] == ["failed", "passed"]


def test_a_desk_with_mail_only_offers_mail_and_says_what_went_wrong(
    seat: Seat, server: _Server, notifications: Any  # noqa: F811
) -> None:
    said: list[str] = []
    use_code_gateways(ConsoleGateway(said.append))
    seat.panel.send.click()
    seat.settle()
    seat.settle()
    assert "console" in seat.panel.messages.text() and len(said) == 1
    use_code_gateways(gateway(server, password="left"))
    seat.panel._party = None
    seat.again()
    assert seat.panel.channel.value() == "email", "the only way this desk has"
