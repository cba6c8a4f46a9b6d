"""Which months of a branch are closed: known far below, because every entry of money asks for it."""
