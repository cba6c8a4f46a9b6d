"""Pages in which something is entered, changed or looked at closely: a sheet stands in the place of the body."""

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.form import Form, FormFrame
from ui.kit.layout import row as line_of
from ui.kit.list_page import ListPage
from ui.kit.page import Page
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words
from ui.kit.theme import set_size

ASIDE_WIDTH = 264


class FormSheet(QWidget):
    """A form with its footer, and perhaps something helpful at its right. `form` is the form inside."""

    def __init__(
        self,
        form: Form,
        *,
        buttons: list[Button],
        summary: QWidget | None = None,
        aside: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.form = form
        line = line_of(gap=16)
        self.setLayout(line)
        self.frame = FormFrame(form, buttons=buttons, summary=summary, parent=self)
        line.addWidget(self.frame, 1)
        if aside is not None:
            set_size(aside, width=ASIDE_WIDTH)
            line.addWidget(aside)


class SheetPage(Page):
    """A page that shows a sheet instead of its body for a while. Esc leaves it; what was typed stays in the draft.

    Give the body with `set_main_view`.
    """

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        self.sheet: QWidget | None = None
        self._main_view: QWidget | None = None
        self._main_title: Words = ""
        self._main_subtitle: Words = ""
        super().__init__(context, parent=parent)
        self._main_title = self.title
        self._views = QStackedWidget()
        self.set_body(self._views)

    def set_main_view(self, view: QWidget) -> None:
        """What stands there while no sheet does."""
        self._main_view = view
        self._views.addWidget(view)
        self._views.setCurrentWidget(view)

    @property
    def sheets(self) -> QWidget:
        """Where sheets stand; a large one is given it as its parent, so that it is styled there and nowhere else."""
        return self._views

    def open_sheet(self, sheet: QWidget, title: Words, *, subtitle: Words = "") -> None:
        """Show a sheet in place of the body, under its own title."""
        self.close_sheet()
        self.sheet = sheet
        self._views.addWidget(sheet)
        self._views.setCurrentWidget(sheet)
        super().set_empty(None)
        self.panel.close_panel()
        self.messages.clear()
        self.filters.hide()
        self._show_header_buttons(False)
        self.set_title(title)
        super().set_subtitle(subtitle)
        if isinstance(sheet, FormSheet):
            sheet.form.focus_first()

    def close_sheet(self) -> None:
        """Take the sheet away; the body is as it was."""
        sheet, self.sheet = self.sheet, None
        if sheet is None:
            return
        for form in sheet.findChildren(Form):
            form.save_draft_if_due()
        if self._main_view is not None:
            self._views.setCurrentWidget(self._main_view)
        self._views.removeWidget(sheet)
        sheet.hide()
        sheet.deleteLater()
        self._show_header_buttons(True)
        self.set_title(self._main_title)
        super().set_subtitle(self._main_subtitle)
        self.main_view_back()

    def main_view_back(self) -> None:
        """A sheet was closed."""

    def cancel_button(self) -> Button:
        """Leaves the sheet; what is typed stays in the draft."""
        return Button(tr_noop("Back to the list"), on_click=self.close_sheet)

    def back_button(self) -> Button:
        """The same at the top of a sheet that holds no form."""
        return Button(tr_noop("Back to the list"), kind="quiet", icon="arrow-left", on_click=self.close_sheet)

    # --- what the base says while a sheet is open ------------------------------------------------

    def set_subtitle(self, text: Words) -> None:
        self._main_subtitle = text
        if self.sheet is None:
            super().set_subtitle(text)

    def set_empty(self, empty: EmptyState | None) -> None:
        if self.sheet is None:
            super().set_empty(empty)
        elif empty is not None:
            empty.deleteLater()  # asked for anew when the body is back

    def _on_escape(self) -> None:
        asking = [question for question in self.findChildren(PanelForm) if question.isVisible()]
        if asking:
            asking[-1].leave()
        elif self.sheet is not None:
            self.close_sheet()
        else:
            super()._on_escape()

    def _show_header_buttons(self, shown: bool) -> None:
        for button in self.header.findChildren(Button):
            button.setVisible(shown)
        self._more.setVisible(shown and bool(self._menu_actions))


class EditingPage(SheetPage, ListPage):
    """A list page with sheets: the table stays as it was left."""

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self.set_main_view(self.table)

    def main_view_back(self) -> None:
        self.filters.show()
        self._on_model_rows_shown()
        self.table.setFocus()
        row = self.table.current_row()
        if row is not None:
            self.show_details(row)

    def _on_table_selected(self, row: Any) -> None:
        if self.sheet is None:
            super()._on_table_selected(row)
