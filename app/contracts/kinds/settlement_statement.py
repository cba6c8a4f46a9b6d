"""The settlement of a repair (维修结算单)."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.contracts.kinds import about_customer_vehicles as own
from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import DaysOutOfOrder, DiscountTooHigh
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.money import ZERO, format_money
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop

KIND = declare.DocumentKind(
    code="settlement_statement",
    title=Words("车辆维修结算单", "Repair Settlement Statement"),
    purpose=Words(
        "维修完工后的工时、配件与费用，及维修质量保证期。",
        "Labour, parts and money of a finished repair, and how long the work is guaranteed.",
    ),
    about=(declare.Subject.CUSTOMER_VEHICLE,),
    conditions=declare.COMMON_CONDITIONS
    | {"assembly_repair", "second_grade", "minor_repair", "discount", "warranty_work", "insurer_work", "parts",
       "authorised"},
    placeholders=declare.COMMON | declare.OF_CUSTOMER_VEHICLE | declare.placeholders(
        received_on=("进厂日", "Brought in on", "2026年11月23日", "23 November 2026"),
        completed_on=("完工日", "Completed on", "2026年11月25日", "25 November 2026"),
        labour=("工时费", "Labour", "¥1,200.00", "¥1,200.00"),
        parts=("配件费", "Parts", "¥1,180.00", "¥1,180.00"),
        discount=("优惠", "Discount", "¥80.00", "¥80.00"),
        total=("费用合计", "Total", "¥2,300.00", "¥2,300.00"),
        due=("客户应付", "Due from the customer", "¥1,200.00", "¥1,200.00"),
        due_capitals=("客户应付大写", "The same in capitals", "壹仟贰佰元整", "壹仟贰佰元整"),
        authorisation_number=("委托书编号", "Number of the authorisation", "SH01-D02-RA-000012", "SH01-D02-RA-000012"),
        next_service=("下次保养", "Next service", "2027年5月25日或 48,500 km", "25 May 2027 or 48,500 km"),
    ),
    entries=(
        *own.IDENTITY_ENTRIES,
        own.odometer("出厂里程（km）"),
        declare.day("received_on", "进厂日", "Brought in on"),
        declare.day("completed_on", "完工日", "Completed on"),
        own.jobs("维修项目", "Labour", "工时费", "Labour"),
        declare.lines(
            "parts", "配件", "Parts",
            declare.text("part", "配件名称", "Part", limit=100),
            declare.text("code", "配件编码", "Part no.", required=False, limit=40),
            declare.whole_number("count", "数量", "Number", smallest=1, largest=999),
            declare.money("price", "单价", "Unit price"),
            own.PAYER,
            required=False,
        ),
        declare.money("discount", "优惠（客户部分）", "Discount to the customer", required=False),
        declare.choice(
            "grade", "维修类别", "Kind of work",
            ("minor_repair", "一级维护、小修及专项修理", "First-grade service or minor repair"),
            ("second_grade", "二级维护", "Second-grade service"),
            ("assembly_repair", "整车或总成修理", "Repair of the vehicle or of an assembly"),
        ),
        declare.day("next_service_on", "下次保养日", "Next service on"),
        declare.whole_number("next_service_km", "下次保养里程（km）", "Next service at (km)", largest=2_000_000),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.WORKSHOP_BOOK,
    number_kind="RS",
    retention=declare.RetentionClass.REPAIR,
    several_at_once=True,
)  # fmt: skip

_GRADES = next(entry.choices for entry in KIND.entries if entry.name == "grade")


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """The vehicle as the workshop knows it."""
    vehicle, today = own.require_vehicle(facts), branch_date(facts.drafted_at)
    return own.known_of(vehicle) | {"completed_on": today, "next_service_on": today + timedelta(days=182)}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """A finished repair as money; raises DiscountTooHigh (`discount`), DaysOutOfOrder (`completed_on`)."""
    vehicle, jobs, parts = own.require_vehicle(facts), entries["jobs"], entries["parts"]
    if entries["completed_on"] < entries["received_on"]:
        raise DaysOutOfOrder(field="completed_on", earlier=tr_noop("Brought in on"))
    labour, material = own.sum_of(jobs), own.sum_of(parts)
    share = own.sum_of(jobs, "customer") + own.sum_of(parts, "customer")
    discount = entries["discount"] or ZERO
    if discount > share:
        raise DiscountTooHigh(field="discount", share=format_money(share))
    due = share - discount
    service = on_paper.day(entries["next_service_on"])
    distance = f"{entries['next_service_km']:,} km"
    values = own.vehicle_said(entries) | {
        "received_on": on_paper.day(entries["received_on"]),
        "completed_on": on_paper.day(entries["completed_on"]),
        "labour": on_paper.money(labour),
        "parts": on_paper.money(material),
        "discount": on_paper.money(discount),
        "total": on_paper.money(labour + material),
        "due": on_paper.money(due),
        "due_capitals": on_paper.capitals(due),
        "authorisation_number": on_paper.same(vehicle.authorisation_number),
        "next_service": Words(f"{service.zh}或 {distance}", f"{service.en} or {distance}"),
    }
    visit = (
        (Words("进厂日", "Brought in"), values["received_on"]),
        (Words("完工日", "Completed"), values["completed_on"]),
        (Words("维修类别", "Kind of work"), own.label_of(_GRADES, entries["grade"])),
        (Words("服务顾问", "Service advisor"), on_paper.same(facts.handled_by)),
        (Words("下次保养", "Next service"), values["next_service"]),
    )
    blocks: list[on_paper.Block] = [
        own.vehicle_block(Words("维修车辆", "Vehicle"), entries),
        on_paper.PairsBlock(title=Words("维修情况", "The repair"), pairs=visit, across=3),
        _labour_table(jobs, labour),
    ]
    if parts:
        blocks.append(_parts_table(parts, material))
    blocks.append(_sums(jobs, parts, discount, due))
    account = Words("收款账户", "Account to pay into")
    blocks.append(on_paper.PairsBlock(title=account, pairs=on_paper.account(facts.house), across=3))
    payers = {line["payer"] for line in (*jobs, *parts)}
    holding = {
        entries["grade"],
        *(["discount"] if discount else []),
        *(["parts"] if parts else []),
        *(["warranty_work"] if "warranty" in payers else []),
        *(["insurer_work"] if "insurer" in payers else []),
        *(["authorised"] if vehicle.authorisation_number else []),
    }
    authorised = ((Words("委托书", "Authorisation"), values["authorisation_number"]),)
    return on_paper.Body(
        blocks=tuple(blocks),
        values=values,
        conditions=frozenset(holding),
        references=authorised if vehicle.authorisation_number else (),
        keywords=(entries["plate"], entries["vin"]),
    )


def _labour_table(jobs: own.Lines, labour: Decimal) -> on_paper.TableBlock:
    return on_paper.TableBlock(
        title=Words("维修项目", "Labour"),
        columns=(
            on_paper.TableColumn(Words("项目", "Work"), 58),
            on_paper.TableColumn(Words("付款方", "Paid by"), 22),
            on_paper.TableColumn(Words("工时费（元）", "Labour (CNY)"), 20, figures=True),
        ),
        rows=tuple(
            (on_paper.same(job["job"]), own.payer_name(job["payer"]), on_paper.figure(job["price"])) for job in jobs
        ),
        totals=((Words("工时费小计", "Labour"), labour),),
    )


def _parts_table(parts: own.Lines, material: Decimal) -> on_paper.TableBlock:
    return on_paper.TableBlock(
        title=Words("配件", "Parts"),
        columns=(
            on_paper.TableColumn(Words("配件", "Part"), 23),
            on_paper.TableColumn(Words("编码", "Part no."), 15),
            on_paper.TableColumn(Words("数量", "Qty"), 8, figures=True),
            on_paper.TableColumn(Words("单价", "Unit price"), 10, figures=True),
            on_paper.TableColumn(Words("付款方", "Paid by"), 25),
            on_paper.TableColumn(Words("金额（元）", "Amount (CNY)"), 19, figures=True),
        ),
        rows=tuple(
            (
                on_paper.same(part["part"]), on_paper.same(part["code"]), on_paper.same(part["count"]),
                on_paper.figure(part["price"]), own.payer_name(part["payer"]),
                on_paper.figure(part["price"] * part["count"]),
            )
            for part in parts
        ),
        totals=((Words("配件费小计", "Parts"), material),),
    )  # fmt: skip


def _sums(jobs: own.Lines, parts: own.Lines, discount: Decimal, due: Decimal) -> on_paper.TableBlock:
    """What each payer bears, the discount, and what the customer pays."""
    rows = []
    for code, zh, en in own.PAYERS:
        share = own.sum_of(jobs, code) + own.sum_of(parts, code)
        if share or code == "customer":
            rows.append((Words(zh, en), on_paper.figure(share)))
    if discount:
        rows.append((Words("优惠", "Discount"), on_paper.figure(-discount)))
    return on_paper.TableBlock(
        title=Words("结算", "Settlement"),
        columns=(
            on_paper.TableColumn(Words("付款方", "Payer"), 80),
            on_paper.TableColumn(Words("金额（元）", "Amount (CNY)"), 20, figures=True),
        ),
        rows=tuple(rows),
        totals=((Words("客户应付", "Due from the customer"), due),),
        capitals=True,
    )
