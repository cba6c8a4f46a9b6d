"""The central service: settles what several desks cannot settle alone. `python -m sync.server --help`."""
