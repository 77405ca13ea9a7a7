//! A program on jemalloc: which variable and which static does it read?
#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(feature = "bytes")]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static MALLOC_CONF: &[u8] = b"from_static:1\0";
#[cfg(feature = "bytes")]
#[unsafe(export_name = "malloc_conf")]
pub static UNPREFIXED: &[u8] = b"from_unprefixed_static:1\0";

fn main() {
    // Kept to the end, so that statistics at the end see it.
    std::mem::forget(vec![1_u8; 64 << 20]);
    println!("ran");
}
