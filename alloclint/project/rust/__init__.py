"""What Rust sources say of allocators, beyond what one file shows."""
