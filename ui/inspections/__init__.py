"""Pages about inspections before delivery."""
