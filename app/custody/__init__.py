"""Who has what of a unit: certificates, keys, places."""
