"""Lists of units from files: what is taken in, what is refused and why, and that it is all or nothing."""

import csv
import io
import os
import signal
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.catalog.import_report import RowProblem, Severity, harmless, save_report
from app.catalog.source_tables import SourceTable, read_text
from app.custody.commands import AddPlace
from app.inventory.commands import ImportUnits, JoinQueue
from app.inventory.errors import ColumnNotMapped, ImportHasErrors, NothingToImport
from app.inventory.import_columns import amount_reader
from app.inventory.import_units import UnitField, UnitImport, check_units, suggest_mapping
from app.inventory.places import PlaceKind
from app.inventory.queries import UnitFilter, count_units, find_unit_by_vin, get_unit
from app.inventory.rules import StockState
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.labels import note
from app.kernel.permissions import Actor
from app.runtime.language import CHINESE, set_language
from app.tasks.queries import list_tasks
from db.models.catalog import Trim
from tests.factories.records import Records
from tests.factories.vins import vin_number

HEADINGS = "车架号,品牌,车系,年款,车型,外观颜色,进价,指导价,底价,入库日期,库位,里程,状态"
ROOT = Path(__file__).resolve().parents[3]


def line(n: int, **values: str) -> str:
    given = {
        "vin": vin_number(n), "make": "大众", "series": "朗逸", "year": "2026款", "trim": "1.5L 自动舒适版",
        "colour": "珍珠白", "cost": "12.8万", "list": "150000", "floor": "139,000.00", "arrived": "2026/11/2",
        "place": "A-01", "km": "12", "state": "在库",
    }  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerow((given | values).values())
    return out.getvalue().strip()


def checked(dispatcher: Dispatcher, actor: Actor, text: str) -> UnitImport:
    table = read_text(text)
    return dispatcher.read(check_units, actor, table=table, mapping=suggest_mapping(table.headers))


def in_stock(dispatcher: Dispatcher, actor: Actor) -> int:
    return dispatcher.read(count_units, actor, UnitFilter()).matching


@pytest.fixture(autouse=True)
def trim(records: Records) -> Trim:
    return records.trim()


def test_headings_in_both_languages_find_their_fields() -> None:
    chinese = suggest_mapping(HEADINGS.split(","))
    assert len(chinese) == 13 and chinese[UnitField.VIN] == 0 and chinese[UnitField.TRIM] == 4
    english = suggest_mapping(
        ["Stock No.", "VIN", "Model", "Trim", "Color", "Cost (CNY)", "List price", "Mileage (km)"]
    )
    assert english == {
        UnitField.STOCK_NUMBER: 0, UnitField.VIN: 1, UnitField.SERIES: 2, UnitField.TRIM: 3,
        UnitField.EXTERIOR_COLOUR: 4, UnitField.COST: 5, UnitField.LIST_PRICE: 6, UnitField.ODOMETER: 7,
    }  # fmt: skip
    assert suggest_mapping(["foo", ""]) == {}


@pytest.mark.parametrize(
    ("heading", "text", "yuan"),
    [("指导价(万元)", "26.5", 265_000), ("售价（万）", "11.29万", 112_900), ("List price (CNY 10k)", "18.98", 189_800),
     ("指导价", "265000", 265_000), ("指导价(元)", "26.5万", 265_000)],
)  # fmt: skip
def test_amounts_in_ten_thousands(heading: str, text: str, yuan: int) -> None:
    assert amount_reader(heading)(text) == yuan


def test_good_rows_become_units(dispatcher: Dispatcher, manager: Actor) -> None:
    report = checked(dispatcher, manager, "\n".join([HEADINGS, line(1), line(2, state="在途", arrived="")]))
    assert (report.total, len(report.prepared), report.problems) == (2, 2, ())
    result = dispatcher.execute(ImportUnits(prepared=report), manager).value
    assert len(result.unit_ids) == 2
    row = dispatcher.read(find_unit_by_vin, manager, vin_number(1))
    assert row is not None
    assert (row.cost, row.list_price, row.floor_price) == (
        Decimal("128000.00"),
        Decimal("150000.00"),
        Decimal("139000.00"),
    )
    assert (row.arrived_on, row.location, row.make.en) == (date(2026, 11, 2), "A-01", "Volkswagen")
    assert dispatcher.read(find_unit_by_vin, manager, vin_number(2)).stock is StockState.IN_TRANSIT
    assert row.stock_number == "SH01-D01-ST-000001"


def test_every_wrong_cell_is_told_with_line_column_value_and_what_to_do(
    dispatcher: Dispatcher, manager: Actor, records: Records, trim: Trim
) -> None:
    records.unit(trim, vin=vin_number(50), stock_number="OLD-1")
    right = vin_number(9)
    wrong_digit = right[:8] + ("1" if right[8] != "1" else "2") + right[9:]
    text = "\n".join(
        [
            HEADINGS,
            line(1),
            line(2, vin="LSVAA418OTA000002"),
            line(3, vin="LSV"),
            line(4, cost="abc", floor="160000", colour=""),
            line(5, trim="2.0T 旗舰版"),
            line(6, arrived="2026-13-40", km="far", state="?"),
            line(1),
            line(50),
            line(9, vin=wrong_digit),
            line(10, floor="160000"),
            "",
            line(11, arrived="46348"),
        ]
    )
    report = checked(dispatcher, manager, text)
    found = {(problem.line, problem.column, problem.code) for problem in report.problems}
    assert found == {
        (3, "车架号", "vin_characters_wrong"),
        (4, "车架号", "vin_length_wrong"),
        (5, "外观颜色", "value_required"),
        (5, "进价", "amount_unreadable"),
        (6, "车型", "trim_not_in_catalogue"),
        (7, "入库日期", "date_unreadable"),
        (7, "里程", "number_unreadable"),
        (7, "状态", "stock_state_unknown"),
        (8, "车架号", "vin_twice_in_file"),
        (9, "车架号", "vin_already_in_stock"),
        (10, "车架号", "vin_check_digit_wrong"),
        (11, "底价", "floor_above_list"),
    }
    assert (report.total, report.refused, report.warned) == (11, 8, 1)
    assert {unit.line for unit in report.prepared} == {2, 10, 13}
    assert report.prepared[-1].arrived_on == date(2026, 11, 22)
    warning = next(problem for problem in report.problems if problem.severity is Severity.WARNING)
    assert warning.value == wrong_digit and right[8] in warning.text
    set_language(CHINESE)
    assert all(problem.text for problem in report.problems)


def test_rows_with_errors_block_the_import_unless_left_out(dispatcher: Dispatcher, manager: Actor) -> None:
    report = checked(dispatcher, manager, "\n".join([HEADINGS, line(1), line(2, cost="?")]))
    with pytest.raises(ImportHasErrors) as caught:
        dispatcher.execute(ImportUnits(prepared=report), manager)
    assert caught.value.problems == report.problems
    assert in_stock(dispatcher, manager) == 0
    result = dispatcher.execute(ImportUnits(prepared=report, skip_bad_rows=True), manager).value
    assert (len(result.unit_ids), result.left_out) == (1, 1)


def test_a_file_without_one_good_row_is_refused(dispatcher: Dispatcher, manager: Actor) -> None:
    report = checked(dispatcher, manager, "\n".join([HEADINGS, line(2, cost="?")]))
    with pytest.raises(NothingToImport):
        dispatcher.execute(ImportUnits(prepared=report, skip_bad_rows=True), manager)


def test_a_vin_that_came_into_stock_meanwhile_stops_everything(
    dispatcher: Dispatcher, manager: Actor, records: Records
) -> None:
    report = checked(dispatcher, manager, "\n".join([HEADINGS, line(1), line(2)]))
    records.unit(vin=vin_number(2))
    with pytest.raises(ImportHasErrors) as caught:
        dispatcher.execute(ImportUnits(prepared=report), manager)
    assert [problem.code for problem in caught.value.problems] == ["vin_already_in_stock"]
    assert in_stock(dispatcher, manager) == 1


def test_needed_columns_are_named(dispatcher: Dispatcher, manager: Actor) -> None:
    table = read_text("VIN,Colour\nx,y")
    with pytest.raises(ColumnNotMapped) as caught:
        dispatcher.read(check_units, manager, table=table, mapping=suggest_mapping(table.headers))
    assert "List price" in caught.value.message()


def test_salespeople_do_not_import(dispatcher: Dispatcher, salesperson: Actor) -> None:
    with pytest.raises(PermissionDenied):
        checked(dispatcher, salesperson, "\n".join([HEADINGS, line(1)]))


def test_models_are_found_however_they_are_written(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    other = records.make(name_zh="上汽大众", name_en="SAIC VW")
    records.trim(records.model_year(records.series(other)), name_zh="1.5L 自动舒适版")
    written = ["大众朗逸 2026款 1.5L自动舒适版", "Volkswagen Lavida 2026 1.5l automatic comfort", "1.5L 自动舒适版"]
    rows = [f"{vin_number(n)},{name},白,1,1" for n, name in enumerate(written)]
    report = checked(dispatcher, manager, "\n".join(["VIN,车型,颜色,进价,售价", *rows]))
    assert [unit.line for unit in report.prepared] == [2, 3]
    (problem,) = report.problems
    assert problem.code == "trim_not_clear" and "上汽大众" in problem.text


def test_cancelling_leaves_nothing(dispatcher: Dispatcher, manager: Actor) -> None:
    report = checked(dispatcher, manager, "\n".join([HEADINGS, *(line(n) for n in range(600))]))

    class Cancelled(Exception):
        pass

    def progress(message: str, fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        dispatcher.execute(ImportUnits(prepared=report, progress=progress), manager)
    assert in_stock(dispatcher, manager) == 0
    with dispatcher.database.read() as session:
        kinds = session.connection().exec_driver_sql("SELECT count(*) FROM search_entry WHERE kind = 'vehicle'")
        assert kinds.scalar() == 0


KILLED = """
import sys, pathlib
sys.path.insert(0, {root!r})
from tests.app.inventory.test_import_units import HEADINGS, line, checked
from tests.factories.people import actor_of, staff_of
from app.custody.commands import AddPlace
from app.inventory.commands import ImportUnits, JoinQueue
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from db.engine import Database
actor = actor_of(staff_of(Role.BRANCH_MANAGER))
dispatcher = Dispatcher(Database(pathlib.Path({path!r}), bytes(range(32))))
report = checked(dispatcher, actor, "\\n".join([HEADINGS, *(line(n) for n in range(700))]))
def progress(message, fraction):
    if fraction >= {at}:
        print("there", flush=True)
        sys.stdin.read()
dispatcher.execute(ImportUnits(prepared=report, progress=progress), actor)
print("done", flush=True)
"""


@pytest.mark.parametrize("at", [0.3, 0.9])
def test_killed_in_the_middle_nothing_is_half_imported(dispatcher: Dispatcher, manager: Actor, at: float) -> None:
    script = KILLED.format(root=str(ROOT), path=str(dispatcher.database.path), at=at)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"there"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    dispatcher.database.check_integrity()
    assert in_stock(dispatcher, manager) == 0
    with dispatcher.database.read() as session:
        pending = session.connection().exec_driver_sql(
            "SELECT count(*) FROM outbox_operation WHERE table_name = 'vehicle_unit'"
        )
        assert pending.scalar() == 0


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)", "\t=x", " =x", "＝1", "\r=1", "　@x"])
def test_no_cell_of_a_report_is_a_formula(text: str, tmp_path: Path) -> None:
    problem = RowProblem(line=2, column=text, value=text, code="x", note=note("This is not possible."))
    assert harmless(text) == f"'{text}"
    for name in ("report.csv", "report.xlsx"):
        save_report([problem], tmp_path / name)
    content = (tmp_path / "report.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    cells = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1]
    assert cells[1].startswith("'") and cells[2].startswith("'")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row)
    assert str(sheet.cell(2, 3).value).startswith("'")


def test_ordinary_cells_stay_as_they_are() -> None:
    assert [harmless(text) for text in ("", "LSV123", "12-3", "珍珠白")] == ["", "LSV123", "12-3", "珍珠白"]


def test_a_table_without_headings_can_be_mapped_by_hand(dispatcher: Dispatcher, manager: Actor) -> None:
    table: SourceTable = read_text(f"{vin_number(1)};大众 朗逸 2026 1.5L 自动舒适版;白;100000;120000")
    assert (table.has_header, table.headers, table.delimiter) == (False, ("A", "B", "C", "D", "E"), ";")
    mapping = {
        UnitField.VIN: 0, UnitField.TRIM: 1, UnitField.EXTERIOR_COLOUR: 2, UnitField.COST: 3, UnitField.LIST_PRICE: 4,
    }  # fmt: skip
    report = dispatcher.read(check_units, manager, table=table, mapping=mapping)
    assert report.prepared[0].floor_price == Decimal("120000.00")


def test_what_comes_in_by_a_list_is_offered_to_those_who_wait(
    dispatcher: Dispatcher, manager: Actor, records: Records, trim: Trim
) -> None:
    def waits(name: str, colour: str = "") -> None:
        customer = records.customer(name=name)
        dispatcher.execute(JoinQueue(customer_id=customer.id, trim_id=trim.id, exterior_colour=colour), manager)

    waits("甲", "墨玉黑")
    waits("乙")
    waits("丙", "墨玉黑")
    rows = [line(1), line(2), line(3, colour="墨玉黑", state="在途", arrived=""), line(4, colour="墨玉黑")]
    report = checked(dispatcher, manager, "\n".join([HEADINGS, *rows]))
    ids = dispatcher.execute(ImportUnits(prepared=report), manager).value.unit_ids
    holds = [dispatcher.read(get_unit, manager, unit_id).hold for unit_id in ids]
    assert [hold and hold.customer_name for hold in holds] == ["乙", None, "甲", "丙"]
    tasks = dispatcher.read(list_tasks, manager, kind="offer_wanted", state=None)
    assert {task.record_id for task in tasks} == {ids[0], ids[2], ids[3]}


def test_a_place_is_kept_as_the_register_writes_it(dispatcher: Dispatcher, manager: Actor) -> None:
    dispatcher.execute(AddPlace(code="N", name_zh="北场", name_en="North yard", kind=PlaceKind.YARD), manager)
    text = "\n".join([HEADINGS, line(1, place="北场-3"), line(2, place="北场 3"), line(3, place="")])
    ids = dispatcher.execute(ImportUnits(prepared=checked(dispatcher, manager, text)), manager).value.unit_ids
    places = [dispatcher.read(get_unit, manager, unit_id).row.location for unit_id in ids]
    assert places == ["N-3", "北场 3", ""]
