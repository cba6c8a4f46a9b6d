"""Who did what, when and why, and whether the record of it is whole."""
