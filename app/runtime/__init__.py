"""What the application stands on: paths, settings, secrets, language, logging, resources."""
