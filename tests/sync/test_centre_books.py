"""The centre's own books, without any desk: what does not agree is named by branch; on both databases."""

import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.month_close.order_books import BookFault
from db.models.orders import SalesOrderLine
from sync.server.books import reconcile_books
from sync.server.command_line import main
from tests.app.documents.reading import text_of
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.sales_at_desks import pay, sell, sign


def faults(group: Group, branch: str = "") -> dict[str, list[BookFault]]:
    found = reconcile_books(group.store, group.tenant, now=2_000_000_000_000_000, branch_code=branch)
    return {one.code: sorted(fault.kind for fault in one.faults) for one in found}


def sold(group: Group) -> tuple[Desk, str, str]:
    desk = group.desk("D01")
    records = desk.records
    trim = records.trim()
    unit = records.unit(trim)
    records.unit(trim)
    order = sell(desk, unit.id)
    pay(desk, order, "20000.00")
    desk.sync()
    return desk, order, unit.vin


def change(group: Group, statement: str, *values: object) -> None:
    group.spoil()
    with group.store.write() as connection:
        group.store.run(connection, statement, (*values, group.tenant))


def test_each_branch_is_judged_by_itself(group: Group) -> None:
    desk, order, vin = sold(group)
    assert faults(group) == {"HZ01": [], "SH01": []}
    pay(desk, order, "900000.00")
    sign(desk, "d" * 32)
    line = desk.rows("SELECT id FROM sales_order_line LIMIT 1")[0][0]
    desk.delete(SalesOrderLine, line)
    desk.sync()
    change(group, "UPDATE vehicle_claim SET holder_id = ? WHERE vin = ? AND tenant_id = ?", "9" * 32, vin)
    change(group, "UPDATE vehicle_owner SET scope = ? WHERE vin = ? AND tenant_id = ?", HANGZHOU.id, vin)
    assert faults(group)["SH01"] == sorted(
        [
            BookFault.OVERPAID, BookFault.CONTRACT_ORPHAN, BookFault.TOTALS, BookFault.CLAIM_OTHER,
            BookFault.ORDER_LOST, BookFault.OWNER_OTHER,
        ]
    )  # fmt: skip
    assert faults(group, "HZ01") == {"HZ01": []}
    with pytest.raises(ValueError, match="known: HZ01, SH01"):
        faults(group, "XX99")


def test_the_command_writes_what_it_found_and_says_it_by_its_status(
    small_group: Group, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, order, _ = sold(small_group)
    asked = ["reconcile", "--tenant", small_group.tenant, "--data", str(small_group.service.data)]
    assert main(asked) == 0 and "SH01  1 orders, 2 vehicles, 1 payments  0 differ" in capsys.readouterr().out
    pay(desk, order, "900000.00", reference="=cmd|'/c calc'!A1")
    desk.sync()
    files = [tmp_path / f"books.{ending}" for ending in ("xlsx", "pdf", "json")]
    given = [part for path in files for part in (f"--{path.suffix[1:]}", str(path))]
    assert main([*asked, "--branch", "SH01", "--language", "zh_CN", *given]) == 1
    assert "多收款" in capsys.readouterr().out
    book = load_workbook(io.BytesIO(files[0].read_bytes()))
    rows = list(book["差异"].iter_rows(values_only=True))
    assert rows[1][:2] == ("SH01", "多收款") and "¥920,000.00" in rows[1][4]
    text = text_of(files[1].read_bytes())
    assert "SH01" in text and "多收款" in text and "SH01-D01" in text
    told = json.loads(files[2].read_text(encoding="utf-8"))
    assert told["total"] == 1 and told["lines"][0]["why"] == "overpaid" and told["desks"][0][0] == "SH01-D01"
    assert SHANGHAI.code in told["branches"][0]["code"]
