"""Trims side by side: what differs, what is better, what each costs over the years; on screen, paper and in sheets."""
