"""Counting what stands there: a frozen list, scans of many people at once, differences decided, signed off, posted."""
