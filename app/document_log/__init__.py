"""What this desk knows of the centre's log of sealed documents."""
