"""What the branch sold, earned and has standing, from the desk's own data."""
