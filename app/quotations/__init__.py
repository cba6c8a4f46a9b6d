"""Offers: the on-road total, line by line."""
