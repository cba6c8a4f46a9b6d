"""This desk's authority and the others': revoking, withdrawing, taking in keys, warning before they end."""
