"""Where things landed on the pages: signature boxes and tick boxes come from the layout, never from constants."""

from dataclasses import dataclass
from enum import StrEnum

TICKED = "Yes"
"""The state of a tick box that was ticked; else it is Off."""


class PlaceKind(StrEnum):
    """What a place on a page is for."""

    SIGNATURE = "signature"
    SEAL = "seal"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named box: `page` counts from 1, `rect` is (left, bottom, right, top) in points from the lower left."""

    name: str
    kind: PlaceKind
    page: int
    rect: tuple[float, float, float, float]
    description: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        left, bottom, right, top = self.rect
        return right - left, top - bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPaper:
    """A finished document: its bytes, how many pages, the digest of its data, and its boxes in reading order."""

    pdf: bytes
    pages: int
    data_digest: str
    places: tuple[Place, ...] = ()

    def place(self, name: str) -> Place:
        """The box of that name; raises KeyError where the layout has none."""
        for place in self.places:
            if place.name == name:
                return place
        raise KeyError(name)

    def places_of(self, kind: PlaceKind) -> tuple[Place, ...]:
        """All boxes of one kind, in reading order."""
        return tuple(place for place in self.places if place.kind is kind)
