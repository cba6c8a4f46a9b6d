"""A contract, a hand and a key, for tests and benchmarks."""

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.contracts.paper.sale_paper import ContractPaper, RenderedContract, render_contract
from app.contracts.paper.samples import sample_sale
from app.contracts.sealing.evidence import (
    Acknowledgement,
    PenKind,
    SealEvidence,
    SignatureEvidence,
    Signer,
    SignerRole,
    SigningDevice,
    strokes_from,
)
from app.contracts.templates.template import load_template
from app.documents.paper_data import Words
from tests.app.documents.paper_samples import (
    BUYER,
    CONTRACT_PRICE,
    EARNEST_MONEY,
    LINES,
    NOON,
    PLAN,
    SELLER,
    TOTAL,
    VEHICLE,
)

TEMPLATE = load_template("vehicle_sale", 1)
DEVICE = SigningDevice(device_id="0192f0c1", desk_code="PD01-D2", pen=PenKind.PEN, software="Forecourt 0.1")
ROUNDS = {SignerRole.BUYER: "欧阳䶮", SignerRole.GUARANTOR: "欧阳明", SignerRole.SELLER: "陈嘉宁"}


def contract_paper(**changes: Any) -> ContractPaper:
    """The sale of the samples as a contract."""
    paper = replace(
        sample_sale(), number="PD01-D2-CT-000123", order_number="PD01-D2-SO-000123", drafted_at=NOON,
        signing_place=Words("上海市浦东新区", "Pudong, Shanghai"), seller=SELLER, buyer=BUYER, vehicle=VEHICLE,
        lines=LINES, total=TOTAL, contract_price=CONTRACT_PRICE, delivery_on=date(2026, 12, 6),
        delivery_place=Words("卖方川沙路展厅", "the Seller’s showroom, Chuansha Road"), salesperson="陈嘉宁",
        deposit=EARNEST_MONEY, plan=PLAN,
    )  # fmt: skip
    return replace(paper, **changes)


def hand(seed: int, *, strokes: int = 6, points: int = 40) -> list[list[tuple[float, float, float, float]]]:
    """Something that moves like a pen: loops and dashes from left to right, in pixels."""
    drawn = []
    clock = 0.0
    for number in range(strokes):
        stroke = []
        for index in range(points):
            part = index / (points - 1)
            wave = part * (3 + (seed + number) % 4) * math.pi / 2
            x = 20 + number * 42 + 46 * part + 11 * math.cos(wave * 1.7 + seed)
            y = 60 + 28 * math.sin(wave + seed * number) - 12 * part
            clock += 8
            stroke.append((clock, x, y, 0.3 + 0.6 * math.sin(part * math.pi)))
        clock += 90
        drawn.append(stroke)
    return drawn


def evidence_for(contract: RenderedContract, sha256: str, role: SignerRole, *, seed: int = 1) -> SignatureEvidence:
    """The evidence of one signature, with every clause acknowledged by the buyer."""
    buyer = role is SignerRole.BUYER
    acknowledgements = tuple(
        Acknowledgement(
            number=asked.number,
            clause_id=asked.clause_id,
            acknowledged_at=NOON + timedelta(minutes=3, seconds=7 * asked.number),
        )
        for asked in contract.acknowledgements
    )
    return SignatureEvidence(
        document_number="PD01-D2-CT-000123",
        document_sha256=sha256,
        signer=Signer(
            name=ROUNDS[role],
            role=role,
            organisation="" if buyer else SELLER.name,
            identity="110105********002X" if buyer else "",
            identity_check="identity card seen" if buyer else "signed in with password",
        ),
        signed_at=NOON + timedelta(minutes=5 if buyer else 6),
        device=DEVICE,
        strokes=strokes_from(hand(seed + (0 if buyer else 3))),
        acknowledgements=acknowledgements if buyer else (),
        place="上海市浦东新区",
    )


def seal_evidence(sha256: str, *digests: str) -> SealEvidence:
    """What the seal closes."""
    return SealEvidence(
        document_number="PD01-D2-CT-000123",
        document_sha256=sha256,
        sealed_by="林晓雯",
        sealed_at=NOON + timedelta(minutes=8),
        signature_evidence=digests,
    )


def sample_contract(language: str = "zh_CN", **changes: object) -> RenderedContract:
    """The rendered contract of the samples."""
    return render_contract(contract_paper(**changes), TEMPLATE, language)
