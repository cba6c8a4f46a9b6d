"""Prices: list, floor and campaign prices with the days they count, who approved them, and bulk changes."""
