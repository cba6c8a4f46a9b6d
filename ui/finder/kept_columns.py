"""The columns the finder searches in, kept between starts."""

from PySide6.QtCore import QObject

from app.finder.commands import KeepColumns
from app.finder.queries import PackedColumns, columns_to_keep
from ui.kit.context import PageContext


def keep_columns(page: QObject, context: PageContext) -> None:
    """Write them down: the next start need not read the whole catalogue."""

    def keep(packed: PackedColumns) -> None:
        context.operations.run_command(page, KeepColumns(path=packed.path, body=packed.body))

    context.operations.run_query(page, columns_to_keep, on_done=keep)
