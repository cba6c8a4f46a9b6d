"""Sales contracts from draft to archive."""
