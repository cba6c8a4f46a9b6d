"""Pages about the stock."""
