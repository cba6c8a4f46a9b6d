"""People and companies who buy, and what they agreed to."""
