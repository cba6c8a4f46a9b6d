"""Pre-printed forms: where on somebody else's paper which fact belongs. Lengths are whole tenths of a millimetre from
the left upper corner of the paper; sizes of type are points."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from app.kernel.labels import Bilingual
from app.kernel.reference_data import bundled_reference, find_effective
from app.printing.errors import FormUnknown, FormUnsuited
from app.printing.rules import PrintSource


class FieldAlign(StrEnum):
    """Where a text stands in its place."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPlace:
    """One place to be filled. `fact` is a key of `app.printing.form_facts`; several places may have the same one."""

    fact: str
    label: Bilingual
    left: int
    top: int
    width: int
    height: int
    size: float
    align: FieldAlign

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """A place as it stands in the file; raises KeyError or ValueError where it is malformed."""
        return cls(
            fact=raw["fact"], label=Bilingual(raw["label"]["zh"], raw["label"]["en"]), left=raw["left"],
            top=raw["top"], width=raw["width"], height=raw["height"], size=float(raw["size"]),
            align=FieldAlign(raw.get("align", "left")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PreprintedForm:
    """A form: its paper and its places. `about` says which records it is filled from."""

    code: str
    name: Bilingual
    page: tuple[int, int]
    about: PrintSource
    places: tuple[FormPlace, ...]

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """A form as it stands in the file; raises KeyError or ValueError where it is malformed."""
        return cls(
            code=raw["code"], name=Bilingual(raw["name"]["zh"], raw["name"]["en"]),
            page=(raw["page"][0], raw["page"][1]), about=PrintSource(raw["about"]),
            places=tuple(FormPlace.from_json(place) for place in raw["places"]),
        )  # fmt: skip

    @property
    def facts(self) -> dict[str, Bilingual]:
        """The facts it asks for, each once, with what their first place calls them."""
        found: dict[str, Bilingual] = {}
        for place in self.places:
            found.setdefault(place.fact, place.label)
        return found


@lru_cache(maxsize=1)
def preprinted_forms() -> Mapping[str, PreprintedForm]:
    """All forms by code, in the order of the list."""
    row = find_effective(bundled_reference().rows("preprinted_forms"), date.max)
    forms = [PreprintedForm.from_json(raw) for raw in row.values["forms"]] if row else []
    return {form.code: form for form in forms}


def preprinted_form(code: str, *, about: PrintSource | None = None) -> PreprintedForm:
    """The form of this code. Raises FormUnknown or FormUnsuited (field `form`)."""
    form = preprinted_forms().get(code)
    if form is None:
        raise FormUnknown(field="form", form=code[:40])
    if about is not None and form.about is not about:
        raise FormUnsuited(field="form", form=str(form.name))
    return form
