"""How desks and the centre agree."""
