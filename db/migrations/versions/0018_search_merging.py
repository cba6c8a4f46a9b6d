"""The search index merges eight pieces at a time"""

from alembic import op

from db.search import merging_statements

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_BEFORE = 4


def upgrade() -> None:
    for statement in merging_statements():
        op.execute(statement)


def downgrade() -> None:
    for statement in merging_statements(_BEFORE):
        op.execute(statement)
