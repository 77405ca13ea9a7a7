//! What the Rust patterns cost that the rules' pages speak of.
//!
//!     rustc -O --edition 2021 benchmarks/evidence/costs.rs -o /tmp/costs && /tmp/costs
//!
//! prints a table: the pattern, and per operation the nanoseconds (the best of five runs), the bytes asked of the
//! allocator, the allocations, and the reallocations. No crates, so that one command is enough. The figures in
//! `RESULTS.md` are those of one run: for comparing rows, not machines.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::fmt::Write;
use std::hint::black_box;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Instant;

/// The system's allocator, with counters.
struct Counting;

static BYTES: AtomicU64 = AtomicU64::new(0);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static REALLOCATIONS: AtomicU64 = AtomicU64::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size() as u64, Relaxed);
        ALLOCATIONS.fetch_add(1, Relaxed);
        System.alloc(layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size() as u64, Relaxed);
        ALLOCATIONS.fetch_add(1, Relaxed);
        System.alloc_zeroed(layout)
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        BYTES.fetch_add(size as u64, Relaxed);
        REALLOCATIONS.fetch_add(1, Relaxed);
        System.realloc(old, layout, size)
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        System.dealloc(old, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const RUNS: u32 = 5;

/// Measures `run`, which does `operations`, and prints its row.
fn row(group: &str, code: &str, operations: usize, mut run: impl FnMut()) {
    run();
    let before = (
        BYTES.load(Relaxed),
        ALLOCATIONS.load(Relaxed),
        REALLOCATIONS.load(Relaxed),
    );
    run();
    let bytes = BYTES.load(Relaxed) - before.0;
    let allocations = ALLOCATIONS.load(Relaxed) - before.1;
    let reallocations = REALLOCATIONS.load(Relaxed) - before.2;
    let best = (0..RUNS)
        .map(|_| time(&mut run))
        .fold(f64::INFINITY, f64::min);
    let n = operations as f64;
    let code = code.replace('|', "\\|");
    println!(
        "| {group} | `{code}` | {:.1} | {:.1} | {:.2} | {:.3} |",
        best / n,
        bytes as f64 / n,
        allocations as f64 / n,
        reallocations as f64 / n
    );
}

fn time(run: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64
}

struct Config {
    name: String,
    limits: HashMap<String, u64>,
    weights: Vec<f64>,
}

impl Clone for Config {
    fn clone(&self) -> Self {
        Config {
            name: self.name.clone(),
            limits: self.limits.clone(),
            weights: self.weights.clone(),
        }
    }
}

fn config() -> Config {
    Config {
        name: "ranking".to_owned(),
        limits: (0..16).map(|i| (format!("limit {i}"), i)).collect(),
        weights: vec![0.5; 64],
    }
}

fn main() {
    println!("| group | pattern | ns | bytes | allocations | reallocations |");
    println!("|---|---|---:|---:|---:|---:|");
    strings();
    clones();
    collects();
    eager();
    small_objects();
    buffers();
    lookups();
    keys();
    kept();
}

fn strings() {
    let n = 1_000;
    row(
        "string",
        "s = format!(\"{s}{x}\"), x of 10 bytes",
        n,
        || {
            let mut s = String::new();
            for _ in 0..n {
                s = format!("{s}{}", black_box("0123456789"));
            }
            black_box(&s);
        },
    );
    row("string", "s = s + x", n, || {
        let mut s = String::new();
        for _ in 0..n {
            s = s + black_box("0123456789");
        }
        black_box(&s);
    });
    row("string", "s.push_str(&format!(\"{i},\"))", n, || {
        let mut s = String::new();
        for i in 0..n {
            s.push_str(&format!("{i},"));
        }
        black_box(&s);
    });
    row("string", "write!(s, \"{i},\")", n, || {
        let mut s = String::new();
        for i in 0..n {
            write!(s, "{i},").expect("a String takes everything");
        }
        black_box(&s);
    });
    row(
        "string",
        "let line = format!(\"{i} of {n}\") per turn",
        n,
        || {
            for i in 0..n {
                let line = format!("{i} of {n}");
                black_box(&line);
            }
        },
    );
    row(
        "string",
        "line.clear(); write!(line, \"{i} of {n}\") per turn",
        n,
        || {
            let mut line = String::new();
            for i in 0..n {
                line.clear();
                write!(line, "{i} of {n}").expect("a String takes everything");
                black_box(&line);
            }
        },
    );
}

fn clones() {
    let n = 1_000;
    let name = "a name of some length".to_owned();
    row("clone", "name.clone() per turn, 21 bytes", n, || {
        for _ in 0..n {
            black_box(&black_box(&name).clone());
        }
    });
    let list: Vec<u64> = (0..100).collect();
    row("clone", "list.clone() per turn, 100 x u64", n, || {
        for _ in 0..n {
            black_box(&black_box(&list).clone());
        }
    });
    let config = config();
    row(
        "clone",
        "config.clone() per turn, a map of 16 and a list of 64",
        n,
        || {
            for _ in 0..n {
                let copy = black_box(&config).clone();
                black_box((&copy.name, &copy.limits, &copy.weights));
            }
        },
    );
    let shared = Arc::new(config);
    row("clone", "Arc::clone(&config) per turn", n, || {
        for _ in 0..n {
            black_box(&Arc::clone(black_box(&shared)));
        }
    });
}

fn collects() {
    let n = 1_000;
    let data: Vec<u64> = (0..n as u64).collect();
    row(
        "collect",
        "iter().filter(all).collect::<Vec<u64>>(), per element",
        n,
        || {
            black_box(
                data.iter()
                    .copied()
                    .filter(|x| *black_box(x) < 1_000)
                    .collect::<Vec<_>>(),
            );
        },
    );
    row(
        "collect",
        "with_capacity(len) + extend(filter), per element",
        n,
        || {
            let mut kept = Vec::with_capacity(data.len());
            kept.extend(data.iter().copied().filter(|x| *black_box(x) < 1_000));
            black_box(kept);
        },
    );
    row(
        "collect",
        "flat_map(|x| [x, x]).collect::<Vec<u64>>(), per element",
        2 * n,
        || {
            black_box(
                data.iter()
                    .flat_map(|x| [*x, *black_box(x)])
                    .collect::<Vec<_>>(),
            );
        },
    );
    row(
        "collect",
        "flat_map(|x| x..x + 2).collect::<Vec<u64>>(), per element",
        2 * n,
        || {
            black_box(
                data.iter()
                    .flat_map(|x| [*x, *black_box(x)])
                    .collect::<Vec<_>>(),
            );
        },
    );
    row(
        "collect",
        "map(Ok).collect::<Result<Vec<u64>, ()>>(), per element",
        n,
        || {
            let all: Result<Vec<u64>, ()> = data.iter().map(|x| Ok(*black_box(x))).collect();
            black_box(all.expect("all are Ok"));
        },
    );
    row(
        "collect",
        "map(Some).collect::<Option<Vec<u64>>>(), per element",
        n,
        || {
            let all: Option<Vec<u64>> = data.iter().map(|x| Some(*black_box(x))).collect();
            black_box(all.expect("all are Some"));
        },
    );
    row(
        "collect",
        "map(…).collect::<Vec<u64>>(), per element",
        n,
        || {
            black_box(data.iter().map(|x| black_box(*x) + 1).collect::<Vec<_>>());
        },
    );
}

fn eager() {
    let n = 1_000;
    row(
        "eager",
        "Some(s).unwrap_or(format!(…)), the format is thrown away",
        n,
        || {
            for i in 0..n {
                let found: Option<String> = black_box(Some(String::new()));
                black_box(&found.unwrap_or(format!("default {i}")));
            }
        },
    );
    row(
        "eager",
        "Some(s).unwrap_or_else(|| format!(…))",
        n,
        || {
            for i in 0..n {
                let found: Option<String> = black_box(Some(String::new()));
                black_box(&found.unwrap_or_else(|| format!("default {i}")));
            }
        },
    );
    row("eager", "Some(x).ok_or(\"missing\".to_string())", n, || {
        for i in 0..n {
            let found: Result<usize, String> = black_box(Some(i)).ok_or("missing".to_string());
            black_box(found.is_ok());
        }
    });
    row("eager", "Some(x).expect(&format!(…))", n, || {
        for i in 0..n {
            black_box(black_box(Some(i)).expect(&format!("no value for {i}")));
        }
    });
    row("eager", "Some(x).unwrap_or_else(|| panic!(…))", n, || {
        for i in 0..n {
            black_box(black_box(Some(i)).unwrap_or_else(|| panic!("no value for {i}")));
        }
    });
    let mut names: HashMap<u64, String> = HashMap::from([(1, String::new())]);
    row(
        "eager",
        "m.entry(k).or_insert(String::from(…)), k present",
        n,
        || {
            for _ in 0..n {
                black_box(
                    names
                        .entry(black_box(1))
                        .or_insert(String::from("a default name")),
                );
            }
        },
    );
    row(
        "eager",
        "m.entry(k).or_insert_with(|| String::from(…)), k present",
        n,
        || {
            for _ in 0..n {
                black_box(
                    names
                        .entry(black_box(1))
                        .or_insert_with(|| String::from("a default name")),
                );
            }
        },
    );
}

fn small_objects() {
    let n = 1_000;
    row("small", "Box::new(u64) per event", n, || {
        for i in 0..n as u64 {
            black_box(&Box::new(black_box(i)));
        }
    });
    row("small", "Arc::new(u64) per event", n, || {
        for i in 0..n as u64 {
            black_box(&Arc::new(black_box(i)));
        }
    });
    row("small", "Rc::new(u64) per event", n, || {
        for i in 0..n as u64 {
            black_box(&Rc::new(black_box(i)));
        }
    });
    row("small", "vec![x] of one u64 per event", n, || {
        for i in 0..n as u64 {
            black_box(&vec![black_box(i)]);
        }
    });
    row("small", "the u64 itself", n, || {
        for i in 0..n as u64 {
            black_box(&black_box(i));
        }
    });
}

fn buffers() {
    let n = 1_000;
    row(
        "buffer",
        "vec![0u8; 4096] per turn, one byte used",
        n,
        || {
            for i in 0..n {
                let mut buffer = vec![0u8; 4096];
                buffer[i & 1023] = 1;
                black_box(&buffer);
            }
        },
    );
    let mut buffer = vec![0u8; 4096];
    row("buffer", "one buffer, filled with 0 per turn", n, || {
        for i in 0..n {
            buffer.fill(0);
            buffer[i & 1023] = 1;
            black_box(&buffer);
        }
    });
    row("buffer", "Vec::new() and 16 pushes per turn", n, || {
        for i in 0..n {
            let mut list = Vec::new();
            for j in 0..16 {
                list.push(black_box(i + j));
            }
            black_box(&list);
        }
    });
    let mut list = Vec::new();
    row("buffer", "list.clear() and 16 pushes per turn", n, || {
        for i in 0..n {
            list.clear();
            for j in 0..16 {
                list.push(black_box(i + j));
            }
            black_box(&list);
        }
    });
    row("buffer", "v.insert(0, x), 1,000 entries", n, || {
        let mut front = Vec::with_capacity(n);
        for i in 0..n {
            front.insert(0, i);
        }
        black_box(front);
    });
    row("buffer", "v.insert(0, x), 16,000 entries", 16 * n, || {
        let mut front = Vec::with_capacity(16 * n);
        for i in 0..16 * n {
            front.insert(0, i);
        }
        black_box(front);
    });
}

fn lookups() {
    let n = 1_000;
    let map: HashMap<String, u64> = (0..100).map(|i| (format!("member {i}"), i)).collect();
    row("lookup", "map.get(&key.to_string())", n, || {
        for _ in 0..n {
            black_box(map.get(&black_box("member 50").to_string()));
        }
    });
    row("lookup", "map.get(key)", n, || {
        for _ in 0..n {
            black_box(map.get(black_box("member 50")));
        }
    });
    row(
        "lookup",
        "a.to_lowercase() == b.to_lowercase(), 9 bytes",
        n,
        || {
            for _ in 0..n {
                black_box(
                    black_box("Member 50").to_lowercase() == black_box("member 50").to_lowercase(),
                );
            }
        },
    );
    row("lookup", "a.eq_ignore_ascii_case(b)", n, || {
        for _ in 0..n {
            black_box(black_box("Member 50").eq_ignore_ascii_case(black_box("member 50")));
        }
    });
}

fn keys() {
    let n = 1_000;
    let ids: Vec<u64> = (0..n as u64)
        .map(|i| i.wrapping_mul(2_654_435_761) % 100_000)
        .collect();
    row(
        "key",
        "sort_by_key(|x| x.to_string()), per element",
        n,
        || {
            let mut list = ids.clone();
            list.sort_by_key(|x| x.to_string());
            black_box(list);
        },
    );
    row(
        "key",
        "sort_by_cached_key(|x| x.to_string()), per element",
        n,
        || {
            let mut list = ids.clone();
            list.sort_by_cached_key(|x| x.to_string());
            black_box(list);
        },
    );
}

fn kept() {
    let n = 1_000;
    row(
        "kept",
        "Box::leak(s.into_boxed_str()), 11 bytes each, for ever",
        n,
        || {
            for i in 0..n {
                let name: &'static str = Box::leak(format!("member:{i:04}").into_boxed_str());
                black_box(name);
            }
        },
    );
}
