"""Specifications and stock looked over: what is implausible, out of line, or disagrees."""
