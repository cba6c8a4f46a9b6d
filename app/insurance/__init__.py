"""Compulsory and commercial insurance of a sold car."""
