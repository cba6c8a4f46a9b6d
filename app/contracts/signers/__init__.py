"""Who signs, and how they are known."""
