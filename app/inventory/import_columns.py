"""What the columns of a stock list can stand for, how they are recognised, and how their cells are read."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from app.catalog.source_tables import plain_heading
from app.inventory.errors import DateUnreadable, NumberUnreadable, StockStateUnknown
from app.inventory.rules import StockState
from app.inventory.unit_checks import checked_odometer
from app.kernel.errors import ValueRequired, limited_text, require_text
from app.kernel.labels import Labelled
from app.kernel.money import parse_money
from app.runtime.language import tr_noop

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?|(\d{4})(\d{2})(\d{2})")
_TEN_THOUSANDS = re.compile(r"[(（\[][^)）\]]*(?:万|10k|10,000)[^)）\]]*[)）\]]", re.IGNORECASE)
_SERIAL_DAY_ZERO = date(1899, 12, 30)


class UnitField(Labelled):
    """What a column can stand for."""

    VIN = "vin", tr_noop("VIN")
    MAKE = "make", tr_noop("Make")
    SERIES = "series", tr_noop("Series")
    YEAR = "year", tr_noop("Model year")
    TRIM = "trim", tr_noop("Trim")
    EXTERIOR_COLOUR = "exterior_colour", tr_noop("Exterior colour")
    INTERIOR_COLOUR = "interior_colour", tr_noop("Interior colour")
    COST = "cost", tr_noop("Cost")
    LIST_PRICE = "list_price", tr_noop("List price")
    FLOOR_PRICE = "floor_price", tr_noop("Floor price")
    STOCK_NUMBER = "stock_number", tr_noop("Stock number")
    ENGINE_NUMBER = "engine_number", tr_noop("Engine number")
    LOCATION = "location", tr_noop("Location")
    ARRIVED_ON = "arrived_on", tr_noop("Arrived on")
    MANUFACTURED_ON = "manufactured_on", tr_noop("Manufactured on")
    ODOMETER = "odometer_km", tr_noop("Odometer (km)")
    STOCK_STATE = "stock_state", tr_noop("Stock state")


REQUIRED: tuple[UnitField, ...] = (
    UnitField.VIN,
    UnitField.TRIM,
    UnitField.EXTERIOR_COLOUR,
    UnitField.COST,
    UnitField.LIST_PRICE,
)

_HEADINGS: dict[UnitField, tuple[str, ...]] = {
    UnitField.VIN: ("vin", "车架号", "车辆识别代号", "底盘号", "chassis number",
                    "vehicle identification number"),
    UnitField.MAKE: ("make", "brand", "品牌", "厂牌", "厂商"),
    UnitField.SERIES: ("series", "model", "车系", "车型系列"),
    UnitField.YEAR: ("year", "model year", "年款", "年份", "年型"),
    UnitField.TRIM: ("trim", "variant", "version", "车型", "配置", "款型", "车型名称", "车款", "vehicle",
                     "full name"),
    UnitField.EXTERIOR_COLOUR: ("exterior colour", "exterior color", "colour", "color", "外观颜色", "外观色",
                                "车身颜色", "外色", "颜色", "车色"),
    UnitField.INTERIOR_COLOUR: ("interior colour", "interior color", "内饰颜色", "内饰色", "内色", "内饰"),
    UnitField.COST: ("cost", "purchase price", "invoice cost", "进价", "成本", "采购价", "成本价", "进货价"),
    UnitField.LIST_PRICE: ("list price", "price", "guide price", "msrp", "指导价", "标价", "销售价", "售价", "市场价"),
    UnitField.FLOOR_PRICE: ("floor price", "lowest price", "minimum price", "底价", "最低价", "最低限价"),
    UnitField.STOCK_NUMBER: ("stock number", "stock no", "库存编号", "库存号", "编号", "商品车编号"),
    UnitField.ENGINE_NUMBER: ("engine number", "engine no", "motor number", "发动机号", "电机号", "发动机号码"),
    UnitField.LOCATION: ("location", "place", "yard", "库位", "位置", "存放地点", "停放位置", "仓库"),
    UnitField.ARRIVED_ON: ("arrived on", "arrived", "arrival date", "in stock since", "入库日期", "到店日期",
                           "到货日期", "入库时间"),
    UnitField.MANUFACTURED_ON: ("manufactured on", "production date", "built", "生产日期", "出厂日期", "制造日期"),
    UnitField.ODOMETER: ("odometer", "mileage", "km", "里程", "公里数", "行驶里程", "里程数"),
    UnitField.STOCK_STATE: ("stock state", "status", "库存状态", "状态", "车辆状态"),
}  # fmt: skip

_STATES = {
    "instock": StockState.IN_STOCK, "在库": StockState.IN_STOCK, "库存": StockState.IN_STOCK,
    "现车": StockState.IN_STOCK,
    "intransit": StockState.IN_TRANSIT, "在途": StockState.IN_TRANSIT, "运输中": StockState.IN_TRANSIT,
}  # fmt: skip


def suggest_mapping(headers: Sequence[str]) -> dict[UnitField, int]:
    """Which column most likely stands for which field, from its heading in English or Chinese.

    Exact headings win over headings that only contain the words; no column is used twice.
    """
    plain = [plain_heading(header) for header in headers]
    known = {target: [plain_heading(name) for name in names] for target, names in _HEADINGS.items()}
    found: dict[UnitField, int] = {}
    for exactly in (True, False):
        for target, names in known.items():
            if target in found:
                continue
            for column, heading in enumerate(plain):
                if column not in found.values() and _fits(heading, names, exactly):
                    found[target] = column
                    break
    return found


def _fits(heading: str, names: list[str], exactly: bool) -> bool:
    if exactly:
        return heading in names
    return any(name in heading for name in names if len(name) >= 4 or (len(name) >= 2 and not name.isascii()))


def read_words(limit: int, *, required: bool = False) -> Callable[[str], str]:
    """Reads a text of at most `limit` characters."""
    return partial(require_text if required else limited_text, field="", limit=limit)


def read_amount(text: str) -> Decimal:
    """An amount above or equal to zero; raises ValueRequired or what `parse_money` raises."""
    if not text:
        raise ValueRequired()
    return parse_money(text)


def amount_reader(heading: str) -> Callable[[str], Decimal]:
    """Reads the amounts of a column: in ten thousands of yuan where its heading says so, as 指导价(万元) does."""
    return _read_ten_thousands if _TEN_THOUSANDS.search(heading) else read_amount


def _read_ten_thousands(text: str) -> Decimal:
    return read_amount(text) if not text or "万" in text else read_amount(f"{text}万")


def read_day(text: str) -> date | None:
    """A day in the usual forms, or as the number of days a spreadsheet counts; None for an empty cell.

    Raises DateUnreadable.
    """
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match:
            year, month, day = (int(part) for part in match.groups() if part is not None)
            return date(year, month, day)
        if text.isdecimal() and 30_000 <= int(text) <= 80_000:
            return _SERIAL_DAY_ZERO + timedelta(days=int(text))
    except ValueError:
        pass
    raise DateUnreadable(value=text[:40])


def read_odometer(text: str) -> int:
    """Kilometres, 0 for an empty cell; raises NumberUnreadable or OdometerOutOfRange."""
    if not text:
        return 0
    plain = text.replace(",", "").casefold().removesuffix("km").removesuffix("公里").strip()
    if not plain.isdecimal() or len(plain) > 9:
        raise NumberUnreadable(value=text[:40])
    return checked_odometer(int(plain))


def read_state(text: str) -> StockState:
    """In stock or in transit; in stock for an empty cell. Raises StockStateUnknown."""
    state = _STATES.get(plain_heading(text)) if text else StockState.IN_STOCK
    if state is None:
        raise StockStateUnknown(value=text[:40])
    return state
