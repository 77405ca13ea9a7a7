"""What names, types and calls mean, and what a well-known function does."""
