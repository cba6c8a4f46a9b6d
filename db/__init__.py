"""What is remembered: the encrypted database, its models, its migrations, its search index."""
