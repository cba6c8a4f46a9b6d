"""What units cost the house, and the loans they stand on."""
