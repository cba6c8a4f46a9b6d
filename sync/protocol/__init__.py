"""What both sides of synchronisation agree on: message types, codes, versions, clocks. Standard library only."""
