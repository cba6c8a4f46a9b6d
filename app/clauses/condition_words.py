"""The conditions under which a clause is printed, in people's words, and which of them never hold together."""

from collections.abc import Iterable

from app.documents.paper_data import Words
from app.kernel.labels import Bilingual

_WORDS: dict[str, Words] = {
    "accident_disclosed": Words("已披露事故、水淹或火烧", "Accident, flood or fire disclosed"),
    "advance": Words("已收订金（预付款）", "An advance (订金) was paid"),
    "agreement": Words("双方协商解除", "Both sides agree to end it"),
    "alone": Words("客户单独试驾", "The customer drives without passengers"),
    "appointment": Words("有维修预约", "There is an appointment"),
    "assembly_repair": Words("整车修理或总成修理", "Repair of the whole vehicle or of an assembly"),
    "authorised": Words("有维修委托书", "There is a repair authorisation"),
    "buyer_breach": Words("客户违约", "The customer's breach"),
    "co_buyer": Words("有共同买方", "There is a co-buyer"),
    "collected": Words("含代收税费、保险费", "Tax or insurance collected for others"),
    "company_buyer": Words("单位购车", "The buyer is a company"),
    "company_customer": Words("客户为单位", "The customer is a company"),
    "compensation": Words("约定补偿", "Compensation is agreed"),
    "contract_signed": Words("已签买卖合同", "The sales contract is signed"),
    "defects": Words("交车时发现瑕疵", "Defects seen at hand-over"),
    "delivery_agreed": Words("已约定交付日期", "A day of delivery is agreed"),
    "discount": Words("有优惠", "There is a discount"),
    "earnest_money": Words("已收定金", "Earnest money (定金) was paid"),
    "employer": Words("填写了工作单位", "The employer is named"),
    "findings": Words("有检测结论", "There are findings of the inspection"),
    "force_majeure": Words("不可抗力", "Force majeure"),
    "forfeited": Words("有不予返还的定金", "Earnest money stays with the dealer"),
    "from_inspection": Words("依据检查记录", "From the record of the inspection"),
    "further_terms": Words("另有其他约定", "Something else is agreed"),
    "guarantor": Words("有保证人", "There is a guarantor"),
    "insurance": Words("代收保险费", "Insurance premium collected"),
    "insurer_work": Words("保险维修", "Paid by an insurer"),
    "marketing": Words("同意营销联系", "Agrees to marketing"),
    "minor_repair": Words("小修或专项修理", "Minor repair"),
    "money_received": Words("已收款项", "Money was received"),
    "mortgaged": Words("车辆有抵押", "The vehicle is charged"),
    "new_energy": Words("新能源车", "New-energy vehicle"),
    "new_vehicle": Words("新车", "New vehicle"),
    "no_accident": Words("无重大事故、水淹、火烧", "No major accident, flood or fire"),
    "no_defects": Words("交车时未发现瑕疵", "No defects seen at hand-over"),
    "no_deposit": Words("未收定金或订金", "Neither earnest money nor an advance"),
    "no_marketing": Words("不同意营销联系", "Does not agree to marketing"),
    "no_plan": Words("全款购车", "Paid without a loan"),
    "no_road_test": Words("不同意路试", "No road test"),
    "no_sensitive": Words("不同意处理敏感信息", "Does not agree to sensitive information"),
    "no_share_bank": Words("不同意提供给贷款机构", "Does not agree to passing on to lenders"),
    "no_share_insurer": Words("不同意提供给保险公司", "Does not agree to passing on to insurers"),
    "not_received": Words("定金尚未交付", "The money has not been received"),
    "nothing_received": Words("未收任何款项", "No money was received"),
    "outstanding": Words("尚有余款", "Money is still owed"),
    "paid": Words("已付清", "Paid in full"),
    "paid_by_other": Words("由他人代付", "Paid by somebody else"),
    "paid_out": Words("向客户付款", "Paid out to the customer"),
    "parts": Words("更换了配件", "Parts were used"),
    "parts_disposed": Words("旧件由店方处理", "Old parts are disposed of"),
    "parts_returned": Words("旧件交还客户", "Old parts are returned"),
    "passengers": Words("有同乘人员", "There are passengers"),
    "pay_otherwise": Words("未获贷款时改为自行付款", "If refused, the customer pays otherwise"),
    "penalty": Words("双倍返还定金", "The earnest money goes back double"),
    "person_customer": Words("客户为个人", "The customer is a person"),
    "plan": Words("贷款购车", "Paid with a loan"),
    "price": Words("收取车款", "Payment of the price"),
    "promise": Words("另有承诺", "A promise is made"),
    "provisional": Words("暂定销售：中心尚未确认", "Provisional: the centre has yet to confirm"),
    "received": Words("定金已收", "The money was received"),
    "returned": Words("有款项退还客户", "Money goes back to the customer"),
    "road_test": Words("同意路试", "A road test is agreed"),
    "safety": Words("涉及安全部件", "A safety part is concerned"),
    "second_grade": Words("二级维护", "Second-grade maintenance"),
    "secured": Words("车辆已锁定，离线签约", "Vehicle secured, signed offline"),
    "seller_breach": Words("经销商违约", "The dealer's breach"),
    "sensitive": Words("同意处理敏感信息", "Agrees to sensitive information"),
    "seller_account": Words("卖方有收款账户", "The seller's account is entered"),
    "set_off": Words("抵作购车款", "Set off against the price"),
    "share_bank": Words("同意提供给贷款机构", "Agrees to passing on to lenders"),
    "share_insurer": Words("同意提供给保险公司", "Agrees to passing on to insurers"),
    "unencumbered": Words("车辆无抵押", "The vehicle is free of charges"),
    "used_vehicle": Words("二手车", "Used vehicle"),
    "valuables": Words("车内有贵重物品", "Valuables are in the vehicle"),
    "warranty_work": Words("三包、质保维修", "Work under warranty"),
    "wishes": Words("有特别要求", "Special wishes"),
    "withdraw": Words("未获贷款时解除订购", "If refused, the customer withdraws"),
}

NEVER_TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"earnest_money", "advance", "no_deposit"}),
    frozenset({"plan", "no_plan"}),
    frozenset({"new_vehicle", "used_vehicle"}),
    frozenset({"provisional", "secured"}),
    frozenset({"company_customer", "person_customer"}),
    frozenset({"received", "not_received"}),
    frozenset({"passengers", "alone"}),
    frozenset({"paid", "outstanding"}),
    frozenset({"defects", "no_defects"}),
    frozenset({"mortgaged", "unencumbered"}),
    frozenset({"accident_disclosed", "no_accident"}),
    frozenset({"parts_returned", "parts_disposed"}),
    frozenset({"road_test", "no_road_test"}),
    frozenset({"marketing", "no_marketing"}),
    frozenset({"sensitive", "no_sensitive"}),
    frozenset({"share_bank", "no_share_bank"}),
    frozenset({"share_insurer", "no_share_insurer"}),
    frozenset({"pay_otherwise", "withdraw"}),
    frozenset({"agreement", "buyer_breach", "seller_breach", "force_majeure"}),
    frozenset({"money_received", "nothing_received"}),
    frozenset({"forfeited", "penalty"}),
)
"""Of each of these at most one holds for a document."""


def is_worded(code: str) -> bool:
    """Whether a condition has words of its own."""
    return code in _WORDS


def condition_words(code: str) -> Bilingual:
    """What a condition says; a code nobody has worded yet as it is."""
    words = _WORDS.get(code)
    return Bilingual(code, code) if words is None else Bilingual(words.zh, words.en)


def contradiction(conditions: Iterable[str]) -> tuple[str, ...]:
    """Conditions of which at most one holds, where several are asked for; else empty."""
    asked = set(conditions)
    for group in NEVER_TOGETHER:
        if len(group & asked) > 1:
            return tuple(sorted(group & asked))
    return ()
