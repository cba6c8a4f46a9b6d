"""Counts and hits against an oracle that looks at every trim; fits that add up; ties that stay."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.rules import specification_dictionary
from app.finder.answering import Answering
from app.finder.columns import TrimColumns
from app.finder.rules import PRICE, Importance, Order, Question, Restriction, StockWish, bins_of, points_of, weighted
from app.finder.stock import FreeUnits
from tests.app.finder.catalogues import (
    ASKED,
    catalogues,
    columns_of,
    counted,
    fitting,
    no_stock,
    record,
    restrictions,
    value_of,
)


def ask(columns: TrimColumns, question: Question, free: FreeUnits | None = None) -> Answering:
    return Answering(
        columns, free or no_stock(columns), question, restrictions=question.restrictions, named=None,
        stock=question.stock,
    )  # fmt: skip


@given(catalogues(), restrictions())
@settings(max_examples=120, deadline=None)
def test_counts_and_hits_are_those_of_looking_at_every_trim(records: list, rules: tuple) -> None:
    columns, question = columns_of(records), Question(restrictions=rules)
    answering = ask(columns, question)
    assert [columns.lists.ids[place] for place in answering.fitting] == [r.id for r in fitting(records, question)]
    for facet in answering.facets(ASKED):
        expected = counted(records, question, facet.code)
        missing = expected.pop(None, 0)
        assert facet.missing == missing
        if facet.bins is None:
            values = columns.vocabulary(facet.code)
            assert {v: n for v, n in zip(values, facet.counts, strict=True) if n} == dict(expected)
        elif facet.code != "electric_range_winter":
            binned: Counter[int] = Counter()
            for value, count in expected.items():
                place = int((value - facet.bins.start) / facet.bins.step + 1e-6)
                binned[max(0, min(place, facet.bins.count - 1))] += count
            assert {n: count for n, count in enumerate(facet.counts) if count} == dict(binned)


WEIGHTS = st.lists(st.tuples(st.sampled_from(ASKED), st.integers(0, 10)), max_size=5, unique_by=lambda pair: pair[0])


@given(catalogues(), WEIGHTS)
@settings(max_examples=80, deadline=None)
def test_the_parts_of_a_fit_add_up_to_it(records: list, weights: list) -> None:
    importances = tuple(Importance(code=code, weight=weight) for code, weight in weights)
    columns = columns_of(records)
    answering = ask(columns, Question(importances=importances))
    if answering.scores is None:
        assert not any(weight for _, weight in weights)
        return
    for position in range(len(answering.fitting)):
        shares = [float(scale.satisfaction[position]) for scale in answering.scales]
        assert all(np.isnan(share) or 0 <= share <= 1 for share in shares)
        counts = [0.25 if np.isnan(share) else share for share in shares]
        points = points_of(counts, [scale.importance.weight for scale in answering.scales])
        assert sum(points) == int(100 * answering.scores[position] + 0.5 + 1e-9)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 10)), min_size=1, max_size=9))
def test_points_are_whole_and_none_is_more_than_it_can_be(parts: list[tuple[float, int]]) -> None:
    shares, weights = [share for share, _ in parts], [weight for _, weight in parts]
    points = points_of(shares, weights)
    assert all(point >= 0 for point in points)
    if sum(weights):
        for point, weight in zip(points, weights, strict=True):
            assert point <= 100 * weight / sum(weights) + 1
        most = points_of([1.0] * len(weights), weights)
        assert sum(most) == 100
        assert all(point <= each + 1 for point, each in zip(points, most, strict=True))
        expected = weighted([np.array([share]) for share in shares], weights)
        assert abs(sum(points) - 100 * expected[0]) <= 0.5 + 1e-6


@given(catalogues(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_changed_columns_equal_columns_made_anew(records: list, chance) -> None:  # type: ignore[no-untyped-def]
    before = [one for one in records if chance.random() < 0.7]
    picked = [one for one in before if chance.random() < 0.3]
    changed = [record(int(one.id, 16), parameters={"seats": 7}, energy="hybrid") for one in picked]
    removed = {one.id for one in before if chance.random() < 0.2} - {one.id for one in changed}
    added = [one for one in records if one not in before]
    patched = columns_of(before).with_changes([changed, added], removed=removed, parent_stamps={"a": "1"})
    after = {one.id: one for one in before if one.id not in removed} | {one.id: one for one in (*changed, *added)}
    anew = columns_of(list(after.values()))
    assert patched.lists == anew.lists
    np.testing.assert_array_equal(patched.numbers, anew.numbers)
    np.testing.assert_array_equal(patched.prices, anew.prices)
    for code in ("@make", "@energy", "@year", "drive", "vehicle_class"):
        assert _worded(patched, code) == _worded(anew, code)
    again = TrimColumns.unpacked(patched.packed())
    assert again is not None
    assert again.lists == patched.lists
    assert again.parent_stamps == {"a": "1"}
    np.testing.assert_array_equal(again.numbers, patched.numbers)
    np.testing.assert_array_equal(again.codes, patched.codes)


def _worded(columns: TrimColumns, code: str) -> list[str | None]:
    return [columns.vocabulary(code)[n] if n >= 0 else None for n in columns.code_column(code)]


def test_a_pack_of_another_dictionary_is_worth_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.finder import columns as module

    packed = columns_of([record(1)]).packed()
    other = module.shape()
    monkeypatch.setattr(
        module, "shape", lambda: module.Shape(other.numbers, other.codes, other.spans, "another dictionary")
    )
    assert TrimColumns.unpacked(packed) is None


def test_what_matters_decides_the_order_and_weights_can_turn_it() -> None:
    far = record(1, price=300_000.0, parameters={"electric_range": 700})
    cheap = record(2, price=100_000.0, parameters={"electric_range": 400})
    columns = columns_of([far, cheap, record(3, price=200_000.0, parameters={"electric_range": 500})])

    def first(**weights: int) -> str:
        importances = (
            Importance(code="electric_range", weight=weights["range"]), Importance(code=PRICE, weight=weights["price"]),
        )  # fmt: skip
        answering = ask(columns, Question(importances=importances))
        return columns.lists.ids[answering.fitting[answering.ranking[0]]]

    assert first(range=8, price=2) == far.id
    assert first(range=2, price=8) == cheap.id


def test_a_wish_that_is_reached_counts_wholly_and_a_near_one_nearly() -> None:
    records = [record(n, parameters={"electric_range": km}) for n, km in enumerate((400, 500, 590, 600, 800))]
    wish = Importance(code="electric_range", weight=10, wished=600.0)
    scores = ask(columns_of(records), Question(importances=(wish,))).scores
    assert scores[3] == scores[4] == 1.0
    assert 0.9 < scores[2] < 1.0
    assert scores[0] < scores[1] < scores[2]


def test_what_is_not_stated_counts_a_quarter_and_never_zero() -> None:
    records = [record(1, parameters={"electric_range": 400}), record(2), record(3, parameters={"electric_range": 700})]
    scores = ask(columns_of(records), Question(importances=(Importance(code="electric_range"),))).scores
    assert scores.tolist() == [0.0, 0.25, 1.0]


def test_a_must_takes_away_what_has_it_not() -> None:
    records = [
        record(1, parameters={"heated_seats": "standard", "electric_range": 620}),
        record(2, parameters={"heated_seats": "absent", "electric_range": 700}), record(3),
        record(4, parameters={"heated_seats": "optional", "electric_range": 500}),
    ]  # fmt: skip
    columns = columns_of(records)

    def left(*importances: Importance) -> list[int]:
        return [int(columns.lists.ids[n], 16) for n in ask(columns, Question(importances=importances)).fitting]

    assert left(Importance(code="heated_seats", must=True)) == [1, 4]
    far = Importance(code="electric_range", wished=600, must=True)
    assert left(Importance(code="heated_seats", must=True), far) == [1]


def test_hits_that_are_equal_keep_the_order_of_their_ids_and_what_is_free_here_comes_first() -> None:
    columns = columns_of([record(n) for n in (3, 1, 2, 4)])
    here, total = np.array([0, 0, 1, 0], np.int32), np.array([0, 5, 1, 0], np.int32)
    free = FreeUnits(here, np.zeros(4, np.int32), total - here, total)
    answering = ask(columns, Question(), free)
    assert [int(columns.lists.ids[n], 16) for n in answering.fitting[answering.ranking]] == [3, 2, 1, 4]
    only = ask(columns, Question(stock=StockWish.OBTAINABLE), free)
    assert len(only.fitting) == 2
    cheapest = ask(columns, Question(order=Order.CHEAPEST), free)
    assert cheapest.ranking.tolist() == [0, 1, 2, 3]


def test_a_range_with_decimals_includes_its_ends() -> None:
    columns = columns_of([record(1, parameters={"consumption_combined": 3.9, "seats": 5})])
    for low, high, n in ((3.9, None, 1), (None, 3.9, 1), (3.9, 3.9, 1), (3.91, None, 0), (None, 3.89, 0)):
        rules = (Restriction(code="consumption_combined", low=low, high=high),)
        assert len(ask(columns, Question(restrictions=rules)).fitting) == n


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(0, 3))
def test_bins_are_few_round_and_hold_the_whole_range(lowest: float, width: float, places: int) -> None:
    lowest, highest = round(lowest, places), round(lowest + width, places)
    bins = bins_of(lowest, highest, places=places)
    assert 1 <= bins.count <= 50
    assert bins.start <= lowest + 1e-6 * max(1, abs(lowest))
    assert bins.end > highest - 1e-6 * max(1, abs(highest))


def test_values_of_the_oracle_are_what_the_columns_hold() -> None:
    one = record(1, parameters={"battery_swap": True, "electric_range_winter": [300, 400], "seats": 5})
    columns = columns_of([one])
    known = specification_dictionary().parameters
    assert columns.stored(known["battery_swap"], 0) is True
    assert columns.stored(known["electric_range_winter"], 0) == [300, 400]
    assert columns.stored(known["seats"], 0) == value_of(one, "seats")
    assert columns.stored(known["drive"], 0) is None


def test_what_is_not_of_its_type_counts_as_not_stated_and_new_values_get_codes() -> None:
    odd = {
        "electric_range": True, "seats": "5", "drive": 1, "battery_swap": 1, "electric_range_winter": [300],
        "vehicle_class": "", "sunroof": ["all"], "heated_seats": "unheard of", "consumption_combined": [1, 2],
    }  # fmt: skip
    columns = columns_of([record(1, parameters={"drive": "all", "battery_swap": False}), record(2, parameters=odd)])
    known = specification_dictionary().parameters
    stated = {code: columns.stored(known[code], 1) for code in odd}
    assert {code: value for code, value in stated.items() if value is not None} == {"heated_seats": "unheard of"}
    assert (columns.stored(known["drive"], 0), columns.stored(known["battery_swap"], 0)) == ("all", False)
