"""Whom a comparison is prepared for."""

from functools import partial

from app.customers.queries import find_customers
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import LookupField, Section
from ui.kit.form import Form


class PreparedForForm(Form):
    """One field, `customer_id`. Only the name goes onto the page and the paper."""

    def __init__(self, context: PageContext) -> None:
        field = LookupField("customer_id", tr_noop("Customer"), search=_customers, span=2,
                            placeholder=tr_noop("Name or phone"))  # fmt: skip
        super().__init__(context, [Section("", [field])])


def _customers(reader: Reader, text: str) -> list[Choice]:
    return [Choice(row.id, partial(str, row.name), partial(str, row.phone)) for row in find_customers(reader, text)]
