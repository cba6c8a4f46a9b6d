"""What brings the program onto a computer: standard library only, it runs before anything is installed."""
