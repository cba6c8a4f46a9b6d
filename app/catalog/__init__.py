"""Makes, series, model years, trims and what their specifications mean."""
