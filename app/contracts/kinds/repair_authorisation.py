"""The repair authorisation (维修委托书)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.contracts.kinds import about_customer_vehicles as own
from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import DaysOutOfOrder
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop

KIND = declare.DocumentKind(
    code="repair_authorisation",
    title=Words("车辆维修委托书", "Repair Authorisation"),
    purpose=Words(
        "客户委托维修的项目、预估费用与预计完工日。",
        "Which work the customer has asked for, what it is estimated to cost, and when it will be ready.",
    ),
    about=(declare.Subject.CUSTOMER_VEHICLE,),
    conditions=declare.COMMON_CONDITIONS
    | {"parts_returned", "parts_disposed", "road_test", "no_road_test", "warranty_work", "insurer_work", "valuables",
       "appointment"},
    placeholders=declare.COMMON | declare.OF_CUSTOMER_VEHICLE | declare.placeholders(
        energy_level=("电量或油量", "Charge or fuel", "55 %", "55 %"),
        fault=("客户报修", "What the customer reports", "低速转向有异响", "低速转向有异响"),
        estimate=("预估费用合计", "Estimate", "¥2,380.00", "¥2,380.00"),
        estimate_capitals=("预估费用大写", "Estimate in capitals", "贰仟叁佰捌拾元整", "贰仟叁佰捌拾元整"),
        customer_share=("客户自付预估", "The customer's share", "¥1,280.00", "¥1,280.00"),
        received_on=("进厂日", "Brought in on", "2026年11月23日", "23 November 2026"),
        ready_by=("预计完工日", "Ready by", "2026年11月25日", "25 November 2026"),
        valuables=("车内物品", "Things left in the vehicle", "儿童座椅一个", "儿童座椅一个"),
        appointment_number=("预约单号", "Number of the appointment", "SH01-D02-SA-000031", "SH01-D02-SA-000031"),
    ),
    entries=(
        *own.IDENTITY_ENTRIES,
        own.odometer("进厂里程（km）"),
        declare.whole_number("energy_percent", "电量或油量（%）", "Charge or fuel (%)", largest=100),
        declare.day("received_on", "进厂日", "Brought in on"),
        declare.text("fault", "客户报修内容", "What the customer reports", limit=400),
        own.jobs("维修项目", "Work", "预估费用", "Estimate"),
        declare.day("ready_by", "预计完工日", "Ready by"),
        declare.choice(
            "old_parts", "更换下的旧件", "Parts taken out",
            ("parts_returned", "交还客户", "Returned to the customer"),
            ("parts_disposed", "委托本店处理", "Disposed of by the dealer"),
        ),
        declare.choice(
            "road_test", "路试", "Road test",
            ("road_test", "同意路试", "Agreed"), ("no_road_test", "不同意路试", "Not agreed"),
        ),
        declare.text("valuables", "车内物品", "Things left in the vehicle", required=False),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.WORKSHOP_BOOK,
    number_kind="RA",
    retention=declare.RetentionClass.REPAIR,
    several_at_once=True,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """The vehicle as the workshop knows it, and what its appointment says is to be done."""
    vehicle, today = own.require_vehicle(facts), branch_date(facts.drafted_at)
    return own.known_of(vehicle) | {"fault": vehicle.work, "received_on": today, "ready_by": today + timedelta(days=1)}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The work asked for, with its estimate; raises DaysOutOfOrder (`ready_by`)."""
    vehicle, jobs = own.require_vehicle(facts), entries["jobs"]
    if entries["ready_by"] < entries["received_on"]:
        raise DaysOutOfOrder(field="ready_by", earlier=tr_noop("Brought in on"))
    estimate = own.sum_of(jobs)
    answers = {entry.name: entry.choices for entry in KIND.entries if entry.choices}
    values = own.vehicle_said(entries) | {
        "energy_level": on_paper.percent(entries["energy_percent"]),
        "fault": on_paper.same(entries["fault"]),
        "estimate": on_paper.money(estimate),
        "estimate_capitals": on_paper.capitals(estimate),
        "customer_share": on_paper.money(own.sum_of(jobs, "customer")),
        "received_on": on_paper.day(entries["received_on"]),
        "ready_by": on_paper.day(entries["ready_by"]),
        "valuables": on_paper.same(entries["valuables"]),
        "appointment_number": on_paper.same(vehicle.appointment_number),
    }
    visit = (
        (Words("进厂日", "Brought in"), values["received_on"]),
        (Words("预计完工日", "Ready by"), values["ready_by"]),
        (Words("旧件处理", "Parts taken out"), own.label_of(answers["old_parts"], entries["old_parts"])),
        (Words("路试", "Road test"), own.label_of(answers["road_test"], entries["road_test"])),
        (Words("车内物品", "Left in the vehicle"), values["valuables"]),
        (Words("服务顾问", "Service advisor"), on_paper.same(facts.handled_by)),
        (Words("客户自付预估", "Customer's share"), values["customer_share"]),
    )
    blocks = (
        own.vehicle_block(
            Words("送修车辆", "Vehicle"), entries, (Words("电量或油量", "Charge or fuel"), values["energy_level"])
        ),
        on_paper.StatementBlock(title=Words("客户报修", "What the customer reports"), text=values["fault"]),
        on_paper.TableBlock(
            title=Words("维修项目与预估费用", "Work and estimate"),
            columns=(
                on_paper.TableColumn(Words("项目", "Work"), 56),
                on_paper.TableColumn(Words("付款方", "Paid by"), 22),
                on_paper.TableColumn(Words("预估（元）", "Estimate (CNY)"), 22, figures=True),
            ),
            rows=tuple(
                (on_paper.same(job["job"]), own.payer_name(job["payer"]), on_paper.figure(job["price"]))
                for job in jobs
            ),
            totals=((Words("预估费用合计", "Estimate"), estimate),),
            capitals=True,
        ),
        on_paper.PairsBlock(title=Words("委托事项", "What is agreed"), pairs=visit),
    )
    payers = {job["payer"] for job in jobs}
    holding = {
        entries["old_parts"],
        entries["road_test"],
        *(["warranty_work"] if "warranty" in payers else []),
        *(["insurer_work"] if "insurer" in payers else []),
        *(["valuables"] if entries["valuables"] else []),
        *(["appointment"] if vehicle.appointment_number else []),
    }
    appointment = ((Words("预约", "Appointment"), on_paper.same(vehicle.appointment_number)),)
    return on_paper.Body(
        blocks=blocks,
        values=values,
        conditions=frozenset(holding),
        references=appointment if vehicle.appointment_number else (),
        keywords=(entries["plate"], entries["vin"]),
    )
