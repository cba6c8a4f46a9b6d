"""Inspections: answers stored one by one, results that move the axis, repairs that are looked at again."""

from datetime import timedelta
from typing import Any

import pytest

from app.inspections.commands import (
    AbandonInspection,
    AnswerItem,
    BeginInspection,
    ChangeDefect,
    ClearDefect,
    FinishInspection,
    NoteDefect,
    ReopenDefect,
    RepairDefect,
    SetReadings,
    WithdrawDefect,
)
from app.inspections.errors import (
    ChecklistIncomplete,
    DefectOnItem,
    DefectStateWrong,
    InspectionClosed,
    ItemUnknown,
    ReadingOutOfRange,
    UnitNotHere,
)
from app.inspections.paper import inspection_pdf
from app.inspections.queries import disclosable_repairs, get_inspection, get_unit_inspections
from app.inspections.rules import DefectState, InspectionState, Severity, Verdict, WorkState, checklist_on
from app.inspections.work_queries import count_inspection_work, list_inspection_work
from app.inventory.queries import get_unit
from app.inventory.rules import PdiState
from app.kernel.clock import FixedClock, branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor
from tests.factories.records import Records


class Bay:
    """An inspector with a unit."""

    def __init__(self, dispatcher: Dispatcher, actor: Actor, unit_id: str) -> None:
        self.dispatcher, self.actor, self.unit_id = dispatcher, actor, unit_id
        self.id = ""

    def do(self, command: Any) -> Any:
        return self.dispatcher.execute(command, self.actor)

    def begin(self) -> "Bay":
        self.id = self.do(BeginInspection(unit_id=self.unit_id)).value
        return self

    def answer_all(self, *besides: str) -> None:
        for item in self.detail.checklist.items:
            if item.mandatory and item.code not in besides:
                self.do(AnswerItem(inspection_id=self.id, item=item.code, verdict=Verdict.OK))

    def defect(self, item: str, severity: Severity = Severity.QUALITY) -> str:
        value: str = self.do(
            NoteDefect(inspection_id=self.id, item=item, severity=severity, description="刮痕", responsible="车间")
        ).value
        return value

    @property
    def detail(self) -> Any:
        return self.dispatcher.read(get_inspection, self.actor, self.id)

    @property
    def pdi(self) -> PdiState:
        row = self.dispatcher.read(get_unit, self.actor, self.unit_id).row
        assert isinstance(row.pdi, PdiState)
        return row.pdi


@pytest.fixture
def bay(dispatcher: Dispatcher, advisor: Actor, records: Records) -> Bay:
    return Bay(dispatcher, advisor, records.unit().id)


def test_the_checklist_fits_the_energy(clock: FixedClock) -> None:
    day = branch_date(clock.now())
    petrol, electric = checklist_on(day, "petrol"), checklist_on(day, "electric")
    assert petrol.find("engine_oil") and not petrol.find("hv_soc")
    assert electric.find("charge_port") and not electric.find("engine_oil")
    for checklist in (petrol, electric):
        codes = [item.code for item in checklist.items]
        assert len(codes) == len(set(codes)) >= 40
        assert all(item.text.zh and item.text.en for item in checklist.items)
    pressure = electric.find("tyre_front_left")
    assert pressure is not None and pressure.measure is not None
    assert pressure.measure.is_unusual("180") and not pressure.measure.is_unusual("240 ok")


def test_passes_only_when_everything_was_looked_at(bay: Bay) -> None:
    bay.begin()
    with pytest.raises(ChecklistIncomplete):
        bay.do(FinishInspection(inspection_id=bay.id))
    bay.answer_all()
    done = bay.do(FinishInspection(inspection_id=bay.id))
    assert (done.value, bay.pdi) == (InspectionState.PASSED, PdiState.PASS)
    bay.do(done.undo)
    assert (bay.detail.row.state, bay.pdi) == (InspectionState.OPEN, PdiState.UNCHECKED)
    bay.do(FinishInspection(inspection_id=bay.id))
    with pytest.raises(InspectionClosed):
        bay.do(AnswerItem(inspection_id=bay.id, item="belts", verdict=Verdict.OK))


def test_half_an_inspection_is_gone_on_with_by_anybody(bay: Bay, manager: Actor, dispatcher: Dispatcher) -> None:
    bay.begin()
    bay.do(AnswerItem(inspection_id=bay.id, item="belts", verdict=Verdict.OK))
    assert dispatcher.execute(BeginInspection(unit_id=bay.unit_id), manager).value == bay.id
    changed = dispatcher.execute(
        AnswerItem(inspection_id=bay.id, item="belts", verdict=Verdict.NOT_APPLICABLE, note="无"), manager
    )
    assert bay.detail.answers["belts"].by == manager.name
    bay.do(changed.undo)
    assert bay.detail.answers["belts"].verdict is Verdict.OK
    assert bay.detail.answered == 1
    with pytest.raises(ItemUnknown):
        bay.do(AnswerItem(inspection_id=bay.id, item="hv_soc", verdict=Verdict.OK))


def test_a_defect_fails_until_repaired_and_looked_at_again(bay: Bay) -> None:
    bay.begin()
    bay.answer_all("brakes", "washed")
    brakes, dirt = bay.defect("brakes", Severity.SAFETY), bay.defect("washed", Severity.COSMETIC)
    with pytest.raises(DefectOnItem):
        bay.do(AnswerItem(inspection_id=bay.id, item="brakes", verdict=Verdict.OK))
    assert bay.do(FinishInspection(inspection_id=bay.id)).value is InspectionState.FAILED
    assert bay.pdi is PdiState.FAIL
    with pytest.raises(DefectStateWrong):
        bay.do(ClearDefect(defect_id=brakes))
    bay.do(RepairDefect(defect_id=brakes, repair="更换制动片", repaired_by="孙师傅"))
    assert bay.pdi is PdiState.FAIL
    cleared = bay.do(ClearDefect(defect_id=brakes))
    assert (bay.pdi, bay.detail.row.state) == (PdiState.PASS, InspectionState.PASSED)
    bay.do(cleared.undo)
    assert (bay.pdi, bay.detail.defects[0].state) == (PdiState.FAIL, DefectState.REPAIRED)
    bay.do(ClearDefect(defect_id=brakes))
    bay.do(ReopenDefect(defect_id=brakes, reason="仍有异响"))
    assert bay.pdi is PdiState.FAIL
    bay.do(RepairDefect(defect_id=brakes, repair="更换制动盘", repaired_by="孙师傅"))
    told = bay.dispatcher.read(disclosable_repairs, bay.actor, bay.unit_id)
    assert [(row.id, row.repair) for row in told] == [(brakes, "更换制动盘")]
    assert not bay.detail.defects[1].blocks and bay.detail.defects[1].id == dirt


def test_a_defect_can_be_corrected_and_withdrawn(bay: Bay) -> None:
    bay.begin()
    noted = bay.do(
        NoteDefect(inspection_id=bay.id, item="seats", severity=Severity.COSMETIC, description="污渍", measured="")
    )
    changed = bay.do(
        ChangeDefect(
            defect_id=noted.value,
            expected_revision=1,
            severity=Severity.QUALITY,
            description="破损",
            responsible="厂家",
        )
    )
    assert bay.detail.defects[0].severity is Severity.QUALITY
    bay.do(changed.undo)
    assert (bay.detail.defects[0].severity, bay.detail.defects[0].description) == (Severity.COSMETIC, "污渍")
    bay.do(WithdrawDefect(defect_id=noted.value, reason="看错了"))
    assert "seats" not in bay.detail.answers
    bay.do(AnswerItem(inspection_id=bay.id, item="seats", verdict=Verdict.OK))


def test_readings_and_giving_up(bay: Bay) -> None:
    bay.begin()
    with pytest.raises(ReadingOutOfRange):
        bay.do(SetReadings(inspection_id=bay.id, odometer_km=12, battery_percent=101))
    bay.do(SetReadings(inspection_id=bay.id, odometer_km=31, battery_percent=80, note="试车 8 km"))
    bay.answer_all()
    bay.do(FinishInspection(inspection_id=bay.id))
    assert bay.dispatcher.read(get_unit, bay.actor, bay.unit_id).odometer_km == 31
    first = bay.id
    second = bay.begin()
    assert second.id != first
    bay.do(AbandonInspection(inspection_id=bay.id, reason="开错车"))
    record = bay.dispatcher.read(get_unit_inspections, bay.actor, bay.unit_id)
    assert record.newest.row.id == first and len(record.history) == 2
    assert bay.pdi is PdiState.PASS and record.actions == {"begin", "print"}


def test_who_may_and_where(dispatcher: Dispatcher, salesperson: Actor, advisor: Actor, records: Records) -> None:
    far = records.unit(stock_state="IN_TRANSIT", arrived_on=records.today() + timedelta(days=4))
    with pytest.raises(PermissionDenied):
        dispatcher.execute(BeginInspection(unit_id=far.id), salesperson)
    with pytest.raises(UnitNotHere):
        dispatcher.execute(BeginInspection(unit_id=far.id), advisor)


def test_the_work_list_is_in_the_order_in_which_it_is_due(
    dispatcher: Dispatcher, advisor: Actor, records: Records
) -> None:
    today = records.today()
    old = records.unit(arrived_on=today - timedelta(days=9))
    new = records.unit(arrived_on=today)
    records.unit(arrived_on=today, pdi_state="PASS")
    failed = records.unit(arrived_on=today - timedelta(days=1), pdi_state="FAIL")
    rows = dispatcher.read(list_inspection_work, advisor)
    assert [row.id for row in rows] == [old.id, failed.id, new.id]
    assert [row.overdue for row in rows] == [True, False, False]
    rest = dispatcher.read(list_inspection_work, advisor, after=rows[0].cursor)
    assert [row.id for row in rest] == [failed.id, new.id]
    assert dispatcher.read(count_inspection_work, advisor) == (3, 4)
    for state, count in ((WorkState.TO_DO, 2), (WorkState.FAILED, 1), (WorkState.DONE, 1), (WorkState.RUNNING, 0)):
        assert dispatcher.read(count_inspection_work, advisor, state=state.value)[0] == count
    dispatcher.execute(BeginInspection(unit_id=new.id), advisor)
    assert [row.id for row in dispatcher.read(list_inspection_work, advisor, state="running")] == [new.id]
    assert [row.id for row in dispatcher.read(list_inspection_work, advisor, text=old.vin[-6:].lower())] == [old.id]


def test_the_report_is_a_pdf_in_either_language(bay: Bay) -> None:
    bay.begin()
    bay.answer_all("brakes")
    bay.defect("brakes", Severity.SAFETY)
    bay.do(SetReadings(inspection_id=bay.id, odometer_km=12, battery_percent=None, note="已试车"))
    bay.do(FinishInspection(inspection_id=bay.id))
    for language in ("en", "zh_CN"):
        pdf = bay.dispatcher.read(inspection_pdf, bay.actor, bay.id, language=language)
        assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
