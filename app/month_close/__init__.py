"""Closing a month: what has to be settled first, the figures that stand from then on, and opening it again."""
