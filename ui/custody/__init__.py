"""Pages about certificates, keys and places."""
