"""What is done to the bytes of a document: locked, signed by hand with evidence, sealed."""
