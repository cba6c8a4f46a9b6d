"""The contract as it will be signed: drafted from the order, read on the screen, printed, locked."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal

from app.contracts.commands import ContractDrafted, DraftContract
from app.contracts.documents.queries import sale_templates
from app.contracts.queries import ContractDetail
from app.contracts.templates.choice import TemplateChoice
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop
from ui.kit import formats
from ui.kit.choice_editors import ChoiceEditor
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.layout import STRETCH, row
from ui.signing.reading_station import ReadingStation


class ContractStation(ReadingStation):
    """Drafts the contract of an order when it is entered. `drafted(contract id)`."""

    drafted = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._order_id = ""
        self.language = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")], name=tr_noop("Language of the paper")
        )
        self.language.chosen.connect(lambda _code: self.draft_again())
        self.text = ChoiceEditor([], may_be_empty=False)
        self.text.combo.setAccessibleName(tr("Text of the house"))
        self.text.edited.connect(lambda *_value: self.draft_again())
        self.text.hide()
        self.again = Button(tr_noop("Draft again"), icon="rotate-ccw", on_click=self.draft_again)
        self.arrange(
            [
                row(Label(tr_noop("Read the contract together"), role="section"), STRETCH, self.text, self.language),
                self.across,
            ],
            secondary=[self.again], primary=self.go,
        )  # fmt: skip

    def begin(self, order_id: str, contract_id: str, *, language: str = CHINESE) -> None:
        """Draft the contract of an order, or go on with the one that was drafted."""
        same = order_id == self._order_id and self._document is not None
        self._order_id = order_id
        self.language.set_value(language)
        if not same:
            self._fetch_texts()
        if contract_id and not same:
            self.fetch(contract_id)
        elif not same:
            self.draft_again()

    def forget(self) -> None:
        """Another sale."""
        super().forget()
        self._order_id = ""

    def draft_again(self) -> None:
        self.go.setEnabled(False)
        command = DraftContract(
            order_id=self._order_id, language=self.language.value() or CHINESE, template=self.text.value() or ""
        )
        job = self.context.operations.run_command(self, command, on_done=self._on_drafted)
        self.again.busy_while(job)

    def _fetch_texts(self) -> None:
        """Which texts of the house apply to this sale; where there is one, nobody is asked."""
        self._on_texts(())
        run = self.context.operations.run_query
        run(self, sale_templates, self._order_id, on_done=self._on_texts, on_error=lambda _error: True, key="texts")

    def _on_texts(self, texts: Sequence[TemplateChoice]) -> None:
        choices = [Choice(one.code, partial(_title, one)) for one in texts]
        self.text.set_choices(choices if len(choices) > 1 else [])
        self.text.setVisible(len(choices) > 1)
        if len(choices) > 1:
            self.text.set_value(choices[0].value)

    def say(self, detail: ContractDetail) -> None:
        if detail.outdated:
            self.messages.show_warning(
                tr_noop("The order changed since this was drafted. Draft it again before it is locked.")
            )
        elif detail.row.provisional:
            self.messages.show_message(
                tr_noop("The centre has not yet confirmed this sale; the contract says so."), tone="info"
            )
        elif detail.row.secured_until is not None:
            until = detail.row.secured_until
            self.messages.show_message(
                lambda: tr(
                    "The centre keeps the vehicle for this desk until {time}; the contract says so.",
                    time=formats.moment(until),
                ),
                tone="good",
            )  # fmt: skip
        else:
            self.messages.clear()

    def _on_drafted(self, drafted: ContractDrafted) -> None:
        self.drafted.emit(drafted.contract_id)
        self.fetch(drafted.contract_id)

    def _is_drafting(self) -> bool:
        return self.again.hasFocus()


def _title(text: TemplateChoice) -> str:
    """What a text is called, in the language in use."""
    return text.title.in_language(language())
