"""The vehicle sales contract (汽车买卖合同). What it says of an order is `paper.sale_paper.ContractPaper`."""

from app.contracts.kinds import parts as declare
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

_OWN = declare.placeholders(
    number=("合同编号", "Number of the contract", "SH01-D02-CT-000123", "SH01-D02-CT-000123"),
    seller=("卖方名称", "The seller's name", "上海浦江汽车销售服务有限公司", "上海浦江汽车销售服务有限公司"),
    seller_bank=("卖方开户行", "The seller's bank", "中国工商银行上海浦东支行", "中国工商银行上海浦东支行"),
    seller_account=("卖方账号", "The seller's account", "1001280109300012345", "1001280109300012345"),
    buyer=("买方姓名或名称", "The buyer's name", "陈思远", "陈思远"),
    collected=("代收款项合计", "Collected for others", "¥20,100.50", "¥20,100.50"),
    signing_place=("签署地", "Place of signing", "上海市浦东新区龙阳路 1800 号", "1800 Longyang Road, Shanghai"),
    secured_until=("车辆锁定至", "Vehicle secured until", "2026年11月25日 18:00", "25 November 2026 18:00"),
    delivery_on=("交付日", "Day of delivery", "2026年12月1日", "1 December 2026"),
    delivery_place=("交付地点", "Place of delivery", "上海浦东店", "Shanghai Pudong"),
    deposit=("定金或订金", "Earnest money or advance", "¥20,000.00", "¥20,000.00"),
    deposit_capitals=("定金或订金大写", "The same in capitals", "贰万元整", "贰万元整"),
    deposit_limit=("定金上限", "Most that counts as earnest money", "¥39,960.00", "¥39,960.00"),
)

KIND = declare.DocumentKind(
    code="vehicle_sale",
    title=Words("汽车买卖合同", "Vehicle Sales Contract"),
    purpose=Words("车辆买卖双方的正式合同。", "The contract between seller and buyer of a vehicle."),
    about=(declare.Subject.ORDER,),
    conditions=frozenset(
        {
            "provisional", "secured", "collected", "earnest_money", "advance", "no_deposit", "plan", "no_plan",
            "new_energy", "new_vehicle", "used_vehicle", "company_buyer", "co_buyer", "guarantor", "seller_account",
        }
    ),
    placeholders=_OWN | declare.VEHICLE | declare.OF_ORDER | declare.OF_PLAN,
    entries=(),
    roles=declare.BUYER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="CT",
    retention=declare.RetentionClass.SALE,
)  # fmt: skip
