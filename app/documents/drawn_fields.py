"""Signatures, seals and ticks as part of the page, for whoever draws pages without their fields.

Qt's renderer leaves out what form fields show, and signatures are fields. So pages are drawn, on screen and for a
printer, from a copy in memory in which each field's appearance stands in the page. The stored bytes stay as they are;
the copy is never stored, sent or checked.
"""

import io
from typing import Any

_HIDDEN = 0b10_0010
"""Annotation flags hidden and no-view."""


def with_fields_drawn(content: bytes) -> bytes:
    """The document with the appearances of its fields drawn into the pages; itself where nobody has signed.

    What cannot be read is returned as it is: whoever draws it says that it is damaged.
    """
    if b"/ByteRange" not in content:  # fields are only ever filled in by what signs
        return content
    # pyHanko costs half a second at its first use; papers without signatures never pay for it.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError

    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
        for number in range(int(writer.root["/Pages"]["/Count"])):
            _draw_fields(writer, writer.find_page_for_modification(number)[0].get_object())
        target = io.BytesIO()
        writer.write(target)
    except (PdfError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return content
    return target.getvalue()


def _draw_fields(writer: Any, page: Any) -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import pdf_name

    drawings: list[str] = []
    shapes: dict[str, Any] = {}
    for number, annotation in enumerate(page.get("/Annots", ())):
        widget = annotation.get_object()
        shape = _shape_of(widget)
        if shape is None:
            continue
        name = f"/ForecourtField{number}"
        shapes[name] = shape
        drawings.append(f"q {_matrix(widget, shape.get_object())} cm {name} Do Q")
    if not shapes:
        return
    resources = generic.DictionaryObject({pdf_name("/XObject"): generic.DictionaryObject(
        {pdf_name(name): shape for name, shape in shapes.items()}
    )})  # fmt: skip
    before = writer.add_object(generic.StreamObject(stream_data=b"q\n"))
    after = writer.add_object(generic.StreamObject(stream_data=("\nQ\n" + "\n".join(drawings) + "\n").encode()))
    own = page.raw_get("/Contents")
    contents = own.get_object() if isinstance(own, generic.IndirectObject) else own
    parts = list(contents) if isinstance(contents, generic.ArrayObject) else [own]
    page[pdf_name("/Contents")] = generic.ArrayObject([before, *parts, after])
    _add_resources(writer, page, resources)
    writer.update_container(page)


def _add_resources(writer: Any, page: Any, more: Any) -> None:
    """A page's resources may be shared with other pages: this one gets its own."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import pdf_name

    kept = generic.DictionaryObject(page["/Resources"]) if "/Resources" in page else generic.DictionaryObject()
    objects = generic.DictionaryObject(kept["/XObject"]) if "/XObject" in kept else generic.DictionaryObject()
    objects.update(more["/XObject"])
    kept[pdf_name("/XObject")] = objects
    page[pdf_name("/Resources")] = kept


def _shape_of(widget: Any) -> Any:
    """The normal appearance of a field as it stands, or None where it shows nothing."""
    from pyhanko.pdf_utils import generic

    if widget.get("/Subtype") != "/Widget" or int(widget.get("/F", 0)) & _HIDDEN or "/AP" not in widget:
        return None
    normal = widget["/AP"].raw_get("/N") if "/N" in widget["/AP"] else None
    if normal is None:
        return None
    shown = normal.get_object()
    if isinstance(shown, generic.StreamObject):
        return normal
    state = widget.get("/AS")
    return shown.raw_get(state) if state is not None and state in shown else None


def _matrix(widget: Any, shape: Any) -> str:
    """Puts the box of an appearance on the box of its field (ISO 32000, 12.5.5, for appearances without a matrix)."""
    left, bottom, right, top = _box(widget["/Rect"])
    from_left, from_bottom, from_right, from_top = _box(shape["/BBox"])
    across = (right - left) / ((from_right - from_left) or 1.0)
    up = (top - bottom) / ((from_top - from_bottom) or 1.0)
    return f"{across:.5f} 0 0 {up:.5f} {left - from_left * across:.3f} {bottom - from_bottom * up:.3f}"


def _box(values: Any) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(value) for value in values)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
