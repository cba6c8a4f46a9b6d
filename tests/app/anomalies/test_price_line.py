"""Prices out of line: planted outliers are found, and real prices explained."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from app.anomalies.findings import Rule, TrimFacts
from app.anomalies.price_line import FEWEST, is_out_of_line, price_findings, price_views
from app.catalog.package_specifications import records_from
from app.catalog.rules import check_parameters
from app.kernel.labels import Bilingual
from app.runtime.language import set_language

EQUIPMENT = ("heated_seats", "ventilated_seats", "sunroof", "adaptive_cruise", "lane_keeping", "surround_camera")


def market(count: int = 160, *, seed: int = 7, noise: float = 0.03) -> list[TrimFacts]:
    """Trims whose price follows size, power, equipment and make, within three percent."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        length, power = chance.randint(4200, 5100), chance.randint(80, 220)
        fitted = {code: chance.choice(["standard", "optional", "absent"]) for code in EQUIPMENT if code != "sunroof"}
        body, make = chance.choice(["sedan", "suv"]), chance.choice(["A", "B", "C"])
        price = 60_000 * (length / 4600) ** 2 * (power / 120) ** 0.7 * {"A": 1.0, "B": 1.3, "C": 1.8}[make]
        price *= 1.04 ** sum(value == "standard" for value in fitted.values()) * (1.08 if body == "suv" else 1)
        price *= 1 + chance.uniform(-noise, noise)
        made.append(
            TrimFacts(
                id=f"t{number}", name=Bilingual(f"车型{number}", f"Trim {number}"), make=Bilingual(make, make),
                series_id=f"s{number // 4}", year=chance.randint(2024, 2026), energy="petrol", seats=5,
                guide_price=Decimal(round(price)),
                parameters={"length": length, "engine_power": power, "body": body, **fitted},
            )
        )
    return made


def planted(trims: list[TrimFacts], shares: dict[int, str]) -> list[TrimFacts]:
    """The market with some prices multiplied."""
    return [
        replace(trim, guide_price=(trim.guide_price * Decimal(shares[n])).quantize(Decimal(1))) if n in shares else trim
        for n, trim in enumerate(trims)
    ]


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_planted_outliers_are_found_and_nothing_else(seed: int) -> None:
    shares = {5: "1.25", 33: "0.7", 80: "1.6", 121: "0.5", 150: "1.18"}
    found = price_findings(planted(market(seed=seed), shares))
    assert {finding.subject_id for finding in found} == {f"t{n}" for n in shares}


def test_a_fifth_of_wrong_prices_does_not_hide_them() -> None:
    shares = dict.fromkeys(range(0, 160, 5), "1.5")
    found = {finding.subject_id for finding in price_findings(planted(market(), shares))}
    assert len(found & {f"t{n}" for n in shares}) >= 30 and len(found) <= 34


def of_make(trim: TrimFacts, make: str, factor: str) -> TrimFacts:
    """The trim, of a dearer make."""
    price = (trim.guide_price * Decimal(factor)).quantize(Decimal(1))
    return replace(trim, make=Bilingual(make, make), guide_price=price)


def test_a_dear_make_of_few_trims_is_not_out_of_line_for_being_dear() -> None:
    trims = market()
    trims[10], trims[90] = of_make(trims[10], "Bugatti", "30"), of_make(trims[90], "Bugatti", "31")
    trims[40] = of_make(trims[40], "Alpine", "1.8")
    assert price_findings(trims) == []
    trims[91] = of_make(trims[91], "Bugatti", "12")
    wrong = price_findings([*trims[:20], replace(trims[20], guide_price=trims[20].guide_price * 10), *trims[21:]])
    assert {finding.subject_id for finding in wrong} == {"t20", "t91"}
    (low,) = (finding for finding in wrong if finding.subject_id == "t91")
    assert "below" in str(low.note) and any(str(line).startswith("Bugatti: +") for line in low.details)


def test_a_wrong_price_of_a_rare_make_does_not_accuse_its_sister() -> None:
    trims = market()
    trims[10], trims[90] = of_make(trims[10], "Rare", "1"), of_make(trims[90], "Rare", "10")
    assert {finding.subject_id for finding in price_findings(trims)} == {"t90"}


def test_the_explanation_names_figures_reasons_and_comparable_trims() -> None:
    (found,) = price_findings(planted(market(), {42: "1.3"}))
    assert found.rule is Rule.PRICE_LINE
    text = str(found.note)
    assert text.startswith("List price ") and text.endswith("above trims with the same equipment")
    assert 25 <= int(text.split()[2]) <= 36
    lines = [str(line) for line in found.details]
    assert "would be expected from 160 comparable trims" in lines[0]
    assert sum(line.startswith("Most alike: Trim ") for line in lines) == 3
    assert any("against the usual trim" in line for line in lines)
    set_language("zh_CN")
    assert "同等配置车型高" in str(found.note) and not any("{" in str(line) for line in found.details)


def test_few_trims_say_nothing() -> None:
    assert list(price_views(market(FEWEST - 1))) == []
    assert price_findings(planted(market(20), {3: "5"})) == []


def test_real_prices_of_a_decade() -> None:
    """Prices of cars sold in the US from 1980 to 1989: sports and luxury cars stand out, family cars do not."""
    trims = [
        TrimFacts(
            id=str(n), name=Bilingual(f"{r.make_zh} {r.series_zh}", f"{r.make_en} {r.series_en}"),
            make=Bilingual(r.make_zh, r.make_en), series_id=f"{r.make_zh}{r.series_zh}", year=r.year or 0,
            energy=str(r.energy), seats=5, guide_price=r.guide_price or Decimal(0),
            parameters=check_parameters(r.parameters, energy=str(r.energy)),
        )
        for n, r in enumerate(records_from("pyblp")) if 1980 <= (r.year or 0) <= 1989
    ]  # fmt: skip
    views = [view for view in price_views(trims) if is_out_of_line(view)]
    assert len(trims) > 1000 and 0 < len(views) < len(trims) * 0.08
    above = [view for view in views if view.share > 0]
    assert {view.trim.make.en for view in above} & {"Porsche", "Cadillac", "BMW", "Jaguar", "Chevrolet", "Toyota"}
