"""Prices: changes and campaigns, who approves them, when they count, and bulk changes with a preview."""
