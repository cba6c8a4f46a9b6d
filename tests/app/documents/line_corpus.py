"""Sentences as they stand on paper: Chinese with VINs, plates, amounts, units, mail addresses, quotes and brackets.

All clauses of all shipped templates, filled with their samples, and sentences put together from what the trade writes.
"""

from functools import cache
from itertools import cycle, product

from app.contracts.kinds.registry import KINDS
from app.contracts.templates.template import latest_version, load_template
from app.runtime.language import CHINESE, ENGLISH

VINS = ("LDC613P23A1305189", "LSVFA49J232037048", "WVWZZZ1JZXW000001", "LFV3A23C0H3090099")
PLATES = ("沪A12345", "京AD12345", "粤B·D12345", "浙A·8888挂", "苏E 6Z588")
AMOUNTS = ("¥219,900.50", "CNY 1,234,567.89", "人民币 86,000 元", "3.5万元", "-¥1,280.00", "￥0.01", "199,800.00元")
MEASURES = ("60,000 km", "20 %", "36个月", "0.03%", "5W-30", "12 V", "700 km", "±3 mm", "-40℃", "85 kWh", "3.2mm")
WORDS = ("BYD Seal", "Model Y", "iPhone 17 Pro", "e-tron GT", "SHA-256", "USB-C", "C1", "A/C", "X-by-wire")
MAILS = ("privacy@example.com", "zhang.wei+cars@example.com.cn", "https://example.com/a/b?x=1&y=2")
TIMES = ("2026-11-23", "2026年11月23日", "14:30", "2026/11/23 08:05", "第586-588条", "GB 11643-1999")
QUOTED = (
    "“定金”", "‘订金’", "《民法典》", "（含增值税）", "(incl. VAT)", "【重要】", "「三包」",
    '"标准"', "[附件 1]", "<优惠>",
)  # fmt: skip

_SENTENCES = (
    "车辆识别代号{vin}的{word}，号牌{plate}，成交价{amount}，里程{measure}。",
    "{quoted}条款：买方于{time}前支付{amount}（见{quoted}）；逾期按日加收{measure}的违约金！",
    "请于{time}致电021-5555 0101或发邮件至{mail}，说明{quoted}——并附上{word}的照片……",
    "交付时核对：VIN {vin}、{plate}、钥匙2把、{measure}；{quoted}是否齐全？",
    "The vehicle (VIN {vin}, plate {plate}) costs {amount}, see {quoted}; odometer {measure}.",
    "付款方式：转账{amount}，附言“{vin} {word}”；收款方：{quoted}有限公司（{mail}）。",
    "检修记录：{word}于{time}更换，费用{amount}/次，{measure}以内免费·{quoted}。",
    "{plate}与{plate}之间换号，{amount}～{amount}不等，误差{measure}；「{word}」除外。",
)


@cache
def corpus() -> tuple[str, ...]:
    """At least 500 different lines, always the same."""
    return tuple(dict.fromkeys((*_clauses(), *_made())))


def _clauses() -> list[str]:
    found = []
    for kind in KINDS.values():
        template = load_template(kind.code, latest_version(kind.code))
        for language in (CHINESE, ENGLISH):
            values = {name: one.sample.in_language(language) for name, one in kind.placeholders.items()}
            values |= dict(template.terms)
            values |= {f"article_{article.id}": "第三条" for article in template.articles}
            texts = [clause.text for article in template.articles for clause in article.clauses]
            texts += [notice.text for notice in template.notices]
            found += [text.in_language(language).format_map(values).replace("**", "") for text in texts]
    return found


def _made() -> list[str]:
    fillers = {
        "vin": cycle(VINS), "plate": cycle(PLATES), "amount": cycle(AMOUNTS), "measure": cycle(MEASURES),
        "word": cycle(WORDS), "mail": cycle(MAILS), "time": cycle(TIMES), "quoted": cycle(QUOTED),
    }  # fmt: skip
    return [
        sentence.format_map({name: next(filler) for name, filler in fillers.items()})
        for _round, sentence in product(range(45), _SENTENCES)
    ]
