"""How this desk stands with the centre, and what is kept of it at this desk."""
