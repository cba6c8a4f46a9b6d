"""Offers: what they come to, who decides on them, how they become orders."""
