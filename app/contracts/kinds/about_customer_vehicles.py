"""What the kinds about a customer's own vehicle share."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.errors import SubjectMissing
from app.contracts.kinds.facts import CustomerVehicleFacts, DocumentFacts
from app.contracts.kinds.parts import EntryChoice, Subject
from app.documents.paper_data import Words
from app.kernel.money import ZERO

Lines = list[dict[str, Any]]

IDENTITY_ENTRIES = (
    declare.text("vehicle", "车辆名称", "Vehicle", limit=120),
    declare.text("plate", "号牌号码", "Plate", form=declare.EntryForm.PLATE, limit=12, personal=True),
    declare.text("vin", "车辆识别代号", "VIN", form=declare.EntryForm.VIN, limit=40),
)
"""What identifies the vehicle on every such paper."""
PAYERS = (
    ("customer", "客户自付", "Customer"),
    ("warranty", "三包/质保", "Warranty"),
    ("insurer", "保险", "Insurer"),
    ("house", "本店承担", "House"),
)
PAYER = declare.choice("payer", "付款方", "Paid by", *PAYERS, default="customer")
"""Who pays for a line: the same on estimate and settlement."""


def odometer(zh: str) -> declare.Entry:
    """The reading, called by the moment it is taken at."""
    return declare.whole_number("odometer_km", zh, "Odometer (km)", largest=2_000_000)


def jobs(zh: str, en: str, price_zh: str, price_en: str) -> declare.Entry:
    """The work, line by line, with what it costs and who pays."""
    return declare.lines(
        "jobs", zh, en,
        declare.text("job", "项目", "Work", limit=120), declare.money("price", price_zh, price_en), PAYER,
    )  # fmt: skip


def require_vehicle(facts: DocumentFacts) -> CustomerVehicleFacts:
    """The vehicle the document is about; raises SubjectMissing (field `customer_vehicle_id`)."""
    if facts.vehicle is None:
        raise SubjectMissing(field="customer_vehicle_id", subject=Subject.CUSTOMER_VEHICLE.label)
    return facts.vehicle


def known_of(vehicle: CustomerVehicleFacts) -> dict[str, Any]:
    """What the form begins with: as the workshop knows the vehicle."""
    known = {"vehicle": vehicle.name, "plate": vehicle.plate, "vin": vehicle.vin}
    return known | ({"odometer_km": vehicle.odometer_km} if vehicle.odometer_km else {})


def vehicle_said(entries: Mapping[str, Any]) -> dict[str, Words]:
    """The placeholders of the vehicle as it was entered."""
    return {
        "vehicle": on_paper.same(entries["vehicle"]),
        "plate": on_paper.same(entries["plate"]),
        "vin": on_paper.same(entries["vin"]),
        "odometer": on_paper.kilometres(entries["odometer_km"]),
    }


def vehicle_block(title: Words, entries: Mapping[str, Any], *more: on_paper.Pair) -> on_paper.PairsBlock:
    """The vehicle as label and value."""
    said = vehicle_said(entries)
    pairs = (
        (Words("车辆", "Vehicle"), said["vehicle"]),
        (Words("号牌号码", "Plate"), said["plate"]),
        (Words("车辆识别代号", "VIN"), said["vin"]),
        (Words("里程表读数", "Odometer"), said["odometer"]),
    )
    return on_paper.PairsBlock(title=title, pairs=(*pairs, *more))


def sum_of(lines: Lines, payer: str = "") -> Decimal:
    """What lines come to: price, times count where there is one; of one payer only if named."""
    prices = (line["price"] * line.get("count", 1) for line in lines if not payer or line["payer"] == payer)
    return sum(prices, ZERO)


def payer_name(code: str) -> Words:
    """Who pays, in both languages."""
    return label_of(PAYER.choices, code)


def label_of(choices: tuple[EntryChoice, ...], code: str) -> Words:
    """The label of a chosen answer."""
    return next(answer.label for answer in choices if answer.code == code)
