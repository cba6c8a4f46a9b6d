"""The privacy notice with separate consents (个人信息处理告知与同意书), Personal Information Protection Law 13 to 31."""

from app.contracts.kind_parts import (
    COMMON,
    COMMON_CONDITIONS,
    CUSTOMER_ONLY,
    DocumentKind,
    RetentionClass,
    Subject,
    choice,
    placeholders,
    text,
)
from app.documents.paper_data import Words
from app.kernel.permissions import Permission

_ANSWERS = (("no", "不同意", "No"), ("yes", "同意", "Yes"))

KIND = DocumentKind(
    code="privacy_consent",
    title=Words("个人信息处理告知与同意书", "Privacy Notice and Consent"),
    purpose=Words(
        "告知个人信息的处理，并逐项征得单独同意。",
        "Tells how personal information is processed, and asks for each separate consent by itself.",
    ),
    about=(Subject.CUSTOMER,),
    conditions=COMMON_CONDITIONS
    | {"sensitive", "no_sensitive", "share_insurer", "no_share_insurer", "share_bank", "no_share_bank", "marketing",
       "no_marketing"},
    placeholders=COMMON | placeholders(
        insurer=("保险公司", "Insurer", "示例财产保险股份有限公司", "示例财产保险股份有限公司"),
        bank=("贷款机构", "Lender", "示例汽车金融有限公司", "示例汽车金融有限公司"),
        contact=("个人信息联系方式", "Contact for personal information", "021-5555 0101", "021-5555 0101"),
    ),
    entries=(
        text("contact", "个人信息保护联系方式", "Contact for personal information", limit=80),
        choice("sensitive", "处理身份证件号码等敏感信息", "Sensitive information (identity documents)", *_ANSWERS),
        choice("share_insurer", "向保险公司提供", "Passing on to an insurer", *_ANSWERS),
        text("insurer", "保险公司名称（同意时填写）", "Name of the insurer, where agreed", required=False, limit=120),
        choice("share_bank", "向贷款机构提供", "Passing on to a lender", *_ANSWERS),
        text("bank", "贷款机构名称（同意时填写）", "Name of the lender, where agreed", required=False, limit=120),
        choice("marketing", "营销信息", "Marketing", *_ANSWERS),
    ),
    roles=CUSTOMER_ONLY,
    permission=Permission.CUSTOMERS_EDIT,
    number_kind="PN",
    retention=RetentionClass.CONSENT,
    several_at_once=False,
)  # fmt: skip
