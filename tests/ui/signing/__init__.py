"""Signing surfaces and the customer's window."""
