"""The language versions that build files state, one module per build system."""
