"""The branch manager's figures."""
