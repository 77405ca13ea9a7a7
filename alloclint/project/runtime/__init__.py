"""What runs in production: programs with their environment, image and limits, from any kind of manifest."""
