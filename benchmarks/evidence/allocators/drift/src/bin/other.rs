//! A dependency of another target.
#[cfg(any(windows, unix))]
#[global_allocator]
static GLOBAL: rpmalloc::RpMalloc = rpmalloc::RpMalloc;

fn main() {}
