"""What both sides of synchronisation agree on: messages, codes, versions, limits, clocks, and how fields merge.

Nothing of the house is imported here: the standard library, and the packages that encode and compress.
"""
