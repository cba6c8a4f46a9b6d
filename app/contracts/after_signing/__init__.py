"""What follows from a seal: amendments, terminations, milestones, consents."""
