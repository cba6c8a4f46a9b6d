"""Pages about the specification catalogue."""
