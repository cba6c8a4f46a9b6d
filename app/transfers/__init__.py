"""Vehicles from one branch to another: asked for, approved, sent off, received. The centre says who owns them."""
