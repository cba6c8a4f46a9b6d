"""A drafted document of any kind: read together, its parties, changed or locked."""

from dataclasses import fields

from PySide6.QtCore import Signal

from app.contracts.commands import ContractDrafted
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.queries import DocumentForm, redraft_form
from app.contracts.documents.reading import About
from app.contracts.kinds.roles import signing_order
from app.contracts.queries import ContractDetail
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.theme import set_size
from ui.signing.parties_editor import FURTHER, WIDTH
from ui.signing.reading_station import SIDE_WIDTH, ReadingStation

NAMES_WIDTH = 200
REDRAFT = "redraft"


class ReadStation(ReadingStation):
    """`change_wanted`: the form is asked for once more."""

    change_wanted = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._contract_id = ""
        self.change = Button(tr_noop("Change and draft again"), icon="pencil", on_click=self.change_wanted.emit)
        self.arrange(
            [Label(tr_noop("Read the document together"), role="section"), self.across],
            secondary=[self.change], primary=self.go,
        )  # fmt: skip

    def begin(self, contract_id: str) -> None:
        """A draft, with whatever was changed in it."""
        self._contract_id = contract_id
        self.fetch(contract_id)

    def draft_again(self) -> None:
        self.go.setEnabled(False)
        self.context.operations.run_query(
            self, redraft_form, self._contract_id, on_done=self._on_form, key="redraft"
        )  # fmt: skip

    def say(self, detail: ContractDetail) -> None:
        # Where nobody can be added there is nothing to fill in beside the pages: they take the room.
        places = signing_order(detail.template_code).places
        narrow = not any(place.role in FURTHER for place in places)
        set_size(self.parties, width=NAMES_WIDTH if narrow else WIDTH)
        set_size(self.side, width=NAMES_WIDTH if narrow else SIDE_WIDTH)
        self.change.setVisible(REDRAFT in detail.actions)
        if detail.outdated:
            self.messages.show_warning(
                tr_noop("What this document says has changed since. Draft it again before it is locked.")
            )
        else:
            self.messages.clear()

    def _on_form(self, form: DocumentForm) -> None:
        about = {one.name: getattr(form.about, one.name) for one in fields(About)}
        command = DraftDocument(
            kind=form.kind, entries=form.entries, language=form.paper_language, contract_id=form.contract_id,
            template=form.template, **about,
        )  # fmt: skip
        self.context.operations.run_command(self, command, on_done=self._on_drafted)

    def _on_drafted(self, drafted: ContractDrafted) -> None:
        self.begin(drafted.contract_id)
