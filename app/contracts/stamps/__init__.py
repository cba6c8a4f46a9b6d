"""Time-stamps of the centre on sealed documents."""
