"""What to order from the makers: needs with their reasons, purchase proposals, warnings, minimums."""
