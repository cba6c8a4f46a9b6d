"""How hits and their reasons are worded."""

from app.catalog.rules import specification_dictionary
from app.finder.queries import HitRow, PartRow, Understood
from app.finder.rules import Judgement, StockWish
from app.finder.wording import name_of, restriction_text, shown
from app.runtime.language import tr, trn


def understood_text(one: Understood) -> str:
    """What was taken from a phrase: the phrase itself stands beside it, so that nothing happens silently."""
    if one.restriction is not None:
        return tr("“{phrase}” → {meaning}", phrase=one.phrase, meaning=restriction_text(one.restriction))
    if one.stock is not None:
        return tr("“{phrase}” → {meaning}", phrase=one.phrase, meaning=tr(one.stock.label))
    if specification_dictionary().parameters.get(one.waiting_for) is None:
        if any(character.isdigit() for character in one.phrase):
            return tr("“{phrase}” … of what? A price begins at 10,000", phrase=one.phrase)
        return tr("“{phrase}” … with a number", phrase=one.phrase)
    return tr("“{phrase}” → {meaning}: say how much", phrase=one.phrase, meaning=name_of(one.waiting_for))


def stock_text(row: HitRow) -> str:
    """`3 here, 1 on its way, 14 elsewhere`."""
    parts = stock_parts(row)
    return tr(", ").join(text for text, _ in parts) if parts else tr("None free")


def stock_parts(row: HitRow) -> list[tuple[str, str]]:
    """What is free where, with its tone."""
    parts = []
    if row.here:
        parts.append((trn("{n} here", "{n} here", row.here), "good"))
    if row.coming:
        parts.append((trn("{n} on its way", "{n} on their way", row.coming), "info"))
    if row.elsewhere:
        parts.append((trn("{n} elsewhere", "{n} elsewhere", row.elsewhere), "neutral"))
    return parts


def part_text(part: PartRow) -> str:
    """Why a part counts what it counts."""
    name, value = shown(part.label), "" if part.text is None else str(part.text)
    if part.judgement is Judgement.MISSING:
        return tr("{name}: not stated, counts a quarter", name=name)
    if part.judgement is Judgement.REACHED:
        return tr("{name} {value}: as wished ({wished})", name=name, value=value, wished=str(part.wished))
    if part.judgement is Judgement.CLOSE and part.worst is not None:
        return tr(
            "{name} {value}: {wished} was wished, {worst} counts nothing", name=name, value=value,
            wished=str(part.wished), worst=str(part.worst),
        )  # fmt: skip
    if part.judgement is Judgement.CLOSE:
        return tr("{name} {value}: {wished} was wished", name=name, value=value, wished=str(part.wished))
    if part.judgement is Judgement.HAS:
        return tr("{name}: {value}", name=name, value=value)
    if part.judgement is Judgement.HAS_NOT:
        return tr("{name}: {value}, which does not count", name=name, value=value)
    if part.worst is not None and part.best is not None:
        ends = {"worst": str(part.worst), "best": str(part.best)}
        return tr("{name} {value}: {worst} counts nothing, {best} or better in full", name=name, value=value, **ends)
    share = round(100 * part.better_than)
    return tr("{name} {value}: better than {n} % of what fits", name=name, value=value, n=share)


def stock_wishes() -> list[tuple[str, str]]:
    """The choices of what has to be free, as (value, label)."""
    return [(wish.value, wish.label) for wish in StockWish]
