"""The demo branch: valid, coherent, the same for the same seed, and good to work on."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select, text
from stdnum.cn import ric, uscc

from app.catalog.queries import get_trim, list_makes
from app.catalog.vin import check_vin
from app.comparison.ownership import PLUGS
from app.comparison.queries import ComparisonTerms, get_comparison
from app.demo import DemoSummary, build_demo, build_empty_branch
from app.demo.catalogue import SOURCE
from app.demo.seasons import day_weight, spread, trading_days
from app.demo.stock import at_time
from app.inventory.queries import IN_THE_HOUSE, UnitFilter, count_units, get_unit, list_units, unit_facets
from app.inventory.rules import AllocationState
from app.kernel.clock import FixedClock, branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.kernel.unit_of_work import Reader
from app.payments.commands import RecordSale
from app.quotations.calculation import make_offer
from app.quotations.commands import QuotationTerms
from app.quotations.stored_terms import terms_from
from app.staff.errors import PasswordTooEasy
from app.staff.sign_in import sign_in
from app.workshop.rules import BayType, Booking, busiest
from db.engine import Database
from db.models.catalog import Trim
from db.models.customers import Customer, CustomerVehicle
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.payments import Payment
from db.models.quotations import Quotation, QuotationLine
from db.models.staff import Branch, StaffMember
from db.models.tasks import Task
from db.models.workshop import ServiceAppointment
from db.schema import upgrade
from tests.factories.databases import KEY

TODAY = date(2026, 11, 22)
SCALE = 0.03
ROOT = Path(__file__).resolve().parents[3]


def empty_database(folder: Path) -> Database:
    database = Database(folder / "demo.db", KEY)
    upgrade(database)
    return database


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, DemoSummary]]:
    database = empty_database(tmp_path_factory.mktemp("demo"))
    yield database, build_demo(database, scale=SCALE, today=TODAY)
    database.close()


@pytest.fixture(scope="module")
def dispatcher(demo: tuple[Database, DemoSummary]) -> Dispatcher:
    return Dispatcher(demo[0], clock=FixedClock(at_time(TODAY, 19)))


@pytest.fixture(scope="module")
def seller(dispatcher: Dispatcher, demo: tuple[Database, DemoSummary]) -> Actor:
    return sign_in(dispatcher.database, "wangfang", demo[1].password, clock=dispatcher.clock).actor


def rows(dispatcher: Dispatcher, model: type) -> list:  # type: ignore[type-arg]
    with dispatcher.database.read() as session:
        return list(session.scalars(select(model)))


def test_branches_and_people_are_complete(dispatcher: Dispatcher) -> None:
    branches, staff = rows(dispatcher, Branch), rows(dispatcher, StaffMember)
    assert {branch.code for branch in branches} == {"SH01", "HZ01", "SZ01"}
    assert len(staff) == 12 and {member.role for member in staff} == {role.value for role in Role}
    for branch in branches:
        assert uscc.is_valid(branch.uscc)
        assert branch.company_zh and branch.address_en and branch.bank_account and branch.work_bays
    assert {row.scope for row in (*branches, *staff)} == {"group"}


def test_everybody_signs_in_with_one_password(dispatcher: Dispatcher, demo: tuple[Database, DemoSummary]) -> None:
    assert len(demo[1].logins) == 12
    for login in ("zhaomin", "admin", "hujie"):
        assert sign_in(dispatcher.database, login, demo[1].password, clock=dispatcher.clock).actor.branch_code


def test_identifiers_are_valid_and_distinct(dispatcher: Dispatcher) -> None:
    customers, units = rows(dispatcher, Customer), rows(dispatcher, VehicleUnit)
    kinds = Counter(customer.identity_kind for customer in customers)
    assert kinds["identity_card"] > 0.5 * len(customers) and kinds["company_code"] and kinds["passport"]
    for customer in customers:
        check = {"identity_card": ric.is_valid, "company_code": uscc.is_valid}.get(customer.identity_kind, bool)
        assert check(customer.identity_number), customer.identity_number
        assert customer.name_initials and len(customer.phone) == 11
    assert len({customer.phone for customer in customers}) == len(customers)
    assert all(check_vin(unit.vin).check_digit_ok for unit in units)
    assert len({unit.vin for unit in units}) == len(units)
    plates = [car.plate for car in rows(dispatcher, CustomerVehicle) if car.plate]
    assert len(set(plates)) == len(plates) and {plate[0] for plate in plates} == set("沪浙苏")


def test_prices_and_margins_are_sane(dispatcher: Dispatcher) -> None:
    for unit in rows(dispatcher, VehicleUnit):
        assert Decimal(0) < unit.cost < unit.floor_price <= unit.list_price
        assert unit.manufactured_on < unit.arrived_on
    orders = rows(dispatcher, SalesOrder)
    gross = sum(order.vehicle_price - order.unit_cost for order in orders)
    assert Decimal("0.005") < gross / sum(order.vehicle_price for order in orders) < Decimal("0.06")


def test_orders_units_and_money_agree(dispatcher: Dispatcher) -> None:
    units = {unit.id: unit for unit in rows(dispatcher, VehicleUnit)}
    paid: Counter[str] = Counter()
    for payment in rows(dispatcher, Payment):
        paid[payment.order_id] += payment.amount  # type: ignore[assignment]
    lines: Counter[str] = Counter()
    for line in rows(dispatcher, SalesOrderLine):
        lines[line.order_id] += line.amount  # type: ignore[assignment]
    live: Counter[str] = Counter()
    for order in rows(dispatcher, SalesOrder):
        unit = units[order.vehicle_unit_id]
        assert lines[order.id] == order.on_road_total
        assert order.make_id == unit.make_id and order.branch_id == unit.branch_id
        if order.state == "CANCELLED":
            assert paid[order.id] == 0 and order.claim_state == "released" and order.cancel_reason
            continue
        live[unit.id] += 1
        assert unit.order_id == order.id
        if order.state in ("DELIVERED", "COMPLETED"):
            assert paid[order.id] == order.on_road_total
            assert (unit.allocation_state, unit.stock_state) == ("DELIVERED", "OUT")
            assert order.delivered_at >= order.ordered_at
        else:
            assert unit.allocation_state == "ALLOCATED" and paid[order.id] > 0
    assert max(live.values()) == 1
    taken = {unit.id for unit in units.values() if unit.allocation_state in ("ALLOCATED", "DELIVERED")}
    assert taken == set(live)


def test_offers_are_what_the_program_calculates(dispatcher: Dispatcher) -> None:
    with dispatcher.database.read() as session:
        for quotation in session.scalars(select(Quotation).limit(40)):
            customer = session.get_one(Customer, quotation.customer_id)
            terms = terms_from(quotation.terms or {}, vehicle_unit_id=quotation.vehicle_unit_id)
            assert isinstance(terms, QuotationTerms)
            day = branch_date(quotation.created_at)
            total = session.scalar(
                select(func.sum(QuotationLine.amount)).where(QuotationLine.quotation_id == quotation.id)
            )
            assert total == quotation.on_road_total
            if quotation.state != "CONVERTED":
                offer = make_offer(session, terms, company=customer.kind == "company", today=day)
                assert offer.total == quotation.on_road_total
                assert offer.stored_finance() == quotation.finance


def test_nothing_lies_in_the_future(dispatcher: Dispatcher) -> None:
    now = dispatcher.clock.now()
    for model in (Customer, VehicleUnit, Quotation, SalesOrder, Payment, ServiceAppointment, Task):
        for row in rows(dispatcher, model):
            assert row.created_at <= now and row.updated_at <= now, model
            assert row.updated_at >= row.created_at, model
            assert (row.ver, row.seq, row.revision) == (0, None, 1)
            assert row.field_clock["*"].endswith("-demo")


def test_the_catalogue_holds_real_data(dispatcher: Dispatcher, seller: Actor) -> None:
    names = {row.name.en for row in dispatcher.read(list_makes, seller)}
    assert {"BYD", "Tesla", "Porsche", "Acura"} <= names
    with dispatcher.database.read() as session:
        sources = Counter(session.scalars(select(Trim.source)))
        real = session.scalars(select(Trim.id).where(Trim.source.like("%EPA%"))).first()
    assert sum(count for source, count in sources.items() if "EPA" in source) == 1108
    assert {parameter.code for parameter in dispatcher.read(get_trim, seller, real).parameters} > {
        "displacement",
        "drive",
    }


def test_the_houses_own_models_can_be_reckoned_with_in_full(dispatcher: Dispatcher, seller: Actor) -> None:
    def new_trims(reader: Reader) -> list[str]:
        return list(reader.session.scalars(select(Trim.id).where(Trim.source == SOURCE).order_by(Trim.id)))

    ids = dispatcher.read(new_trims, seller)
    compared = [
        pair
        for at in range(0, len(ids), 6)
        for found in [dispatcher.read(get_comparison, seller, ComparisonTerms(trim_ids=tuple(ids[at : at + 6])))]
        for pair in zip(found.trims, found.costs, strict=True)
    ]
    assert [str(trim.name) for trim, cost in compared if not cost.complete] == []
    plug_ins = [trim.facts for trim, _cost in compared if trim.energy in PLUGS]
    assert plug_ins and all(
        (one.number("consumption_combined") or 0) < (one.number("consumption_charge_sustaining") or 0)
        for one in plug_ins
    )


def test_the_stock_can_be_worked_with(dispatcher: Dispatcher, seller: Actor) -> None:
    shown = UnitFilter(stock_states=IN_THE_HOUSE)
    assert dispatcher.read(count_units, seller, shown).matching >= 2_000 * SCALE
    facets = dispatcher.read(unit_facets, seller, shown)
    assert len(facets.makes) > 8 and len(facets.branches) == 3
    held = [value.count for value in facets.allocation_states if value.value == AllocationState.HELD.value]
    assert held[0] > 0
    page = dispatcher.read(list_units, seller, filter=UnitFilter(text="byd", stock_states=IN_THE_HOUSE))
    assert page.rows and {row.make.en for row in page.rows} == {"BYD"}
    assert dispatcher.read(get_unit, seller, page.rows[0].id).specification.parameters


def test_a_sale_goes_on_where_the_demo_stopped(dispatcher: Dispatcher, seller: Actor) -> None:
    page = dispatcher.read(
        list_units,
        seller,
        filter=UnitFilter(
            allocation_states=(AllocationState.FREE,), stock_states=(IN_THE_HOUSE[1],), branch_ids=(seller.branch_id,)
        ),
    )
    free = next(row for row in page.rows if row.quality == "NORMAL")
    customer = next(one for one in rows(dispatcher, Customer) if one.branch_id == seller.branch_id)
    before = {order.number for order in rows(dispatcher, SalesOrder)}
    sale = RecordSale(
        customer_id=customer.id, terms=QuotationTerms(vehicle_unit_id=free.id), earnest_amount=Decimal("5000.00"),
        method="cash",
    )  # fmt: skip
    value = dispatcher.execute(sale, seller).value
    assert value.order_number not in before and value.order_number.startswith("SH01-D01-SO-")


def test_the_workshop_is_never_overbooked(dispatcher: Dispatcher) -> None:
    appointments = rows(dispatcher, ServiceAppointment)
    assert {branch_date(one.starts_at) >= date(2026, 11, 16) for one in appointments} == {True}
    for branch in rows(dispatcher, Branch):
        for kind in BayType:
            booked = [
                Booking(
                    appointment_id=one.id, bay_type=kind, starts_at=one.starts_at,
                    duration=timedelta(minutes=one.duration_minutes),
                )
                for one in appointments
                if one.branch_id == branch.id and one.bay_type == kind.value
            ]  # fmt: skip
            assert busiest(booked, at_time(date(2026, 11, 16), 0), at_time(date(2026, 11, 30), 0)) <= (
                branch.work_bays.get(kind.value, 0)
            )


def test_managers_find_something_to_decide(dispatcher: Dispatcher) -> None:
    tasks = rows(dispatcher, Task)
    quotations = {quotation.id: quotation for quotation in rows(dispatcher, Quotation)}
    approvals = [task for task in tasks if task.kind == "approve_quotation"]
    assert approvals
    for task in approvals:
        quotation = quotations[task.record_id]
        assert quotation.state == "PENDING_APPROVAL" and quotation.approval_reason
        assert quotation.vehicle_price < quotation.floor_price


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    contents = []
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        (tmp_path / name).mkdir()
        database = empty_database(tmp_path / name)
        build_demo(database, scale=0.002, today=TODAY, seed=seed, password="correct horse battery")
        with database.read() as session:
            found = session.execute(
                text("SELECT id, vin, cost, field_clock FROM vehicle_unit UNION ALL"
                     " SELECT id, number, on_road_total, field_clock FROM sales_order ORDER BY 1")
            )  # fmt: skip
            contents.append([tuple(row) for row in found])
        database.close()
    assert contents[0] == contents[1] != contents[2]


def test_cancelling_leaves_the_database_empty(tmp_path: Path) -> None:
    database = empty_database(tmp_path)

    class Cancelled(Exception):
        pass

    def stop(message: str, fraction: float | None) -> None:
        if fraction is not None and fraction > 0.7:
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        build_demo(database, scale=0.002, today=TODAY, progress=stop)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM branch")).scalar() == 0
    build_demo(database, scale=0.002, today=TODAY)
    with pytest.raises(ValueError, match="branches already"):
        build_demo(database, scale=0.002, today=TODAY)
    database.close()


def test_seasons_are_those_of_the_trade() -> None:
    days = trading_days(TODAY, months=24)
    assert (days[0], days[-1]) == (date(2024, 11, 22), TODAY)
    by_month = Counter((day.year, day.month) for day in spread(Random(3), days, 20_000))
    year = [by_month[2025, month] for month in range(1, 13)]
    assert year.index(max(year)) == 11
    assert min(year[0], year[1]) < 0.75 * sum(year) / 12
    assert year[8] > year[6] and year[9] > year[7]
    assert day_weight(date(2026, 2, 17), first=days[0]) < 0.2 * day_weight(date(2026, 1, 31), first=days[0])


def test_an_empty_branch_has_its_administrator(tmp_path: Path) -> None:
    database = empty_database(tmp_path)
    given = {
        "name_zh": "宁波店", "name_en": "Ningbo", "code": "NB01", "desk_code": "D03", "login": "chief",
        "administrator": "林晓",
    }  # fmt: skip
    with pytest.raises(PasswordTooEasy):
        build_empty_branch(database, **given, password="forecourt")
    branch_id = build_empty_branch(database, **given, password="correct horse battery")
    dispatcher = Dispatcher(database)
    actor = sign_in(database, "chief", "correct horse battery", clock=dispatcher.clock).actor
    assert (actor.role, actor.branch_id, actor.branch_code, actor.desk_code) == (
        Role.ADMINISTRATOR, branch_id, "NB01", "D03",
    )  # fmt: skip
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM outbox_operation")).scalar() == 2
        assert session.execute(text("SELECT branch_id FROM desk_state")).scalar() == branch_id
    database.close()


def test_the_command_sets_a_desk_up(tmp_path: Path) -> None:
    profile = tmp_path / "desk"
    command = [sys.executable, "-m", "app.demo", "--profile", str(profile), "--passphrase-env", "FORECOURT_SECRET"]
    environment = {"PATH": "", "FORECOURT_SECRET": "correct horse battery"}
    first = subprocess.run(
        [*command, "--scale", "0.002"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100
    )
    assert first.returncode == 0, first.stderr
    assert "Recovery code" in first.stderr and "zhaomin" in first.stderr
    again = subprocess.run(
        [*command, "--scale", "0.002"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100
    )
    assert again.returncode == 1 and "already" in again.stderr and "Traceback" not in again.stderr


def test_every_series_has_a_picture_of_which_equal_ones_are_kept_once(demo: tuple[Database, DemoSummary]) -> None:
    database, summary = demo
    with database.read() as session:
        rows = session.execute(text("SELECT sha256, thumb_sha256, icon_sha256 FROM attachment")).all()
        listed = session.execute(text("SELECT count(*) FROM local_content")).scalar()
    assert len(rows) == summary.rows["series"]
    digests = {sha256 for row in rows for sha256 in row}
    assert listed == len(digests) < len(rows)
    assert all(database.contents.read(sha256) is not None for sha256 in digests)
