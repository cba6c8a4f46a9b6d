"""Signing a document: what a signer sees and does, at the desk's screen or in a window of the customer's own."""
