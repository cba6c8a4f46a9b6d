"""Versions of the wire format and of the replicated tables."""

PROTOCOL_VERSION = 1
"""Of the messages. The service accepts this one and the one before."""

SCHEMA_VERSION = 1
"""Of the fields in the operations. The service accepts this one and the one before, and upcasts."""
