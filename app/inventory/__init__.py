"""Vehicle units in stock."""
