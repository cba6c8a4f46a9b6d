"""What to order from the makers: minimums, demand, suggested orders with their reasons, purchase proposals."""
