"""What the branch has to do."""
