"""Valid VINs for tests."""

from app.catalog.vin import check_digit

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def vin_number(n: int, *, maker: str = "LSV", model: str = "AA4180", year: str = "T") -> str:
    """The n-th VIN of a series, with the right check digit; distinct for every n below ten million."""
    draft = f"{maker}{model[:5]}0{year}{_LETTERS[n // 1_000_000 % 33]}{n % 1_000_000:06d}"
    draft = draft.ljust(17, "0")[:17]
    return draft[:8] + check_digit(draft) + draft[9:]
