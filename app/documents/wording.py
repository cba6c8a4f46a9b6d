"""Dates, rates and amounts as they are written on paper in one language."""

from datetime import date, datetime
from decimal import Decimal

from app.documents.chinese_amounts import amount_in_capitals
from app.kernel.clock import BRANCH_TIME
from app.kernel.money import format_money
from app.runtime.language import CHINESE

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_in_words(day: date, language: str) -> str:
    """2026年11月22日, or 22 November 2026."""
    if language == CHINESE:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def branch_date(instant: datetime) -> date:
    """The calendar day of an instant where the branch is."""
    return instant.astimezone(BRANCH_TIME).date()


def moment_in_words(instant: datetime, language: str) -> str:
    """The day and the time of day in the branch, to the minute."""
    local = instant.astimezone(BRANCH_TIME)
    return f"{day_in_words(local.date(), language)} {local:%H:%M}"


def rate_in_words(rate: Decimal) -> str:
    """0.045 -> "4.50 %"."""
    return f"{rate * 100:.2f} %"


def money(amount: Decimal) -> str:
    """¥219,900.50."""
    return format_money(amount)


def figure(amount: Decimal) -> str:
    """219,900.50 without a sign of currency, for columns; a true minus before deductions."""
    return format_money(amount, symbol=False).replace("-", "−")


def money_with_capitals(amount: Decimal, language: str) -> str:
    """¥219,900.50 with the capitals that decide in case of doubt."""
    if language == CHINESE:
        return f"{money(amount)}（大写：人民币{amount_in_capitals(amount)}）"
    return f"CNY {figure(amount)}"
