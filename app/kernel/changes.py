"""What an action changed, so that every open page can decide for itself whether to fetch again."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows written by one transaction: `{table name: ids}`; `everything` after a bootstrap or a restore."""

    rows: dict[str, frozenset[str]] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    everything: bool = False

    def touches(self, *tables: str) -> bool:
        """Whether any row of these tables changed."""
        return self.everything or any(table in self.rows for table in tables)

    def ids(self, table: str) -> frozenset[str]:
        """The changed rows of one table."""
        return self.rows.get(table, frozenset())

    def __bool__(self) -> bool:
        return self.everything or bool(self.rows) or bool(self.events)
