"""Whether a certificate of this desk ends soon, asked every so often; what it takes is imported when it is asked."""

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader


def keys_end_unwarned(reader: Reader) -> bool:
    """Whether `WarnOfEndingKeys` would do anything; False for somebody who may not."""
    if not reader.actor.may(Permission.CONTRACTS_REVOKE):
        return False
    from app.contracts.authorities.queries import ending_keys, warning_id
    from db.models.tasks import Task

    return any(reader.session.get(Task, warning_id(one)) is None for one in ending_keys(reader.session, reader.now))
