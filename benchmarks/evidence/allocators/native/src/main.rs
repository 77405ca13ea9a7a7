//! How much of the memory that C keeps does jemalloc know of?
use tikv_jemalloc_ctl::{epoch, stats};

#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

unsafe extern "C" {
    fn keep(bytes: usize);
}

fn allocated() -> usize {
    epoch::advance().unwrap();
    stats::allocated::read().unwrap() >> 20
}

fn main() {
    let before = allocated();
    unsafe { keep(64 << 20) };
    let after_c = allocated();
    let rust = vec![1_u8; 64 << 20];
    println!("C +{} MiB, Rust +{} MiB", after_c - before, allocated() - after_c);
    std::hint::black_box(rust);
}
