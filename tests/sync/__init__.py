"""Desks and the centre, over real HTTP, on both databases."""
