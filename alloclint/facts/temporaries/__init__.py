"""What is made at each turn of a loop only to be thrown away."""
