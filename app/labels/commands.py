"""What can be set for printing labels."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPrintOffset(Command):
    """Remember how far a printer has to shift a form, in tenths of a millimetre, right and down; stays at this desk.

    `form` is the code of a label paper or of another form. Zero and zero forgets it. Can be undone. Raises
    OffsetTooLarge for the field.
    """

    printer: str
    form: str
    right: int
    down: int
