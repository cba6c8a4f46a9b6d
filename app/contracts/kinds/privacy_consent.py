"""The privacy notice with separate consents (个人信息处理告知与同意书), PIPL art. 13 to 31."""

from collections.abc import Mapping
from typing import Any

from app.contracts.kinds import blocks as on_paper
from app.contracts.kinds import parts as declare
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.facts import DocumentFacts
from app.documents.paper_data import Words
from app.kernel.errors import ValueRequired
from app.kernel.permissions import Permission

YES = "yes"
_ANSWERS = (("no", "不同意", "No"), (YES, "同意", "Yes"))

KIND = declare.DocumentKind(
    code="privacy_consent",
    title=Words("个人信息处理告知与同意书", "Privacy Notice and Consent"),
    purpose=Words(
        "告知个人信息的处理，并逐项征得单独同意。",
        "Tells how personal information is processed, and asks for each separate consent by itself.",
    ),
    about=(declare.Subject.CUSTOMER,),
    conditions=declare.COMMON_CONDITIONS
    | {"sensitive", "no_sensitive", "share_insurer", "no_share_insurer", "share_bank", "no_share_bank", "marketing",
       "no_marketing"},
    placeholders=declare.COMMON | declare.placeholders(
        insurer=("保险公司", "Insurer", "示例财产保险股份有限公司", "示例财产保险股份有限公司"),
        bank=("贷款机构", "Lender", "示例汽车金融有限公司", "示例汽车金融有限公司"),
        contact=("个人信息联系方式", "Contact for personal information", "021-5555 0101", "021-5555 0101"),
    ),
    entries=(
        declare.text("contact", "个人信息保护联系方式", "Contact for personal information", limit=80),
        declare.choice(
            "sensitive", "处理身份证件号码等敏感信息", "Sensitive information (identity documents)", *_ANSWERS
        ),
        declare.choice("share_insurer", "向保险公司提供", "Passing on to an insurer", *_ANSWERS),
        declare.text(
            "insurer", "保险公司名称（同意时填写）", "Name of the insurer, where agreed", required=False, limit=120
        ),
        declare.choice("share_bank", "向贷款机构提供", "Passing on to a lender", *_ANSWERS),
        declare.text(
            "bank", "贷款机构名称（同意时填写）", "Name of the lender, where agreed", required=False, limit=120
        ),
        declare.choice("marketing", "营销信息", "Marketing", *_ANSWERS),
    ),
    roles=declare.CUSTOMER_ONLY,
    permission=Permission.CUSTOMERS_EDIT,
    number_kind="PN",
    retention=declare.RetentionClass.CONSENT,
    several_at_once=False,
)  # fmt: skip


def suggest(facts: DocumentFacts) -> dict[str, Any]:
    """The house's phone."""
    return {"contact": facts.house.phone}


def compose(facts: DocumentFacts, entries: Mapping[str, Any]) -> Body:
    """The notice with the answers given; a recipient has to be named. Raises ValueRequired (`insurer`, `bank`)."""
    for answer, asked in (("share_insurer", "insurer"), ("share_bank", "bank")):
        if entries[answer] == YES and not entries[asked]:
            raise ValueRequired(field=asked)
    agreed = {name: entries[name] == YES for name in ("sensitive", "share_insurer", "share_bank", "marketing")}
    no = Words("不同意", "No")
    yes = Words("同意", "Yes")
    pairs = (
        (Words("敏感个人信息", "Sensitive information"), yes if agreed["sensitive"] else no),
        (Words("向保险公司提供", "Passing on to an insurer"),
         on_paper.same(entries["insurer"]) if agreed["share_insurer"] else no),
        (Words("向贷款机构提供", "Passing on to a lender"),
         on_paper.same(entries["bank"]) if agreed["share_bank"] else no),
        (Words("营销信息", "Marketing"), yes if agreed["marketing"] else no),
    )  # fmt: skip
    return on_paper.Body(
        blocks=(
            on_paper.PairsBlock(
                title=Words("您的选择", "Your choices"), pairs=pairs, across=4
            ),
        ),
        values={
            "insurer": on_paper.same(entries["insurer"]),
            "bank": on_paper.same(entries["bank"]),
            "contact": on_paper.same(entries["contact"]),
        },
        conditions=frozenset(name if given else f"no_{name}" for name, given in agreed.items()),
    )
