"""A branch's data: names, company, workshop bays, and when its desks lock."""

from typing import Any

from app.customers.rules import check_company_code
from app.runtime.language import tr_noop
from app.staff.commands import ChangeBranch, CreateBranch
from app.staff.queries import BranchRow
from app.staff.rules import LOCK_LONGEST, LOCK_SHORTEST, MOST_BAYS
from app.workshop.rules import BayType
from ui.kit.context import PageContext
from ui.kit.fields import Field, IdentityField, IntegerField, PhoneField, Section, TextField
from ui.kit.form import Form
from ui.kit.printable import printable

DRAFT = "staff.branch"
USUAL_LOCK_MINUTES = 10
_BAY = "bays_"
_TEXTS = (
    "name_zh", "name_en", "company_zh", "company_en", "uscc", "address_zh", "address_en", "phone",
    "legal_representative", "bank_zh", "bank_account",
)  # fmt: skip


class BranchForm(Form):
    """With `branch` it changes that branch, else it opens a new one. The code stays: it stands in printed numbers."""

    def __init__(self, context: PageContext, branch: BranchRow | None = None) -> None:
        self._branch = branch
        super().__init__(context, _sections(new=branch is None))
        if branch is None:
            self.set_values({"lock_minutes": USUAL_LOCK_MINUTES})
            return
        values: dict[str, Any] = {name: getattr(branch, name) for name in (*_TEXTS, "lock_minutes")}
        values |= {f"{_BAY}{kind}": branch.work_bays.get(kind) or None for kind in BayType}
        self.set_values(values)

    def command(self) -> CreateBranch | ChangeBranch:
        """The command for what stands in the form."""
        typed = self.values()
        kept = dict(self._branch.work_bays) if self._branch is not None else {}
        bays = kept | {kind.value: typed.pop(f"{_BAY}{kind}") or 0 for kind in BayType}
        typed["work_bays"] = {kind: number for kind, number in bays.items() if number}
        if self._branch is None:
            return CreateBranch(**typed)
        return ChangeBranch(branch_id=self._branch.id, expected_revision=self._branch.revision, **typed)


def _sections(*, new: bool) -> list[Section]:
    names: list[Field] = [
        TextField("name_zh", tr_noop("Name in Chinese"), required=True, max_length=80, check=printable),
        TextField("name_en", tr_noop("Name in English"), required=True, max_length=80, check=printable),
    ]
    if new:
        hint = tr_noop("Two to eight capitals or digits; it stands in every number and stays.")
        names.append(TextField("code", tr_noop("Code"), required=True, max_length=8, hint=hint))
    company: list[Field] = [
        TextField("company_zh", tr_noop("Company in Chinese"), max_length=120, check=printable),
        TextField("company_en", tr_noop("Company in English"), max_length=120, check=printable),
        TextField("address_zh", tr_noop("Address in Chinese"), max_length=200, check=printable),
        TextField("address_en", tr_noop("Address in English"), max_length=200, check=printable),
        IdentityField("uscc", tr_noop("Company code"), check=_check_code),
        PhoneField("phone", tr_noop("Phone")),
        TextField("legal_representative", tr_noop("Legal representative"), max_length=60, check=printable),
        TextField("bank_zh", tr_noop("Bank"), max_length=120, check=printable),
        TextField("bank_account", tr_noop("Account"), max_length=40, check=printable),
    ]
    bays: list[Field] = [
        IntegerField(f"{_BAY}{kind}", kind.label, least=0, most=MOST_BAYS, suffix=tr_noop("bays")) for kind in BayType
    ]
    desks: list[Field] = [
        IntegerField(
            "lock_minutes", tr_noop("Desks lock after"), required=True, suffix=tr_noop("idle minutes"),
            least=LOCK_SHORTEST, most=LOCK_LONGEST,
        )
    ]  # fmt: skip
    return [
        Section(tr_noop("Branch"), names),
        Section(tr_noop("Company"), company, hint=tr_noop("Stands on contracts and receipts.")),
        Section(tr_noop("Workshop bays"), bays, hint=tr_noop("The calendar of the workshop has a lane for each.")),
        Section(tr_noop("Desks"), desks),
    ]


def _check_code(text: str) -> None:
    check_company_code(text, field="uscc")
