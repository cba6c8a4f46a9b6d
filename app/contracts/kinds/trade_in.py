"""The purchase of a used vehicle (二手车置换/收购协议)."""

from collections.abc import Mapping
from typing import Any

from app.contracts.kinds import about_customer_vehicles as own
from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.kernel.errors import ValueRequired
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="trade_in",
    title=Words("二手车置换（收购）协议", "Used Vehicle Trade-in Agreement"),
    purpose=Words(
        "经销商收购客户的旧车，车款抵作新车款或支付给客户。",
        "The dealer buys the customer's vehicle; the price is set off against a new one or paid out.",
    ),
    about=(declare.Subject.CUSTOMER_VEHICLE,),
    conditions=declare.COMMON_CONDITIONS
    | {"set_off", "paid_out", "mortgaged", "unencumbered", "accident_disclosed", "no_accident", "findings"},
    placeholders=declare.COMMON | declare.OF_CUSTOMER_VEHICLE | declare.placeholders(
        registered_on=("注册登记日", "Day of first registration", "2020年6月18日", "18 June 2020"),
        price=("收购价", "Price", "¥86,000.00", "¥86,000.00"),
        price_capitals=("收购价大写", "Price in capitals", "捌万陆仟元整", "捌万陆仟元整"),
        new_vehicle=("所购新车", "The new vehicle", "比亚迪 海豹", "BYD Seal"),
        hand_over_on=("交车日", "Day of hand-over", "2026年12月1日", "1 December 2026"),
        pay_within_days=("付款期限（日）", "Paid within days", "3", "3"),
        encumbrance=("抵押情况", "Charge on the vehicle", "招商银行车贷余额 12,000 元", "招商银行车贷余额 12,000 元"),
        accident=("事故情况", "Accidents", "2022 年后保险杠更换", "2022 年后保险杠更换"),
    ),
    entries=(
        *own.IDENTITY_ENTRIES,
        declare.day("registered_on", "注册登记日", "First registered on"),
        own.odometer("里程表读数（km）"),
        declare.money("price", "收购价", "Price", smallest=1),
        declare.choice(
            "settlement", "车款结算", "How the price is settled",
            ("set_off", "抵作新车车款", "Set off against a new vehicle"),
            ("paid_out", "支付给客户", "Paid to the customer"),
        ),
        declare.text("new_vehicle", "所购新车（抵款时填写）", "New vehicle, where set off", required=False, limit=120),
        declare.day("hand_over_on", "交车日", "Handed over on", not_past=True),
        declare.whole_number(
            "pay_within_days", "收车后付款期限（日）", "Paid within days of hand-over", largest=60, default="3"
        ),
        declare.choice(
            "charge", "抵押登记", "Charge on the vehicle",
            ("unencumbered", "无抵押、查封等限制", "No charge"),
            ("mortgaged", "有抵押", "Mortgaged"),
        ),
        declare.text("encumbrance", "抵押情况（有抵押时填写）", "The charge, where there is one", required=False),
        declare.choice(
            "accidents", "事故及重大维修", "Accidents and major repairs",
            ("no_accident", "无", "No accident"),
            ("accident_disclosed", "有，已如实告知", "Disclosed"),
        ),
        declare.text("accident", "事故情况（有事故时填写）", "The accident, where there was one", required=False),
        declare.lines(
            "findings", "车况检查", "Condition found",
            declare.text("part", "部位", "Part", limit=60), declare.text("finding", "发现", "Finding", limit=160),
            required=False,
        ),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="TI",
    retention=declare.RetentionClass.SALE,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """The vehicle as the workshop knows it."""
    return own.known_of(own.require_vehicle(facts))


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The purchase of a customer's vehicle; raises ValueRequired where an answer asks for words of its own."""
    own.require_vehicle(facts)
    for answer, asked in (("set_off", "new_vehicle"), ("mortgaged", "encumbrance"), ("accident_disclosed", "accident")):
        if answer in (entries["settlement"], entries["charge"], entries["accidents"]) and not entries[asked]:
            raise ValueRequired(field=asked)
    answers = {entry.name: entry.choices for entry in KIND.entries if entry.choices}
    values = own.vehicle_said(entries) | {
        "registered_on": on_paper.day(entries["registered_on"]),
        "price": on_paper.money(entries["price"]),
        "price_capitals": on_paper.capitals(entries["price"]),
        "new_vehicle": on_paper.same(entries["new_vehicle"]),
        "hand_over_on": on_paper.day(entries["hand_over_on"]),
        "pay_within_days": on_paper.same(entries["pay_within_days"]),
        "encumbrance": on_paper.same(entries["encumbrance"]),
        "accident": on_paper.same(entries["accident"]),
    }
    settled = entries["settlement"]
    money_pairs = (
        (Words("车款结算", "Settlement"), own.label_of(answers["settlement"], settled)),
        (Words("所购新车", "New vehicle"), values["new_vehicle"] if settled == "set_off" else on_paper.NOTHING),
        (Words("交车日", "Hand-over"), values["hand_over_on"]),
    )
    state = (
        (Words("抵押登记", "Charge"), own.label_of(answers["charge"], entries["charge"])),
        (Words("抵押情况", "Details"), values["encumbrance"] if entries["charge"] == "mortgaged" else on_paper.NOTHING),
        (Words("事故及重大维修", "Accidents"), own.label_of(answers["accidents"], entries["accidents"])),
        (Words("事故情况", "Details"),
         values["accident"] if entries["accidents"] == "accident_disclosed" else on_paper.NOTHING),
    )  # fmt: skip
    blocks: list[on_paper.Block] = [
        own.vehicle_block(
            Words("旧车", "The used vehicle"), entries,
            (Words("注册登记日", "First registered"), values["registered_on"]),
        ),
        on_paper.AmountBlock(
            title=Words("收购价", "Price"), label=Words("收购价", "Price"), amount=entries["price"], pairs=money_pairs
        ),
        on_paper.PairsBlock(title=Words("权利与车况声明", "Title and condition"), pairs=state, across=2),
    ]
    if entries["findings"]:
        blocks.append(
            on_paper.TableBlock(
                title=Words("车况检查", "Condition found"),
                columns=(
                    on_paper.TableColumn(Words("部位", "Part"), 30), on_paper.TableColumn(Words("发现", "Finding"), 70),
                ),
                rows=tuple(
                    (on_paper.same(line["part"]), on_paper.same(line["finding"])) for line in entries["findings"]
                ),
            )
        )  # fmt: skip
    holding = {settled, entries["charge"], entries["accidents"], *(["findings"] if entries["findings"] else [])}
    return on_paper.Body(
        blocks=tuple(blocks), values=values, conditions=frozenset(holding), keywords=(entries["plate"], entries["vin"])
    )
