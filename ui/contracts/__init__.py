"""Contracts: read, signed later, archived, taken out of force, and checked for any change."""
