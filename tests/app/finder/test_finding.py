"""Finding on the real database: names as people type them, what is free where, and keeping the columns right."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from app.catalog.commands import ChangeMake, ChangeTrim
from app.catalog.energies import Energy
from app.finder import keeping
from app.finder.commands import KeepColumns, RemoveSearch, SaveSearch
from app.finder.errors import SearchNameTaken
from app.finder.queries import (
    Found,
    columns_to_keep,
    find_trims,
    get_hit,
    list_saved_searches,
    prepare_columns,
)
from app.finder.rules import (
    PRICE,
    Importance,
    Judgement,
    Question,
    Restriction,
    StockWish,
    question_as_json,
    question_from_json,
)
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ValueRequired
from app.kernel.permissions import Actor, Role
from db.engine import Database
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.finder import FinderColumns
from tests.factories.people import HANGZHOU
from tests.factories.records import Records

MODELS = (
    ("比亚迪", "BYD", "byd", "汉", "Han", "h", "EV 605KM 尊贵型", "EV 605 km Premium", "electric", 189_800, 605),
    ("比亚迪", "BYD", "byd", "秦PLUS", "Qin PLUS", "qplus", "DM-i 120KM 超越型", "DM-i 120 km", "plug_in_hybrid",
     103_800, 120),
    ("大众", "Volkswagen", "dz", "途观", "Tiguan", "tg", "330TSI 四驱", "330TSI 4MOTION", "petrol", 230_000, None),
    ("红旗", "Hongqi", "hq", "H5", "H5", "h5", "1.5T 智联", "1.5T Smart", "petrol", 160_000, None),
    ("理想", "Li Auto", "lx", "L9", "L9", "l9", "Ultra", "Ultra", "range_extended", 439_800, 280),
    ("路虎", "Land Rover", "lh", "揽胜", "Range Rover", "ls", "3.0", "3.0", "petrol", 1_500_000, None),
)  # fmt: skip


@pytest.fixture
def catalogue(records: Records) -> dict[str, Trim]:
    """Six trims of five makes, by the English name of their series."""
    makes: dict[str, Make] = {}
    trims: dict[str, Trim] = {}
    for make_zh, make_en, initials, zh, en, short, trim_zh, trim_en, energy, price, km in MODELS:
        make = makes.get(make_en) or records.make(name_zh=make_zh, name_en=make_en, name_initials=initials)
        makes[make_en] = make
        series = records.series(make, name_zh=zh, name_en=en, name_initials=short, body="suv" if en == "Tiguan" else "")
        trims[en] = records.trim(
            records.model_year(series), name_zh=trim_zh, name_en=trim_en, energy=energy,
            guide_price=Decimal(price), seats=6 if en == "L9" else 5,
            parameters={"electric_range": km, "drive": "all"} if km else {"consumption_combined": 7.5},
        )  # fmt: skip
    return trims


@pytest.fixture
def find(dispatcher: Dispatcher, actor: Actor, catalogue: dict[str, Trim]) -> Any:
    """Asks: `find("汉")`, or `find(Question(…))`; gives the answer."""

    def found(question: Question | str, **more: Any) -> Found:
        asked = Question(text=question) if isinstance(question, str) else question
        return dispatcher.read(find_trims, actor, asked, **more)

    return found


def names(found: Found) -> set[str]:
    return {hit.series.en for hit in found.hits}


NAMED = (
    ("汉", {"Han"}), ("比亚迪汉", {"Han"}), ("比亚迪 汉", {"Han"}), ("汉尊贵", {"Han"}),
    ("han", {"Han"}), ("bydh", {"Han"}),
    ("byd", {"Han", "Qin PLUS"}), ("biyadi", {"Han", "Qin PLUS"}), ("zungui", {"Han"}), ("605", {"Han"}),
    ("hq h5", {"H5"}), ("hongqi", {"H5"}), ("hongq", {"H5"}), ("途观", {"Tiguan"}), ("tg", {"Tiguan"}),
    ("大众 2026款 途观", {"Tiguan"}), ("理想L9", {"L9"}), ("Range Rover", {"Range Rover"}), ("揽胜", {"Range Rover"}),
    ("tigaun", {"Tiguan"}), ("volkswagn", {"Tiguan"}), ("vollkswagen", {"Tiguan"}), ("honqi", {"H5"}),
    ("图观", {"Tiguan"}), ("比亚笛", {"Han", "Qin PLUS"}), ("立想", {"L9"}), ("hongchi", {"H5"}),
    ("xyzzy", set()), ("l8", set()),
    ("hanev", {"Han"}), ("bydhan", {"Han"}), ("dmi", {"Qin PLUS"}), ("qplusdmi", {"Qin PLUS"}), ("lixiangl9", {"L9"}),
    ("bydl9", set()), ("焊", {"Han"}), ("焊ev", {"Han"}), ("hanx", {"Han"}),
)  # fmt: skip


def test_names_are_found_as_people_type_them(find: Any) -> None:
    assert {typed: names(find(typed)) for typed, _ in NAMED} == dict(NAMED)


def test_what_was_taken_for_a_slip_is_said(find: Any) -> None:
    for typed, meant in (("tigaun", "tiguan"), ("图观", "tuguan"), ("honqi", "hongqi")):
        (correction,) = find(typed).corrections
        assert correction.typed == typed
        assert meant in correction.taken
    (correction,) = find("图观").corrections
    assert [name.zh for name in correction.meant] == ["途观"]
    assert not find("hanev").corrections and find("xyzzy").corrections[0].meant == ()
    assert not find("tiguan").corrections


SAID = (
    ("续航600km以上", {"Han"}), ("range over 200 km", {"Han", "L9"}), ("6座", {"L9"}), ("六座", {"L9"}),
    ("under 200,000", {"Han", "Qin PLUS", "H5"}), ("<20万", {"Han", "Qin PLUS", "H5"}), ("20万左右", {"Han"}),
    ("15-20万", {"Han", "H5"}), ("byd <15万", {"Qin PLUS"}), ("四驱", {"Han", "Qin PLUS", "L9"}),
    ("AWD", {"Han", "Qin PLUS", "L9"}),
    ("纯电", {"Han"}), ("插混", {"Qin PLUS"}), ("新能源", {"Han", "Qin PLUS", "L9"}), ("suv", {"Tiguan"}),
    ("油耗8L以内", {"Tiguan", "H5", "Range Rover"}), ("range rover", {"Range Rover"}), ("续航", {r[4] for r in MODELS}),
    ("byd under", {"Han", "Qin PLUS"}), ("有现车", set()),
)  # fmt: skip


def test_values_in_the_text_restrict(find: Any) -> None:
    assert {typed: names(find(typed)) for typed, _ in SAID} == dict(SAID)


def test_every_phrase_is_handed_back_with_its_words(find: Any) -> None:
    understood = find("比亚迪 续航600km以上 <20万").understood
    assert {(one.phrase, one.restriction.code, one.restriction.low, one.restriction.high) for one in understood} == {
        ("续航600km以上", "electric_range", 600.0, None), ("<20万", PRICE, None, 200_000.0),
    }  # fmt: skip
    (waiting,) = find("续航").understood
    assert waiting.waiting_for == "electric_range"


def test_free_units_are_counted_by_where_they_are(
    find: Any, records: Records, catalogue: dict[str, Trim], dispatcher: Dispatcher, actor: Actor
) -> None:
    han = catalogue["Han"]
    for values in (
        {}, {}, {"stock_state": "IN_TRANSIT"}, {"branch_id": HANGZHOU.id}, {"allocation_state": "ALLOCATED"},
        {"quality_state": "DAMAGED"}, {"stock_state": "OUT", "allocation_state": "DELIVERED"},
        {"allocation_state": "HELD", "held_until": records.clock.now().replace(year=2027)},
    ):  # fmt: skip
        records.unit(han, **values)
    (hit,) = find("汉").hits
    assert (hit.here, hit.coming, hit.elsewhere) == (2, 1, 1)
    assert names(find(Question(stock=StockWish.HERE))) == {"Han"}
    assert names(find("有现车")) == {"Han"}
    assert find(Question()).hits[0].id == han.id, "what stands here comes first"
    records.unit(han, allocation_state="HELD", held_until=records.clock.now().replace(year=2025))
    assert find("汉").hits[0].here == 3, "a hold that has run out is free again"
    stock = dispatcher.read(get_hit, actor, Question(), han.id).stock
    assert [(row.mine, row.standing, row.coming) for row in stock] == [(True, 3, 1), (False, 1, 0)]


def test_a_hold_that_ends_frees_its_unit_without_any_write(
    find: Any, records: Records, catalogue: dict[str, Trim], clock: Any
) -> None:
    from datetime import timedelta

    records.unit(catalogue["Han"], allocation_state="HELD", held_until=clock.now() + timedelta(minutes=5))
    assert find("汉").hits[0].here == 0
    clock.advance(timedelta(minutes=6))
    assert find("汉").hits[0].here == 1


def test_a_hit_explains_its_score(find: Any) -> None:
    question = Question(
        importances=(
            Importance(code="electric_range", weight=6), Importance(code=PRICE, weight=3, wished=200_000.0),
            Importance(code="drive", weight=1, wished="all"),
        )
    )  # fmt: skip
    hits = {hit.series.en: hit for hit in find(question).hits}
    han, tiguan = hits["Han"], hits["Tiguan"]
    assert han.score == sum(part.points for part in han.parts)
    by_code = {part.code: part for part in han.parts}
    assert by_code["electric_range"].judgement is Judgement.BETTER
    assert by_code["electric_range"].better_than == pytest.approx(2 / 3)
    assert by_code[PRICE].judgement is Judgement.REACHED and by_code[PRICE].points == 30
    assert str(by_code["electric_range"].text.en) == "605 km"
    missing = {part.code: part for part in tiguan.parts}["electric_range"]
    assert missing.judgement is Judgement.MISSING and missing.text is None and missing.points in (15, 16)
    assert find(question).hits[0].id == han.id


def test_pages_continue_where_the_last_one_ended(find: Any) -> None:
    first = find(Question(), limit=4)
    second = find(Question(), after=first.next, limit=4)
    assert first.next == 4 and second.next is None
    assert len({hit.id for hit in (*first.hits, *second.hits)}) == 6
    assert first.matching == first.total == 6


def test_facets_count_what_another_value_would_leave(find: Any) -> None:
    rule = Restriction(code="@energy", values=("petrol",))
    facets = {facet.code: facet for facet in find(Question(restrictions=(rule,), facets=None)).facets}
    assert facets["@energy"].count_of("electric") == 1
    assert sum(facets["@make"].counts) == 3
    assert facets["electric_range"].missing == 3


def test_columns_follow_every_change_and_are_kept(
    find: Any, catalogue: dict[str, Trim], dispatcher: Dispatcher, actor: Actor, administrator: Actor,
    database: Database, records: Records, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    han = catalogue["Han"]
    assert find("汉").worth_keeping
    packed = dispatcher.read(columns_to_keep, actor)
    dispatcher.execute(KeepColumns(path=packed.path, body=packed.body), actor)
    assert not find("汉").worth_keeping
    with database.read() as session:
        assert session.execute(select(func.count()).select_from(FinderColumns)).scalar_one() == 1
    keeping.forget_columns()
    read: list[int] = []
    piece = keeping._piece
    monkeypatch.setattr(keeping, "_piece", lambda reader, ids: read.append(len(ids)) or piece(reader, ids))
    assert names(find("汉")) == {"Han"}
    assert read == [], "nothing has changed, so no trim is read"
    dispatcher.execute(
        ChangeTrim(
            trim_id=han.id, expected_revision=1, name_zh=han.name_zh, name_en=han.name_en, energy=Energy.ELECTRIC,
            seats=5, guide_price=Decimal("175000.00"), in_tax_directory=False,
            parameters=han.parameters, reason="指导价",
        ),
        administrator,
    )  # fmt: skip
    assert find("汉").hits[0].guide_price == Decimal("175000.00")
    assert read == [1]
    with database.read() as session:
        year = session.get_one(ModelYear, catalogue["Han"].model_year_id)
        make = session.get_one(Make, session.get_one(Series, year.series_id).make_id)
    dispatcher.execute(
        ChangeMake(make_id=make.id, expected_revision=make.revision, name_zh="王朝", name_en="Dynasty", country="CN",
                   parameters={}, reason="改名"),
        administrator,
    )  # fmt: skip
    assert names(find("王朝")) == {"Han", "Qin PLUS"}
    assert read == [1, 2], "a change above reads what stands below it"
    records.trim(name_zh="新款", name_en="Brand new")
    assert len(find(Question()).hits) == 7
    assert read == [1, 2, 1]
    assert dispatcher.read(prepare_columns, actor) == 7


def test_rows_that_sync_wrote_are_seen(find: Any, database: Database, catalogue: dict[str, Trim]) -> None:
    find("汉")
    with database.exclusive() as connection:  # as `sync.client.applying` writes, past the object layer
        connection.exec_driver_sql(
            "UPDATE trim SET name_zh = ?, ver = ver + 1 WHERE id = ?", ("冠军版", catalogue["Han"].id)
        )
        connection.exec_driver_sql("UPDATE trim SET deleted_at = 1, ver = 2 WHERE id = ?", (catalogue["L9"].id,))
    assert names(find("冠军版")) == {"Han"}
    assert names(find("理想")) == set()


def test_a_search_is_kept_for_a_customer_and_opened_again(
    dispatcher: Dispatcher, actor: Actor, records: Records, manager: Actor
) -> None:
    customer = records.customer(name="张伟")
    question = Question(
        text="suv", restrictions=(Restriction(code=PRICE, high=200_000.0),),
        importances=(Importance(code="electric_range", weight=8, wished=500.0, must=True),), stock=StockWish.HERE,
    )  # fmt: skip
    stored = question_as_json(question)
    assert question_from_json(stored) == question
    search_id = dispatcher.execute(SaveSearch(name=" 张先生 ", question=stored, customer_id=customer.id), actor).value
    (row,) = dispatcher.read(list_saved_searches, manager, customer_id=customer.id)
    assert (row.name, row.customer_name, row.mine, row.question) == ("张先生", "张伟", False, question)
    with pytest.raises(SearchNameTaken):
        dispatcher.execute(SaveSearch(name="张先生", question=stored, customer_id=customer.id), actor)
    with pytest.raises(ValueRequired):
        dispatcher.execute(SaveSearch(name="  ", question=stored), actor)
    changed = dispatcher.execute(
        SaveSearch(name="张先生", question={}, customer_id=customer.id, search_id=search_id, expected_revision=1), actor
    )
    assert changed.undo is not None
    dispatcher.execute(changed.undo, actor)
    (row,) = dispatcher.read(list_saved_searches, actor)
    assert row.question == question and row.mine
    removed = dispatcher.execute(RemoveSearch(search_id=search_id, expected_revision=row.revision), actor)
    assert dispatcher.read(list_saved_searches, actor) == ()
    assert removed.undo is not None
    dispatcher.execute(removed.undo, actor)
    assert len(dispatcher.read(list_saved_searches, actor)) == 1


def test_others_are_refused(dispatcher: Dispatcher, actor_with: Any, actor: Actor) -> None:
    clerk = actor_with(Role.PARTS_CLERK)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(SaveSearch(name="x", question={}), clerk)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(RemoveSearch(search_id="0" * 32, expected_revision=1), clerk)
    from dataclasses import replace

    nobody = replace(actor, permissions=frozenset())
    with pytest.raises(PermissionDenied):
        dispatcher.read(find_trims, nobody, Question())
    with pytest.raises(PermissionDenied):
        dispatcher.read(prepare_columns, nobody)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(KeepColumns(path="", body=b""), nobody)
