"""Forms that messages and answers of the service share. Each endpoint's own stand beside its work."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NUMBER_LIMIT = 1 << 62
Count = Annotated[int, Field(ge=0, lt=NUMBER_LIMIT)]
"""A number of operations, a place in a feed, microseconds since the epoch."""
Identifier = Annotated[str, Field(pattern="^[0-9a-f]{32}$", examples=["0199a5c2b4e07cf1a6d35f1e8b0c7d24"])]
"""A UUIDv7, or the first 128 bits of a digest, as 32 lower-case hex digits."""
Scope = Annotated[str, Field(pattern="^(group|[0-9a-f]{32})$", examples=["group"])]
"""What all branches share, or a branch."""
Digest = Annotated[str, Field(pattern="^([0-9a-f]{32})?$")]
"""The hash of a desk's operations up to one of them; empty before the first."""
Word = Annotated[str, Field(max_length=64, pattern="^[^\\x00]*$")]
"""A short text. No text may hold the character NUL, which PostgreSQL cannot store."""
Text = Annotated[str, Field(max_length=200, pattern="^[^\\x00]*$")]
Person = Annotated[
    str, Field(max_length=64, pattern="^[^\\x00]*$", description="Id of the person who asks; their role decides.")
]
Moment = Annotated[int, Field(description="milliseconds since the epoch, as the centre's clock has it")]


class Message(BaseModel):
    """What travels to the service: strict about kinds, deaf to keys it does not know (a later desk may send them)."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Answer(BaseModel):
    """What travels back. It documents; answers are written by hand and proved to fit by tests."""

    model_config = ConfigDict(extra="allow")


class ErrorAnswer(Answer):
    """Every refusal looks like this."""

    error: str
    detail: dict[str, Any]
    request_id: str
