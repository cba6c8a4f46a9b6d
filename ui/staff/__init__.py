"""The people who sign in, their branches, and everybody's own password."""
