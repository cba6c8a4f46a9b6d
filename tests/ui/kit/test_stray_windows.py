"""Making widgets opens no window: what is shown before it has a parent flashes on the screen and takes the focus."""

from typing import Any

from PySide6.QtWidgets import QApplication

from tests.ui.demo_page import UnitSource, UnitsPage, units
from tests.ui.shown_windows import ShownWindows
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import DetailPanel, Facts
from ui.kit.feedback import EmptyState
from ui.kit.fields import DateField, MultiLineField, Section, TextField, ToggleField
from ui.kit.form import Form, FormFrame
from ui.kit.pdf_view import PdfView
from ui.kit.signature_pad import SignaturePad


def test_making_pages_and_forms_opens_no_window(context: PageContext, qapp: QApplication, qtbot: Any) -> None:
    windows = ShownWindows()
    qapp.installEventFilter(windows)
    page = UnitsPage(context, UnitSource(units(3)))
    fields = [TextField("a", "A"), DateField("d", "D"), ToggleField("t", "T"), MultiLineField("n", "N")]
    form = Form(context, [Section("One", fields), Section("Two", [TextField("b", "B")])])
    form.set_field_visible("b", False)
    form.set_field_visible("b", True)
    frame = FormFrame(form, buttons=[Button("Save")], summary=Label("1"))
    page.set_body(frame)
    page.panel.show_content("Title", Facts([("A", "b")]), actions=[Button("Hold")])
    page.set_empty(EmptyState("Nothing", "yet", action=Button("Begin")))
    page.messages.show_error("Wrong.")
    others = [PdfView(), SignaturePad(), DetailPanel()]
    qapp.processEvents()
    qapp.removeEventFilter(windows)
    for widget in (page, *others):
        qtbot.addWidget(widget)
    assert windows.shown == []
