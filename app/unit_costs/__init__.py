"""What a unit costs the house: its landed cost, the loan it stands on, interest by the day."""
