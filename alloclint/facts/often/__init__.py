"""How often code runs, and what stays the same, or stays inside, while it does."""
