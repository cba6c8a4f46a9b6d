"""Paper: what every printed or signed document of the house shares, from line breaking to the page frame."""
