"""Java builds: what Maven and Gradle modules depend on, as far as that can be read without running them."""
