"""Container images: Dockerfiles to stages, with what is installed, copied, set and started in each."""
