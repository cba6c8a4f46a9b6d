"""The longest contract that is signed in earnest: forty lines, each with a reason, a loan, and four who sign."""

from dataclasses import replace
from decimal import Decimal

from app.contracts.paper.sale_paper import ContractPaper, PaperSigner
from app.documents.paper_data import PaperLine, Words
from tests.app.contracts.signing_samples import contract_paper
from tests.app.documents.paper_samples import BUYER, LINES, TOTAL

FORTY = 40
_EACH = Decimal("128.00")
_WORK = Words(
    "选装件及安装工时第 {n:02d} 项：原厂附件（零件号 MB-{n:04d}-CN），含材料费、安装工时费、四轮定位与路试，"
    "质量保证期自车辆交付之日起二十四个月或行驶五万公里，以先到者为准",
    "Accessory and fitting no. {n:02d}: original part (part number MB-{n:04d}-CN) with material and labour; "
    "warranted for twenty-four months from delivery of the vehicle or 50,000 km",
)
_EXCEPT = Words("；第三方改装造成的损坏除外", "; not for damage caused by modifications of third parties")
_WHY = Words(
    "依据 2026 年 11 月选装件价目表第 {n} 页，已告知买方可不选装",
    "Accessory price list of November 2026, page {n}; the Buyer was told that it is optional",
)


def longest_paper() -> ContractPaper:
    """The sale of the samples with lines up to forty, a co-buyer and a guarantor."""
    further = tuple(_line(number) for number in range(1, FORTY - len(LINES) + 1))
    added = _EACH * len(further)
    base = contract_paper()
    return replace(
        base, lines=(*LINES, *further), total=TOTAL + added, contract_price=base.contract_price + added,
        co_signers=(
            PaperSigner(code="co_buyer_1", party=replace(BUYER, name="李娜")),
            PaperSigner(code="guarantor_1", party=replace(BUYER, name="欧阳明", address="上海市杨浦区国权路 20 号")),
        ),
    )  # fmt: skip


def _line(number: int) -> PaperLine:
    def filled(words: Words) -> Words:
        return Words(words.zh.format(n=number), words.en.format(n=number))

    work = filled(_WORK)
    if number % 4 == 0:
        work = Words(work.zh + _EXCEPT.zh, work.en + _EXCEPT.en)
    return PaperLine(label=work, amount=_EACH, note=filled(_WHY))
