//! A dependency on an allocator, with and without a static.
#[cfg(feature = "register")]
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    println!("{}", vec![1_u8; 1 << 20].len());
}
