"""Vehicles the centre has secured for this desk: whether that counts now, and until when."""
