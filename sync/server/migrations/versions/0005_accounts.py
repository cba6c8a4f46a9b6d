"""People who sign in at the centre"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = (
    "person_account",
    "recovery_code",
    "sign_in_attempt",
    "authorization_code",
    "person_session",
    "person_token",
    "administration_log",
    "device_visit",
    "quarantine_decision",
)
_APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER administration_log_stays BEFORE UPDATE ON administration_log"
        " BEGIN SELECT RAISE(ABORT, 'the administration log is only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION administration_log_stays() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'the administration log is only added to'; END$$",
        "CREATE TRIGGER administration_log_stays BEFORE UPDATE ON administration_log"
        " FOR EACH ROW EXECUTE FUNCTION administration_log_stays()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "person_account",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("setup_hash", sa.String(64), nullable=False),
        sa.Column("setup_until", sa.BigInteger(), nullable=False),
        sa.Column("totp_sealed", sa.Text(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_person_account")),
    )
    op.create_index(
        op.f("ix_person_account_tenant_id_login"), "person_account", ["tenant_id", "login"], unique=True
    )
    op.create_table(
        "recovery_code",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("login_hash", sa.String(64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "login_hash", name=op.f("pk_sign_in_attempt")),
    )
    op.create_table(
        "authorization_code",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("challenge", sa.String(128), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "code_hash", name=op.f("pk_authorization_code")),
    )
    op.create_table(
        "person_session",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "session_id", name=op.f("pk_person_session")),
    )
    op.create_index(
        op.f("ix_person_session_tenant_id_person_id"), "person_session", ["tenant_id", "person_id"]
    )
    op.create_table(
        "person_token",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_person_token")),
    )
    op.create_index(
        op.f("ix_person_token_tenant_id_session_id"), "person_token", ["tenant_id", "session_id"]
    )
    op.create_table(
        "administration_log",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("entry_id", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name=op.f("pk_administration_log")),
    )
    op.create_table(
        "device_visit",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("program", sa.String(40), nullable=False),
        sa.Column("platform", sa.String(80), nullable=False),
        sa.Column("protocol", sa.Integer(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("unsent", sa.BigInteger(), nullable=False),
        sa.Column("ahead_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", name=op.f("pk_device_visit")),
    )
    op.create_table(
        "quarantine_decision",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(60), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "n", "hash", name=op.f("pk_quarantine_decision")),
    )
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql("DROP FUNCTION administration_log_stays()")
