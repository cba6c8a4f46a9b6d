"""Which words a document is drafted from."""
