"""The purchase of a used vehicle (二手车置换/收购协议)."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_AND_DEALER,
    OF_CUSTOMER_VEHICLE,
    DocumentKind,
    EntryForm,
    RetentionClass,
    Subject,
    choice,
    day,
    lines,
    money,
    placeholders,
    text,
    whole_number,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="trade_in",
    title=Words("二手车置换（收购）协议", "Used Vehicle Trade-in Agreement"),
    purpose=Words(
        "经销商收购客户的旧车，车款抵作新车款或支付给客户。",
        "The dealer buys the customer's vehicle; the price is set off against a new one or paid out.",
    ),
    about=(Subject.CUSTOMER_VEHICLE,),
    conditions=COMMON_CONDITIONS
    | {"set_off", "paid_out", "mortgaged", "unencumbered", "accident_disclosed", "no_accident", "findings"},
    placeholders=COMMON | OF_CUSTOMER_VEHICLE | placeholders(
        registered_on=("注册登记日", "Day of first registration", "2020年6月18日", "18 June 2020"),
        price=("收购价", "Price", "¥86,000.00", "¥86,000.00"),
        price_capitals=("收购价大写", "Price in capitals", "捌万陆仟元整", "捌万陆仟元整"),
        new_vehicle=("所购新车", "The new vehicle", "比亚迪 海豹", "BYD Seal"),
        hand_over_on=("交车日", "Day of hand-over", "2026年12月1日", "1 December 2026"),
        pay_within_days=("付款期限（日）", "Paid within days", "3", "3"),
        encumbrance=("抵押情况", "Charge on the vehicle", "招商银行车贷余额 12,000 元", "招商银行车贷余额 12,000 元"),
        accident=("事故情况", "Accidents", "2022 年后保险杠更换", "2022 年后保险杠更换"),
    ),
    entries=(
        text("vehicle", "车辆名称", "Vehicle", limit=120),
        text("plate", "号牌号码", "Plate", form=EntryForm.PLATE, limit=12, personal=True),
        text("vin", "车辆识别代号", "VIN", form=EntryForm.VIN, limit=40),
        day("registered_on", "注册登记日", "First registered on"),
        whole_number("odometer_km", "里程表读数（km）", "Odometer (km)", largest=2_000_000),
        money("price", "收购价", "Price", smallest=1),
        choice(
            "settlement", "车款结算", "How the price is settled",
            ("set_off", "抵作新车车款", "Set off against a new vehicle"),
            ("paid_out", "支付给客户", "Paid to the customer"),
        ),
        text("new_vehicle", "所购新车（抵款时填写）", "New vehicle, where set off", required=False, limit=120),
        day("hand_over_on", "交车日", "Handed over on", not_past=True),
        whole_number("pay_within_days", "收车后付款期限（日）", "Paid within days of hand-over", largest=60, default="3"),
        choice(
            "charge", "抵押登记", "Charge on the vehicle",
            ("unencumbered", "无抵押、查封等限制", "None"),
            ("mortgaged", "有抵押", "Mortgaged"),
        ),
        text("encumbrance", "抵押情况（有抵押时填写）", "The charge, where there is one", required=False),
        choice(
            "accidents", "事故及重大维修", "Accidents and major repairs",
            ("no_accident", "无", "None"),
            ("accident_disclosed", "有，已如实告知", "Disclosed"),
        ),
        text("accident", "事故情况（有事故时填写）", "The accident, where there was one", required=False),
        lines(
            "findings", "车况检查", "Condition found",
            text("part", "部位", "Part", limit=60), text("finding", "发现", "Finding", limit=160),
            required=False,
        ),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="TI",
    retention=RetentionClass.SALE,
)  # fmt: skip
