"""Stock counts: begun, counted by many at once, differences decided, signed off."""
