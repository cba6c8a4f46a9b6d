"""The test drive agreement (试乘试驾协议)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.about_units import require_unit
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.errors import LicenceExpired, ReturnBeforeStart
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.documents.wording import branch_date
from app.kernel.permissions import Permission

KIND = declare.DocumentKind(
    code="test_drive",
    title=Words("试乘试驾协议", "Test Drive Agreement"),
    purpose=Words(
        "客户试驾前的约定、驾驶资格与车辆状况。", "What is agreed before a test drive: licence, route, vehicle."
    ),
    about=(declare.Subject.CUSTOMER, declare.Subject.UNIT),
    conditions=declare.COMMON_CONDITIONS | {"passengers", "alone"},
    placeholders=declare.COMMON | declare.VEHICLE | declare.placeholders(
        plate=("试驾车号牌", "Plate of the test car", "沪A·88888", "沪A·88888"),
        licence_number=("驾驶证号", "Driving licence", "310105199001011234", "310105199001011234"),
        licence_class=("准驾车型", "Class", "C1", "C1"),
        licence_valid_until=("驾驶证有效期至", "Licence valid until", "2030年5月1日", "1 May 2030"),
        starts_on=("试驾日", "Day of the drive", "2026年11月24日", "24 November 2026"),
        starts_at=("出发时间", "Leaves at", "14:30", "14:30"),
        returns_at=("返回时间", "Returns at", "15:15", "15:15"),
        odometer_out=("出发里程", "Odometer on leaving", "1,204 km", "1,204 km"),
        route=("试驾路线", "Route", "龙阳路—张江路—返回门店", "龙阳路—张江路—返回门店"),
        passengers=("随行人数", "Passengers", "1", "1"),
    ),
    entries=(
        declare.text(
            "licence_number", "驾驶证号", "Driving licence no.", form=declare.EntryForm.LICENCE, limit=18, personal=True
        ),
        declare.text("licence_class", "准驾车型", "Licence class", limit=10, default="C1"),
        declare.day("licence_valid_until", "驾驶证有效期至", "Licence valid until"),
        declare.text("plate", "试驾车号牌", "Plate of the test car", form=declare.EntryForm.PLATE, limit=12),
        declare.day("starts_on", "试驾日", "Day of the drive", not_past=True),
        declare.text("starts_at", "出发时间", "Leaves at", form=declare.EntryForm.TIME, limit=5),
        declare.text("returns_at", "返回时间", "Returns at", form=declare.EntryForm.TIME, limit=5),
        declare.whole_number("odometer_out", "出发里程（km）", "Odometer on leaving (km)", largest=2_000_000),
        declare.text("route", "试驾路线", "Route"),
        declare.whole_number("passengers", "随行人数", "Passengers", largest=8, default="0"),
    ),
    roles=declare.CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="TD",
    retention=declare.RetentionClass.TEST_DRIVE,
    several_at_once=True,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """Today, and what the unit's odometer says."""
    unit = require_unit(facts)
    return {"starts_on": branch_date(facts.drafted_at), "odometer_out": unit.vehicle.odometer_km}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The drive of a customer in a unit of the stock; raises LicenceExpired, ReturnBeforeStart."""
    unit = require_unit(facts)
    if entries["licence_valid_until"] < entries["starts_on"]:
        raise LicenceExpired(field="licence_valid_until")
    if entries["returns_at"] <= entries["starts_at"]:
        raise ReturnBeforeStart(field="returns_at")
    vehicle = replace(unit.vehicle, odometer_km=None, engine_number="", certificate_number="")
    values = on_paper.vehicle_values(vehicle) | {
        "plate": on_paper.same(entries["plate"]),
        "licence_number": on_paper.same(entries["licence_number"]),
        "licence_class": on_paper.same(entries["licence_class"]),
        "licence_valid_until": on_paper.day(entries["licence_valid_until"]),
        "starts_on": on_paper.day(entries["starts_on"]),
        "starts_at": on_paper.same(entries["starts_at"]),
        "returns_at": on_paper.same(entries["returns_at"]),
        "odometer_out": on_paper.kilometres(entries["odometer_out"]),
        "route": on_paper.same(entries["route"]),
        "passengers": on_paper.same(entries["passengers"]),
    }
    licence = (
        (Words("驾驶证号", "Licence no."), values["licence_number"]),
        (Words("准驾车型", "Class"), values["licence_class"]),
        (Words("有效期至", "Valid until"), values["licence_valid_until"]),
    )
    drive = (
        (Words("试驾日", "Day"), values["starts_on"]),
        (Words("出发", "Leaves at"), values["starts_at"]),
        (Words("返回", "Returns at"), values["returns_at"]),
        (Words("出发里程", "Odometer"), values["odometer_out"]),
        (Words("随行人数", "Passengers"), values["passengers"]),
        (Words("陪同顾问", "Accompanied by"), on_paper.same(facts.handled_by)),
    )
    blocks = (
        on_paper.VehicleBlock(
            title=Words("试驾车辆", "Vehicle"), vehicle=vehicle,
            more=((Words("号牌", "Plate"), values["plate"]),),
        ),
        on_paper.PairsBlock(title=Words("驾驶资格", "Driving licence"), pairs=licence, across=3),
        on_paper.PairsBlock(title=Words("试驾安排", "The drive"), pairs=drive, across=3),
        on_paper.StatementBlock(title=Words("试驾路线", "Route"), text=values["route"]),
    )  # fmt: skip
    return on_paper.Body(
        blocks=blocks,
        values=values,
        conditions=frozenset({"passengers" if entries["passengers"] else "alone"}),
        keywords=(vehicle.vin, entries["plate"]),
    )
