"""Headquarters: what administrators of a group see of its branches and desks, and do about them."""
