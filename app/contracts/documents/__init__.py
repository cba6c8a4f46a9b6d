"""Drafting documents of any kind but the sales contract."""
