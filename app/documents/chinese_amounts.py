"""Amounts in Chinese capitals, as receipts, contracts and bank paper want them (大写金额).

Rule: 中国人民银行《正确填写票据和结算凭证的基本规定》, articles 1-2. 整 closes an amount without 角 and 分;
an amount that ends in 角 or 分 is not closed; zeros between digits are read once as 零; 零 stands for a missing
角 before 分.
"""

from decimal import Decimal

from app.documents.errors import AmountNotWritable

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_LIMIT = Decimal(10) ** 16


def amount_in_capitals(amount: Decimal) -> str:
    """219900.50 -> "贰拾壹万玖仟玖佰元伍角"; 0 -> "零元整"; negative amounts begin with 负.

    Raises AmountNotWritable for more than two decimals, for 10^16 and more, and for what is no number.
    """
    if not amount.is_finite() or abs(amount) >= _LIMIT or amount != round(amount, 2):
        raise AmountNotWritable(amount=str(amount))
    fen = int(abs(amount) * 100)
    yuan, fen = divmod(fen, 100)
    sign = "负" if amount < 0 and (yuan or fen) else ""
    return sign + _yuan(yuan, has_small=bool(fen)) + _small(fen, after_yuan=bool(yuan))


def _yuan(yuan: int, *, has_small: bool) -> str:
    if not yuan:
        return "" if has_small else "零元"
    return _whole_number(yuan) + "元"


def _small(fen: int, *, after_yuan: bool) -> str:
    if not fen:
        return "整"
    jiao, rest = divmod(fen, 10)
    words = f"{_DIGITS[jiao]}角" if jiao else ("零" if after_yuan else "")
    return words + (f"{_DIGITS[rest]}分" if rest else "")


def _whole_number(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            continue
        gap = bool(words) and (group < 1000 or (index + 1 < len(groups) and not groups[index + 1]))
        words += ("零" if gap else "") + _four_digits(group) + _group_word(index, groups)
    return words


def _group_word(index: int, groups: list[int]) -> str:
    """万亿 shares its 亿 with the group below it where that group is written too."""
    if index == 3 and groups[2]:
        return "万"
    return _GROUPS[index]


def _four_digits(number: int) -> str:
    words, zero = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if zero and words else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return words
