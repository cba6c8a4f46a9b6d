"""Printing: sides of paper in their order, what was printed when and as which copy, and pre-printed forms."""
