"""The whole catalogue as columns: one array a parameter, so that a question over all trims is some passes over numbers.

Numbers are float32 with NaN for what is not stated, prices float64; everything else is a code into a vocabulary, -1 for
what is not stated. Spans have two columns. Columns never change: `with_changes` makes new ones.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import Any, TypeVar, cast

from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.finder.rules import ENERGY, MAKE, NO, PRICE, SERIES, YEAR, YES, Bins, bins_of
from app.kernel.labels import Bilingual

T = TypeVar("T")
FORMAT = 1
"""Of the pack; raised whenever it is read differently."""
HIGH = "#high"
"""Ends the name of the column with the upper ends of spans."""
_NUMBERS = (ParameterType.NUMBER, ParameterType.INTEGER)
_TRIMMED, _FENCE = 1.0, 2.0
"""Cut off at both ends of a histogram: percentiles, and what lies further from the middle half than so many times its
width. One racing car does not make all others one bar."""
MISSING_BIN = 255
_TRUTHS = ((True, YES), (False, NO))


@dataclass(frozen=True)
class Node:
    """A make or a series as it is named, and as it sounds."""

    id: str
    name_zh: str
    name_en: str
    initials: str
    pinyin: str

    @cached_property
    def label(self) -> Bilingual:
        """Its name in both languages."""
        return Bilingual(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimRecord:
    """One trim as it is read: `parameters` with all that is inherited, `stamp` different for each state of its row."""

    id: str
    stamp: str
    year_id: str
    make: Node
    series: Node
    year: int
    name_zh: str
    name_en: str
    pinyin: str
    energy: str
    price: float
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which columns there are, as the dictionary says: the place of each in its matrix."""

    numbers: Mapping[str, int]
    codes: Mapping[str, int]
    spans: frozenset[str]
    fingerprint: str


@lru_cache(maxsize=1)
def shape() -> Shape:
    """The shape under the dictionary in use."""
    numbers: list[str] = []
    codes = [ENERGY, MAKE, SERIES, YEAR]
    spans: set[str] = set()
    for code, parameter in specification_dictionary().parameters.items():
        if parameter.type in _NUMBERS:
            numbers.append(code)
        elif parameter.type is ParameterType.RANGE:
            numbers += [code, code + HIGH]
            spans.add(code)
        else:
            codes.append(code)
    text = json.dumps([FORMAT, numbers, codes, [_choices(code) for code in codes]])
    return Shape(
        {code: place for place, code in enumerate(numbers)}, {code: place for place, code in enumerate(codes)},
        frozenset(spans), hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def _choices(code: str) -> list[str]:
    """What a vocabulary begins with: so codes of choices are their places in the dictionary."""
    parameter = specification_dictionary().parameters.get(code)
    if parameter is None:
        return []
    if parameter.type is ParameterType.BOOLEAN:
        return [YES, NO]
    return [choice.code for choice in parameter.choices]


class Vocabularies:
    """Values of each coded column, by code; a new value gets the next one."""

    def __init__(self, values: Sequence[Sequence[str]] | None = None) -> None:
        given = [_choices(code) for code in shape().codes] if values is None else values
        self.values: list[list[str]] = [list(column) for column in given]
        self._places = [{value: place for place, value in enumerate(column)} for column in self.values]

    def code(self, column: int, value: str) -> int:
        """The code of a value, a new one for a value not seen before."""
        places = self._places[column]
        found = places.get(value)
        if found is None:
            found = places[value] = len(places)
            self.values[column].append(value)
        return found

    def codes(self, column: int, values: Sequence[str | bool | None]) -> list[int]:
        """The codes of values of one column; -1 for what is not stated, truths count as "yes" and "no"."""
        known: dict[Any, int] = {**self._places[column], None: -1, "": -1}
        known.update({truth: known[text] for truth, text in _TRUTHS if text in known})
        found: list[Any] = list(map(known.get, values))
        place = -1
        for _ in range(found.count(None)):  # new values
            place = found.index(None, place + 1)
            value = values[place]
            text = dict(_TRUTHS)[value] if isinstance(value, bool) else str(value)
            found[place] = self.code(column, text)
        return found

    def find(self, column: int, value: str) -> int:
        """The code of a value; -2, which no trim has, where it is unknown."""
        return self._places[column].get(value, -2)


@dataclass(slots=True)
class TrimLists:
    """What is no column: one entry a trim."""

    ids: list[str]
    stamps: list[str]
    year_ids: list[str]
    names_zh: list[str]
    names_en: list[str]
    pinyin: list[str]

    def chosen(self, places: Iterable[int]) -> "TrimLists":
        """The lists of these trims only."""
        kept = list(places)
        return TrimLists(*([column[place] for place in kept] for column in self.all()))

    def all(self) -> tuple[list[str], ...]:
        """All lists, in the order of the constructor."""
        return self.ids, self.stamps, self.year_ids, self.names_zh, self.names_en, self.pinyin


class TrimColumns:
    """All live trims, in the order of their ids."""

    def __init__(
        self, lists: TrimLists, *, numbers: Any, codes: Any, prices: Any, vocabularies: Vocabularies,
        nodes: dict[str, Node], parent_stamps: dict[str, str],
    ) -> None:  # fmt: skip
        self.lists = lists
        self.numbers, self.codes, self.prices = numbers, codes, prices
        self.vocabularies = vocabularies
        self.nodes = nodes
        self.parent_stamps = parent_stamps
        """Of makes, series and model years: what the trims below inherit has changed when theirs has."""
        self._bins: dict[str, tuple[Bins, Any] | None] = {}
        self.answers: OrderedDict[Any, Any] = OrderedDict()
        """Counts of the last questions: while weights are dragged they stay what they are. See `queries`."""
        self._bits: dict[str, Any] = {}
        self._kept: dict[Hashable, Any] = {}
        self._names: Any = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.lists.ids)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Where a trim stands, by its id."""
        return {trim_id: place for place, trim_id in enumerate(self.lists.ids)}

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made of these columns once, under a key."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def names(self, make: Callable[["TrimColumns"], T]) -> T:
        """What finds trims by their names, made by `make` when it is first asked for."""
        with self._lock:
            if self._names is None:
                self._names = make(self)
            return cast(T, self._names)

    def number_column(self, code: str) -> Any:
        """The numbers of a parameter, or prices; of a span its lower ends. Raises KeyError for what is no number."""
        return self.prices if code == PRICE else self.numbers[shape().numbers[code]]

    def is_number(self, code: str) -> bool:
        """Whether it is asked for by a range."""
        return code == PRICE or code in shape().numbers

    def code_column(self, code: str) -> Any:
        """The codes of a parameter. Raises KeyError for what is no choice."""
        return self.codes[shape().codes[code]]

    def vocabulary(self, code: str) -> list[str]:
        """The values of a coded column, by code."""
        return self.vocabularies.values[shape().codes[code]]

    def code_of(self, code: str, value: str) -> int:
        """The code of a value in a column; -2, which no trim has, for an unknown one."""
        return self.vocabularies.find(shape().codes[code], value)

    def node(self, code: str, place: int) -> Node:
        """Make or series of a trim."""
        return self.nodes[self.vocabulary(code)[self.code_column(code)[place]]]

    def stored(self, parameter: Parameter, place: int) -> Any:
        """A parameter of a trim in its stored form, None where it is not stated."""
        code = parameter.code
        if parameter.type is ParameterType.RANGE:
            rows = [shape().numbers[name] for name in (code, code + HIGH)]
            ends = [_stored_number(parameter, self.numbers[row, place]) for row in rows]
            return None if None in ends else ends
        if parameter.type in _NUMBERS:
            return _stored_number(parameter, self.numbers[shape().numbers[code], place])
        found = int(self.code_column(code)[place])
        if found < 0:
            return None
        value = self.vocabulary(code)[found]
        return value == YES if parameter.type is ParameterType.BOOLEAN and value in (YES, NO) else value

    def bins(self, code: str) -> tuple[Bins, Any] | None:
        """The even bins of a number over all trims and the bin of each (255: not stated); None where none is stated."""
        if code not in self._bins:
            self._bins[code] = self._binned(code)
        return self._bins[code]

    def bits(self, code: str) -> Any:
        """Which trims have each value (or bin) of a facet, as rows of bits; the first row: where none is stated. None
        for what is no facet, or stated nowhere."""
        if code not in self._bits:
            self._bits[code] = self._made_bits(code)
        return self._bits[code]

    def _made_bits(self, code: str) -> Any:
        import numpy as np

        if self.is_number(code):
            binned = self.bins(code)
            if binned is None:
                return None
            bins, each = binned
            rows = [packed_bits(each == value) for value in (MISSING_BIN, *range(bins.count))]
        elif code in shape().codes:
            each = self.code_column(code)
            rows = [packed_bits(each == value) for value in range(-1, len(self.vocabulary(code)))]
        else:
            return None
        return np.stack(rows)

    def _binned(self, code: str) -> tuple[Bins, Any] | None:
        import numpy as np

        values = self.number_column(code).astype(np.float64)
        stated = ~np.isnan(values)
        known = values[stated]
        if not len(known):
            return None
        parameter = specification_dictionary().parameters.get(code)
        places = 0 if parameter is None else parameter.places
        lowest, low, high, highest = np.percentile(known, [_TRIMMED, 25, 75, 100.0 - _TRIMMED], method="nearest")
        spread = _FENCE * (high - low)
        if spread > 0:
            lowest, highest = max(lowest, low - spread), min(highest, high + spread)
        bins = bins_of(round(float(lowest), places), round(float(highest), places), places=places)
        found = np.full(len(values), MISSING_BIN, np.uint8)
        inside = np.floor((known - bins.start) / bins.step + 1e-6)
        found[stated] = np.clip(inside, 0, bins.count - 1).astype(np.uint8)
        return bins, found

    # --- making ----------------------------------------------------------------------------------

    @classmethod
    def empty(cls) -> "TrimColumns":
        """Without any trim."""
        import numpy as np

        form = shape()
        return cls(
            TrimLists([], [], [], [], [], []), numbers=np.empty((len(form.numbers), 0), np.float32),
            codes=np.empty((len(form.codes), 0), np.int32), prices=np.empty(0), vocabularies=Vocabularies(), nodes={},
            parent_stamps={},
        )  # fmt: skip

    def with_changes(
        self, records: Iterable[Sequence[TrimRecord]], *, removed: Iterable[str] = (), parent_stamps: dict[str, str]
    ) -> "TrimColumns":
        """New columns with these records, in pieces, in the place of what was known of them, without the removed."""
        import numpy as np

        vocabularies, nodes = Vocabularies(self.vocabularies.values), dict(self.nodes)
        lists = TrimLists(*(list(column) for column in self.lists.all()))
        parts = [(self.numbers, self.codes, self.prices)]
        gone = set(removed)
        for piece in records:
            parts.append(_encoded(piece, vocabularies))
            for record in piece:
                gone.add(record.id)
                nodes[record.make.id], nodes[record.series.id] = record.make, record.series
                for column, value in zip(lists.all(), _listed(record), strict=True):
                    column.append(value)
        kept = [place for place, trim_id in enumerate(self.lists.ids) if trim_id not in gone]
        order = np.array(sorted([*kept, *range(len(self), len(lists.ids))], key=lists.ids.__getitem__), np.intp)
        numbers, codes, prices = (np.concatenate(same, axis=-1)[..., order] for same in zip(*parts, strict=True))
        return TrimColumns(
            lists.chosen(order.tolist()), numbers=numbers, codes=codes, prices=prices, vocabularies=vocabularies,
            nodes=nodes, parent_stamps=parent_stamps,
        )  # fmt: skip

    # --- keeping ---------------------------------------------------------------------------------

    def packed(self) -> bytes:
        """Everything as bytes, to be kept."""
        import zstandard

        head = json.dumps(
            {
                "shape": shape().fingerprint, "lists": self.lists.all(), "vocabularies": self.vocabularies.values,
                "nodes": [[n.id, n.name_zh, n.name_en, n.initials, n.pinyin] for n in self.nodes.values()],
                "parents": self.parent_stamps,
            },
            ensure_ascii=False,
        ).encode()  # fmt: skip
        arrays = [self.numbers.tobytes(), self.codes.tobytes(), self.prices.tobytes()]
        sizes = b"".join(len(part).to_bytes(8, "little") for part in (head, *arrays))
        return zstandard.ZstdCompressor(level=3).compress(b"".join((sizes, head, *arrays)))

    @classmethod
    def unpacked(cls, body: bytes) -> "TrimColumns | None":
        """What was packed; None when the dictionary or the way of packing is another one by now."""
        import numpy as np
        import zstandard

        whole = memoryview(zstandard.ZstdDecompressor().decompress(body))
        sizes = [int.from_bytes(whole[i : i + 8], "little") for i in range(0, 32, 8)]
        ends = list(accumulate(sizes, initial=32))
        head = json.loads(bytes(whole[ends[0] : ends[1]]))
        form = shape()
        if head["shape"] != form.fingerprint:
            return None
        return cls(
            TrimLists(*head["lists"]),
            numbers=np.frombuffer(whole[ends[1] : ends[2]], np.float32).reshape(len(form.numbers), -1),
            codes=np.frombuffer(whole[ends[2] : ends[3]], np.int32).reshape(len(form.codes), -1),
            prices=np.frombuffer(whole[ends[3] : ends[4]], np.float64),
            vocabularies=Vocabularies(head["vocabularies"]),
            nodes={node[0]: Node(*node) for node in head["nodes"]}, parent_stamps=head["parents"],
        )  # fmt: skip


def _listed(record: TrimRecord) -> tuple[str, ...]:
    return record.id, record.stamp, record.year_id, record.name_zh, record.name_en, record.pinyin


def _encoded(piece: Sequence[TrimRecord], vocabularies: Vocabularies) -> tuple[Any, Any, Any]:
    """The columns of some records. What does not fit its parameter's type counts as not stated.

    All that is stated is picked out of a record at once and turned over to columns: some millions of values at the
    speed of C. A column nobody states costs a look at it.
    """
    import numpy as np

    form, width = shape(), len(piece)
    nothing = dict.fromkeys((*form.numbers, *form.codes))
    pick = itemgetter(*nothing)
    rows = [pick({**nothing, **one.parameters}) for one in piece]
    columns = dict(zip(nothing, zip(*rows, strict=True) if rows else [()] * len(nothing), strict=True))
    columns.update(_own_values(piece))
    for code in form.spans:
        spans = [value if _is_span(value) else _NO_SPAN for value in columns[code]]
        columns[code], columns[code + HIGH] = (tuple(span[end] for span in spans) for end in (0, 1))
    numbers = np.full((len(form.numbers), width), np.nan, np.float32)
    codes = np.full((len(form.codes), width), -1, np.int32)
    for code, row in form.numbers.items():
        if values := _fitting(columns[code], _OF_NUMBERS):
            numbers[row] = values
    for code, row in form.codes.items():
        if values := _fitting(columns[code], _OF_CODES):
            codes[row] = vocabularies.codes(row, values)
    prices = np.array([record.price for record in piece], np.float64)
    return numbers, codes, prices


_OF_NUMBERS: frozenset[type] = frozenset({int, float, type(None)})
_OF_CODES: frozenset[type] = frozenset({str, bool, type(None)})
_UNSTATED: frozenset[type] = frozenset({type(None)})
_NO_SPAN = (None, None)


def _own_values(piece: Sequence[TrimRecord]) -> dict[str, tuple[Any, ...]]:
    return {
        ENERGY: tuple(one.energy for one in piece), MAKE: tuple(one.make.id for one in piece),
        SERIES: tuple(one.series.id for one in piece), YEAR: tuple(str(one.year) for one in piece),
    }  # fmt: skip


def _fitting(values: tuple[Any, ...], types: frozenset[type]) -> tuple[Any, ...]:
    """These values, None in the place of each that is of another type; none at all where nothing is stated."""
    found = set(map(type, values))
    if found <= types:
        return values if found != _UNSTATED else ()
    return tuple(value if type(value) in types else None for value in values)


def packed_bits(chosen: Any) -> Any:
    """An array of truths as bits in whole words of 64."""
    import numpy as np

    packed = np.packbits(chosen)
    return np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)


def _is_span(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(end) in (int, float) for end in value)


def _stored_number(parameter: Parameter, value: Any) -> int | float | None:
    if value != value:
        return None
    rounded = round(float(value), parameter.places)
    return int(rounded) if rounded == int(rounded) else rounded
