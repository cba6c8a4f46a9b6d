"""What three customers of each branch said they want, kept under a name."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from app.demo.loading import Loader
from app.demo.people import DemoBranch, DemoCustomer
from app.finder.rules import PRICE, Importance, Question, Restriction, StockWish, question_as_json
from app.kernel.permissions import Role

_WISHES: tuple[tuple[str, Question], ...] = (
    ("家用SUV，20万以内",
     Question(text="suv <20万", stock=StockWish.OBTAINABLE,
              importances=(Importance(code="luggage_volume", weight=6), Importance(code=PRICE, weight=8)))),
    ("长续航纯电",
     Question(restrictions=(Restriction(code="@energy", values=("electric",)),),
              importances=(Importance(code="electric_range", weight=9, wished=600.0),
                           Importance(code=PRICE, weight=5, wished=220_000.0)))),
    ("6座以上，四驱", Question(text="6座以上 四驱", importances=(Importance(code="wheelbase", weight=5),))),
)  # fmt: skip


def add_saved_searches(
    loader: Loader, branches: Iterable[DemoBranch], customers: Iterable[DemoCustomer], chance: Random, *, now: datetime
) -> None:
    """Put them into the loader; each belongs to a customer of the branch and to somebody who sells there."""
    known = list(customers)
    for branch in branches:
        own = [customer for customer in known if customer.branch is branch and not customer.company]
        for days, (name, question) in enumerate(_WISHES, start=1):
            if own:
                loader.add(
                    "saved_search", at=now - timedelta(days=days), scope=branch.id, branch_id=branch.id,
                    staff_id=branch.one_of(Role.SALESPERSON, chance), customer_id=chance.choice(own).id, name=name,
                    question=question_as_json(question),
                )  # fmt: skip
