//! Two features that add an allocator each.
#[cfg(feature = "a")]
#[global_allocator]
static A: std::alloc::System = std::alloc::System;

#[cfg(feature = "b")]
#[global_allocator]
static B: std::alloc::System = std::alloc::System;

fn main() {}
