"""The specification catalogue: make, series, model year, trim."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, Money

STAMP = ("deleted_at", "revision", "ver", "seq", "updated_at")
"""What tells one state of a row from another; an index of its own, so that looking for changes reads no parameters."""


class Make(Replicated, Base):
    __tablename__ = "make"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "name_en"), Index("ix_make_by_stamp", *STAMP, "id"))

    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    name_initials: Mapped[str] = mapped_column(String(60), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    parameters: Mapped[dict[str, Any] | None] = mapped_column(Json, default=dict)
    """What every series below inherits; see `Trim.parameters`."""


class Series(Replicated, Base):
    __tablename__ = "series"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "make_id"), Index("ix_series_by_stamp", *STAMP, "make_id", "id"))

    make_id: Mapped[str] = mapped_column(Id)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    name_initials: Mapped[str] = mapped_column(String(80), default="")
    body: Mapped[str] = mapped_column(String(24), default="")
    parameters: Mapped[dict[str, Any] | None] = mapped_column(Json, default=dict)


class ModelYear(Replicated, Base):
    __tablename__ = "model_year"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "series_id"), Index("ix_model_year_by_stamp", *STAMP, "series_id", "id"))

    series_id: Mapped[str] = mapped_column(Id)
    year: Mapped[int] = mapped_column(Integer)
    parameters: Mapped[dict[str, Any] | None] = mapped_column(Json, default=dict)


class Trim(Replicated, Base):
    """What can be ordered from the maker.

    `parameters` holds this level's own `{code: value}` in the dictionary's own units; what make, series and model year
    say holds too where it says nothing, and null takes an inherited value away (`app.catalog.inheritance`).
    """

    __tablename__ = "trim"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "model_year_id"), Index("ix_trim_by_stamp", *STAMP, "model_year_id", "id"))

    model_year_id: Mapped[str] = mapped_column(Id)
    name_zh: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    energy: Mapped[str] = mapped_column(String(16))
    """petrol, diesel, hybrid, plug_in_hybrid, range_extended, electric, fuel_cell."""

    seats: Mapped[int] = mapped_column(Integer, default=5)
    guide_price: Mapped[Decimal] = mapped_column(Money)
    in_tax_directory: Mapped[bool] = mapped_column(default=False)
    """Listed in the new-energy tax directory, which halves the purchase tax while the relief lasts."""

    parameters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    source: Mapped[str] = mapped_column(String(120), default="")
