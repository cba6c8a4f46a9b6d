"""The second factor: six digits of an app on the person's phone (TOTP, RFC 6238), and codes on paper for its loss."""

import re
import unicodedata
from typing import Any

import pyotp
from pyotp.utils import strings_equal

from sync.server.accounts import Account
from sync.server.administration_log import Act, note
from sync.server.devices import digest, ensure_open, new_code, plain_code
from sync.server.service_key import ServiceKey
from sync.server.store import Connection, Store

ISSUER = "Forecourt"
STEP_SECONDS = 30
_DRIFT = 1
"""Steps a phone's clock may be ahead or behind."""
RECOVERY_CODES = 10


def new_secret() -> str:
    """A fresh secret, 160 bits in base 32."""
    return str(pyotp.random_base32())


def address_of(secret: str, account: Account) -> str:
    """What the QR code says to the app."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=ISSUER))


def is_set_up(account: Account) -> bool:
    """Whether the account has a second factor."""
    return account.totp_sealed != ""


def enrol_second_factor(
    store: Store, key: ServiceKey, act: Act, account: Account, *, secret: str, typed: str
) -> list[str] | None:  # fmt: skip
    """Keep the secret if the digits are right; returns the recovery codes, which are shown once. None for wrong digits,
    or where a second factor was set up meanwhile."""
    step = _step_of(secret, typed, now=act.at, after=0)
    if step is None:
        return None
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        done = store.run(
            connection,
            "UPDATE person_account SET totp_sealed = ?, totp_step = ?, changed_at = ? WHERE tenant_id = ?"
            " AND person_id = ? AND totp_sealed = ''",
            (key.seal(secret), step, act.at, act.tenant, account.id),
        ).rowcount
        if not done:
            return None
        _replace_recovery_codes(store, connection, act, account, codes)
        note(store, connection, act, "second_factor_set_up", account.login)
    return codes


def _replace_recovery_codes(
    store: Store, connection: Connection, act: Act, account: Account, codes: list[str]
) -> None:  # fmt: skip
    store.run(
        connection, "DELETE FROM recovery_code WHERE tenant_id = ? AND person_id = ?", (act.tenant, account.id)
    )
    store.insert_many(
        connection, "recovery_code", ("tenant_id", "person_id", "code_hash", "used_at"),
        [(act.tenant, account.id, digest(plain_code(code)), None) for code in codes],
    )  # fmt: skip


def use_second_factor(store: Store, key: ServiceKey, act: Act, account: Account, typed: str) -> bool:
    """Whether the digits are right and were not used before. Raises WrongServiceKey."""
    step = _step_of(key.open(account.totp_sealed), typed, now=act.at, after=account.totp_step)
    if step is None:
        return False
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        done = store.run(
            connection,
            "UPDATE person_account SET totp_step = ? WHERE tenant_id = ? AND person_id = ? AND totp_step < ?",
            (step, act.tenant, account.id, step),
        )
        return bool(done.rowcount)


def use_recovery_code(store: Store, act: Act, account: Account, typed: str) -> int | None:
    """Use one up; tells how many are left, None for one that is wrong or was used before."""
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        done = store.run(
            connection,
            "UPDATE recovery_code SET used_at = ? WHERE tenant_id = ? AND person_id = ? AND code_hash = ?"
            " AND used_at IS NULL",
            (act.at, act.tenant, account.id, digest(plain_code(typed))),
        ).rowcount
        if not done:
            return None
        left = store.run(
            connection,
            "SELECT count(*) FROM recovery_code WHERE tenant_id = ? AND person_id = ? AND used_at IS NULL",
            (act.tenant, account.id),
        ).scalar()
        note(store, connection, act, "recovery_code_used", account.login, left=left)
    return int(left)


def looks_like_digits(typed: str) -> bool:
    """Whether this is meant for the app's six digits, and not a recovery code."""
    return re.fullmatch(r"[0-9]{6}", _digits(typed)) is not None


def _digits(typed: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed[:100]))


def _step_of(secret: str, typed: str, *, now: int, after: int) -> int | None:
    """The step these digits belong to, if it is about now and later than `after`. All are compared, always."""
    totp: Any = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present, found = now // (STEP_SECONDS * 1_000_000), None
    for step in range(present - _DRIFT, present + _DRIFT + 1):
        if strings_equal(_digits(typed), totp.generate_otp(step)) and step > after:
            found = step
    return found
