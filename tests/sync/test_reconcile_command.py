"""`python -m app reconcile` on a real profile against a real service: its status, its files, its key."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.__main__ import main
from app.kernel.months import Month
from app.runtime.language import set_language
from app.runtime.paths import Profile, open_profile
from app.wiring.desk import Desk
from app.wiring.ports import FirstRunDoor, StartDoor
from sync.client.enrolment import enrol_desk
from tests.app.documents.reading import text_of
from tests.factories.people import SHANGHAI
from tests.sync.conftest import Group
from ui.shell.ports import NewBranch

PASSPHRASE = "a long enough passphrase"


@pytest.fixture
def profile(small_group: Group, tmp_path: Path) -> Profile:
    """A desk that was set up, enrolled and closed again; its key is under a passphrase only."""
    made = open_profile(tmp_path / "desk").prepare()
    desk = Desk(made)
    door = FirstRunDoor(desk)
    door.create_database(passphrase=PASSPHRASE, progress=lambda message, fraction: None)
    door.fill_empty(
        NewBranch(code=SHANGHAI.code, name_zh="上海", name_en="Shanghai", login="admin", administrator="周涛",
                  password="correct horse battery", desk_code="D01"),
        lambda message, fraction: None,
    )  # fmt: skip
    enrol_desk(desk.database, made, desk.key, address=small_group.service.url, code=small_group.code("D01"))
    desk.close()
    return made


def told(profile: Profile, *arguments: str) -> int:
    return main(["reconcile", "--profile", str(profile.root), *arguments])


def test_it_says_by_its_status_whether_both_sides_agree(
    profile: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n")
    secret.chmod(0o644)
    assert told(profile, "--passphrase-file", str(secret)) == 2
    assert "Others can read" in capsys.readouterr().err
    secret.chmod(0o600)
    files = {ending: tmp_path / f"report.{ending}" for ending in ("json", "xlsx", "pdf")}
    given = [part for ending, path in files.items() for part in (f"--{ending}", str(path))]
    assert told(profile, "--passphrase-file", str(secret), *given) == 0, capsys.readouterr()
    assert "SH01: 0 vehicles, 0 orders, 0 payments looked at, 0 differences" in capsys.readouterr().out
    assert json.loads(files["json"].read_text("utf-8"))["branches"][0]["code"] == "SH01"
    assert load_workbook(files["xlsx"]).sheetnames[0] == "Summary" and "SH01-D01" in text_of(files["pdf"].read_bytes())
    assert told(profile, "--all", "--passphrase-file", str(secret)) == 0
    assert told(profile, "--branch", "XX99", "--passphrase-file", str(secret)) == 2
    assert "It reads: SH01" in capsys.readouterr().err
    desk = Desk(profile)
    StartDoor(desk).open_database(passphrase=PASSPHRASE)
    month = str(Month.of(desk.clock.now()).plus(-1))
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE branch SET ver = ver")
        connection.exec_driver_sql(
            "INSERT INTO payment (id, scope, branch_id, number, order_id, customer_id, kind, method, amount, currency,"
            " state, received_at, received_by_staff_id, reference, reason, note, ver, revision, created_at, updated_at,"
            " field_clock) SELECT ?, branch_id, branch_id, 'RC-1', ?, ?, 'balance', 'cash', 100, 'CNY', 'CONFIRMED', 1,"
            " '', '', '', '', 3, 1, 1, 1, '{}' FROM desk_state",
            ("a" * 32, "b" * 32, "c" * 32),
        )
    desk.close()
    assert told(profile, "--month", month, "--passphrase-file", str(secret), "--json", str(files["json"])) == 1
    report = json.loads(files["json"].read_text("utf-8"))
    assert {line["why"] for line in report["lines"]} == {"unknown_there", "payment_orphan"}
    assert report["month"] == month and any("differences" in state for _check, state in report["matters"])


def test_with_nobody_to_ask_and_no_key_it_says_so(
    profile: Profile, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert told(profile) == 2
    assert "nobody to ask" in capsys.readouterr().err
    assert told(profile, "--passphrase-file", str(tmp_path / "missing")) == 2
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase")
    wrong.chmod(0o600)
    assert told(profile, "--passphrase-file", str(wrong)) == 2
    set_language("en")
