"""Finding a vehicle in front of a customer."""
