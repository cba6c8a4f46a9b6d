"""What every feature stands on: identifiers, money, time, commands, changes, errors, permissions."""
