"""Names a letter or two from a known one: asked about, taken as what somebody says, left where they say so."""

import pytest

from app.catalog.commands import ImportSpecifications, SpecificationRecord
from app.catalog.energies import Energy
from app.catalog.import_preview import ImportPreview, preview_import
from app.catalog.import_report import Severity
from app.catalog.name_slips import slip_of
from app.catalog.source_tables import SourceTable
from app.catalog.specification_files import check_specifications
from app.catalog.specification_mapping import SpecificationMapping, suggest_mapping
from app.catalog.specification_sources import table_from_text
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor

LIST = """make,model,model year,trim,energy
toyouta,Corolla,2026,a,petrol
toyouta,Corolla,2026,b,petrol
Toyota,Corola,2026,c,petrol
Toyota,Corolla Cross,2026,d,petrol
Chery,Arrizo,2026,e,petrol
"""


@pytest.fixture
def corolla(dispatcher: Dispatcher, manager: Actor) -> None:
    """丰田 / Toyota with one series, as the catalogue knows it."""
    known = SpecificationRecord(make_zh="丰田", make_en="Toyota", series_zh="卡罗拉", series_en="Corolla", year=2026,
                                trim_zh="先锋版", energy=Energy.PETROL)  # fmt: skip
    dispatcher.execute(ImportSpecifications(records=(known,), source="x"), manager)


def look(dispatcher: Dispatcher, actor: Actor, table: SourceTable, mapping: SpecificationMapping) -> ImportPreview:
    checked = check_specifications(table, mapping)
    columns = {target: table.headers[number] for target, number in mapping.fields.items()}
    return dispatcher.read(preview_import, actor, checked, columns=columns, decided=mapping.taken_as)


@pytest.mark.parametrize(
    ("written", "known", "letters"),
    [("toyouta", "Toyota", 1), ("chevroelt", "Chevrolet", 1), ("maxda", "Mazda", 1), ("VOLVO", "Volvo", 0),
     ("vokswagen", "Volkswagen", 1), ("Mercedez Bens", "Mercedes-Benz", 2), ("一汽大从", "一汽大众", 1),
     ("Kio", "Kia", None), ("本田", "丰田", None), ("Lotus", "Lexus", None), ("Honda", "Hyundai", None)],
)  # fmt: skip
def test_makes(written: str, known: str, letters: int | None) -> None:
    assert slip_of(written, known) == letters


@pytest.mark.parametrize(
    ("written", "known", "letters"),
    [("Corola", "Corolla", 1), ("land cruser", "Land Cruiser", 1), ("LandCruiser", "Land Cruiser", 0),
     ("Model S", "Model Y", None), ("Golf 7", "Golf 8", None), ("GLC 350", "GLE 350", None), ("Polo", "Pola", None),
     ("Tiguan L", "Tiguan", None), ("X1 sDrive28i", "X1 xDrive28i", None), ("秦PLUS", "宋PLUS", None)],
)  # fmt: skip
def test_series(written: str, known: str, letters: int | None) -> None:
    assert slip_of(written, known, word_by_word=True) == letters


def test_asked_about_and_taken_only_as_somebody_says(dispatcher: Dispatcher, manager: Actor, corolla: None) -> None:
    table = table_from_text(LIST)
    mapping = suggest_mapping(table.headers, table.rows)
    preview = look(dispatcher, manager, table, mapping)
    make, series = preview.slips
    assert (make.written, make.known.en, make.line, make.rows) == ("toyouta", "Toyota", 2, 2)
    assert (series.written, series.known.zh, series.line, series.rows) == ("Corola", "卡罗拉", 4, 1)
    warning = preview.checked.problems[0]
    assert (warning.severity, warning.column, warning.value) == (Severity.WARNING, "make", "toyouta")
    assert "Toyota" in warning.text and preview.checked.refused == 0 and len(preview.checked.records) == 5
    assert preview.result.makes == 2, "nothing is taken as anything else silently"

    said = SpecificationMapping(
        mapping.fields, mapping.parameters, taken_as={make.key: make.known.stored(), series.key: series.known.stored()}
    )
    settled = look(dispatcher, manager, table, said)
    assert settled.slips == () and (settled.result.makes, settled.result.series) == (1, 2)
    assert [row.name.en for row in settled.rows if row.name.en.endswith((" a", " c"))] == [
        "Toyota Corolla 2026 a", "Toyota Corolla 2026 c"
    ]  # fmt: skip

    left = SpecificationMapping(mapping.fields, mapping.parameters, taken_as={make.key: "", series.key: ""})
    as_written = look(dispatcher, manager, table, left)
    assert as_written.slips == () and as_written.result.makes == 2


def test_makes_of_the_world_are_no_slips_of_themselves(dispatcher: Dispatcher, manager: Actor) -> None:
    table = table_from_text(
        "make,model,model year,trim,energy\nAcura,Integra,2026,a,petrol\nBMW,3,2026,b,petrol\n讴歌,TLX,2026,c,petrol\n"
        "AMC,Gremlin,2026,d,petrol\nAcurra,MDX,2026,e,petrol\n"
    )
    preview = look(dispatcher, manager, table, suggest_mapping(table.headers, table.rows))
    assert [(slip.written, slip.known.en) for slip in preview.slips] == [("Acurra", "Acura")]


def test_another_way_to_write_a_make_of_the_catalogue_is_asked_about(dispatcher: Dispatcher, manager: Actor) -> None:
    known = SpecificationRecord(make_zh="奔驰轿车", make_en="MercedesBenz", series_zh="E级", year=2026, trim_zh="豪华",
                                energy=Energy.PETROL)  # fmt: skip
    dispatcher.execute(ImportSpecifications(records=(known,), source="x"), manager)
    table = table_from_text("make,model,model year,trim,energy\nMercedes-Benz,E级,2026,a,petrol\n")
    (slip,) = look(dispatcher, manager, table, suggest_mapping(table.headers, table.rows)).slips
    assert (slip.written, slip.known.zh) == ("奔驰", "奔驰轿车")
