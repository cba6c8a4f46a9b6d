"""The offer: price, extras, insurance, fees and finance, with the on-road total as one types."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea

from app.finance.queries import LoanProductRow, list_loan_products
from app.insurance.queries import ThirdPartyLimitRow, list_third_party_limits
from app.kernel.clock import BRANCH_TIME
from app.kernel.errors import DomainError
from app.quotations.commands import ExtraTerms, FinanceTerms, InsuranceTerms, QuotationTerms
from app.quotations.queries import QuotationPreview, preview_quotation
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    MoneyField,
    MultiLineField,
    PercentField,
    Section,
    SegmentField,
    TextField,
    ToggleField,
)
from ui.kit.form import Form
from ui.kit.layout import boxed, column
from ui.kit.printable import printable
from ui.kit.station import Station

ZERO = Decimal("0.00")
CASH = "cash"
USUAL_WAIT = timedelta(days=14)
_LOAN_FIELDS = ("product_code", "down_payment", "months", "annual_rate")


def terms_of(values: dict[str, Any], vehicle_unit_id: str) -> QuotationTerms:
    """The terms for what stands in the form."""
    limit = values["third_party_limit"]
    insurance = InsuranceTerms(
        compulsory=bool(values["compulsory"]),
        vehicle_damage=bool(values["vehicle_damage"]),
        third_party_limit=Decimal(limit) if limit else None,
        commercial_premium=values["commercial_premium"],
    )
    return QuotationTerms(
        vehicle_unit_id=vehicle_unit_id, price=values["price"], discount=values["discount"] or ZERO,
        subsidy=values["subsidy"] or ZERO, options=_extra(values, "option"), services=_extra(values, "service"),
        insurance=insurance, plate_fee=values["plate_fee"], vessel_tax=values["vessel_tax"], finance=_finance(values),
    )  # fmt: skip


def _extra(values: dict[str, Any], kind: str) -> tuple[ExtraTerms, ...]:
    name, amount = values[f"{kind}_name"], values[f"{kind}_amount"]
    return (ExtraTerms(name_zh=name, name_en=name, amount=amount),) if name and amount else ()


def _finance(values: dict[str, Any]) -> FinanceTerms | None:
    if values["method"] == CASH or values["months"] is None or values["annual_rate"] is None:
        return None
    return FinanceTerms(
        method=values["method"], down_payment=values["down_payment"] or ZERO, months=values["months"],
        annual_rate=values["annual_rate"] / 100, product_code=values["product_code"] or "",
    )  # fmt: skip


class OfferForm(Form):
    """Everything that makes the on-road total; the usual is filled in."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(
            context,
            [
                Section(tr_noop("Price"), [
                    MoneyField("price", tr_noop("Price with VAT"), hint=tr_noop("Empty: the price asked today")),
                    MoneyField("discount", tr_noop("Discount")),
                    MoneyField("subsidy", tr_noop("Subsidy")),
                    DateField("planned_delivery", tr_noop("Day of delivery"), required=True),
                ]),
                Section(tr_noop("Paid by"), [
                    SegmentField("method", tr_noop("Way of paying"), span=2, required=True, choices=[
                        Choice(CASH, tr_noop("Cash")),
                        Choice("equal_instalment", tr_noop("Equal instalments")),
                        Choice("equal_principal", tr_noop("Equal principal")),
                    ]),
                    ChoiceField("product_code", tr_noop("Loan product")),
                    MoneyField("down_payment", tr_noop("Down payment")),
                    IntegerField("months", tr_noop("Months"), least=1, most=120),
                    PercentField("annual_rate", tr_noop("Annual rate"), most=Decimal(36)),
                ]),
                Section(tr_noop("Insurance and fees"), [
                    ToggleField("compulsory", tr_noop("Compulsory cover"), required=True,
                                text=tr_noop("Compulsory insurance (交强险)")),
                    ToggleField("vehicle_damage", tr_noop("Commercial cover"), required=True,
                                text=tr_noop("Vehicle damage")),
                    ChoiceField("third_party_limit", tr_noop("Third-party limit")),
                    MoneyField(
                        "commercial_premium", tr_noop("Commercial premium"), hint=tr_noop("Empty: the estimate")
                    ),
                    MoneyField(
                        "vessel_tax", tr_noop("Vehicle and vessel tax"), hint=tr_noop("Empty: the table's figure")
                    ),
                    MoneyField("plate_fee", tr_noop("Plate fee"), hint=tr_noop("Empty: the house's usual fee")),
                ]),
                Section(tr_noop("Extras"), [
                    TextField("option_name", tr_noop("Option"), max_length=60, check=printable),
                    MoneyField("option_amount", tr_noop("Option price")),
                    TextField("service_name", tr_noop("Service"), max_length=60, check=printable),
                    MoneyField("service_amount", tr_noop("Service price")),
                ]),
                Section(tr_noop("Approval"), [
                    MultiLineField("approval_reason", tr_noop("Reason for a price below the floor"), span=2, lines=2,
                                   max_length=400, required=True),
                ]),
            ],
        )  # fmt: skip
        self._products: dict[str, LoanProductRow] = {}
        self.fill_usual()
        self.set_field_visible("approval_reason", False)

    def fill_usual(self) -> None:
        """What most sales begin with: cash, both covers, delivery in two weeks."""
        self.clear()
        delivery = self.context.clock.now().astimezone(BRANCH_TIME).date() + USUAL_WAIT
        self.set_values(
            {"method": CASH, "compulsory": True, "vehicle_damage": True, "planned_delivery": delivery.isoformat()}
        )
        self.show_loan(False)

    def show_terms(self, terms: QuotationTerms, *, reason: str = "") -> None:
        """The terms of an offer that was stored, to go on from them."""
        finance, insurance = terms.finance, terms.insurance
        self.show_loan(finance is not None)
        self.set_values(
            {
                "price": terms.price, "discount": terms.discount or None, "subsidy": terms.subsidy or None,
                "compulsory": insurance.compulsory, "vehicle_damage": insurance.vehicle_damage,
                "third_party_limit": None if insurance.third_party_limit is None else str(insurance.third_party_limit),
                "commercial_premium": insurance.commercial_premium, "plate_fee": terms.plate_fee,
                "vessel_tax": terms.vessel_tax, "method": finance.method if finance is not None else CASH,
            }
        )  # fmt: skip
        if finance is not None:
            self.set_values(
                {
                    "product_code": finance.product_code or None, "down_payment": finance.down_payment,
                    "months": finance.months, "annual_rate": finance.annual_rate * 100,
                }
            )  # fmt: skip
        for kind, extras in (("option", terms.options), ("service", terms.services)):
            for extra in extras[:1]:
                self.set_values({f"{kind}_name": extra.name_zh or extra.name_en, f"{kind}_amount": extra.amount})
        if reason:
            self.set_field_visible("approval_reason", True)
            self.set_values({"approval_reason": reason})

    def planned_delivery(self) -> date | None:
        """The day the customer expects the car."""
        day = self.value("planned_delivery")
        return date.fromisoformat(day) if day else None

    def use_products(self, products: list[LoanProductRow]) -> None:
        """The loans on offer."""
        self._products = {product.code: product for product in products}
        self.set_choices("product_code", [Choice(p.code, partial(str, p.name)) for p in products])

    def use_limits(self, limits: list[ThirdPartyLimitRow]) -> None:
        """The limits of third-party liability; the usual one is chosen."""
        self.set_choices(
            "third_party_limit", [Choice(str(r.limit), partial(formats.money, r.limit)) for r in limits]
        )
        usual = next((row.limit for row in limits if row.usual), None)
        self.set_value("third_party_limit", None if usual is None else str(usual))

    def show_loan(self, shown: bool) -> None:
        """The loan's fields are there only for a loan."""
        for name in _LOAN_FIELDS:
            self.set_field_visible(name, shown)

    def fill_loan(self, total: Decimal) -> None:
        """The usual for the chosen method: the first product, its smallest down payment, 36 months."""
        method = self.value("method")
        fitting = [product for product in self._products.values() if product.method == method]
        if self.value("product_code") is None and fitting:
            self.set_value("product_code", fitting[0].code)
        product = self._products.get(self.value("product_code") or "")
        if product is not None:
            months = 36 if 36 in product.annual_rates else next(iter(product.annual_rates))
            self.set_value("months", self.value("months") or months)
            self.take_rate()
            if self.value("down_payment") is None:
                share = product.smallest_down_share * total
                self.set_value("down_payment", (share / 1000).to_integral_value(rounding="ROUND_CEILING") * 1000)

    def take_rate(self) -> None:
        """The product's rate for the months."""
        product = self._products.get(self.value("product_code") or "")
        rate = product.annual_rates.get(self.value("months") or 0) if product is not None else None
        if rate is not None:
            self.set_value("annual_rate", rate * 100)


class OfferStation(Station):
    """`wanted(terms, approval_reason)`: store the offer and turn it into an order, or send it to the manager."""

    wanted = Signal(object, str)
    previewed = Signal(object)
    approved_wanted = Signal()
    """The offer that a manager approved becomes the order, as it stands."""
    print_wanted = Signal(object)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._unit_id = self._customer_id = ""
        self.preview: QuotationPreview | None = None
        self.waiting = self.approved = False
        self.form = OfferForm(context)
        self.form.changed.connect(self._on_form_changed)
        self.form.submitted.connect(self._go)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(boxed(column(self.form, margins=(0, 0, 12, 0))))
        self.go = Button(tr_noop("Place the order"), kind="primary", on_click=self._go)
        self.print_offer = Button(tr_noop("Print the offer"), icon="printer", on_click=self._print)
        self.arrange(
            [Label(tr_noop("What does it come to?"), role="section"), scroll],
            secondary=[self.print_offer], primary=self.go, form_submits=True,
        )  # fmt: skip

    def begin(self, unit_id: str, customer_id: str) -> None:
        """Another vehicle or customer; what was typed for the same vehicle stays."""
        if unit_id != self._unit_id:
            self.form.fill_usual()
            run = self.context.operations.run_query
            run(self, list_loan_products, on_done=self.form.use_products, key="products")
            run(self, list_third_party_limits, on_done=self._on_limits, key="limits")
        self._unit_id, self._customer_id = unit_id, customer_id
        self.set_waiting(False)
        self._ask_preview()

    def set_approved(self, by: str) -> None:
        """A manager agreed: the offer stands as it is and can become the order."""
        self.set_waiting(False)
        self.approved = True
        self.form.setEnabled(False)
        self._show_verb()
        self.messages.show_message(lambda: tr("{name} has approved the price.", name=by), tone="good")
        self.go.setFocus()

    def set_waiting(self, waiting: bool) -> None:
        """The manager has the offer: nothing can be changed until the answer."""
        self.waiting, self.approved = waiting, False
        self.form.setEnabled(not waiting)
        self._show_verb()
        if waiting:
            self.messages.show_message(
                tr_noop("Sent for approval. The order can be placed as soon as a manager has agreed."), tone="info"
            )
        else:
            self.messages.clear()

    def show_error(self, error: DomainError) -> bool:
        """Beside the field where there is one."""
        return self.form.show_error(error) or super().show_error(error)

    def take_focus(self) -> None:
        """The discount is what people change first."""
        self.form.focus_field("discount")

    def terms(self) -> QuotationTerms:
        """What stands in the form."""
        return terms_of(self.form.values(), self._unit_id)

    def _on_limits(self, limits: list[ThirdPartyLimitRow]) -> None:
        self.form.use_limits(limits)
        self._ask_preview()

    def _on_form_changed(self, name: str) -> None:
        if name == "method":
            loan = self.form.value("method") != CASH
            self.form.show_loan(loan)
            if loan and self.preview is not None:
                self.form.fill_loan(self.preview.on_road_total)
        elif name in ("product_code", "months"):
            self.form.take_rate()
        if name not in ("approval_reason", "planned_delivery"):
            self._ask_preview()

    def refresh_preview(self) -> None:
        """Calculate again what stands in the form."""
        self._ask_preview()

    def _ask_preview(self) -> None:
        if not self._unit_id:
            return
        try:
            terms = self.terms()
        except (DomainError, ValueError):
            return
        self.context.operations.run_query(
            self, preview_quotation, terms, customer_id=self._customer_id or None, on_done=self._on_preview,
            on_error=self._on_preview_refused, key="preview",
        )  # fmt: skip

    def _on_preview(self, preview: QuotationPreview) -> None:
        self.preview = preview
        self.form.set_field_visible("approval_reason", preview.below_floor)
        self._show_verb()
        if preview.below_floor and not self.waiting and not self.approved:
            self.messages.show_warning(
                tr_noop("This price is below the floor: give a reason, and a manager has to agree.")
            )
        elif not self.waiting and not self.approved:
            self.messages.clear()
        self.previewed.emit(preview)

    def _on_preview_refused(self, error: BaseException) -> bool:
        return isinstance(error, DomainError) and self.show_error(error)

    def _show_verb(self) -> None:
        below = self.preview is not None and self.preview.below_floor and not self.approved
        self.go.set_words(tr_noop("Ask for approval") if below else tr_noop("Place the order"))
        self.go.setEnabled(not self.waiting)

    def _go(self) -> None:
        if self.approved:
            self.approved_wanted.emit()
        elif not self.waiting and self.form.check_all():
            self.wanted.emit(self.terms(), self.form.value("approval_reason") or "")

    def _print(self) -> None:
        if self.form.check_all():
            self.print_wanted.emit(self.terms())

    def busy_while(self, job: Any) -> None:
        """No second click while it is stored."""
        self.go.busy_while(job)


def describe_plan(preview: QuotationPreview) -> str:
    """The chosen plan in one line, empty for cash."""
    if not preview.plans:
        return ""
    plan = preview.plans[0]
    return tr(
        "{amount} a month first, {months} months, interest {interest}",
        amount=formats.money(plan.first_payment), months=plan.months, interest=formats.money(plan.interest),
    )  # fmt: skip
