"""Finding a trim by what people write in a stock list: any of its names, with or without make, series and year."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.source_tables import plain_heading
from app.inventory.errors import TrimNotClear, TrimNotInCatalogue, TrimNotNamed
from db.models.catalog import Make, ModelYear, Series, Trim

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class TrimEntry:
    """What a unit takes over from its trim."""

    trim_id: str
    make_id: str
    series_id: str
    energy: str
    name: str


class TrimNames:
    """Every live trim under every way to write it; built once for one import."""

    def __init__(self, session: Session) -> None:
        self._entries: dict[str, dict[str, TrimEntry]] = {}
        self._answers: dict[str, TrimEntry | TrimNotInCatalogue | TrimNotClear] = {}
        query = (
            select(
                Trim.id, Make.id, Series.id, Trim.energy, ModelYear.year, Make.name_zh, Make.name_en,
                Series.name_zh, Series.name_en, Trim.name_zh, Trim.name_en,
            )
            .join(ModelYear, ModelYear.id == Trim.model_year_id)
            .join(Series, Series.id == ModelYear.series_id)
            .join(Make, Make.id == Series.make_id)
            .where(Trim.deleted_at.is_(None))
        )  # fmt: skip
        for trim_id, make_id, series_id, energy, year, *names in session.execute(query):
            shown = " ".join(part for part in (names[0], names[2], str(year), names[4]) if part)
            entry = TrimEntry(trim_id, make_id, series_id, energy, shown)
            for key in _keys(str(year), names):
                self._entries.setdefault(key, {})[trim_id] = entry

    def find(self, parts: Iterable[str], *, field: str = "trim") -> TrimEntry:
        """The one trim that is meant; raises TrimNotNamed, TrimNotInCatalogue or TrimNotClear.

        Answers are remembered: a bad name on a thousand rows is looked up once.
        """
        written = " ".join(part for part in parts if part)
        key = _plain(written)
        if not key:
            raise TrimNotNamed(field=field)
        if key not in self._answers:
            self._answers[key] = self._answer(key, written, field)
        answer = self._answers[key]
        if isinstance(answer, TrimEntry):
            return answer
        raise type(answer)(field=field, **answer.params)

    def _answer(self, key: str, written: str, field: str) -> "TrimEntry | TrimNotInCatalogue | TrimNotClear":
        found = list(self._entries.get(key, {}).values())
        if len(found) == 1:
            return found[0]
        if not found:
            return TrimNotInCatalogue(field=field, name=written[:80])
        shown = ", ".join(entry.name for entry in found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        return TrimNotClear(field=field, name=written[:80], trims=shown)


def _plain(text: str) -> str:
    return plain_heading(text).replace("年款", "").replace("款", "")


def _keys(year: str, names: list[str]) -> set[str]:
    makes, series, trims = ({_plain(name) for name in names[i : i + 2] if name} for i in (0, 2, 4))
    keys: set[str] = set()
    for make, one, trim in product(makes, series, trims):
        keys |= {make + one + year + trim, make + year + one + trim, make + one + trim, one + year + trim, one + trim}
        keys |= {year + make + one + trim, make + one + trim + year, trim}
    return keys
