"""The small toolkit every page is made of. Import its modules one by one: start-up stays small that way."""
