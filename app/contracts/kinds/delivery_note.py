"""The hand-over sheet (交车确认单)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_orders import OF_ORDER_CONDITIONS, order_body, order_values, require_order
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="delivery_note",
    title=Words("交车确认单", "Delivery Note"),
    purpose=Words(
        "车辆、随车文件与物品交付的确认，及当面发现的瑕疵。",
        "That vehicle, papers and things were handed over, and the defects seen at that moment.",
    ),
    about=(declare.Subject.ORDER,),
    conditions=declare.COMMON_CONDITIONS
    | OF_ORDER_CONDITIONS
    | {"paid", "outstanding", "defects", "no_defects", "contract_signed"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.OF_ORDER | declare.placeholders(
        delivered_on=("交付日", "Day of delivery", "2026年12月1日", "1 December 2026"),
        delivered_at=("交付地点", "Place of delivery", "上海浦东店", "Shanghai Pudong"),
        odometer=("里程表读数", "Odometer", "18 km", "18 km"),
        energy_level=("电量或油量", "Charge or fuel", "80 %", "80 %"),
        keys=("钥匙数量", "Keys", "2", "2"),
        invoice_number=("发票号码", "Number of the invoice", "131002600012", "131002600012"),
        outstanding=("尚欠款项", "Still to pay", "¥0.00", "¥0.00"),
        contract_number=("买卖合同编号", "Number of the sales contract", "SH01-D02-CT-000123", "SH01-D02-CT-000123"),
    ),
    entries=(
        declare.day("delivered_on", "交付日", "Delivered on"),
        declare.whole_number("odometer_km", "里程表读数（km）", "Odometer (km)", largest=2_000_000),
        declare.whole_number("energy_percent", "电量或油量（%）", "Charge or fuel (%)", largest=100),
        declare.whole_number("keys", "钥匙数量", "Keys", smallest=1, largest=9, default="2"),
        declare.text("invoice_number", "机动车销售统一发票号码", "Number of the vehicle invoice", limit=24),
        declare.lines(
            "handed_over", "随车文件与物品", "Papers and things handed over",
            declare.text("thing", "名称", "Thing", limit=60),
            declare.whole_number("count", "数量", "Number", smallest=1, largest=99),
            declare.text("remark", "备注", "Remark", required=False, limit=80),
        ),
        declare.lines(
            "defects", "当面发现的瑕疵及处理", "Defects seen and what is done about them",
            declare.text("part", "部位", "Part", limit=60), declare.text("finding", "瑕疵", "Defect", limit=120),
            declare.text("remedy", "处理", "Remedy", limit=120),
            required=False,
        ),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="DN",
    retention=declare.RetentionClass.SALE,
)  # fmt: skip

_USUAL = (
    ("机动车销售统一发票", "1"), ("车辆合格证", "1"), ("三包凭证", "1"), ("保修手册及使用说明书", "1"),
    ("购车完税及保险凭证", "1"), ("随车工具及备胎/补胎工具", "1"),
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """Today, what the unit's odometer says, and what is usually handed over."""
    order = require_order(facts)
    return {
        "delivered_on": branch_date(facts.drafted_at),
        "odometer_km": order.vehicle.odometer_km,
        "handed_over": [{"thing": thing, "count": int(count), "remark": ""} for thing, count in _USUAL],
    }


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The hand-over of an order's vehicle, with what was handed over and what was found."""
    order = require_order(facts)
    pairs = (
        (Words("交付日", "Delivered on"), on_paper.day(entries["delivered_on"])),
        (Words("交付地点", "Place"), order.delivery_place),
        (Words("里程表读数", "Odometer"), on_paper.kilometres(entries["odometer_km"])),
        (Words("电量或油量", "Charge or fuel"), on_paper.percent(entries["energy_percent"])),
        (Words("钥匙", "Keys"), on_paper.same(entries["keys"])),
        (Words("发票号码", "Invoice no."), on_paper.same(entries["invoice_number"])),
        (Words("买卖合同", "Sales contract"), on_paper.same(order.contract_number)),
        (Words("尚欠款项", "Still to pay"), on_paper.money(order.outstanding)),
    )
    blocks: list[on_paper.Block] = [
        on_paper.VehicleBlock(title=Words("交付车辆", "Vehicle"), vehicle=replace(order.vehicle, odometer_km=None)),
        on_paper.PairsBlock(title=Words("交付情况", "Hand-over"), pairs=pairs),
        on_paper.TableBlock(
            title=Words("随车文件与物品", "Papers and things handed over"),
            columns=(
                on_paper.TableColumn(Words("名称", "Thing"), 50),
                on_paper.TableColumn(Words("数量", "Qty"), 10, figures=True),
                on_paper.TableColumn(Words("备注", "Remark"), 40),
            ),
            rows=tuple(
                (on_paper.same(line["thing"]), on_paper.same(line["count"]), on_paper.same(line["remark"]))
                for line in entries["handed_over"]
            ),
        ),
    ]
    if entries["defects"]:
        blocks.append(
            on_paper.TableBlock(
                title=Words("当面发现的瑕疵及处理", "Defects seen and remedies"),
                columns=(
                    on_paper.TableColumn(Words("部位", "Part"), 20),
                    on_paper.TableColumn(Words("瑕疵", "Defect"), 40),
                    on_paper.TableColumn(Words("处理", "Remedy"), 40),
                ),
                rows=tuple(
                    (on_paper.same(line["part"]), on_paper.same(line["finding"]), on_paper.same(line["remedy"]))
                    for line in entries["defects"]
                ),
            )
        )
    values = order_values(order) | {
        "delivered_on": on_paper.day(entries["delivered_on"]),
        "delivered_at": order.delivery_place,
        "odometer": on_paper.kilometres(entries["odometer_km"]),
        "energy_level": on_paper.percent(entries["energy_percent"]),
        "keys": on_paper.same(entries["keys"]),
        "invoice_number": on_paper.same(entries["invoice_number"]),
        "outstanding": on_paper.money(order.outstanding),
        "contract_number": on_paper.same(order.contract_number),
    }
    holding = {
        "outstanding" if order.outstanding > 0 else "paid",
        "defects" if entries["defects"] else "no_defects",
        *(["contract_signed"] if order.contract_number else []),
    }
    return order_body(order, blocks, values, holding)
