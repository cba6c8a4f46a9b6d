"""Labels: each at its place, readable codes, shifted by what the printer is off by."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument

from app.documents.errors import CharactersNotPrintable
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import ValueRequired
from app.kernel.labels import Bilingual
from app.kernel.permissions import Actor
from app.labels.commands import SetPrintOffset
from app.labels.errors import (
    FirstLabelOutside,
    LabelLayoutUnknown,
    LabelLayoutUnsuited,
    LabelNotPrintable,
    NothingToLabel,
    OffsetTooLarge,
    TooManyLabels,
)
from app.labels.label_data import Dealer, LabelUnit
from app.labels.printing import render_labels, render_test_page
from app.labels.queries import get_dealer, get_label_units, list_print_offsets
from app.labels.rules import (
    LabelContent,
    LabelLayout,
    PrinterOffset,
    label_layout,
    label_layouts,
    label_run,
    offset_from_measured,
)
from app.runtime.language import CHINESE, ENGLISH
from tests.factories.records import Records

DEALER = Dealer(
    name=Bilingual("上海测试店", "Shanghai Test Branch"), phone="021-58880000", on=date(2026, 11, 22),
    address=Bilingual("世纪大道 100 号", "100 Century Avenue"),
)  # fmt: skip
_DOTS = 10
"""Dots a millimetre in rendered pages."""


def unit(n: int, **more: object) -> LabelUnit:
    given = {
        "id": f"{n:032d}", "vin": f"LSVAA4180T{n:07d}", "stock_number": f"SH01-D01-ST-{n:06d}",
        "make": Bilingual("大众", "Volkswagen"), "series": Bilingual("朗逸", "Lavida"), "year": 2026,
        "trim": Bilingual("1.5L 自动舒适版", "1.5L Automatic Comfort"), "energy": Bilingual("汽油", "Petrol"),
        "exterior_colour": Bilingual("珍珠白", "Pearl White"), "interior_colour": Bilingual("黑色", "Black"),
        "location": "A-01", "list_price": Decimal("150000.00"), "guide_price": Decimal("152000.00"),
        "specifications": ((Bilingual("功率", "Power"), Bilingual("83 千瓦", "83 kW")),),
    }  # fmt: skip
    return LabelUnit(**(given | more))  # type: ignore[arg-type]


def opened(pdf: bytes) -> QPdfDocument:
    document = QPdfDocument()
    buffer = QBuffer(document)
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    return document


def text_of(pdf: bytes) -> str:
    document = opened(pdf)
    return "\n".join(document.getAllText(page).text() for page in range(document.pageCount()))


def picture_of(pdf: bytes, page: int = 0) -> QImage:
    document = opened(pdf)
    size = document.pagePointSize(page)
    scale = _DOTS * 25.4 / 72
    picture = document.render(page, QSize(round(size.width() * scale), round(size.height() * scale)))
    paper = QImage(picture.size(), QImage.Format.Format_Grayscale8)
    paper.fill(255)
    from PySide6.QtGui import QPainter

    painter = QPainter(paper)
    painter.drawImage(0, 0, picture)
    painter.end()
    return paper


def is_dark(picture: QImage, x_mm: float, y_mm: float) -> bool:
    return picture.pixelColor(round(x_mm * _DOTS), round(y_mm * _DOTS)).lightness() < 128


@pytest.mark.parametrize("code", list(label_layouts()))
def test_every_paper_holds_its_labels_and_says_what_is_asked(code: str) -> None:
    layout = label_layouts()[code]
    last = layout.place(layout.places - 1)
    assert last.left + layout.label[0] <= layout.page[0] and last.top + layout.label[1] <= layout.page[1]
    assert layout.suits and layout.name.zh and layout.name.en
    for content in layout.suits:
        for language, word in ((CHINESE, "朗逸"), (ENGLISH, "Lavida")):
            pdf = render_labels([unit(7)], layout, content=content, dealer=DEALER, language=language)
            size = opened(pdf).pagePointSize(0)
            assert abs(size.width() / 72 * 25.4 - float(layout.page[0])) < 0.1
            text = text_of(pdf).replace("\n", "").replace(" ", "")
            assert word in text
            assert ("LSVAA4180T0000007" if content is not LabelContent.KEY else "T0000007") in text
            if content is LabelContent.WINDSCREEN:
                assert "150,000.00" in text and "152,000.00" in text


@given(
    code=st.sampled_from(sorted(label_layouts())), vehicles=st.integers(1, 40), copies=st.integers(1, 5),
    start=st.integers(1, 65),
)  # fmt: skip
def test_labels_never_overlap_and_are_in_order(code: str, vehicles: int, copies: int, start: int) -> None:
    layout = label_layouts()[code]
    first = (start - 1) % layout.places + 1
    run = list(label_run(layout, vehicles=vehicles, copies=copies, first=first))
    assert [number for number, _ in run] == [n // copies for n in range(vehicles * copies)]
    corners = {(place.page, place.left, place.top) for _, place in run}
    assert len(corners) == len(run)
    for _, place in run:
        assert place.left >= 0 and place.left + layout.label[0] <= layout.page[0]
        assert place.top >= 0 and place.top + layout.label[1] <= layout.page[1]
    assert run[0][1] == layout.place(first - 1)
    assert run[-1][1].page == (first - 1 + len(run) - 1) // layout.places


@pytest.mark.parametrize("code", ["a4_65", "roll_40_30"])
def test_the_code_is_the_vin_module_by_module(code: str) -> None:
    layout, vehicle = label_layouts()[code], unit(12)
    picture = picture_of(render_labels([vehicle], layout, content=LabelContent.KEY, dealer=DEALER, language=ENGLISH))
    rows = [bytes(row) for row in segno.make(vehicle.vin, error="m", micro=False, boost_error=False).matrix]
    height, width = float(layout.label[1]) - 3, float(layout.label[0]) - 3
    side = min(height, width * 0.45)
    module = side / (len(rows) + 8)
    left = float(layout.left) + 1.5 + 4 * module
    top = float(layout.top) + 1.5 + (height - side) / 2 + 4 * module
    assert all(
        is_dark(picture, left + (across + 0.5) * module, top + (down + 0.5) * module) == bool(dark)
        for down, row in enumerate(rows)
        for across, dark in enumerate(row)
    )


@pytest.mark.parametrize("code", sorted(label_layouts()))
def test_nothing_stands_where_office_printers_do_not_print(code: str) -> None:
    layout = label_layouts()[code]
    if layout.page == layout.label and LabelContent.WINDSCREEN not in layout.suits:
        return  # a roll: label printers print to its edge
    content = min(layout.suits)
    units = [unit(n) for n in range(layout.places)]
    picture = picture_of(render_labels(units, layout, content=content, dealer=DEALER, language=CHINESE))
    lines = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    dots, edge = lines[:, : picture.width()], int(4.2 * _DOTS)
    assert min(dots[:edge].min(), dots[-edge:].min(), dots[:, :edge].min(), dots[:, -edge:].min()) == 255
    assert dots.min() < 128


@pytest.mark.parametrize("offset", [PrinterOffset(), PrinterOffset(13, -7), PrinterOffset(-20, 35)])
def test_the_test_page_has_its_lines_where_it_says_and_follows_the_offset(offset: PrinterOffset) -> None:
    picture = picture_of(render_test_page(label_layouts()["a4_24"], offset=offset, language=ENGLISH))

    def darkest(along: list[QImage | int]) -> int:
        return min(range(len(along)), key=lambda place: along[place])  # type: ignore[arg-type,return-value]

    across: list = [picture.pixelColor(x, 60 * _DOTS).lightness() for x in range(10 * _DOTS, 30 * _DOTS)]
    down: list = [picture.pixelColor(120 * _DOTS, y).lightness() for y in range(10 * _DOTS, 30 * _DOTS)]
    assert abs(darkest(across) / _DOTS + 10 - (20 + offset.right / 10)) <= 0.15
    assert abs(darkest(down) / _DOTS + 10 - (20 + offset.down / 10)) <= 0.15


def test_a_measured_page_gives_the_offset_that_mends_it() -> None:
    assert offset_from_measured(from_left=Decimal("18.7"), from_top=Decimal("20.4")) == PrinterOffset(13, -4)
    assert offset_from_measured(from_left=Decimal("19.73"), from_top=Decimal("20.25")) == PrinterOffset(3, -3)
    for left, top in ((45, 20), (20, -5)):
        with pytest.raises(OffsetTooLarge):
            offset_from_measured(from_left=Decimal(left), from_top=Decimal(top))


def test_bad_questions_are_refused() -> None:
    with pytest.raises(LabelLayoutUnknown):
        label_layout("a3", content=LabelContent.KEY)
    with pytest.raises(LabelLayoutUnsuited):
        label_layout("a4_65", content=LabelContent.WINDSCREEN)
    layout: LabelLayout = label_layouts()["a4_24"]
    for bad, error in (
        ({"vehicles": 0}, NothingToLabel), ({"first": 25}, FirstLabelOutside), ({"first": 0}, FirstLabelOutside),
        ({"copies": 0}, TooManyLabels), ({"vehicles": 501, "copies": 2}, TooManyLabels),
    ):  # fmt: skip
        with pytest.raises(error):
            label_run(layout, **({"vehicles": 1, "copies": 1, "first": 1} | bad))


def test_a_character_without_a_shape_is_named_with_its_vehicle_before_anything_is_printed() -> None:
    layout = label_layouts()["a4_24"]
    for place in ({"location": "\U0001f697"}, {"trim": Bilingual("\U0002a6a5", "")}):
        with pytest.raises(LabelNotPrintable) as caught:
            render_labels(
                [unit(1), unit(2, **place)], layout, content=LabelContent.VEHICLE, dealer=DEALER, language=CHINESE
            )
        assert caught.value.field == "unit_ids" and caught.value.params["vehicle"] == unit(2).stock_number
    with pytest.raises(CharactersNotPrintable):
        render_labels(
            [unit(1)], layout, content=LabelContent.WINDSCREEN, dealer=replace(DEALER, phone="\U0002a6a5"),
            language=CHINESE,
        )  # fmt: skip


def test_very_long_names_are_cut_not_spilled() -> None:
    long = unit(1, trim=Bilingual("智能驾驶尊享版" * 30, "Driver assistance " * 30), stock_number="X" * 24)
    for code in ("a4_65", "roll_40_30"):
        pdf = render_labels([long], label_layouts()[code], content=LabelContent.KEY, dealer=DEALER, language=CHINESE)
        assert opened(pdf).pageCount() == 1
    pdf = render_labels(
        [long], label_layouts()["a4_24"], content=LabelContent.VEHICLE, dealer=DEALER, language=CHINESE
    )
    assert "…" in text_of(pdf)


def test_offsets_are_kept_by_printer_and_form(dispatcher: Dispatcher, salesperson: Actor) -> None:
    def kept(form: str = "a4_24") -> dict[str, PrinterOffset]:
        return dict(dispatcher.read(list_print_offsets, salesperson, form))

    first = SetPrintOffset(printer="HP 401", form="a4_24", right=5, down=-3)
    outcome = dispatcher.execute(first, salesperson)
    dispatcher.execute(SetPrintOffset(printer="Zebra", form="a4_24", right=1, down=1), salesperson)
    dispatcher.execute(SetPrintOffset(printer="HP 401", form="a4_65", right=2, down=0), salesperson)
    assert kept() == {"HP 401": PrinterOffset(5, -3), "Zebra": PrinterOffset(1, 1)}
    assert kept("a4_65") == {"HP 401": PrinterOffset(2, 0)}
    dispatcher.execute(SetPrintOffset(printer="HP 401", form="a4_24", right=6, down=-3), salesperson)
    assert kept()["HP 401"].right == 6
    dispatcher.execute(outcome.undo, salesperson)  # type: ignore[arg-type]
    assert kept()["HP 401"] == PrinterOffset()
    with pytest.raises(OffsetTooLarge):
        dispatcher.execute(SetPrintOffset(printer="HP 401", form="a4_24", right=201, down=0), salesperson)
    with pytest.raises(ValueRequired):
        dispatcher.execute(SetPrintOffset(printer=" ", form="a4_24", right=1, down=0), salesperson)


def test_units_come_in_the_order_asked_for(dispatcher: Dispatcher, salesperson: Actor, records: Records) -> None:
    trim = records.trim(parameters={"displacement": 1.5})
    one, two = records.unit(trim), records.unit(trim)
    rows = dispatcher.read(
        get_label_units, salesperson, [two.id, one.id, two.id, "0" * 32], content=LabelContent.WINDSCREEN
    )
    assert [row.id for row in rows] == [two.id, one.id]
    assert rows[0].specifications and rows[0].guide_price == Decimal("150000.00")
    plain = dispatcher.read(get_label_units, salesperson, [one.id], content=LabelContent.VEHICLE)
    assert plain[0].specifications == ()
    with pytest.raises(NothingToLabel):
        dispatcher.read(get_label_units, salesperson, ["0" * 32], content=LabelContent.KEY)
    assert dispatcher.read(get_dealer, salesperson).on == date(2026, 11, 22)
