"""Sealed contracts of the desk's branch are to be proved, whichever way their rows came."""

from pathlib import Path

import pytest

from db.engine import Database
from tests.factories.databases import open_copy
from tests.factories.people import HANGZHOU, SHANGHAI

_CONTRACT = (
    "INSERT {conflict} INTO contract (id, scope, ver, revision, field_clock, created_at, updated_at, branch_id, number,"
    " order_id, customer_id, state, template_code, template_version, paper_language, provisional, data_digest,"
    " document_digest, sealed_digest, page_count, void_reason) VALUES (?, ?, 1, 1, '{{}}', 1, 1, ?, 'N', 'o', 'c',"
    " 'SEALED', 't', '1', 'zh_CN', 0, '', '', ?, 1, '')"
)


@pytest.fixture
def database(database_template: Path, tmp_path: Path) -> Database:
    return open_copy(database_template, tmp_path / "desk.db", branch_id=SHANGHAI.id, desk_code="D01")


def waiting(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT digest FROM document_proof WHERE pending = 1 ORDER BY 1")
        return [row[0] for row in rows]


def test_what_was_sealed_waits_for_its_proof_once(database: Database) -> None:
    """Steps that make the table `contract` anew must make these triggers anew too."""
    one, other = "1" * 64, "2" * 64
    with database.exclusive() as connection:
        plain, replacing = _CONTRACT.format(conflict=""), _CONTRACT.format(conflict="OR REPLACE")
        connection.exec_driver_sql(plain, ("a" * 32, SHANGHAI.id, SHANGHAI.id, one))
        connection.exec_driver_sql(plain, ("b" * 32, SHANGHAI.id, SHANGHAI.id, ""))
        connection.exec_driver_sql(plain, ("c" * 32, HANGZHOU.id, HANGZHOU.id, "3" * 64))
        connection.exec_driver_sql("UPDATE contract SET sealed_digest = ? WHERE id = ?", (other, "b" * 32))
    assert waiting(database) == [one, other]
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE document_proof SET pending = 0, head_id = 1")
        connection.exec_driver_sql(replacing, ("a" * 32, SHANGHAI.id, SHANGHAI.id, one))
        connection.exec_driver_sql("UPDATE contract SET sealed_digest = ?", (other,))
    assert waiting(database) == []
    database.close()
