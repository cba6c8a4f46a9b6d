"""The conditions under which a clause is printed, in people's words, and which of them never hold together."""

from collections.abc import Iterable

from app.documents.paper_data import Words
from app.kernel.labels import Bilingual

_WORDS: dict[str, Words] = {
    "provisional": Words("暂定销售：中心尚未确认", "Provisional: the centre has yet to confirm the sale"),
    "secured": Words("车辆已锁定，离线签约", "Vehicle secured, signed offline"),
    "collected": Words("有代收税费、保险费", "Tax or insurance collected for others"),
    "earnest_money": Words("已收定金", "Earnest money (定金) was paid"),
    "advance": Words("已收订金（预付款）", "An advance (订金) was paid"),
    "no_deposit": Words("未收定金或订金", "Neither earnest money nor an advance"),
    "plan": Words("贷款购车", "Paid with a loan"),
    "no_plan": Words("全款购车", "Paid without a loan"),
    "new_energy": Words("新能源车", "New-energy vehicle"),
    "company_buyer": Words("单位购车", "The buyer is a company"),
}

NEVER_TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"earnest_money", "advance", "no_deposit"}),
    frozenset({"plan", "no_plan"}),
    frozenset({"provisional", "secured"}),
)
"""Of each of these at most one holds for a document."""


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
