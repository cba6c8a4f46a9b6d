"""A desk's profile with a sealed contract and a consent of years ago, for journeys that begin after signing."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from app.archive.indexing import tend_whole_archive
from app.contracts.documents.commands import DraftDocument
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.paper.samples import ENTRIES
from app.kernel.clock import FixedClock, branch_date
from app.kernel.permissions import Role
from app.payments.commands import RecordSale
from app.quotations.commands import QuotationTerms
from app.runtime.paths import open_profile
from app.tour.guided_sale import main_window
from app.tour.hands import Hands
from app.wiring.desk import Desk
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from db.engine import Database
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from tests.app.contracts.signed_documents import complete
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY, open_copy
from tests.factories.people import actor_of, staff_of
from ui.kit.record_line import RecordLine

P = TypeVar("P")
LONG_AGO = datetime(2022, 3, 1, 2, 0, tzinfo=UTC)
"""A consent of that day has to be kept until the end of 2025."""
EARNEST = Decimal("20000.00")
BUYER, BUYER_TYPED = "王小明", "wangxiaoming"


@dataclass(frozen=True, slots=True)
class SealedHouse:
    """Where the profile lies, and what is in it."""

    folder: Path
    contract_id: str
    number: str
    order_id: str
    vin: str
    old_id: str
    """A privacy consent whose time of keeping is over."""
    old_number: str

    def copy_to(self, folder: Path, *, desk_code: str) -> None:
        """A desk of its own with the same records and keys."""
        profile, target = open_profile(self.folder), open_profile(folder).prepare()
        open_copy(profile.database_path, target.database_path, desk_code=desk_code).close()
        shutil.copyfile(profile.device_secrets_path, target.device_secrets_path)


def build_house(showroom: Path, folder: Path) -> SealedHouse:
    """王小明 has signed for a car and paid 20,000 of earnest money."""
    profile = open_profile(folder).prepare()
    open_copy(showroom, profile.database_path).close()
    desk = Desk(profile)
    desk.open(KEY)
    desk.take_seat(actor_of(staff_of(Role.SALESPERSON)))
    try:
        old_id, old_number = _consent_of_long_ago(desk.database)
        give_signing_keys(desk)
        made = SaleDesk.reopened(desk.database, FixedClock(datetime.now(UTC)))
        with desk.database.read() as session:
            customer = session.scalars(select(Customer).where(Customer.name == BUYER)).one()
            unit = session.scalars(select(VehicleUnit).order_by(VehicleUnit.id)).first()
        assert unit is not None
        order_id = made.do(
            RecordSale(
                customer_id=customer.id, terms=QuotationTerms(vehicle_unit_id=unit.id), earnest_amount=EARNEST,
                method="cash", planned_delivery=branch_date(made.clock.now()) + timedelta(days=14),
            )
        ).order_id  # fmt: skip
        contract_id = made.locked_contract(order_id)
        for party in ("buyer", "dealer"):
            made.do(made.signature(contract_id, party))
        made.do(made.seal(contract_id))
        tend_whole_archive(desk.database)
        number = made.read(_number, contract_id)
        return SealedHouse(folder, contract_id, number, order_id, unit.vin, old_id, old_number)
    finally:
        use_signing_keys(None)
        desk.close()


def _consent_of_long_ago(database: Database) -> tuple[str, str]:
    desk = SaleDesk.reopened(database, FixedClock(LONG_AGO))
    use_signing_keys(HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch="SH01", now=LONG_AGO))
    with database.read() as session:
        desk.customer = session.scalars(select(Customer).where(Customer.name == BUYER)).one()
    command = DraftDocument(
        kind="privacy_consent", customer_id=desk.customer.id, entries=ENTRIES["privacy_consent"]
    )
    drafted = desk.do(command, desk.manager)
    complete(desk, drafted, desk.manager)
    return drafted.contract_id, drafted.number


def _number(reader: Any, contract_id: str) -> str:
    from app.contracts.queries import get_contract

    return str(get_contract(reader, contract_id).row.number)


# --- at the window ------------------------------------------------------------------------------


def in_front(application: Application, kind: type[P]) -> P:
    """The page in front, which is of that kind."""
    page = main_window(application).pages.current_page
    assert isinstance(page, kind), page
    return page


def opened(application: Application, hands: Hands, key: str, kind: type[P], **params: Any) -> P:
    """Open a page and wait until it has read what it shows."""
    main_window(application).pages.open(key, **params)
    page = in_front(application, kind)
    at_rest(application, hands)
    return page


def at_rest(application: Application, hands: Hands) -> None:
    """Wait until nothing is read or written any more."""
    hands.wait(lambda: application.operations.settled(), "everything is read")
    hands.settle(0.02)
    hands.wait(lambda: application.operations.settled(), "and what followed from it")


def run(application: Application, hands: Hands, action_id: str) -> None:
    """An action of the page in front, as its key or its line in the menu runs it."""
    registry = main_window(application).actions_registry
    hands.wait(lambda: registry.get(action_id).is_enabled(), f"{action_id} is offered")
    assert registry.run(action_id), action_id


def answer(page: Any, hands: Hands, **typed: str) -> None:
    """Type into the question in the panel and press its verb."""
    question = hands.wait(lambda: page.question, "the question")
    for name, text in typed.items():
        hands.type(text, into=question.form.editor(name).focus_widget())
    hands.click(question.verb)
    hands.wait(lambda: page.question is not question, "it is done")


def line_to(page: Any, hands: Hands, beginning: str) -> RecordLine:
    """The line of the panel that begins so."""

    def found() -> RecordLine | None:
        lines = page.panel.findChildren(RecordLine)
        return next((one for one in lines if one.isVisible() and one.accessibleName().startswith(beginning)), None)

    line: RecordLine = hands.wait(found, f"a line to {beginning}")
    return line
