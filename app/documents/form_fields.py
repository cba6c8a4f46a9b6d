"""Empty signature fields and tick boxes, written into the file while it is drawn.

They exist before the document is locked, so that signing only ever fills in what the locked bytes already contain.
"""

from reportlab.pdfbase import pdfdoc

from app.documents.places import TICKED, Place, PlaceKind

_PRINT = 4
_LOCKED = 128
_SIGNATURES_EXIST_APPEND_ONLY = 3
_NO_CHANGES_AFTER = 1


def add_fields(document: pdfdoc.PDFDocument, places: list[Place]) -> dict[int, list[pdfdoc.PDFObjectReference]]:
    """Write a field for every place and return the widgets per page number; none for a paper without places."""
    if not places:
        return {}
    by_page: dict[int, list[pdfdoc.PDFObjectReference]] = {}
    references = []
    for place in places:
        entries = _tick_box(document, place) if place.kind is PlaceKind.ACKNOWLEDGEMENT else _signature(place)
        reference = document.Reference(pdfdoc.PDFDictionary(_widget(place) | entries))
        references.append(reference)
        by_page.setdefault(place.page, []).append(reference)
    document.Catalog.AcroForm = pdfdoc.PDFDictionary(
        {"Fields": pdfdoc.PDFArray(references), "SigFlags": _SIGNATURES_EXIST_APPEND_ONLY}
    )
    return by_page


def _widget(place: Place) -> dict[str, object]:
    return {
        "Type": pdfdoc.PDFName("Annot"),
        "Subtype": pdfdoc.PDFName("Widget"),
        "T": pdfdoc.PDFString(place.name),
        "TU": pdfdoc.PDFString(place.description or place.name),
        "Rect": pdfdoc.PDFArray([round(edge, 2) for edge in place.rect]),
        "P": pdfdoc.PDFObjectReference(f"Page{place.page}"),
    }


def _signature(place: Place) -> dict[str, object]:
    entries: dict[str, object] = {"FT": pdfdoc.PDFName("Sig"), "F": _PRINT | _LOCKED}
    if place.kind is PlaceKind.SEAL:
        entries["Lock"] = pdfdoc.PDFDictionary(
            {
                "Type": pdfdoc.PDFName("SigFieldLock"),
                "Action": pdfdoc.PDFName("All"),
                "P": _NO_CHANGES_AFTER,
            }
        )
    return entries


def _tick_box(document: pdfdoc.PDFDocument, place: Place) -> dict[str, object]:
    width, height = place.size
    ticked = (
        f"q 0.0431 0.4314 0.4314 RG 1.4 w 1 J 1 j {width * 0.2:.2f} {height * 0.52:.2f} m "
        f"{width * 0.42:.2f} {height * 0.28:.2f} l {width * 0.8:.2f} {height * 0.76:.2f} l S Q"
    )
    return {
        "FT": pdfdoc.PDFName("Btn"),
        "F": _PRINT,
        "V": pdfdoc.PDFName("Off"),
        "AS": pdfdoc.PDFName("Off"),
        "AP": pdfdoc.PDFDictionary(
            {
                "N": pdfdoc.PDFDictionary(
                    {
                        TICKED: _appearance(document, ticked, width=width, height=height),
                        "Off": _appearance(document, "q Q", width=width, height=height),
                    }
                )
            }
        ),
    }


def _appearance(
    document: pdfdoc.PDFDocument, content: str, *, width: float, height: float
) -> pdfdoc.PDFObjectReference:
    dictionary = pdfdoc.PDFDictionary(
        {
            "Type": pdfdoc.PDFName("XObject"),
            "Subtype": pdfdoc.PDFName("Form"),
            "BBox": pdfdoc.PDFArray([0, 0, round(width, 2), round(height, 2)]),
            "Resources": pdfdoc.PDFDictionary({}),
        }
    )
    return document.Reference(pdfdoc.PDFStream(dictionary=dictionary, content=content + "\n"))
