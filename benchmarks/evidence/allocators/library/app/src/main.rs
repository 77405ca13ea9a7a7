//! A program with an allocator, on a library with one.
#[global_allocator]
static GLOBAL: std::alloc::System = std::alloc::System;

fn main() {
    lib1::used();
}
