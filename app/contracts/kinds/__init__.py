"""One module a kind of document: what it is made of, and what it says of given facts."""
