"""Labels, key tags and price sheets: seen first, printed where they belong."""
