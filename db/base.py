"""What all tables share: naming of constraints, identifiers, and the columns of a row that travels between desks."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from sqlalchemy import Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from db.ids import new_id
from db.types import Json, PlainJson, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

GROUP_SCOPE = "group"
"""The scope of what all branches share; every other scope is a branch's id."""

Id = String(32)


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=NAMING)


class Replicated:
    """A row that desks and the centre agree on.

    `ver` is the centre's version (0: never acknowledged), `seq` its place in the scope's feed (unique at the centre;
    not here, where numbers of before and after a restore of the service may meet); `revision` counts local changes and
    guards against overwriting a colleague's change; `field_clock` holds the hybrid time of the last change of each
    field, with `*` for all fields not named; `extra` keeps fields that a newer version of the program knows.

    References to other replicated rows carry no foreign key: rows of different scopes arrive in their own order.
    """

    __shared__: ClassVar[bool] = False
    """True where the row belongs to the whole group, not to one branch."""

    __personal__: ClassVar[frozenset[str]] = frozenset()
    """Columns with personal data: masked in the audit trail."""

    __follows_unit__: ClassVar[str] = ""
    """The column that names the vehicle unit a row of a branch belongs to: when the unit changes branches, all such
    rows change with it."""

    id: Mapped[str] = mapped_column(Id, primary_key=True, sort_order=-20)
    scope: Mapped[str] = mapped_column(String(32), sort_order=-19)
    ver: Mapped[int] = mapped_column(Integer, default=0, sort_order=90)
    seq: Mapped[int | None] = mapped_column(Integer, sort_order=91)
    revision: Mapped[int] = mapped_column(Integer, default=1, sort_order=92)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=93)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=94)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime, sort_order=95)
    field_clock: Mapped[dict[str, str]] = mapped_column(PlainJson, default=dict, sort_order=96)
    extra: Mapped[dict[str, Any] | None] = mapped_column(Json, sort_order=97)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return cls.__more_table_args__()

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        """Further constraints and indexes of one model."""
        return ()


BOOKKEEPING = frozenset({"id", "scope", "ver", "seq", "revision", "created_at", "updated_at", "field_clock", "extra"})
"""Columns that sync keeps itself; all others are fields of an operation (`deleted_at` travels as a field)."""


@cache
def replicated_models() -> Mapping[str, type[Any]]:
    """All models that travel, by table name."""
    import db.models  # noqa: F401  (declares them)

    declared: list[type[Any]] = [mapper.class_ for mapper in Base.registry.mappers]
    models = [model for model in declared if Replicated in model.__mro__]
    return MappingProxyType({model.__tablename__: model for model in sorted(models, key=lambda one: one.__tablename__)})
