"""Who wrote something, where and when, in plain words; who is not known here is said to be so."""

from app.runtime.language import tr
from sync.client.writers import CENTRE, OWN, Writer
from ui.kit import formats


def writer_text(writer: Writer) -> str:
    """The person and the desk: "Wang Fang, desk HZ01 · D02"."""
    if writer.kind == CENTRE:
        return tr("the centre itself")
    if writer.kind == OWN:
        return tr("{person}, at this desk", person=person_text(writer)) if _names_somebody(writer) else tr("this desk")
    desk = desk_text(writer)
    return tr("{person}, {desk}", person=person_text(writer), desk=desk) if _names_somebody(writer) else desk


def _names_somebody(writer: Writer) -> bool:
    return bool(writer.person) or writer.is_unknown


def person_text(writer: Writer) -> str:
    """The person alone; a dash where nobody signed."""
    if writer.is_unknown:
        return tr("somebody whose name this desk does not have")
    return writer.person or "–"


def desk_text(writer: Writer) -> str:
    """The desk alone."""
    if writer.kind == CENTRE:
        return tr("the centre itself")
    if writer.kind == OWN:
        return tr("this desk")
    return tr("desk {desk}", desk=writer.desk) if writer.desk else tr("a desk not known here (…{id})", id=writer.device)


def written_text(writer: Writer) -> str:
    """Who, where and when on one line."""
    return " · ".join((writer_text(writer), formats.moment(writer.at)))
