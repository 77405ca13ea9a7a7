"""What Python sources say of the processes they run in, beyond what one file shows."""
