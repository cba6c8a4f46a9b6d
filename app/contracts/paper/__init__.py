"""Documents as paper: pure functions from facts to bytes."""
