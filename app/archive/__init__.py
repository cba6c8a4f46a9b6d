"""The archive: how long signed documents are kept, what holds them back, and what they say has to happen when."""
