"""Small questions about an entry of the catalogue, asked above it: what to add, why something is taken back."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from app.catalog.commands import CreateMake, CreateModelYear, CreateSeries, RemoveEntry, RemoveTrim
from app.catalog.entries import EntryDetail, EntryValue
from app.catalog.history import VersionRow
from app.catalog.version_commands import ReinstateVersion, ReturnToVersion, TakeBackOverrides, WithdrawVersion
from app.catalog.versions import MOST_AHEAD, REASON_LIMIT
from app.kernel.clock import branch_date
from app.kernel.commands import Command
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.fields import DateField, Field, IntegerField, TextField
from ui.kit.panel_form import PanelForm
from ui.kit.printable import printable
from ui.kit.text import Words

FIRST_YEAR = 1980


def why_and_when(context: PageContext, *, dated: bool = True) -> list[Field]:
    """Reason and day of a change, named as in the commands."""
    today = branch_date(context.clock.now())
    fields: list[Field] = [
        TextField(
            "reason", tr_noop("Reason"), required=True, max_length=REASON_LIMIT, span=1 if dated else 2,
            placeholder=tr_noop("Why, such as the maker's notice"),
        )
    ]  # fmt: skip
    if dated:
        fields.append(
            DateField(
                "effective_from", tr_noop("In force from"), required=True, earliest=today.isoformat(),
                latest=(today + MOST_AHEAD - timedelta(days=1)).isoformat(),
            )
        )  # fmt: skip
    return fields


def today_iso(context: PageContext) -> str:
    """The branch's day, as date fields have it."""
    return branch_date(context.clock.now()).isoformat()


def make_question(context: PageContext) -> PanelForm:
    """A new make."""
    fields = [*_name_fields(60), TextField("country", tr_noop("Country code"), max_length=2, placeholder="CN", span=2)]
    return _adding(context, tr_noop("New make"), fields, command=lambda values: CreateMake(**values))


def series_question(context: PageContext, make_id: str) -> PanelForm:
    """A further series of a make."""
    return _adding(
        context, tr_noop("New series"), _name_fields(80),
        command=lambda values: CreateSeries(make_id=make_id, **values),
    )  # fmt: skip


def year_question(context: PageContext, series_id: str) -> PanelForm:
    """A further model year of a series."""
    now = branch_date(context.clock.now()).year
    question = _adding(
        context, tr_noop("New model year"),
        [IntegerField("year", tr_noop("Year"), required=True, least=FIRST_YEAR, most=now + 2)],
        command=lambda values: CreateModelYear(series_id=series_id, year=values["year"]),
    )  # fmt: skip
    question.form.set_values({"year": now + 1})
    return question


def take_back_question(context: PageContext, entry: EntryDetail, value: EntryValue) -> PanelForm:
    """Let the inherited value count again."""

    def command(typed: Mapping[str, Any]) -> Command:
        return TakeBackOverrides(
            level=entry.level.value, entry_id=entry.id, expected_revision=entry.revision, codes=(value.code,),
            reason=typed["reason"], effective_from=_day(typed),
        )  # fmt: skip

    question = PanelForm(
        context, lambda: tr("Take back {name}", name=value.shown.parameter.name), why_and_when(context),
        verb=tr_noop("Use inherited value"), command=command, name=tr_noop("Take back own value"),
        text=lambda: tr(
            "Instead of {own}, what {name} says counts again: {value}.",
            own=value.text, name=value.origin_name, value=value.inherited,
        ),
    )  # fmt: skip
    question.form.set_values({"effective_from": today_iso(context)})
    return question


def return_question(context: PageContext, version: VersionRow) -> PanelForm:
    """Say again what an earlier version said."""
    question = PanelForm(
        context, lambda: tr("Return to version {n}", n=version.number), why_and_when(context),
        verb=tr_noop("Return to it"), name=tr_noop("Return to version"),
        command=lambda typed: ReturnToVersion(
            version_id=version.id, reason=typed["reason"], effective_from=_day(typed)
        ),
        text=tr_noop("It becomes a further version; nothing is lost."),
    )  # fmt: skip
    question.form.set_values({"effective_from": today_iso(context)})
    return question


def withdrawal_question(context: PageContext, version: VersionRow) -> PanelForm:
    """A scheduled change shall not come."""
    day = version.effective_from
    return PanelForm(
        context, lambda: tr("Withdraw the change from {day}", day=formats.date_text(day)),
        why_and_when(context, dated=False), verb=tr_noop("Withdraw"), name=tr_noop("Withdraw change"), danger=True,
        command=lambda typed: WithdrawVersion(version_id=version.id, reason=typed["reason"]),
        text=tr_noop("It stays in the history as withdrawn and does not come into force."),
    )  # fmt: skip


def reinstating_question(context: PageContext, version: VersionRow) -> PanelForm:
    """A withdrawn change shall come after all."""
    day = version.effective_from
    return PanelForm(
        context, lambda: tr("Let the change from {day} come after all", day=formats.date_text(day)),
        why_and_when(context, dated=False), verb=tr_noop("Let it come"), name=tr_noop("Reinstate change"),
        command=lambda typed: ReinstateVersion(version_id=version.id, reason=typed["reason"]),
    )  # fmt: skip


def removal_question(context: PageContext, entry: EntryDetail, *, on_done: Callable[[Any], object]) -> PanelForm:
    """An entry shall leave the catalogue."""

    def command(typed: Mapping[str, Any]) -> Command:
        if entry.trim is not None:
            return RemoveTrim(trim_id=entry.id, expected_revision=entry.revision, reason=typed["reason"])
        return RemoveEntry(
            level=entry.level.value, entry_id=entry.id, expected_revision=entry.revision, reason=typed["reason"]
        )

    return PanelForm(
        context, lambda: tr("Remove {name}?", name=entry.path), why_and_when(context, dated=False),
        verb=tr_noop("Remove"), name=tr_noop("Remove from catalogue"), danger=True, command=command, on_done=on_done,
        text=tr_noop("It leaves the catalogue; its history stays. Units or entries below keep it there."),
    )  # fmt: skip


def _day(typed: Mapping[str, Any]) -> date:
    return date.fromisoformat(typed["effective_from"])


def _adding(
    context: PageContext, title: Words, fields: list[Field], *, command: Callable[[Mapping[str, Any]], Any]
) -> PanelForm:
    return PanelForm(context, title, fields, verb=tr_noop("Add"), command=command, name=title)


def _name_fields(limit: int) -> list[Field]:
    return [
        TextField("name_zh", tr_noop("Chinese name"), check=printable, required=True, max_length=limit),
        TextField("name_en", tr_noop("English name"), check=printable, max_length=limit),
    ]
