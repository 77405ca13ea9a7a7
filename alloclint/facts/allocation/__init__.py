"""What a function allocates, itself or through what it calls, and who promised that it does not."""
