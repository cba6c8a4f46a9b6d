"""The longest contract through a desk's own commands: forty lines, house terms, a loan, four who sign."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.clauses.rules import TextSort
from app.contracts.commands import DraftContract, LockContract
from app.contracts.preparing import prepare_draft
from app.contracts.queries import get_contract
from app.contracts.signers.identity_commands import CheckIdentityDocument, NoteIdentityNotice
from app.contracts.signers.party_commands import SetContractParties
from app.inventory.commands import HoldUnit
from app.orders.commands import PlaceOrder
from app.quotations.commands import (
    AcceptQuotation,
    DraftQuotation,
    ExtraTerms,
    FinanceTerms,
    InsuranceTerms,
    PresentQuotation,
)
from db.models.inventory import VehicleUnit
from tests.app.clauses.library_desk import LibraryDesk
from tests.app.contracts.party_samples import FATHER_BORN, SPOUSE_BORN, co_buyer, guarantor, identity_number
from tests.app.sale_desk import DELIVERY, SaleDesk

LINES = 40
FOUR = ("buyer", "co_buyer_1", "guarantor_1", "dealer")
CARDS = {
    "buyer": ("张伟", "11010519491231002X"),
    "co_buyer_1": ("李娜", identity_number(SPOUSE_BORN, 22)),
    "guarantor_1": ("张建国", identity_number(FATHER_BORN, 31)),
}
_EACH = Decimal("128.00")
_OPTION = "选装 {n:02d}：原厂附件（零件号 MB-{n:04d}-CN），含材料、安装工时与路试，质保 24 个月或 50,000 km", \
    "Option {n:02d}: original part MB-{n:04d}-CN, fitted, 24 months"
_SERVICE = "服务 {n:02d}：上门取送车一次（单程 30 km 以内），自交付之日起 12 个月内有效，需提前 1 日预约", \
    "Service {n:02d}: vehicle fetched and returned once, 12 months"
HOUSE_TERMS = (
    (
        "选装件",
        "Accessories",
        "选装件以首部明细所列名称、零件号与金额为准，由卖方在交付前安装完毕，并随车交付合格证、安装记录与保修凭证。"
        "选装件为原厂件的，质量担保期为 24 个月或 50,000 公里，以先到者为准；为同质件的，以其制造商的书面担保为准。"
        "安装需要改变车身结构、外廓尺寸、灯光或者排放的，卖方应事先说明能否办理变更登记，不能办理的不得安装。"
        "安装质量造成车辆损坏的，由卖方无偿修复并赔偿由此产生的损失；选装件不影响整车三包责任的承担。",
        "Accessories are those of the list at the head, with part number and amount; the Seller fits them before delivery "
        "and hands over their certificates, the fitting record and the warranty papers. Original parts are warranted for "
        "24 months or 50,000 km, whichever comes first, parts of equal quality as their maker promises in writing. Where "
        "fitting would change the body, outline, lights or emissions the Seller first says whether the change can be "
        "registered, and does not fit what cannot. Damage by bad fitting is repaired free of charge and made good.",
    ),
    (
        "服务项目",
        "Services",
        "服务项目自车辆交付之日起 12 个月内有效，买方提前 1 日预约，卖方应在约定时间内提供。卖方因故不能提供的，"
        "应在 3 日内另行安排；连续两次未能提供的，买方可以要求按首部所列金额退款，退款在 7 日内原路返还。"
        "取送车途中车辆的毁损、灭失风险由卖方承担；取车时双方共同记录里程、电量或者油量、外观与车内物品。"
        "服务项目不得转让给他人，但可以随车辆转移给新的所有人，卖方凭登记证书办理变更，不收取费用。",
        "Services hold for 12 months from delivery; the Buyer books a day ahead and the Seller provides them at the time "
        "agreed. If the Seller cannot, another time is arranged within 3 days; after two failures in a row the Buyer may "
        "be paid back the amount of the list within 7 days. While the vehicle is fetched and returned the risk of loss is "
        "the Seller’s; odometer, charge or fuel, body and things inside are noted together. Services pass with the "
        "vehicle to a new owner on showing the registration certificate, free of charge.",
    ),
    (
        "共同买方与保证人",
        "Co-buyer and guarantor",
        "共同买方与买方就本合同项下的付款义务承担连带责任；车辆登记在买方名下的，不影响共同买方依法享有的权利。"
        "保证人承担连带责任保证，保证范围包括未付价款、违约金以及实现债权的合理费用，保证期间为各笔款项履行期限届满之日起六个月。"
        "本合同的变更加重保证人责任的，须经保证人书面同意；未经同意的，保证人对加重的部分不承担责任。"
        "卖方应在买方逾期付款之日起 10 日内书面告知共同买方与保证人，并说明欠款数额及其计算方法。",
        "The co-buyer is jointly and severally liable with the Buyer for every payment; registration in the Buyer’s name "
        "does not affect the co-buyer’s rights. The guarantor gives a joint and several guarantee for unpaid price, "
        "penalty and the reasonable cost of recovery, for six months from the day each payment is due. A change of this "
        "contract that adds to the guarantor’s burden needs written consent; without it the guarantor does not answer for "
        "what is added. Within 10 days of a late payment the Seller tells both in writing how much is owed, and why.",
    ),
    (
        "数据与远程服务",
        "Data and remote services",
        "车辆配备联网功能的，卖方应在交付时向买方说明所收集的数据种类、用途、存储地点与关闭方法，并协助买方完成实名登记。"
        "卖方不得以拒绝提供联网服务为由影响车辆的基本使用、保养与维修；买方可以随时关闭非安全所必需的数据上传。"
        "软件升级改变动力、制动、转向或者续航性能的，卖方应事先告知并取得买方同意；因升级造成性能下降的，买方可以要求恢复。"
        "买方转让、报废车辆或者终止服务的，卖方应协助其删除车内个人信息并解除账号绑定。",
        "For a connected vehicle the Seller explains at delivery which data are collected, what for, where they are kept "
        "and how to switch it off, and helps with the registration of the owner. Refusing connected services does not "
        "affect use, upkeep and repair; uploads that safety does not need can be switched off at any time. A software "
        "update that changes power, brakes, steering or range needs the Buyer’s consent; if it makes the vehicle worse, "
        "the Buyer may have it undone. On resale, scrapping or the end of service the Seller helps to erase personal data.",
    ),
)  # fmt: skip


class LongestSale:
    """王芳 sells it to 张伟 with 李娜, 张建国 answering for both; 赵敏 and 周涛 approve the house's terms first."""

    def __init__(self, desk: SaleDesk) -> None:
        self.desk = desk
        self._approve_house_terms()
        self.order_id = self._order()
        desk.pay(self.order_id, "20000.00")
        self.contract_id = desk.draft_contract(self.order_id).contract_id
        desk.do(
            SetContractParties(
                contract_id=self.contract_id, expected_revision=self.detail.row.revision,
                parties=(guarantor(), co_buyer()),
            )
        )  # fmt: skip

    @property
    def detail(self) -> Any:
        """The contract as its page shows it."""
        return self.desk.read(get_contract, self.contract_id)

    def draft(self, language: str = "") -> Any:
        """Lay it out, then store it, as its page does; returns what was laid out."""
        prepared = self.desk.read(prepare_draft, self.order_id, language=language)
        self.desk.do(DraftContract(order_id=self.order_id, prepared=prepared, language=language))
        return prepared

    def lock(self) -> None:
        """Freeze the bytes that were shown."""
        seen = self.detail
        self.desk.do(
            LockContract(
                contract_id=self.contract_id, expected_revision=seen.row.revision, shown_digest=seen.shown_digest
            )
        )

    def identify(self, party: str) -> bool:
        """Show the purposes, compare the card; whether it agreed with the contract."""
        self.desk.do(NoteIdentityNotice(contract_id=self.contract_id, party=party, language="zh_CN"))
        name, number = CARDS[party]
        card = CheckIdentityDocument(contract_id=self.contract_id, party=party, name=name, number=number)
        return bool(self.desk.do(card).passed)

    def sign(self, party: str) -> Any:
        """A minute later: every clause acknowledged, then the hand."""
        self.desk.clock.advance(timedelta(minutes=1))
        return self.desk.do(self.desk.signature(self.contract_id, party))

    def _approve_house_terms(self) -> None:
        library = LibraryDesk(self.desk)
        codes = [f"house.term_{number}" for number in range(len(HOUSE_TERMS))]
        for code, (title_zh, title_en, zh, en) in zip(codes, HOUSE_TERMS, strict=True):
            library.approve(library.clause(code, title_zh=title_zh, title_en=title_en, text_zh=zh, text_en=en))
        library.approve(library.template(*codes), TextSort.TEMPLATE)

    def _order(self) -> str:
        desk = self.desk
        unit = desk.unit()
        desk.do(HoldUnit(unit_id=unit.id, customer_id=desk.customer.id))
        terms = desk.terms(
            unit, options=_extras(_OPTION, 20), services=_extras(_SERVICE, LINES - 27),
            insurance=InsuranceTerms(third_party_limit=Decimal("2000000.00")),
            finance=FinanceTerms(
                method="equal_instalment", down_payment=Decimal("60000.00"), months=36, annual_rate=Decimal("0.045"),
                product_code="bank_equal_instalment",
            ),
        )  # fmt: skip
        offer = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=terms)).quotation_id
        desk.do(PresentQuotation(quotation_id=offer, expected_revision=1))
        desk.do(AcceptQuotation(quotation_id=offer, expected_revision=2))
        order = desk.do(PlaceOrder(quotation_id=offer, expected_revision=3, planned_delivery=DELIVERY))
        assert desk.row(VehicleUnit, unit.id).allocation_state == "ALLOCATED"
        return str(order.order_id)


def _extras(names: tuple[str, str], count: int) -> tuple[ExtraTerms, ...]:
    zh, en = names
    return tuple(
        ExtraTerms(name_zh=zh.format(n=number), name_en=en.format(n=number), amount=_EACH)
        for number in range(1, count + 1)
    )
