"""The first schema"""

import sqlalchemy as sa
from alembic import op

import db.types
from db.search import KINDS, schema_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.Column("command", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_subject",
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "n", name=op.f("pk_audit_subject")),
    )
    op.create_table(
        "branch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("company_zh", sa.String(length=120), nullable=False),
        sa.Column("company_en", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("address_zh", sa.String(length=200), nullable=False),
        sa.Column("address_en", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("bank_zh", sa.String(length=120), nullable=False),
        sa.Column("bank_account", sa.String(length=40), nullable=False),
        sa.Column("work_bays", db.types.Json(), nullable=False),
        sa.Column("lock_minutes", sa.Integer(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
    )

    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("notice_version", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("given_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "contract",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("template_code", sa.String(length=40), nullable=False),
        sa.Column("template_version", sa.String(length=16), nullable=False),
        sa.Column("paper_language", sa.String(length=8), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("data_digest", sa.String(length=64), nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_digest", sa.String(length=64), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("signature_fields", db.types.Json(), nullable=True),
        sa.Column("drafted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("locked_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("sealed_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.String(length=400), nullable=False),
        sa.Column("replaced_by_id", sa.String(length=32), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_state"), ["state"], unique=False)

    op.create_table(
        "contract_document",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_document")),
    )
    with op.batch_alter_table("contract_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contract_document_contract_id_stage"), ["contract_id", "stage"], unique=False
        )

    op.create_table(
        "contract_signature",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("signer_name", sa.String(length=120), nullable=False),
        sa.Column("signed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("evidence_digest", sa.String(length=64), nullable=False),
        sa.Column("evidence", db.types.Json(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_signature")),
    )
    with op.batch_alter_table("contract_signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_signature_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_initials", sa.String(length=120), nullable=False),
        sa.Column("name_pinyin", sa.String(length=240), nullable=False),
        sa.Column("identity_kind", sa.String(length=16), nullable=False),
        sa.Column("identity_number", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("second_phone", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("paper_language", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("owner_staff_id", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_identity_number"), ["identity_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_name_pinyin_id"), ["name_pinyin", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_phone"), ["phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_second_phone"), ["second_phone"], unique=False)

    op.create_table(
        "customer_vehicle",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("plate", sa.String(length=12), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("description", sa.String(length=160), nullable=False),
        sa.Column("odometer_km", sa.Integer(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_vehicle")),
    )
    with op.batch_alter_table("customer_vehicle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_vehicle_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_vehicle_plate"), ["plate"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_vehicle_vin"), ["vin"], unique=False)

    op.create_table(
        "desk_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.String(length=32), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=True),
        sa.Column("hybrid_time", sa.String(length=60), nullable=False),
        sa.Column("service_url", sa.String(length=200), nullable=False),
        sa.Column("enrolled_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("acknowledged_n", sa.Integer(), nullable=False),
        sa.Column("acknowledged_hash", sa.String(length=64), nullable=False),
        sa.Column("publish_due", sa.Boolean(), nullable=False),
        sa.Column("last_agreed_at", db.types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_state")),
    )
    op.create_table(
        "form_draft",
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("payload", db.types.Json(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "form_key", name=op.f("pk_form_draft")),
    )
    op.create_table(
        "make",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("name_initials", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make")),
    )
    with op.batch_alter_table("make", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_make_name_en"), ["name_en"], unique=False)

    op.create_table(
        "model_year",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_year")),
    )
    with op.batch_alter_table("model_year", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_year_series_id"), ["series_id"], unique=False)

    op.create_table(
        "number_series",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_number_series")),
    )
    op.create_table(
        "outbox_operation",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("txn_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answered_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("result", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_outbox_operation")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox_operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_operation_answered", ["state"], unique=False, sqlite_where=sa.text("state <> 'pending'")
        )
        batch_op.create_index(batch_op.f("ix_outbox_operation_record_id"), ["record_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("method", sa.String(length=24), nullable=False),
        sa.Column("amount", db.types.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("received_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("reverses_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_received_at"), ["received_at"], unique=False)

    op.create_table(
        "quotation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("vehicle_unit_id", sa.String(length=32), nullable=False),
        sa.Column("salesperson_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vehicle_price", db.types.Money(), nullable=False),
        sa.Column("list_price", db.types.Money(), nullable=False),
        sa.Column("floor_price", db.types.Money(), nullable=False),
        sa.Column("discount", db.types.Money(), nullable=False),
        sa.Column("subsidy", db.types.Money(), nullable=False),
        sa.Column("on_road_total", db.types.Money(), nullable=False),
        sa.Column("finance", db.types.Json(), nullable=True),
        sa.Column("terms", db.types.Json(), nullable=True),
        sa.Column("valid_until", db.types.IsoDate(length=10), nullable=False),
        sa.Column("approval_reason", sa.String(length=400), nullable=False),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=400), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation")),
    )
    with op.batch_alter_table("quotation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotation_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotation_state_created_at"), ["state", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotation_vehicle_unit_id"), ["vehicle_unit_id"], unique=False)

    op.create_table(
        "quotation_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("quotation_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label_zh", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=120), nullable=False),
        sa.Column("amount", db.types.Money(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_line")),
    )
    with op.batch_alter_table("quotation_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotation_line_quotation_id"), ["quotation_id"], unique=False)

    op.create_table(
        "sales_order",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("final_number", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("claim_state", sa.String(length=16), nullable=False),
        sa.Column("claim_winner", db.types.Json(), nullable=True),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("vehicle_unit_id", sa.String(length=32), nullable=False),
        sa.Column("quotation_id", sa.String(length=32), nullable=True),
        sa.Column("salesperson_id", sa.String(length=32), nullable=False),
        sa.Column("make_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vehicle_price", db.types.Money(), nullable=False),
        sa.Column("on_road_total", db.types.Money(), nullable=False),
        sa.Column("unit_cost", db.types.Money(), nullable=False),
        sa.Column("finance", db.types.Json(), nullable=True),
        sa.Column("ordered_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("planned_delivery_on", db.types.IsoDate(length=10), nullable=True),
        sa.Column("delivered_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=400), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
    )
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_claim_state"), ["claim_state"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_sales_order_figures",
            [
                "state",
                "ordered_at",
                "claim_state",
                "branch_id",
                "make_id",
                "vehicle_price",
                "unit_cost",
                "deleted_at",
            ],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_sales_order_ordered_at"), ["ordered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_vehicle_unit_id"), ["vehicle_unit_id"], unique=False)

    op.create_table(
        "sales_order_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label_zh", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=120), nullable=False),
        sa.Column("amount", db.types.Money(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_line")),
    )
    with op.batch_alter_table("sales_order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_line_order_id"), ["order_id"], unique=False)

    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("subtitle", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_entry_kind_record_id"), ["kind", "record_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_search_entry_record_id"), ["record_id"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("make_id", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("name_initials", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(length=24), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_make_id"), ["make_id"], unique=False)

    op.create_table(
        "service_appointment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("customer_vehicle_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("bay_type", sa.String(length=24), nullable=False),
        sa.Column("starts_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=1000), nullable=False),
        sa.Column("advisor_staff_id", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_appointment")),
    )
    with op.batch_alter_table("service_appointment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_service_appointment_branch_id_starts_at"), ["branch_id", "starts_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_service_appointment_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", db.types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("name_initials", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_member")),
    )
    with op.batch_alter_table("staff_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_member_login"), ["login"], unique=False)

    op.create_table(
        "stored_preference",
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", db.types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_stored_preference")),
    )
    op.create_table(
        "sync_cursor",
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sweeping", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_sync_cursor")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("assignee_staff_id", sa.String(length=32), nullable=True),
        sa.Column("record_table", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("params", db.types.Json(), nullable=False),
        sa.Column("due_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("done_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_record_id"), ["record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_state_due_at"), ["state", "due_at"], unique=False)

    op.create_table(
        "trim",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("model_year_id", sa.String(length=32), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("energy", sa.String(length=16), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("guide_price", db.types.Money(), nullable=False),
        sa.Column("in_tax_directory", sa.Boolean(), nullable=False),
        sa.Column("parameters", db.types.Json(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trim")),
    )
    with op.batch_alter_table("trim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trim_model_year_id"), ["model_year_id"], unique=False)

    op.create_table(
        "vehicle_unit",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("trim_id", sa.String(length=32), nullable=False),
        sa.Column("make_id", sa.String(length=32), nullable=False),
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("energy", sa.String(length=16), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("stock_number", sa.String(length=24), nullable=False),
        sa.Column("engine_number", sa.String(length=40), nullable=False),
        sa.Column("exterior_colour", sa.String(length=40), nullable=False),
        sa.Column("interior_colour", sa.String(length=40), nullable=False),
        sa.Column("location", sa.String(length=60), nullable=False),
        sa.Column("cost", db.types.Money(), nullable=False),
        sa.Column("list_price", db.types.Money(), nullable=False),
        sa.Column("floor_price", db.types.Money(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("manufactured_on", db.types.IsoDate(length=10), nullable=True),
        sa.Column("arrived_on", db.types.IsoDate(length=10), nullable=False),
        sa.Column("odometer_km", sa.Integer(), nullable=False),
        sa.Column("stock_state", sa.String(length=16), nullable=False),
        sa.Column("allocation_state", sa.String(length=16), nullable=False),
        sa.Column("pdi_state", sa.String(length=16), nullable=False),
        sa.Column("quality_state", sa.String(length=16), nullable=False),
        sa.Column("certificate_state", sa.String(length=16), nullable=False),
        sa.Column("held_until", db.types.UtcDateTime(), nullable=True),
        sa.Column("held_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("held_for_customer_id", sa.String(length=32), nullable=True),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("options", db.types.Json(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_unit")),
    )
    with op.batch_alter_table("vehicle_unit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_vehicle_unit_allocation_state_held_until"), ["allocation_state", "held_until"], unique=False
        )
        batch_op.create_index(
            "ix_vehicle_unit_by_arrival",
            [
                "stock_state",
                "arrived_on",
                "id",
                "list_price",
                "make_id",
                "energy",
                "exterior_colour",
                "allocation_state",
                "held_until",
                "branch_id",
                "deleted_at",
            ],
            unique=False,
        )
        batch_op.create_index(
            "ix_vehicle_unit_by_price",
            [
                "stock_state",
                "list_price",
                "id",
                "arrived_on",
                "make_id",
                "energy",
                "exterior_colour",
                "allocation_state",
                "held_until",
                "branch_id",
                "deleted_at",
            ],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_vehicle_unit_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_vehicle_unit_stock_number"), ["stock_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_vehicle_unit_trim_id"), ["trim_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_vehicle_unit_vin"), ["vin"], unique=False)

    op.create_table(
        "signing_authority",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("certificate_pem", sa.String(length=4000), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_authority")),
    )
    for statement in schema_statements():
        op.execute(statement)


def downgrade() -> None:
    for kind in KINDS:
        op.execute(f"DROP TABLE search_{kind}_name")
        op.execute(f"DROP TABLE search_{kind}_code")
    op.drop_table("signing_authority")
    with op.batch_alter_table("vehicle_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vehicle_unit_vin"))
        batch_op.drop_index(batch_op.f("ix_vehicle_unit_trim_id"))
        batch_op.drop_index(batch_op.f("ix_vehicle_unit_stock_number"))
        batch_op.drop_index(batch_op.f("ix_vehicle_unit_order_id"))
        batch_op.drop_index("ix_vehicle_unit_by_price")
        batch_op.drop_index("ix_vehicle_unit_by_arrival")
        batch_op.drop_index(batch_op.f("ix_vehicle_unit_allocation_state_held_until"))

    op.drop_table("vehicle_unit")
    with op.batch_alter_table("trim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trim_model_year_id"))

    op.drop_table("trim")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_task_record_id"))

    op.drop_table("task")
    op.drop_table("sync_cursor")
    op.drop_table("stored_preference")
    with op.batch_alter_table("staff_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_member_login"))

    op.drop_table("staff_member")
    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("service_appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_appointment_customer_id"))
        batch_op.drop_index(batch_op.f("ix_service_appointment_branch_id_starts_at"))

    op.drop_table("service_appointment")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_make_id"))

    op.drop_table("series")
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_entry_record_id"))
        batch_op.drop_index(batch_op.f("ix_search_entry_kind_record_id"))

    op.drop_table("search_entry")
    with op.batch_alter_table("sales_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_line_order_id"))

    op.drop_table("sales_order_line")
    with op.batch_alter_table("sales_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_vehicle_unit_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_ordered_at"))
        batch_op.drop_index("ix_sales_order_figures")
        batch_op.drop_index(batch_op.f("ix_sales_order_customer_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_claim_state"))

    op.drop_table("sales_order")
    with op.batch_alter_table("quotation_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quotation_line_quotation_id"))

    op.drop_table("quotation_line")
    with op.batch_alter_table("quotation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quotation_vehicle_unit_id"))
        batch_op.drop_index(batch_op.f("ix_quotation_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_quotation_customer_id"))

    op.drop_table("quotation")
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_received_at"))
        batch_op.drop_index(batch_op.f("ix_payment_order_id"))
        batch_op.drop_index(batch_op.f("ix_payment_customer_id"))

    op.drop_table("payment")
    with op.batch_alter_table("outbox_operation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_operation_record_id"))
        batch_op.drop_index("ix_outbox_operation_answered", sqlite_where=sa.text("state <> 'pending'"))

    op.drop_table("outbox_operation")
    op.drop_table("number_series")
    with op.batch_alter_table("model_year", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_model_year_series_id"))

    op.drop_table("model_year")
    with op.batch_alter_table("make", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_make_name_en"))

    op.drop_table("make")
    op.drop_table("form_draft")
    op.drop_table("desk_state")
    with op.batch_alter_table("customer_vehicle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_vehicle_vin"))
        batch_op.drop_index(batch_op.f("ix_customer_vehicle_plate"))
        batch_op.drop_index(batch_op.f("ix_customer_vehicle_customer_id"))

    op.drop_table("customer_vehicle")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_second_phone"))
        batch_op.drop_index(batch_op.f("ix_customer_phone"))
        batch_op.drop_index(batch_op.f("ix_customer_name_pinyin_id"))
        batch_op.drop_index(batch_op.f("ix_customer_identity_number"))

    op.drop_table("customer")
    with op.batch_alter_table("contract_signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_signature_contract_id"))

    op.drop_table("contract_signature")
    with op.batch_alter_table("contract_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_document_contract_id_stage"))

    op.drop_table("contract_document")
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_state"))
        batch_op.drop_index(batch_op.f("ix_contract_order_id"))
        batch_op.drop_index(batch_op.f("ix_contract_customer_id"))

    op.drop_table("contract")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_customer_id"))

    op.drop_table("consent")

    op.drop_table("branch")
    op.drop_table("audit_subject")
    op.drop_table("audit_entry")
