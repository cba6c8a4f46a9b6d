"""The page about the kinds of document, made from their declarations: `python -m app.tour.documents_page`.

A test compares `docs/documents.md` with what the code says, so that neither can change alone.
"""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from app.archive.rules import retention_years
from app.contracts.kinds.registry import KINDS, DocumentKind, Entry, EntryType

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "documents.md"
PICTURES = "pictures/documents"
_ON = date(2026, 11, 23)
_HEAD = """# Documents

What people sign. One registry (`app/contracts/kinds/registry.py`) says of every kind what it is about, what its
clauses may ask for, what a person fills in, who signs in which order, and how long it is kept. This page is made
from it by `python -m app.tour.documents_page`; the pictures, of made-up facts, by `python -m
app.tour.document_pictures --out docs/pictures/documents`.

- **Facts** come from the rows a document is about (`documents/reading.py`) and from its form (`kinds/entries.py`):
  amounts, days and readings that no row has. Both are part of the data digest on every page; when a row changes, a
  draft is outdated and cannot be locked.
- **Blocks** of facts (`kinds/blocks.py`) and the clauses of the template in force are laid out by
  `paper/document_layout.py` and `paper/clause_layout.py`; the sales contract has its own form
  (`paper/sale_layout.py`). The leading language stands left or above, the other beside. The last two clauses stand on
  the page that is signed; a clause taller than half a page goes on to the next one; a table's head is repeated, and
  its total keeps a row of what it closes.
- **Parties** are named with who acts for a company and its legal representative (branch and customer records); the
  dealer's account stands where money is asked for. The hand in a signature's box has name, day and time below it.
- **Texts** ship in `resources/contract_templates/<kind>`; the house's own versions go before them
  (`templates/in_force.py`). A house may have several templates of a kind, each with the conditions under which it
  applies (loan or cash, earnest money or advance, new or used, new energy, company): drafting takes the one with the
  most conditions that hold, or the one somebody chose among those (`templates/choice.py`). `source` says what a
  lawyer has to check. A clause that limits the customer is conspicuous and acknowledged by itself.
- **Signing** is the same for every kind: locked, signed in the order of the roles, sealed. The seal also closes
  what the customer signs alone. A sealed privacy consent leaves consents with purpose, recipient, day and document in
  the customer's file (`after_signing/consents.py`); they are withdrawn there as easily as they were given.
- A new kind is a module in `app/contracts/kinds` (declaration and `compose`), a line in the registry, a template, a
  sample.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_overview(), "", *(line for kind in KINDS.values() for line in _section(kind))])


def _overview() -> Iterator[str]:
    yield "| kind | about | signed by | kept | number |"
    yield "|---|---|---|---|---|"
    for kind in KINDS.values():
        about = ", ".join(subject.label.lower() for subject in kind.about)
        years = retention_years(kind.retention, _ON)
        link = f"[{kind.title.zh} {kind.title.en}](#{kind.code})"
        yield f"| {link} | {about} | {_roles(kind)} | {years} years | `{kind.number_kind}` |"


def _section(kind: DocumentKind) -> Iterator[str]:
    yield f'<a id="{kind.code}"></a>'
    yield ""
    yield f"## {kind.title.zh} · {kind.title.en}"
    yield ""
    yield f"{kind.purpose.en} {kind.purpose.zh}"
    yield ""
    yield f"- **About**: {', '.join(subject.label.lower() for subject in kind.about)}."
    yield f"- **Filled in**: {_entries(kind)}."
    yield f"- **Signed by**: {_roles(kind)}. Needs `{kind.permission.value}`."
    yield f"- **Kept**: {retention_years(kind.retention, _ON)} years ({kind.retention.label.lower()})."
    yield f"- **Clauses may ask for**: {', '.join(f'`{name}`' for name in sorted(kind.placeholders))}."
    yield f"- **Conditions**: {', '.join(f'`{name}`' for name in sorted(kind.conditions))}."
    yield ""
    yield f"![{kind.title.en}]({PICTURES}/{kind.code}-zh.png)"
    yield ""


def _roles(kind: DocumentKind) -> str:
    return ", ".join(f"{role.code}{f' (up to {role.most})' if not role.least else ''}" for role in kind.roles)


def _entries(kind: DocumentKind) -> str:
    return "; ".join(_entry(entry) for entry in kind.entries) or "nothing, all of it is in the rows"


def _entry(entry: Entry) -> str:
    about = entry.type.value.replace("_", " ")
    if entry.type is EntryType.CHOICE:
        about = " / ".join(answer.label.en for answer in entry.choices)
    elif entry.type is EntryType.LINES:
        about = "lines of " + ", ".join(column.label.en for column in entry.columns)
    return f"{entry.label.en} ({about}{'' if entry.required else ', optional'})"


def main() -> int:
    """Write the page."""
    DOCUMENT.write_text(page(), encoding="utf-8")
    print(DOCUMENT, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
