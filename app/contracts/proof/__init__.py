"""What is to be said of a signed file: does it hold, since when, and who says so."""
