"""What is made in advance although it is hardly ever needed: defaults, messages, keys, log texts."""
