"""Keeps what a printer is off by. It stays at this desk: the printer stands beside it."""

from app.kernel.commands import requires
from app.kernel.errors import require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.labels.commands import SetPrintOffset
from app.labels.rules import PrinterOffset, checked_offset
from db.models.labels import PrintOffset


@requires(Permission.INVENTORY_VIEW)
def set_print_offset(command: SetPrintOffset, uow: UnitOfWork) -> PrinterOffset:
    """Remember it; returns what is kept."""
    printer = require_text(command.printer, field="printer", limit=200)
    form = require_text(command.form, field="form", limit=40)
    right, down = checked_offset(command.right, field="right"), checked_offset(command.down, field="down")
    kept = uow.session.get(PrintOffset, (printer, form))
    before = (kept.right, kept.down) if kept is not None else (0, 0)
    if kept is None:
        kept = uow.add(PrintOffset(printer=printer, form=form))
    kept.right, kept.down, kept.set_at = right, down, uow.now
    uow.undo_with(SetPrintOffset(printer=printer, form=form, right=before[0], down=before[1]))
    return PrinterOffset(right, down)
