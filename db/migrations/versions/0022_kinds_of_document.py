"""Documents of every kind: about a customer, a unit, a customer's vehicle or a payment, with what was filled in"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_COLUMNS = ("vehicle_unit_id", "customer_vehicle_id", "payment_id", "handled_by_staff_id")


def upgrade() -> None:
    # Added one by one: building the table anew would drop the triggers on it.
    for column in _COLUMNS:
        op.add_column("contract", sa.Column(column, sa.String(length=32), nullable=True))
    op.add_column("contract", sa.Column("form_entries", db.types.Json(), nullable=True))
    op.create_index("ix_contract_template_code_created_at", "contract", ["template_code", "created_at"])
    op.create_index("ix_contract_vehicle_unit_id", "contract", ["vehicle_unit_id"])


def downgrade() -> None:
    op.drop_index("ix_contract_vehicle_unit_id", table_name="contract")
    op.drop_index("ix_contract_template_code_created_at", table_name="contract")
    for column in ("form_entries", *reversed(_COLUMNS)):
        op.drop_column("contract", column)
