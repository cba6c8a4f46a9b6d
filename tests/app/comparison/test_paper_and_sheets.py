"""The comparison on paper and in sheets, read again by programs that did not write them."""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from pytestqt.qtbot import QtBot

from app.comparison.axes import share_of_best
from app.comparison.errors import NothingToCompare, TooManyCompared
from app.comparison.lines import chosen_lines
from app.comparison.ownership import CostKind
from app.comparison.queries import (
    ComparisonTerms,
    comparison_pdf,
    comparison_sheets,
    find_trims_to_compare,
    get_comparison,
)
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import CHINESE, ENGLISH
from db.models.catalog import Trim
from tests.app.documents.reading import page_texts
from tests.factories.compared import six_trims
from tests.factories.records import Records


@pytest.fixture
def trims(records: Records) -> list[Trim]:
    """Six, with what people ask for first."""
    return six_trims(records, filled=False)


@pytest.fixture
def terms(trims: list[Trim]) -> ComparisonTerms:
    """All six, everything."""
    return ComparisonTerms(trim_ids=tuple(trim.id for trim in trims))


def test_lines_differences_and_distances(dispatcher: Dispatcher, salesperson: Actor, terms: ComparisonTerms) -> None:
    found = dispatcher.read(get_comparison, salesperson, terms)
    lines = {line.code: line for group in found.all_groups for line in group.lines}
    faster = lines["acceleration_0_100"]
    assert [cell.delta.en for cell in faster.cells] == ["", "−0.5 s", "+0.8 s", "−1 s", "−2.5 s", ""]
    assert [cell.step for cell in faster.cells] == [0, 1, -1, 1, 1, 0] and faster.best == {4}
    assert [cell.text.zh for cell in faster.cells][5] == "–"
    assert not lines["seats"].differs and lines["guide_price"].best == {3}
    differing = chosen_lines(found.all_groups, differences_only=True)
    assert all(line.differs for group in differing for line in group.lines)
    core = chosen_lines(found.all_groups, everything=False)
    assert all(line.core for group in core for line in group.lines)


def test_inherited_parameters_count(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    series = records.series()
    series.parameters = {"consumption_combined": 6.0, "displacement": 1.5}
    records.save(series)
    trim = records.trim(records.model_year(series))
    found = dispatcher.read(get_comparison, salesperson, ComparisonTerms(trim_ids=(trim.id,)))
    assert found.costs[0].complete
    assert found.costs[0].amount(CostKind.ENERGY) == Decimal("21060.00")  # 45,000 km × 6 l × 7.80


def test_no_more_than_six_and_never_nothing(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, terms: ComparisonTerms
) -> None:
    more = ComparisonTerms(trim_ids=(*terms.trim_ids, records.trim().id))
    with pytest.raises(TooManyCompared):
        dispatcher.read(get_comparison, salesperson, more)
    with pytest.raises(NothingToCompare):
        dispatcher.read(comparison_pdf, salesperson, ComparisonTerms(trim_ids=("0" * 32,)), language=ENGLISH)
    assert [str(row.make) for row in dispatcher.read(find_trims_to_compare, salesperson, "汉 EV")] == ["BYD"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (ENGLISH, ["Vehiclecomparison", "ShanghaiTestBranchMotorsLtd.", "1TestRoad", "22November2026",
                   "29November2026", "Page1of", "BYD", "Han2026EV605kmPremium", "¥219,800.00",
                   "¥147,041.47", "Whateachcostsin3years", "13.5kWhper100km", "Whatwasassumed", "15,000km",
                   "referencevalue,tobechecked", "Specifications", "Electricrange(CLTC)605km✓", "0–100km/h"]),
        (CHINESE, ["车型对比", "上海测试店汽车销售有限公司", "测试路1号", "2026年11月22日", "有效期至", "第1页，共",
                   "比亚迪", "汉2026款EV605km前驱尊贵型", "¥147,041.47", "3年费用明细", "百公里13.5千瓦时", "测算条件",
                   "参考值，待核实", "参数配置", "纯电续航里程（CLTC）605km✓"]),
    ],
)  # fmt: skip
def test_the_paper_reads_well(
    dispatcher: Dispatcher, salesperson: Actor, terms: ComparisonTerms, language: str, expected: list[str], qtbot: QtBot
) -> None:
    pages = page_texts(dispatcher.read(comparison_pdf, salesperson, terms, language=language))
    whole = "".join(pages)
    for words in expected:
        assert words in whole, words
    assert len(pages) >= 3 and all("�" not in page and "\x00" not in page for page in pages)
    heads = "Camry2026" if language == ENGLISH else "凯美瑞2026款"
    assert all(heads in page for page in pages if "Powertrain" in page or "动力系统" in page)
    assert salesperson.name in pages[0]


def test_an_incomplete_total_is_marked_on_paper(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, qtbot: QtBot
) -> None:
    terms = ComparisonTerms(trim_ids=(records.trim(parameters={"displacement": 1.5}).id,))
    text = "".join(page_texts(dispatcher.read(comparison_pdf, salesperson, terms, language=ENGLISH)))
    assert "Eachasashareofthebest" not in text  # there is nothing beside it
    assert "Incomplete:withoutfuelandpower" in text and "Nofuelconsumptionisonfile." in text


def test_the_same_paper_twice_is_the_same(dispatcher: Dispatcher, salesperson: Actor, terms: ComparisonTerms) -> None:
    once, twice = (dispatcher.read(comparison_pdf, salesperson, terms, language=CHINESE) for _time in range(2))
    assert once == twice


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_sheets_hold_numbers_and_no_formulas(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, language: str
) -> None:
    trims = six_trims(records, filled=False)
    evil = records.trim(name_zh="=HYPERLINK(\"http://x\")", name_en="=1+1", parameters={"length": 4720})
    make = records.make(name_zh="+大众", name_en="@Sum")
    odd = records.trim(records.model_year(records.series(make)), parameters={"length": 4_700})
    terms = ComparisonTerms(trim_ids=(trims[0].id, trims[1].id, evil.id, odd.id))
    content = dispatcher.read(comparison_sheets, salesperson, terms, language=language)
    book = load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == 3
    specifications, costs, _assumptions = (book[name] for name in book.sheetnames)
    rows = {row[0].value: row for row in specifications.iter_rows() if row[0].value}
    length = rows["Length (mm)" if language == ENGLISH else next(n for n in rows if str(n).endswith("（mm）"))]
    assert [cell.value for cell in length[1:]] == [4995, 5006, 4720, 4700]
    assert all(cell.data_type == "n" for cell in length[1:])
    price = next(row for row in costs.iter_rows() if row[0].value in ("Price", "价格"))
    assert price[1].value == 219800 and price[1].number_format == "#,##0.00"
    guide = next(row for name, row in rows.items() if str(name).startswith(("Guide price", "指导价")))
    assert guide[1].value == 219800 and guide[1].number_format == "#,##0.00"
    assert all(sheet.page_setup.orientation == "landscape" for sheet in book)
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert specifications.freeze_panes == "B2"


def test_shares_of_the_best() -> None:
    values = [Decimal(100), Decimal(50), None]
    assert share_of_best(values, lower_is_better=False) == (1.0, 0.5, None)
    assert share_of_best(values, lower_is_better=True) == (0.5, 1.0, None)
    assert share_of_best([Decimal(0), Decimal(4)], lower_is_better=True) == (1.0, 0.0)
    assert share_of_best([Decimal(-1), Decimal(4)], lower_is_better=False) == (0.0, 1.0)
    assert share_of_best([None], lower_is_better=False) == (None,)


def test_the_day_is_the_branchs(dispatcher: Dispatcher, salesperson: Actor, terms: ComparisonTerms) -> None:
    assert dispatcher.read(get_comparison, salesperson, terms).assumed.bought_on == date(2026, 11, 22)
