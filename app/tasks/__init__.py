"""What somebody has to do: durable follow-ups of what happened."""
