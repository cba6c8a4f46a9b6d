"""Unit care: inspections, custody of certificates and keys, places, queues for wanted units"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_inspection()
    _create_inspection_answer()
    _create_inspection_defect()
    _create_certificate_entry()
    _create_vehicle_key()
    _create_key_entry()
    _create_stock_place()
    _create_unit_move()
    _create_unit_wish()


def downgrade() -> None:
    for table in (
        "unit_wish",
        "unit_move",
        "stock_place",
        "key_entry",
        "vehicle_key",
        "certificate_entry",
        "inspection_defect",
        "inspection_answer",
        "inspection",
    ):
        op.drop_table(table)


def _replicated() -> list[sa.Column[Any]]:
    return [
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
    ]


def _create_inspection() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("checklist", sa.String(length=24), nullable=False),
        sa.Column("energy", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("inspector_staff_id", sa.String(length=32), nullable=False),
        sa.Column("started_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("finished_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("finished_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("odometer_km", sa.Integer(), nullable=True),
        sa.Column("battery_percent", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    op.create_index(op.f("ix_inspection_branch_id_state"), "inspection", ["branch_id", "state"], unique=False)
    op.create_index(op.f("ix_inspection_unit_id_started_at"), "inspection", ["unit_id", "started_at"], unique=False)


def _create_inspection_answer() -> None:
    op.create_table(
        "inspection_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("inspection_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("measured", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("answered_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("answered_at", db.types.UtcDateTime(), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_answer")),
    )
    op.create_index(op.f("ix_inspection_answer_inspection_id"), "inspection_answer", ["inspection_id"], unique=False)


def _create_inspection_defect() -> None:
    op.create_table(
        "inspection_defect",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("inspection_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=12), nullable=False),
        sa.Column("description", sa.String(length=400), nullable=False),
        sa.Column("responsible", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("repair", sa.String(length=400), nullable=False),
        sa.Column("repaired_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("repaired_by", sa.String(length=80), nullable=False),
        sa.Column("cleared_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("cleared_by_staff_id", sa.String(length=32), nullable=True),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_defect")),
    )
    op.create_index(op.f("ix_inspection_defect_inspection_id"), "inspection_defect", ["inspection_id"], unique=False)
    op.create_index(op.f("ix_inspection_defect_unit_id"), "inspection_defect", ["unit_id"], unique=False)


def _create_certificate_entry() -> None:
    op.create_table(
        "certificate_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("from_kind", sa.String(length=12), nullable=False),
        sa.Column("from_name", sa.String(length=80), nullable=False),
        sa.Column("to_kind", sa.String(length=12), nullable=False),
        sa.Column("to_name", sa.String(length=80), nullable=False),
        sa.Column("document_number", sa.String(length=40), nullable=False),
        sa.Column("contract_number", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("happened_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("due_back_on", db.types.IsoDate(), nullable=True),
        sa.Column("state_before", sa.String(length=16), nullable=False),
        sa.Column("state_after", sa.String(length=16), nullable=False),
        sa.Column("contra_of", sa.String(length=32), nullable=True),
        sa.Column("recorded_by_staff_id", sa.String(length=32), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_entry")),
    )
    op.create_index(
        op.f("ix_certificate_entry_branch_id_due_back_on"),
        "certificate_entry",
        ["branch_id", "due_back_on"],
        unique=False,
    )
    op.create_index(op.f("ix_certificate_entry_contra_of"), "certificate_entry", ["contra_of"], unique=False)
    op.create_index(
        op.f("ix_certificate_entry_unit_id_happened_at"), "certificate_entry", ["unit_id", "happened_at"], unique=False
    )


def _create_vehicle_key() -> None:
    op.create_table(
        "vehicle_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("slot", sa.String(length=24), nullable=False),
        sa.Column("holder_staff_id", sa.String(length=32), nullable=True),
        sa.Column("holder_name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("out_since", db.types.UtcDateTime(), nullable=True),
        sa.Column("due_back_at", db.types.UtcDateTime(), nullable=True),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_key")),
    )
    op.create_index(
        op.f("ix_vehicle_key_branch_id_state_due_back_at"),
        "vehicle_key",
        ["branch_id", "state", "due_back_at"],
        unique=False,
    )
    op.create_index(op.f("ix_vehicle_key_unit_id"), "vehicle_key", ["unit_id"], unique=False)


def _create_key_entry() -> None:
    op.create_table(
        "key_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("from_name", sa.String(length=80), nullable=False),
        sa.Column("to_name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("due_back_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("happened_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("recorded_by_staff_id", sa.String(length=32), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_entry")),
    )
    op.create_index(op.f("ix_key_entry_key_id"), "key_entry", ["key_id"], unique=False)
    op.create_index(op.f("ix_key_entry_unit_id"), "key_entry", ["unit_id"], unique=False)


def _create_stock_place() -> None:
    op.create_table(
        "stock_place",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_place")),
    )
    op.create_index(op.f("ix_stock_place_branch_id_code"), "stock_place", ["branch_id", "code"], unique=False)


def _create_unit_move() -> None:
    op.create_table(
        "unit_move",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("from_location", sa.String(length=60), nullable=False),
        sa.Column("to_location", sa.String(length=60), nullable=False),
        sa.Column("place_id", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("moved_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("moved_by_staff_id", sa.String(length=32), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_move")),
    )
    op.create_index(op.f("ix_unit_move_unit_id"), "unit_move", ["unit_id"], unique=False)


def _create_unit_wish() -> None:
    op.create_table(
        "unit_wish",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("trim_id", sa.String(length=32), nullable=False),
        sa.Column("exterior_colour", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("salesperson_id", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("earnest_reference", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("offered_unit_id", sa.String(length=32), nullable=True),
        sa.Column("offered_until", db.types.UtcDateTime(), nullable=True),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("left_reason", sa.String(length=400), nullable=False),
        *_replicated(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_wish")),
    )
    op.create_index(
        op.f("ix_unit_wish_branch_id_trim_id_state"), "unit_wish", ["branch_id", "trim_id", "state"], unique=False
    )
    op.create_index(op.f("ix_unit_wish_customer_id"), "unit_wish", ["customer_id"], unique=False)
    op.create_index(op.f("ix_unit_wish_state_offered_until"), "unit_wish", ["state", "offered_until"], unique=False)
    op.create_index(op.f("ix_unit_wish_unit_id"), "unit_wish", ["unit_id"], unique=False)
