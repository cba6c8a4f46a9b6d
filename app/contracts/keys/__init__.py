"""Keys and certificates, and the lists of those that are good for nothing any more. Pure."""
