"""How many: trip counts, integers, and how much is added to a collection."""
