"""Who is shown which kinds of document."""

from app.contracts.kinds.registry import kind_of
from app.kernel.permissions import Actor, Permission


def may_see(actor: Actor, code: str) -> bool:
    """Whether documents of a kind are shown to somebody: to who sees the orders, and to who makes such documents."""
    return actor.may(Permission.ORDERS_VIEW) or actor.may(kind_of(code).permission)
