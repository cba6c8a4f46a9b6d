"""What changed between two revisions of a PDF, in the terms a person uses: pages, marks, form fields.

pyHanko's difference analysis decides *whether* a change was allowed; this says *what* it was.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_DEEPEST_PAGE_TREE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionChanges:
    """Pages count from 1 as they are in the later revision."""

    pages_before: int
    pages_after: int
    pages_altered: tuple[int, ...]
    pages_marked: tuple[int, ...]
    fields_changed: tuple[str, ...]
    fields_removed: tuple[str, ...]
    fields_added: tuple[str, ...]

    @property
    def nothing_seen(self) -> bool:
        """Whether no page, mark or field differs."""
        return self.pages_before == self.pages_after and not (
            self.pages_altered or self.pages_marked or self.fields_changed or self.fields_removed or self.fields_added
        )


@dataclass(frozen=True, slots=True)
class _Page:
    content: str
    marks: frozenset[str]


def compare_revisions(before: Any, after: Any) -> RevisionChanges:
    """Compare two pyHanko revision resolvers. Raises whatever pyHanko raises on damaged bytes."""
    old_pages, new_pages = list(_pages(before)), list(_pages(after))
    old_contents = [page.content for page in old_pages]
    old_fields, new_fields = _fields(before), _fields(after)
    altered, marked = [], []
    for number, page in enumerate(new_pages, start=1):
        twin = old_pages[number - 1] if number <= len(old_pages) else None
        if page.content not in old_contents:
            altered.append(number)
        elif twin is not None and page.marks - twin.marks:
            marked.append(number)
    return RevisionChanges(
        pages_before=len(old_pages),
        pages_after=len(new_pages),
        pages_altered=tuple(altered),
        pages_marked=tuple(marked),
        fields_changed=tuple(
            sorted(name for name in old_fields.keys() & new_fields.keys() if old_fields[name] != new_fields[name])
        ),
        fields_removed=tuple(sorted(old_fields.keys() - new_fields.keys())),
        fields_added=tuple(sorted(new_fields.keys() - old_fields.keys())),
    )


def page_count(revision: Any) -> int:
    """How many pages a revision has."""
    return sum(1 for _ in _page_objects(revision.root["/Pages"], 0))


def _pages(revision: Any) -> Iterator[_Page]:
    for page in _page_objects(revision.root["/Pages"], 0):
        yield _Page(content=_content_digest(page), marks=_marks(page))


def _page_objects(node: Any, depth: int) -> Iterator[Any]:
    if depth > _DEEPEST_PAGE_TREE:
        raise ValueError("page tree too deep")
    if "/Kids" not in node:
        yield node
        return
    kids = node["/Kids"]
    for index in range(len(kids)):
        yield from _page_objects(kids[index], depth + 1)


def _content_digest(page: Any) -> str:
    digest = hashlib.sha256()
    if "/Contents" in page:
        contents = page["/Contents"]
        streams = contents if isinstance(contents, list) else [contents]
        for index in range(len(streams)):
            digest.update(streams[index].get_object().data)
    digest.update(repr([float(edge) for edge in page["/MediaBox"]]).encode())
    return digest.hexdigest()


def _marks(page: Any) -> frozenset[str]:
    """Annotations that are not form fields."""
    if "/Annots" not in page:
        return frozenset()
    annotations = page["/Annots"]
    marks = set()
    for index in range(len(annotations)):
        annotation = annotations[index]
        if annotation.get("/Subtype") != "/Widget":
            marks.add(str(annotations.raw_get(index)))
    return frozenset(marks)


def _fields(revision: Any) -> dict[str, str]:
    """Field name to what it holds: a signature's object, a tick, a text."""
    try:
        fields = revision.root["/AcroForm"]["/Fields"]
    except KeyError:
        return {}
    held = {}
    for index in range(len(fields)):
        field = fields[index]
        value = field.raw_get("/V") if "/V" in field else None
        held[str(field.get("/T", f"#{index}"))] = f"{value}|{field.get('/AS')}"
    return held
