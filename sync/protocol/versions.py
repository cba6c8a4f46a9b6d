"""Versions of the program, of the wire format and of the replicated tables."""

PROGRAM_VERSION = "0.1.0"
"""Of the program, as desks tell it to the centre; a test holds it equal to pyproject.toml."""

PROTOCOL_VERSION = 1
"""Of the messages. The service accepts this one and the one before; what waits at a desk, from any."""

SCHEMA_VERSION = 2
"""Of the fields in the operations: 1 are the tables of the first release, 2 those of today; `upcasting` says what came.
The service takes every version there ever was and upcasts; of a later one it keeps what it does not know."""
