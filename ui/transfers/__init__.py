"""Vehicles between branches: asking, deciding, sending off and receiving."""
