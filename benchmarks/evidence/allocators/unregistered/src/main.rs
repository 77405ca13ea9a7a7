//! A dependency on an allocator, with and without a static.
#[cfg(feature = "register")]
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    std::mem::forget(vec![1_u8; 64 << 20]);
    println!("ran");
}
