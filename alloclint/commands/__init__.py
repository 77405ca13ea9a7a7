"""
The commands, one module each.

`add(parser)` declares the arguments, `run(arguments)` does the work and returns the exit code.
"""
