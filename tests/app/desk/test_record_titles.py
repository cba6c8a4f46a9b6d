"""Every kind of record that travels has a name in the lists of the Sync page."""

from app.desk.record_titles import _ABOUT, _OWN_NAMES, _PARENTS, RecordTitle, find_record_titles, owner_columns
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.base import replicated_models
from db.models.customers import Consent
from db.models.tasks import Task
from tests.factories.people import SHANGHAI
from tests.factories.records import Records


def test_records_are_called_by_what_people_know(dispatcher: Dispatcher, records: Records, actor: Actor) -> None:
    unit, customer = records.unit(), records.customer(name="王小明")
    consent = Consent(
        customer_id=customer.id, purpose="marketing", notice_version="1", given_at=records.clock.now()
    )  # fmt: skip
    task = Task(
        branch_id=SHANGHAI.id, kind="resolve_claim_conflict", record_table="customer", record_id=customer.id
    )  # fmt: skip
    records.save(consent, task)
    keys = [
        ("vehicle_unit", unit.id), ("customer", customer.id), ("consent", consent.id), ("task", task.id),
        ("vehicle_claim", unit.vin), ("branch", SHANGHAI.id), ("sales_order", "0" * 32), ("vehicle_claim", "UNKNOWN"),
    ]  # fmt: skip
    titles = dispatcher.read(find_record_titles, actor, keys)
    assert [titles[key].title for key in keys] == [
        unit.vin, "王小明", "王小明", "王小明", unit.vin, "SH01", "", "UNKNOWN",
    ]  # fmt: skip
    assert titles["consent", consent.id].owner == ("customer", customer.id)
    assert titles["task", task.id].owner == ("customer", customer.id)
    assert titles["vehicle_claim", unit.vin].owner == ("vehicle_unit", unit.id)
    with dispatcher.database.read() as session:
        connection = session.connection()
        known, named = owner_columns("asked")
        query = f"WITH asked(table_name, record_id) AS (SELECT ?, ?) SELECT {known}, {named} FROM asked"
        for table, record_id in keys:
            found = connection.exec_driver_sql(query, (table, record_id)).one()
            expected = titles[table, record_id].owner
            assert (tuple(found) if found[1] else (table, record_id)) == expected, "the same, said in SQL"
    assert titles["vehicle_claim", "UNKNOWN"].owner == ("vehicle_claim", "UNKNOWN")


def test_every_kind_of_record_has_a_name() -> None:
    for table, model in replicated_models().items():
        named = any(hasattr(model, name) for name in _OWN_NAMES)
        above = _PARENTS.get(table)
        belongs = above is not None and hasattr(model, above[0]) and above[1] in replicated_models()
        assert named or table in _ABOUT or belongs, table


def test_no_kind_of_record_breaks_the_list(dispatcher: Dispatcher, actor: Actor) -> None:
    keys = [(table, "0" * 32) for table in [*replicated_models(), "of_a_newer_version"]]
    titles = dispatcher.read(find_record_titles, actor, keys)
    assert titles == {key: RecordTitle("", key) for key in keys}
