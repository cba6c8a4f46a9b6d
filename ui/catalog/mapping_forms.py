"""The forms beside the columns of a specification book: how it is read, one column, and what holds for all rows."""

from functools import partial

from app.catalog.energies import Energy
from app.catalog.import_commands import Level
from app.catalog.specification_mapping import SpecificationField
from app.catalog.specification_sources import DELIMITERS, ENCODINGS
from app.runtime.language import tr_noop
from ui.catalog.column_meanings import find_meanings
from ui.catalog.source_words import COLUMNS, ROWS, SEPARATORS, SEVERAL
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    LookupField,
    MoneyField,
    Section,
    SegmentField,
    TextField,
    ToggleField,
)
from ui.kit.form import Form

CONSTANTS = (
    SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH, SpecificationField.YEAR, SpecificationField.TRIM_ZH,
)  # fmt: skip
"""What may be said once for all rows, from the make down."""
RECOGNISED = tr_noop("Recognised")


def reading_form(context: PageContext) -> Form:
    """In which way the file is read."""
    encodings = [Choice(name, partial(str, name.upper())) for name in ENCODINGS]
    separators = [Choice(mark, SEPARATORS[mark]) for mark in DELIMITERS]
    layout = [Choice(ROWS, tr_noop("One row each")), Choice(COLUMNS, tr_noop("One column each")),
              Choice(SEVERAL, tr_noop("Several in a row"))]  # fmt: skip
    return Form(
        context,
        [
            Section(
                "",
                [
                    ChoiceField("encoding", tr_noop("Encoding"), choices=encodings, placeholder=RECOGNISED,
                                mark_optional=False),
                    ChoiceField("delimiter", tr_noop("Separator"), choices=separators, placeholder=RECOGNISED,
                                mark_optional=False),
                    IntegerField("skip", tr_noop("Lines to skip"), least=0, most=200),
                    ChoiceField("sheet", tr_noop("Sheet"), choices=[], required=True),
                    ToggleField("published", tr_noop("Published list"), text=tr_noop("Read it as documented")),
                    SegmentField("layout", tr_noop("Trims stand in"), choices=layout, required=True, span=2),
                ],
            )
        ],
        submit_keys=False,
    )  # fmt: skip


def column_form(context: PageContext) -> Form:
    """What the selected column stands for."""
    return Form(
        context,
        [
            Section(
                tr_noop("The selected column"),
                [
                    LookupField("key", tr_noop("Stands for"), search=find_meanings, span=2, mark_optional=False,
                                placeholder=tr_noop("Nothing: leave it out")),
                    ChoiceField("unit", tr_noop("In this unit"), choices=[], required=True, span=2),
                ],
            )
        ],
        columns=1,
        submit_keys=False,
    )  # fmt: skip


def whole_form(context: PageContext) -> Form:
    """What holds for all rows, since when, and why."""
    levels = [Choice(level, level.label) for level in reversed(Level)]
    energies = [Choice(energy.value, energy.label) for energy in Energy]
    doubles = [Choice("refuse", tr_noop("Refuse")), Choice("number", tr_noop("Number them"))]
    names = [TextField(target.value, target.label, max_length=120, mark_optional=False) for target in CONSTANTS]
    return Form(
        context,
        [
            Section(
                tr_noop("For all rows"),
                [
                    ChoiceField("level", tr_noop("Each row is about a"), choices=levels, required=True),
                    *names,
                    ChoiceField("energy", tr_noop("Energy"), choices=energies,
                                placeholder=tr_noop("As the trim has it"), mark_optional=False),
                    MoneyField("rate", tr_noop("Yuan for a US dollar")),
                    SegmentField("doubles", tr_noop("Rows of the same name"), choices=doubles, required=True),
                ],
            ),
            Section(
                tr_noop("Since when, and why"),
                [
                    DateField("effective_from", tr_noop("In force from"),
                              earliest=context.clock.now().date().isoformat(),
                              hint=tr_noop("Today, if left empty. New trims are there at once.")),
                    TextField("reason", tr_noop("Reason"), max_length=400,
                              placeholder=tr_noop("The file's name, if left empty")),
                ],
            ),
        ],
        columns=1,
        submit_keys=False,
    )  # fmt: skip
