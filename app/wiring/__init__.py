"""Start-up: the only place that sees everything. Each part imports what it needs when it is needed."""
