"""People who write the house's texts: 赵敏 drafts, 周涛 approves, 王芳 may only read."""

from datetime import date, timedelta
from typing import Any

from app.clauses.clause_queries import ClauseDetail, get_clause
from app.clauses.commands import (
    ApproveText,
    ProposeText,
    RejectText,
    SaveClauseDraft,
    SaveTemplateDraft,
    WithdrawText,
)
from app.clauses.kinds import kinds
from app.clauses.rules import TextSort
from app.clauses.template_queries import TemplateDetail, get_template
from app.contracts.templates.in_force import clause_id, clauses_of, shipped_template, shipped_terms, template_id
from app.kernel.clock import branch_date
from db.models.clause_library import ClauseVersion, TemplateVersion
from tests.app.sale_desk import SaleDesk

SHIPPED = sum(1 for kind in kinds() for _ in clauses_of(shipped_template(kind.code)))
"""Clauses that ship, of all kinds."""
STORAGE = "vehicle_sale.delivery.storage"
OWN = "house.charging"
MODELS: dict[TextSort, Any] = {TextSort.CLAUSE: ClauseVersion, TextSort.TEMPLATE: TemplateVersion}


class LibraryDesk:
    """The clause library at a desk that also sells."""

    def __init__(self, sale: SaleDesk) -> None:
        self.sale = sale
        self.writer, self.approver, self.reader = sale.manager, sale.administrator, sale.seller

    @property
    def today(self) -> date:
        """The day at the branch."""
        return branch_date(self.sale.clock.now())

    def clause(self, code: str = OWN, **changes: Any) -> str:
        """A drafted version of a clause; its id."""
        given: dict[str, Any] = {
            "code": code, "title_zh": "充电桩", "title_en": "Charging point", "kinds": ("vehicle_sale",),
            "text_zh": "卖方为买方安装充电桩一台，VIN {vin}。",
            "text_en": "The Seller installs a charging point, VIN {vin}.",
            "effective_from": self.today,
        }  # fmt: skip
        return str(self.sale.do(SaveClauseDraft(**given | changes), self.writer))

    def template(self, *more: str, code: str = "vehicle_sale", **changes: Any) -> str:
        """A drafted version of the sales contract that names further clauses in an article of their own; its id."""
        shipped = shipped_terms(shipped_template("vehicle_sale"))
        articles = shipped.articles
        if more:
            articles = (*articles, {"id": "house", "zh": "本店约定", "en": "House terms", "clauses": list(more)})
        given: dict[str, Any] = {
            "code": code, "kind": "vehicle_sale", "title_zh": "汽车买卖合同", "title_en": "Vehicle Sales Contract",
            "terms": dict(shipped.terms), "notices": shipped.notices, "articles": articles,
            "effective_from": self.today,
        }  # fmt: skip
        return str(self.sale.do(SaveTemplateDraft(**given | changes), self.writer))

    def propose(self, version: str, sort: TextSort = TextSort.CLAUSE) -> None:
        """By whoever writes."""
        self.sale.do(ProposeText(**self.step(version, sort)), self.writer)

    def approve(self, version: str, sort: TextSort = TextSort.CLAUSE) -> str:
        """Proposed and approved by the two people."""
        self.propose(version, sort)
        self.approve_only(version, sort)
        return version

    def approve_only(self, version: str, sort: TextSort = TextSort.CLAUSE) -> None:
        """What was proposed before."""
        self.sale.do(ApproveText(**self.step(version, sort)), self.approver)

    def reject(self, version: str, reason: str = "so nicht") -> None:
        """By the second person."""
        self.sale.do(RejectText(**self.step(version), reason=reason), self.approver)

    def withdraw(self, version: str, reason: str = "过时", sort: TextSort = TextSort.CLAUSE, actor: Any = None) -> None:
        """By whoever may approve unless somebody is named."""
        self.sale.do(WithdrawText(**self.step(version, sort), reason=reason), actor or self.approver)

    def step(self, version: str, sort: TextSort = TextSort.CLAUSE) -> dict[str, Any]:
        """What a step names, as the version stands now."""
        row = self.sale.row(MODELS[sort], version)
        return {"sort": sort, "version_id": version, "expected_revision": row.revision}

    def seen(self, code: str = OWN) -> ClauseDetail:
        """The clause as the writer sees it."""
        detail: ClauseDetail = self.sale.read(get_clause, clause_id(code), actor=self.writer)
        return detail

    def seen_template(self, code: str = "vehicle_sale") -> TemplateDetail:
        """The template as the writer sees it."""
        detail: TemplateDetail = self.sale.read(get_template, template_id(code), actor=self.writer)
        return detail

    def wait(self, days: int) -> None:
        """Some days later."""
        self.sale.clock.advance(timedelta(days=days))
