"""What a dealership does: no Qt, no HTTP, no SQL strings."""
