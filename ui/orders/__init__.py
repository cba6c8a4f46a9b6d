"""Sales orders: how far they are, what is still to be paid, and what to do when the centre gave a vehicle away."""
