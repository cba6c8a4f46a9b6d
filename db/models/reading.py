"""What a desk knows of its own copy: when it was last held against the centre, and what had to be put right."""

from datetime import datetime

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class SyncCheck(Base):
    """The one row about comparing this desk's rows with the centre's. It stays here."""

    __tablename__ = "sync_check"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    due: Mapped[bool] = mapped_column(Boolean, default=True)
    """After a bootstrap, a healing, or somebody's wish: as soon as everything is sent and read."""
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When everything was last compared to the end."""
    rows: Mapped[int] = mapped_column(Integer, default=0)
    """Rows looked at then."""
    repaired: Mapped[int] = mapped_column(Integer, default=0)
    """Rows put right then."""
    differing: Mapped[int] = mapped_column(Integer, default=0)
    """Rows that differed still, although their scope was read again."""
    left_alone: Mapped[int] = mapped_column(Integer, default=0)
    """Rows that differ because a change of this desk was refused or could not be written: people know of them."""


class SyncRepair(Base):
    """Rows of one table that were not what the centre has, and were put right without asking anybody."""

    __tablename__ = "sync_repair"
    __table_args__ = ({"sqlite_autoincrement": True},)

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    scope: Mapped[str] = mapped_column(String(32))
    table_name: Mapped[str] = mapped_column(String(40))
    fetched: Mapped[int] = mapped_column(Integer, default=0)
    """Missing or older here: taken from the centre."""
    buried: Mapped[int] = mapped_column(Integer, default=0)
    """Here only, and changed by nobody: removed."""
    read_again: Mapped[bool] = mapped_column(Boolean, default=False)
    """It did not help: the scope was read from the start."""


class Bootstrap(Base):
    """Marks a new database file that is filled from snapshots; in a desk at work there is no such row."""

    __tablename__ = "sync_bootstrap"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    rows_all: Mapped[int] = mapped_column(Integer)
