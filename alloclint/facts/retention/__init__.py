"""What is kept for good: interned values, caches, collections that only grow, and results nobody keeps."""
