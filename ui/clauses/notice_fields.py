"""The boxed texts of a template outside its articles: those it has, and further ones, one after the other."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from app.clauses.errors import TextMissingInLanguage
from app.clauses.rules import TEXT_LIMIT, TONES
from app.runtime.language import tr, tr_noop
from ui.clauses.placeholder_text import PlaceholderField
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, Field, Section
from ui.kit.form import Form

PLACES = {
    "top": tr_noop("At the top"), "terms": tr_noop("Before the terms"), "signing": tr_noop("Before the signatures"),
}  # fmt: skip
_TONES = {"quiet": tr_noop("Ordinary"), "warn": tr_noop("Conspicuous")}
_SPARE = 3
"""Further notices that can be begun at a time; more of them when it is written on."""
_TONGUES = {"zh": tr_noop("Chinese"), "en": tr_noop("English")}


class NoticeFields:
    """`section` goes into a form, which is then told by `belong_to`. `notices` are as a template's terms have them."""

    def __init__(self, notices: Sequence[Mapping[str, Any]]) -> None:
        self._present = tuple(notices)
        self._form: Form | None = None
        fields: list[Field] = []
        for name, notice in zip(self._names(), self._present, strict=True):
            fields += [_text(f"{name}_{tongue}", partial(_words_of, notice, tongue)) for tongue in _TONGUES]
        for spare in self._spare():
            fields += _spare_fields(spare)
        self.section = Section(
            tr_noop("Notices"), fields, hint=tr_noop("Boxed texts outside the articles. One without words is left out.")
        )

    def belong_to(self, form: Form) -> None:
        """Show what stands there, and further fields as they are asked for."""
        self._form = form
        form.changed.connect(lambda _name: self._arrange())
        form.draft_restored.connect(self._arrange)
        self._arrange()

    def values(self) -> dict[str, str]:
        """What the form shows at first."""
        texts = {
            f"{name}_{tongue}": notice[tongue]
            for name, notice in zip(self._names(), self._present, strict=True) for tongue in _TONGUES
        }  # fmt: skip
        return texts | {f"{spare}_tone": TONES[0] for spare in self._spare()}

    def said(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """The notices that have words in either language, with what stands in the form."""
        found = []
        for name, notice in zip(self._names(), self._present, strict=True):
            found.append({**notice, "zh": values[f"{name}_zh"], "en": values[f"{name}_en"]})
        taken = {notice["id"] for notice in self._present}
        free = (code for number in range(1, 100) if (code := f"notice_{number}") not in taken)
        for spare in self._spare():
            if values.get(f"{spare}_place"):
                found.append(_new(next(free), spare, values))
        return tuple(one for one in found if one["zh"] or one["en"])

    def are_whole(self) -> bool:
        """Whether each notice has its words in both languages or in none; says below a field what is missing."""
        form, whole = self._form, True
        assert form is not None
        values = form.values()
        for name in (*self._names(), *self._spare()):
            missing = [tongue for tongue in _TONGUES if not values.get(f"{name}_{tongue}")]
            if len(missing) == 1:
                error = TextMissingInLanguage(field=f"{name}_{missing[0]}", language=_TONGUES[missing[0]])
                whole = not form.show_error(error) and whole
        return whole

    def suggest(self, entries: Any) -> None:
        """Offer placeholders in every text."""
        assert self._form is not None
        for name in (*self._names(), *self._spare()):
            for tongue in _TONGUES:
                self._form.editor(f"{name}_{tongue}").box.suggest(entries)

    def _arrange(self) -> None:
        """A further notice has its fields once its place is chosen; then the next one can be begun."""
        form = self._form
        assert form is not None
        before = True
        for spare in self._spare():
            form.set_field_visible(f"{spare}_place", before)
            before = before and bool(form.value(f"{spare}_place"))
            for part in ("tone", *_TONGUES):
                form.set_field_visible(f"{spare}_{part}", before)

    def _names(self) -> list[str]:
        return [f"notice_{number}" for number in range(len(self._present))]

    def _spare(self) -> list[str]:
        return [f"new_notice_{number}" for number in range(_SPARE)]


def _new(code: str, spare: str, values: Mapping[str, Any]) -> dict[str, Any]:
    said = {part: values.get(f"{spare}_{part}") or "" for part in ("place", *_TONGUES)}
    return {"id": code, "tone": values.get(f"{spare}_tone") or TONES[0], "applies_when": [], **said}


def _spare_fields(spare: str) -> list[Field]:
    return [
        ChoiceField(f"{spare}_place", tr_noop("A further notice"), choices=_choices(PLACES), mark_optional=False,
                    placeholder=tr_noop("Choose its place")),
        ChoiceField(f"{spare}_tone", tr_noop("How it looks"), choices=_choices(_TONES), required=True),
        *(_text(f"{spare}_{tongue}", words) for tongue, words in _TONGUES.items()),
    ]  # fmt: skip


def _choices(words: Mapping[str, str]) -> list[Choice]:
    return [Choice(code, text) for code, text in words.items()]


def _text(name: str, label: str | Callable[[], str]) -> PlaceholderField:
    return PlaceholderField(name, label, max_length=TEXT_LIMIT, lines=4, mark_optional=False)


def _words_of(notice: Mapping[str, Any], tongue: str) -> str:
    return f"{tr(PLACES.get(notice['place'], notice['place']))} · {tr(_TONGUES[tongue])}"
