"""People who sign in at the centre, how they show who they are, and what they did there.

Secrets stand here as hashes, the keys of second factors sealed (`service_key`): whoever reads the database alone can
sign in as nobody.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from sync.server.tables import metadata


def _tenant() -> Column[str]:
    return Column("tenant_id", String(32), nullable=False)


person_account = Table(
    "person_account",
    metadata,
    _tenant(),
    Column("person_id", String(32), nullable=False),
    Column("login", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("roles", Text, nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("setup_hash", String(64), nullable=False),
    Column("setup_until", BigInteger, nullable=False),
    Column("totp_sealed", Text, nullable=False),
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("signed_in_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("tenant_id", "person_id"),
    Index(None, "tenant_id", "login", unique=True),
)
"""`state` is active or disabled; `roles` a JSON list. `setup_hash` is that of a one-time code with which a password is
chosen, until `setup_until`. `totp_step` is the last step of the second factor that was used: none is used twice."""

recovery_code = Table(
    "recovery_code",
    metadata,
    _tenant(),
    Column("person_id", String(32), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("used_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("tenant_id", "person_id", "code_hash"),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    _tenant(),
    Column("login_hash", String(64), nullable=False),
    Column("failed", Integer, nullable=False),
    Column("locked_until", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "login_hash"),
)
"""Failures in a row by the login that was typed, whether there is such a person or not."""

authorization_code = Table(
    "authorization_code",
    metadata,
    _tenant(),
    Column("code_hash", String(64), nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("client_id", String(40), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", String(128), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("session_id", String(32), nullable=False),
    PrimaryKeyConstraint("tenant_id", "code_hash"),
)
"""`session_id` is what the code became, empty until it is used."""

person_session = Table(
    "person_session",
    metadata,
    _tenant(),
    Column("session_id", String(32), nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("client_id", String(40), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("tenant_id", "session_id"),
    Index(None, "tenant_id", "person_id"),
)
"""One sign-in: all tokens that came of it end with it."""

person_token = Table(
    "person_token",
    metadata,
    _tenant(),
    Column("token_hash", String(64), nullable=False),
    Column("session_id", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("tenant_id", "token_hash"),
    Index(None, "tenant_id", "session_id"),
)
"""`kind` is access or refresh. A refresh token that was used stays until its session is over: whoever shows it again
is not the one it was given to, or was robbed, and the session ends."""

administration_log = Table(
    "administration_log",
    metadata,
    _tenant(),
    Column("entry_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("person_id", String(32), nullable=False),
    Column("who", String(80), nullable=False),
    Column("what", String(40), nullable=False),
    Column("about", String(80), nullable=False),
    Column("detail", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    PrimaryKeyConstraint("tenant_id", "entry_id"),
)
"""Who did what at the centre. The database itself refuses to change an entry; none is removed while the group
lives in this database."""

device_visit = Table(
    "device_visit",
    metadata,
    _tenant(),
    Column("device_id", String(32), nullable=False),
    Column("program", String(40), nullable=False),
    Column("platform", String(80), nullable=False),
    Column("protocol", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("unsent", BigInteger, nullable=False),
    Column("ahead_ms", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("oldest_unsent_at", BigInteger, nullable=False, server_default=text("0")),
    Column("unsent_said_at", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id", "device_id"),
)
"""What a desk last told of itself; -1 and empty for what it did not tell."""

quarantine_decision = Table(
    "quarantine_decision",
    metadata,
    _tenant(),
    Column("device_id", String(32), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("decision", String(12), nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String(80), nullable=False),
    PrimaryKeyConstraint("tenant_id", "device_id", "n", "hash"),
)
"""What became of an operation in quarantine: released with an outcome, or dropped."""
