"""What the group's desks are called, as the centre tells it with its pages."""

from typing import Any

from sync.client.connection import DirectConnection


def names_in(page: dict[str, Any]) -> tuple[int, list[tuple[str, str, str]]] | None:
    """How far these names go, and `(short name, branch code, desk code)`; None where a page tells none.

    Raises ValueError for what is no such list.
    """
    told = page.get("names")
    if not told:
        return None
    try:
        names = [(str(short)[-8:], str(branch)[:16], str(desk)[:16]) for short, branch, desk in told["desks"]]
        return int(told["to"]), names
    except (KeyError, TypeError) as error:
        raise ValueError("not names of desks") from error


def write_names(connection: DirectConnection, to: int, names: list[tuple[str, str, str]]) -> None:
    """Keep them, in the transaction of the page they came with."""
    connection.exec_driver_sql(
        "INSERT INTO desk_name (short_name, branch_code, desk_code) VALUES (?, ?, ?) ON CONFLICT (short_name)"
        " DO UPDATE SET branch_code = excluded.branch_code, desk_code = excluded.desk_code",
        names,
    )
    connection.exec_driver_sql("UPDATE desk_state SET names_heard = ? WHERE id = 1", (to,))
