"""Money received, reversed and refunded."""
