"""What one desk keeps to itself: half-typed forms, arranged views, who it is."""
