"""Requests to read and sign a document on a phone; `signing_requests` explains how they live and end."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from sync.server.tables import metadata

__all__ = ["metadata", "signing_request"]

signing_request = Table(
    "signing_request",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("request_id", String(32), nullable=False),
    Column("device_id", String(32), nullable=False),
    Column("branch_id", String(32), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("session_hash", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("wrong_codes", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("pages_seen", Integer, nullable=False),
    Column("acknowledged", Text, nullable=False),
    Column("sealed_document", Text, nullable=False),
    Column("sealed_terms", Text, nullable=False),
    Column("sealed_answer", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("opened_at", BigInteger),
    Column("read_at", BigInteger),
    Column("finished_at", BigInteger),
    PrimaryKeyConstraint("tenant_id", "request_id"),
    Index(None, "tenant_id", "token_hash", unique=True),
    Index(None, "tenant_id", "until"),
)
"""One request of a desk to one person. Times in microseconds of the centre's clock. What is sealed opens only with the
request's token, which is not stored; once the request is over the sealed texts are empty. `acknowledged` is JSON:
clause → when."""
