"""How formulas write figures."""

from decimal import Decimal

from app.kernel.labels import Bilingual

_HUNDRED = Decimal(100)


def both(first: Bilingual, second: Bilingual) -> Bilingual:
    """Two sources in one line."""
    return Bilingual(f"{first.zh}；{second.zh}", f"{first.en}; {second.en}")


def yuan(amount: Decimal) -> str:
    """An amount with its sign."""
    return f"¥{amount:,.2f}"


def count(number: int) -> str:
    """A whole number in groups of three."""
    return f"{number:,}"


def percent(share: Decimal) -> str:
    """A share in per cent."""
    return f"{short(share * _HUNDRED)} %"


def short(number: Decimal) -> str:
    """A number without needless places."""
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return text or "0"
