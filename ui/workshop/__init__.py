"""The workshop's calendar: a day of bays, and booking into it."""
