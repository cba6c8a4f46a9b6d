"""Finding records by what people type, on the encrypted database."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.capture import Author
from db.engine import Database
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.search import (
    KINDS,
    SOURCES,
    find_entries,
    find_rowids,
    index_new_records,
    match_plans,
    match_sql,
    merge_some,
    name_terms,
)
from tests.factories.documents import make_contract, make_order, make_quotation
from tests.factories.records import Records


@pytest.fixture
def find(database: Database) -> Callable[..., list[str]]:
    """Titles found for a text: `find("customer", "王小")`."""

    def found(kind: str, text: str, **more: Any) -> list[str]:
        with database.read() as session:
            return [hit.title for hit in find_entries(session.connection(), kind=kind, text=text, **more)]

    return found


@pytest.fixture
def people(records: Records) -> None:
    """Three people and a company."""
    records.customer(name="王小明", name_initials="wxm", name_pinyin="wang xiao ming", phone="13812345678")
    records.customer(name="王小丽", name_initials="wxl", name_pinyin="wang xiao li", phone="13987654321")
    records.customer(
        name="单雄信", name_initials="sxx", name_pinyin="shan xiong xin", identity_number="440106198202020555"
    )
    records.customer(
        kind="company", name="上海远途科技有限公司", name_initials="shytkjyxgs", contact_name="Anna Müller",
        name_pinyin="shang hai yuan tu ke ji you xian gong si", phone="021-65551234",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王", {"王小明", "王小丽"}),
        ("小明", {"王小明"}),
        ("王小", {"王小明", "王小丽"}),
        ("王小明", {"王小明"}),
        ("远途科技", {"上海远途科技有限公司"}),
        ("公司", {"上海远途科技有限公司"}),
        ("wx", {"王小明", "王小丽"}),
        ("WXM", {"王小明"}),
        ("ｗｘｍ", {"王小明"}),
        ("wangxiao", {"王小明", "王小丽"}),
        ("xiao ming", {"王小明"}),
        ("shan", {"单雄信", "上海远途科技有限公司"}),
        ("anna", {"上海远途科技有限公司"}),
        ("müller", {"上海远途科技有限公司"}),
        ("muller", {"上海远途科技有限公司"}),
        ("5678", {"王小明"}),
        ("138", {"王小明"}),
        ("1381234 5678", {"王小明"}),
        ("65551234", {"上海远途科技有限公司"}),
        ("021-6555", {"上海远途科技有限公司"}),
        ("0202055", {"单雄信"}),
        ("王小 5678", {"王小明"}),
        ("4321 wxl", {"王小丽"}),
        ("王小明 9876", set()),
        ("明小", set()),
        ("67", set()),
        ("", set()),
        ("  ·—", set()),
        ("\U0001f697", set()),
        ("𠮷", set()),
    ],
)
def test_customers_are_found_as_people_type(
    find: Callable[..., list[str]], people: None, text: str, expected: set[str]
) -> None:
    assert set(find("customer", text)) == expected


@pytest.mark.parametrize(
    "text",
    ['"', "'", "*", "^wx", "wx*", "AND", "NOT wx", "wx OR x", "NEAR(wx 2)", "terms:wx", "-wx", "(", ")", "{", "\\", "%",
     "_", "\x00", "wx\x00m", "x" * 100_000, "王" * 10_000, " ".join("abcdefgh"), "\ud800",
     "a\U0001e900b", "\u0e01\u0e31\u0e19", "\U00031350x"],
)  # fmt: skip
def test_no_text_breaks_the_search(find: Callable[..., list[str]], people: None, text: str) -> None:
    for kind in KINDS:
        assert isinstance(find(kind, text), list)


def test_a_list_shows_no_whole_phone_number(database: Database, people: None) -> None:
    with database.read() as session:
        entries = session.connection().exec_driver_sql("SELECT title || ' ' || subtitle FROM search_entry").scalars()
        shown = " ".join(entries)
    assert "138****5678" in shown
    assert "13812345678" not in shown


def test_a_changed_record_is_found_by_what_it_is_now(
    database: Database, find: Callable[..., list[str]], records: Records
) -> None:
    customer = records.customer(name="王小明", name_initials="wxm", phone="13812345678")
    change(database, records, customer.id, name="李大雷", name_initials="ldl", phone="13900001111")
    assert find("customer", "王小明") == find("customer", "wxm") == find("customer", "5678") == []
    assert find("customer", "李大") == find("customer", "1111") == ["李大雷"]
    change(database, records, customer.id, note="不进索引")
    assert find("customer", "李大") == ["李大雷"]


def test_a_removed_record_is_found_no_more_and_again_when_it_comes_back(
    database: Database, find: Callable[..., list[str]], records: Records
) -> None:
    customer = records.customer(name="王小明", phone="13812345678")
    change(database, records, customer.id, deleted_at=records.clock.now())
    assert find("customer", "王小") == find("customer", "5678") == []
    change(database, records, customer.id, deleted_at=None)
    assert find("customer", "王小") == find("customer", "5678") == ["王小明"]


def change(database: Database, records: Records, record_id: str, **values: Any) -> None:
    author = Author(records.actor.staff_id, records.actor.branch_id, records.actor.desk_code)
    with database.transaction(now=records.clock.now() + timedelta(minutes=1), author=author) as transaction:
        row = transaction.session.get_one(Customer, record_id)
        for name, value in values.items():
            setattr(row, name, value)
        transaction.commit(name="Test")


@pytest.fixture
def stock(records: Records) -> list[str]:
    """Thirty units of two trims; their VINs."""
    lavida = records.trim()
    tesla = records.make(name_zh="特斯拉", name_en="Tesla", name_initials="tsl")
    series = records.series(tesla, name_zh="Model 3", name_en="Model 3", name_initials="m3")
    model = records.trim(records.model_year(series), name_zh="后轮驱动版", name_en="Rear-Wheel Drive")
    vins = [records.unit(lavida).vin for _ in range(20)]
    return vins + [records.unit(model, exterior_colour="红色 / Red").vin for _ in range(10)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(data=st.data())
def test_every_piece_of_a_vin_finds_it(database: Database, stock: list[str], data: st.DataObject) -> None:
    vin = data.draw(st.sampled_from(stock))
    start = data.draw(st.integers(0, 14))
    piece = vin[start : data.draw(st.integers(start + 3, 17))]
    typed = data.draw(st.sampled_from([piece, piece.lower(), f" {piece} "]))
    expected = {other for other in stock if piece in other}
    with database.read() as session:
        hits = find_entries(session.connection(), kind="vehicle", text=typed, limit=100)
        ids = {hit.record_id for hit in hits}
        rows = session.connection().exec_driver_sql("SELECT id, vin FROM vehicle_unit").all()
    found = {row.vin for row in rows if row.id in ids}
    assert expected <= found
    names = ("lavida", "volkswagen", "model", "tesla", "2026", "drive", "rear", "wheel")
    if not any(name.startswith(piece.lower()) for name in names):
        assert found == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [("特斯拉", 10), ("tsl", 10), ("model 3", 10), ("朗逸", 20), ("lav", 20), ("红色", 10), ("red", 10), ("红 lav", 0),
     ("S0000", 30), ("后轮 tesla", 10), ("2026", 30)],
)  # fmt: skip
def test_units_are_found_by_what_they_are(
    find: Callable[..., list[str]], stock: list[str], text: str, count: int
) -> None:
    assert len(find("vehicle", text, limit=50)) == count


def test_documents_are_found_by_number_and_customer(find: Callable[..., list[str]], records: Records) -> None:
    customer = records.customer(name="王小明", name_initials="wxm")
    order = make_order(records, customer, number="SH01-D01-SO-000017")
    make_contract(records, order, number="SH01-D01-CT-000018")
    make_quotation(records, customer, number="SH01-D01-QU-000019")
    for kind, piece, number in (
        ("order", "00017", "SH01-D01-SO-000017"),
        ("contract", "CT-000018", "SH01-D01-CT-000018"),
        ("quotation", "d01-qu", "SH01-D01-QU-000019"),
    ):
        assert find(kind, piece) == find(kind, "wxm") == find(kind, "小明") == [number]


def test_the_newest_come_first_in_pages(database: Database, stock: list[str]) -> None:
    with database.read() as session:
        connection = session.connection()
        for text in ("lav", "LSV", "朗逸 LSV"):
            everything = find_rowids(connection, kind="vehicle", text=text, limit=100)
            assert everything == sorted(everything, reverse=True)
            assert len(everything) == (30 if text == "LSV" else 20)
            pages: list[int] = []
            before = None
            while len(pages) < 99 and (
                page := find_rowids(connection, kind="vehicle", text=text, limit=7, before=before)
            ):
                pages += page
                before = page[-1]
            assert pages == everything


def test_many_ways_of_paging_agree_with_all_at_once(database: Database, stock: list[str]) -> None:
    choose = random.Random(20261122)
    texts = ["lav", "LSV", "红", "tesla LSV", "AA4180", "000", "model 00", "2026 LSV"]
    with database.read() as session:
        connection = session.connection()
        for _ in range(60):
            text, limit = choose.choice(texts), choose.randint(1, 40)
            everything = find_rowids(connection, kind="vehicle", text=text, limit=1000)
            before = choose.choice([None, *everything]) if everything else None
            expected = [n for n in everything if before is None or n < before][:limit]
            assert find_rowids(connection, kind="vehicle", text=text, limit=limit, before=before) == expected


def test_all_rowids_of_a_plan_are_those_found(database: Database, stock: list[str]) -> None:
    with database.read() as session:
        connection = session.connection()
        for text in ("lav", "tesla LSV", "LSV"):
            found: set[int] = set()
            for plan in match_plans(text):
                sql, values = match_sql("vehicle", plan)
                found |= set(connection.exec_driver_sql(sql, tuple(values)).scalars())
            assert found == set(find_rowids(connection, kind="vehicle", text=text, limit=1000))


def test_merging_leaves_one_piece_that_finds_the_same(database: Database, stock: list[str]) -> None:
    def pieces(connection: Any) -> int:
        return int(connection.exec_driver_sql("SELECT count(DISTINCT segid) FROM search_vehicle_name_idx").scalar_one())

    texts = ("lav", "LSV", "红", "tesla LSV")
    with database.exclusive() as connection:
        assert pieces(connection) > 1
        before = [find_rowids(connection, kind="vehicle", text=text, limit=50) for text in texts]
        more = merge_some(connection, begin=True)
        while more:
            more = merge_some(connection)
        assert pieces(connection) == 1
        assert [find_rowids(connection, kind="vehicle", text=text, limit=50) for text in texts] == before


def test_an_unknown_kind_is_a_bug(database: Database) -> None:
    with database.read() as session:
        for call in (
            lambda: find_rowids(session.connection(), kind="dragon; DROP TABLE", text="x", limit=1),
            lambda: match_sql("dragon", ("x", None)),
        ):
            with pytest.raises(ValueError, match="unknown kind"):
                call()


def test_loading_in_bulk_indexes_as_single_writes_do(
    database: Database, make_database: Callable[..., Database], stock: list[str]
) -> None:
    with database.read() as session:
        connection = session.connection()
        units = [dict(row) for row in connection.exec_driver_sql("SELECT * FROM vehicle_unit ORDER BY id").mappings()]
        single = connection.exec_driver_sql("SELECT title, subtitle FROM search_entry ORDER BY id").all()
    with database.exclusive() as connection:
        for kind in ("name", "code"):
            connection.exec_driver_sql(f"DELETE FROM search_vehicle_{kind}")
        connection.exec_driver_sql("DELETE FROM search_entry")
        index_new_records(connection, table="vehicle_unit", rows=units, first_id=1)
        index_new_records(connection, table="vehicle_unit", rows=[], first_id=99)
        index_new_records(connection, table="task", rows=[{"id": "x"}], first_id=99)
        assert connection.exec_driver_sql("SELECT title, subtitle FROM search_entry ORDER BY id").all() == single
        assert len(find_rowids(connection, kind="vehicle", text="lav", limit=99)) == 20


@pytest.mark.parametrize(("table", "source"), SOURCES.items())
def test_what_is_indexed_are_columns(table: str, source: Any) -> None:
    from db.base import replicated_models

    assert source.fields <= {column.name for column in replicated_models()[table].__table__.columns}


def test_terms_are_characters_pairs_and_words() -> None:
    assert name_terms("王小明 Anna2") == "王 小 明 王小 小明 anna2"
    assert name_terms("") == ""
    assert name_terms("Škoda CITROËN ＡＢ") == "skoda citroen ab"
    assert VehicleUnit.__tablename__ in SOURCES


@given(st.text(max_size=200))
def test_any_text_gives_plans_that_can_be_asked(text: str) -> None:
    for name, code in match_plans(text):
        assert name or code
