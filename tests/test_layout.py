"""Sizes of declared types, compared with what the real compiler says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_java
import tree_sitter_rust

from alloclint.facts.building.layout import entry_bytes, rust_layout
from alloclint.syntax import java, rust
from alloclint.syntax.model import Type, TypeDecl, Unit

DECLARATIONS = """
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize, Wrapping};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

struct DocRef { segment: u32, offset: u64, length: u32, generation: u16 }
struct Mixed { a: u8, b: u64, c: u16, d: u32, e: bool }
#[repr(C)]
struct InOrder { a: u8, b: u64, c: u16 }
#[repr(transparent)]
struct Key(u64);
struct Unit;
struct Pair<A, B> { left: A, right: B }
struct Tagged<T> { key: u64, marker: PhantomData<T> }
struct Borrowed<'a> { text: &'a str, at: usize }
struct Node { value: u32, next: Option<Box<Node>> }
struct Named { name: String, live: bool }
type Postings = Vec<u32>;
type Entry<T> = (u64, T);
enum Color { Red, Green, Blue }
enum One { Only }
enum Slot { Free, Gone, Used(u64) }
enum Owner { Nobody, Root, Other(String) }
enum Flag { Off, Unknown, On(bool) }
#[repr(align(64))]
struct Aligned(u64);
#[repr(packed)]
struct Packed { a: u8, b: u32 }
enum Shape { Circle(f64), Square(f64, f64) }
enum Mode { Plain { level: u8, size: u32 }, Off }
trait Score { fn score(&self) -> f64; }
struct Trailing { head: u8, tail: [u8] }
"""

SURE = """
u8 i16 u32 f32 u64 f64 i128 u128 usize isize bool char ()
&str &'static [u8] &u64 &mut u64 *const u8 &dyn Score Box<dyn Score> Box<[u8]> Box<str> Arc<str> Rc<u64> &Path
(u8,u32) (u8,u64,u8) (u8,u16,u8) ((u8,u16),u8) (u64,bool) [u8;3] [u64;4] [(u8,u32);3] [u8;0]
String Vec<u8> Vec<Vec<u8>> VecDeque<u8> BinaryHeap<u8> PathBuf BTreeMap<u8,u8> BTreeSet<u8>
HashMap<u64,u64> HashSet<u64> HashMap<String,Vec<u32>>
Option<u8> Option<u16> Option<u64> Option<bool> Option<char> Option<Option<bool>> Option<&u8> Option<&str>
Option<Box<u64>> Option<String> Option<Vec<u8>> Option<Option<String>> Option<NonZeroU32> Option<Option<u64>>
Option<(u8,u32)> Option<(bool,u64)> Option<[bool;2]> Option<()> Option<Duration> Option<HashMap<u8,u8>>
Option<BTreeMap<u8,u8>> Option<VecDeque<u8>> Option<Cell<bool>> Option<Ordering> Option<Arc<str>>
Option<*const u8> NonZeroU64 NonZeroUsize Wrapping<u32> Reverse<u64> AtomicBool AtomicU64 AtomicUsize
Cell<u32> RefCell<u64> RefCell<bool> Range<u32> PhantomData<String> Duration Instant SystemTime Ordering
Cow<'static,str> Cow<'static,[u8]> Option<Cow<'static,str>> Result<(),String> Result<u64,()> Result<u64,u32>
Result<u8,u8> Result<(),u8> DocRef Mixed InOrder Key Unit Pair<u8,u64> Pair<String,bool> Tagged<String>
Borrowed<'static> Node Named Postings Entry<u8> Color One Slot Owner Flag Option<Color> Option<Slot>
Option<Owner> Option<Named> Option<DocRef> Option<Flag> (u64,DocRef) (Key,DocRef) &Node Box<Node>
Rc<Pair<u8,u8>> Vec<Shape> HashMap<Key,Shape>
"""

UNSURE = """
Aligned Packed Shape Mode Foreign Box<Foreign> &Foreign hashbrown::HashMap<u8,u8> [u8;SIZE] &Trailing
Result<String,u32> Pair<u8> HashMap<u8,u8,Foreign> Option<Foreign> impl\u00a0Score fn(u8)->u8
"""


def types(text: str) -> list[str]:
    """Separated by blanks; a blank inside a type is a no-break one or follows a lifetime or qualifier."""
    joined = text
    for word in ("&'static", "&mut", "*const", "&dyn", "Box<dyn"):
        joined = joined.replace(word + " ", word + "\u00a0")
    return [name.replace("\u00a0", " ") for name in joined.replace("\n", " ").split(" ") if name]


def parsed(source: str) -> Unit:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
    data = source.encode()
    return rust.read(parser.parse(data), data)


def written(names: list[str]) -> tuple[list[Type], dict[str, TypeDecl]]:
    """The types as the reader gives them, and the declarations beside them."""
    fields = "".join(f"static F{number}: {name} = x;\n" for number, name in enumerate(names))
    unit = parsed(DECLARATIONS + fields)
    found = [field.type for field in unit.fields if field.name.startswith("F") and field.name[1:].isdigit()]
    assert all(found)
    return [type_ for type_ in found if type_], {declared.name: declared for declared in unit.types}


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
def test_the_compiler_agrees(tmp_path: Path) -> None:
    names = types(SURE)
    assert len(names) > 100
    lines = "".join(
        f'println!("{{}} {{}}", std::mem::size_of::<{name}>(), std::mem::align_of::<{name}>());\n'
        for name in names
    )
    program = tmp_path / "sizes.rs"
    program.write_text(f"#![allow(dead_code, unused)]\n{DECLARATIONS}\nfn main() {{\n{lines}}}\n")
    command = ["rustc", "--edition", "2021", str(program), "-o", str(tmp_path / "sizes")]
    subprocess.run(command, check=True, cwd=tmp_path)
    printed = subprocess.run([tmp_path / "sizes"], check=True, capture_output=True, text=True).stdout
    truth = [tuple(map(int, line.split())) for line in printed.splitlines()]
    found, declared = written(names)
    layouts = [rust_layout(type_, declared.get) for type_ in found]
    said = [(layout.size, layout.align) if layout else None for layout in layouts]
    pairs = zip(names, said, truth, strict=True)
    wrong = [(name, here, there) for name, here, there in pairs if here != there]
    assert wrong == []


@pytest.mark.parametrize("name", types(UNSURE))
def test_what_is_not_certain_is_not_said(name: str) -> None:
    found, declared = written([name])
    assert rust_layout(found[0], declared.get) is None


def test_a_type_of_the_crate_hides_the_one_of_the_library() -> None:
    unit = parsed("struct Duration(u8); static F: Duration = x; static G: std::time::Duration = x;")
    declared = {item.name: item for item in unit.types}
    sizes = [rust_layout(field.type, declared.get) for field in unit.fields if field.type]
    assert [layout.size for layout in sizes if layout] == [1, 16]


def test_a_type_that_contains_itself_is_unknown() -> None:
    unit = parsed("struct A { a: A } type B = B; static F: A = x; static G: B = x;")
    declared = {item.name: item for item in unit.types}
    assert [rust_layout(field.type, declared.get) for field in unit.fields if field.type] == [None, None]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("HashMap<u64, DocRef>", 32),
        ("Arc<RwLock<HashMap<u64, DocRef>>>", 32),
        ("HashMap<u8, u64>", 16),
        ("HashSet<Key>", 8),
        ("Postings", 4),
        ("Vec<Vec<u8>>", 24),
        ("String", 1),
        ("HashMap<u64, Foreign>", None),
        ("Vec<Shape>", None),
        ("u64", None),
        ("Mutex<VecDeque<u16>>", 2),
    ],
)
def test_rust_entries(name: str, size: int | None) -> None:
    found, declared = written([name])
    assert entry_bytes("rust", found[0], declared.get) == size


@pytest.mark.parametrize(
    ("name", "compressed", "plain"),
    [
        ("HashMap<String, Doc>", 32, 40),
        ("HashMap<Long, Integer>", 72, 80),
        ("HashSet<Integer>", 48, 56),
        ("LinkedHashMap<String, Long>", 64, 80),
        ("ArrayList<Long>", 24, 24),
        ("ArrayList<Doc>", 0, 0),
        ("java.util.ConcurrentHashMap<String, Boolean>", 32, 40),
        ("Map<String, Doc>", None, None),
        ("int[]", None, None),
    ],
)
def test_java_entries(name: str, compressed: int | None, plain: int | None) -> None:
    source = f"class A {{ {name} it; }}".encode()
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_java.language()))
    type_ = java.read(parser.parse(source), source).types[0].fields[0].type
    assert entry_bytes("java", type_, lambda name: None) == compressed
    assert entry_bytes("java", type_, lambda name: None, compressed_oops=False) == plain


def test_python_tells_nothing() -> None:
    assert entry_bytes("python", None, lambda name: None) is None
