"""The test drive agreement (试乘试驾协议)."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_AND_DEALER,
    VEHICLE,
    DocumentKind,
    EntryForm,
    RetentionClass,
    Subject,
    day,
    placeholders,
    text,
    whole_number,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

KIND = DocumentKind(
    code="test_drive",
    title=Words("试乘试驾协议", "Test Drive Agreement"),
    purpose=Words("客户试驾前的约定、驾驶资格与车辆状况。", "What is agreed before a test drive: licence, route, vehicle."),
    about=(Subject.CUSTOMER, Subject.UNIT),
    conditions=COMMON_CONDITIONS | {"passengers", "alone"},
    placeholders=COMMON | VEHICLE | placeholders(
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
        text("licence_number", "驾驶证号", "Driving licence no.", form=EntryForm.LICENCE, limit=18, personal=True),
        text("licence_class", "准驾车型", "Licence class", limit=10, default="C1"),
        day("licence_valid_until", "驾驶证有效期至", "Licence valid until"),
        text("plate", "试驾车号牌", "Plate of the test car", form=EntryForm.PLATE, limit=12),
        day("starts_on", "试驾日", "Day of the drive", not_past=True),
        text("starts_at", "出发时间", "Leaves at", form=EntryForm.TIME, limit=5),
        text("returns_at", "返回时间", "Returns at", form=EntryForm.TIME, limit=5),
        whole_number("odometer_out", "出发里程（km）", "Odometer on leaving (km)", largest=2_000_000),
        text("route", "试驾路线", "Route"),
        whole_number("passengers", "随行人数", "Passengers", largest=8, default="0"),
    ),
    roles=CUSTOMER_AND_DEALER,
    permission=Permission.CONTRACTS_DRAFT,
    number_kind="TD",
    retention=RetentionClass.TEST_DRIVE,
    several_at_once=True,
)  # fmt: skip
