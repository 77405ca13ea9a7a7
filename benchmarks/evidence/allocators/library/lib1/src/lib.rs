#[global_allocator]
static GLOBAL: std::alloc::System = std::alloc::System;

pub fn used() {}
