"""What is said of a file of specifications: how it was read, which names were taken for others, what it lacks."""

from collections.abc import Mapping, Sequence

from app.catalog.installed_data import data_of
from app.catalog.source_tables import SourceTable
from app.catalog.specification_mapping import SpecificationField
from app.kernel.labels import Bilingual
from app.runtime.language import CHINESE, language, tr, tr_noop, trn
from ui.kit.text import words

NAMES_SHOWN = 5
ROWS, COLUMNS, SEVERAL = "rows", "columns", "several"
SEPARATORS = {",": tr_noop("comma"), ";": tr_noop("semicolon"), "\t": tr_noop("tab"), "|": tr_noop("bar")}


def layout_of(table: SourceTable) -> str:
    """How the trims stand in a table."""
    return COLUMNS if table.turned else SEVERAL if table.in_row > 1 else ROWS


def about_table(table: SourceTable) -> str:
    """What was read and how, in a line."""
    count = len(table.rows)
    parts = [table.name or tr("Pasted text")]
    if table.in_row > 1:
        parts += _about_several(table)
    else:
        parts.append(trn("{n} column of values", "{n} columns of values", count) if table.turned else
                     trn("{n} row", "{n} rows", count))  # fmt: skip
    if table.encoding:
        parts.append(table.encoding.upper().removesuffix("-SIG"))
    if table.delimiter in SEPARATORS:
        parts.append(tr("separated by {mark}", mark=tr(SEPARATORS[table.delimiter])))
    if table.skipped:
        parts.append(trn("{n} line skipped", "{n} lines skipped", table.skipped))
    if table.sheet:
        parts.append(tr("sheet “{name}”", name=table.sheet))
    known = data_of(table)
    if known is not None:
        parts.insert(1, tr("recognised: {name}", name=known.name))
    return " · ".join(parts)


def _about_several(table: SourceTable) -> list[str]:
    parts = [trn("{n} different car", "{n} different cars", len(table.rows)),
             trn("{n} car in each row", "{n} cars in each row", table.in_row)]  # fmt: skip
    if table.folded:
        parts.append(trn("{n} repetition counted once", "{n} repetitions counted once", table.folded))
    if table.left_out:
        parts.append(trn("{n} column about no car left out", "{n} columns about no car left out", table.left_out))
    return parts


def names_words(taken: Mapping[str, str]) -> str:
    """Which names were read for which, in a line."""
    meant = [
        tr("“{written}” as {name}", written=key.rpartition(":")[2], name=Bilingual.from_stored(name))
        for key, name in taken.items() if name
    ]  # fmt: skip
    left = len(taken) - len(meant)
    parts = [tr("Taken: {names}", names=" · ".join(meant[:NAMES_SHOWN]))] if meant else []
    if len(meant) > NAMES_SHOWN:
        parts.append(trn("and {n} more name", "and {n} more names", len(meant) - NAMES_SHOWN))
    if left:
        parts.append(trn("{n} name left as it is", "{n} names left as they are", left))
    return " · ".join(parts)


def listed_fields(fields: Sequence[SpecificationField]) -> str:
    """Fields by name, one after the other."""
    return ("、" if language() == CHINESE else ", ").join(words(field.label) for field in fields)
