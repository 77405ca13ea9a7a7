"""Regular expressions: where they are compiled, how often, and how they are written once."""
