"""The work list of specification checks."""
