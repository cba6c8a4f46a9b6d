"""The disclosure of repairs before the sale (PDI 检修告知书), signed on the customer's own copy."""

from collections.abc import Mapping
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_units import require_unit
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import NothingToDisclose
from app.contracts.kinds.facts import DocumentFacts, RepairFact
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="pdi_repair_disclosure",
    title=Words("新车交付前检修告知书", "Pre-delivery Repair Disclosure"),
    purpose=Words(
        "交付前维修或更换过部件的，逐项告知客户，并由客户在其留存件上签字。",
        "Tells the customer of every repair and part replaced before delivery; signed on the customer's own copy.",
    ),
    about=(declare.Subject.CUSTOMER, declare.Subject.UNIT),
    conditions=declare.COMMON_CONDITIONS | {"safety", "from_inspection", "compensation", "promise"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.placeholders(
        inspected_on=("检查日", "Day of the inspection", "2026年11月20日", "20 November 2026"),
        inspector=("检查人", "Inspector", "赵师傅", "赵师傅"),
        repairs=("检修项数", "Number of repairs", "2", "2"),
        compensation=("补偿金额", "Compensation", "¥2,000.00", "¥2,000.00"),
        compensation_capitals=("补偿金额大写", "The same in capitals", "贰仟元整", "贰仟元整"),
        promise=("附加承诺", "Further promise", "左前门漆面质保延长至 60 个月", "左前门漆面质保延长至 60 个月"),
        told_on=("告知日", "Day of the disclosure", "2026年11月23日", "23 November 2026"),
    ),
    entries=(
        declare.day("told_on", "告知日", "Told on"),
        declare.lines(
            "repairs", "检查记录以外的检修", "Repairs not in the inspection record",
            declare.text("part", "部位", "Part", limit=60),
            declare.text("finding", "原因", "What was wrong", limit=120),
            declare.text("repair", "检修或更换", "What was done", limit=120),
            declare.day("repaired_on", "完成日", "Done on"),
            required=False,
        ),
        declare.money("compensation", "补偿金额", "Compensation", required=False),
        declare.text("promise", "附加承诺", "Further promise", required=False),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="PD",
    retention=declare.RetentionClass.REPAIR,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """Today."""
    return {"told_on": branch_date(facts.drafted_at)}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """All repairs of a unit, those of its inspections and those entered; raises NothingToDisclose (`repairs`)."""
    unit = require_unit(facts)
    entered = tuple(
        RepairFact(
            part=on_paper.same(line["part"]), finding=line["finding"], repair=line["repair"],
            done_on=line["repaired_on"],
        )
        for line in entries["repairs"]
    )  # fmt: skip
    repairs = (*unit.repairs, *entered)
    if not repairs:
        raise NothingToDisclose(field="repairs")
    compensation = entries["compensation"] or None
    blocks: list[on_paper.Block] = [
        on_paper.VehicleBlock(title=Words("车辆", "Vehicle"), vehicle=unit.vehicle),
        on_paper.PairsBlock(
            title=Words("检查", "Inspection"),
            pairs=(
                (Words("检查日", "Inspected on"), on_paper.day(unit.inspected_on)),
                (Words("检查人", "Inspector"), on_paper.same(unit.inspector)),
                (Words("告知日", "Told on"), on_paper.day(entries["told_on"])),
                (Words("补偿金额", "Compensation"), on_paper.money(compensation)),
            ),
        ),
        _repairs_table(repairs),
    ]
    if entries["promise"]:
        blocks.append(
            on_paper.StatementBlock(
                title=Words("附加承诺", "Further promise"), text=on_paper.same(entries["promise"])
            )
        )
    values = on_paper.vehicle_values(unit.vehicle) | {
        "inspected_on": on_paper.day(unit.inspected_on),
        "inspector": on_paper.same(unit.inspector),
        "repairs": on_paper.same(len(repairs)),
        "compensation": on_paper.money(compensation),
        "compensation_capitals": on_paper.capitals(compensation),
        "promise": on_paper.same(entries["promise"]),
        "told_on": on_paper.day(entries["told_on"]),
    }
    holding = {
        *(["safety"] if any(repair.safety for repair in repairs) else []),
        *(["from_inspection"] if unit.inspected_on else []),
        *(["compensation"] if compensation else []),
        *(["promise"] if entries["promise"] else []),
    }
    return on_paper.Body(
        blocks=tuple(blocks), values=values, conditions=frozenset(holding), keywords=(unit.vehicle.vin,)
    )


def _repairs_table(repairs: tuple[RepairFact, ...]) -> on_paper.TableBlock:
    return on_paper.TableBlock(
        title=Words("检修项目", "Repairs"),
        columns=(
            on_paper.TableColumn(Words("部位", "Part"), 22),
            on_paper.TableColumn(Words("发现的问题", "What was wrong"), 32),
            on_paper.TableColumn(Words("检修或更换", "What was done"), 32),
            on_paper.TableColumn(Words("完成日", "Done on"), 18),
        ),
        rows=tuple(
            (repair.part, on_paper.same(repair.finding), on_paper.same(_done(repair)), on_paper.day(repair.done_on))
            for repair in repairs
        ),
    )


def _done(repair: RepairFact) -> str:
    return f"{repair.repair} · {repair.done_by}" if repair.done_by else repair.repair
