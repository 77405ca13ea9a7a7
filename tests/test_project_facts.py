"""What one file knows from another: types of fields, aliases, expected sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from alloclint import engine, rule
from alloclint.discover import Target
from alloclint.settings import Settings

SOURCES = {
    "field type": (
        {
            "shard.rs": "pub struct Shard { pub keys: Vec<u64> }",
            "use.rs": """
                fn copy(shard: &Shard) -> Vec<u64> {
                    let mut out = Vec::new();
                    for key in &shard.keys { out.push(*key); }
                    out
                }""",
        },
        ["ALC101 Vec::with_capacity(shard.keys.len())"],
    ),
    "alias": (
        {
            "types.rs": "use std::collections::HashMap; pub type Buckets = HashMap<u64, u32>;",
            "use.rs": """
                fn copy(keys: &[u64]) -> Buckets {
                    let mut out = Buckets::new();
                    for (key, _) in keys.iter().enumerate() { out.insert(key as u64, 1); }
                    for (i, _) in keys.iter().enumerate() { out.insert(i as u64, 2); }
                    out
                }
                fn names(buckets: &Buckets) -> Vec<u64> {
                    let mut out = Vec::new();
                    for key in buckets.keys() { out.push(*key); }
                    out
                }""",
        },
        ["ALC101 Buckets::with_capacity(keys.len() * 2)", "ALC101 Vec::with_capacity(buckets.len())"],
    ),
    "annotated field": (
        {
            "index.rs": """
                pub struct Index {
                    // alloclint: expect=2M
                    pub map: std::collections::HashMap<u64, u64>,
                }""",
            "make.rs": """
                use std::collections::HashMap;
                fn make() -> Index { Index { map: HashMap::new() } }""",
        },
        ["ALC102 HashMap::with_capacity(2_000_000)"],
    ),
    "a text that is only handed out": (
        {
            "Kept.java": """
                class Kept { private String text; public String toString() { return text; } }""",
            "Joined.java": """
                class Joined { private String text; public String toString() { return "a" + text; } }""",
            "Shard.java": """
                class Shard {
                    Kept kept;
                    public int compareTo(Shard other) {
                        return kept.toString().compareTo(other.kept.toString());
                    }
                }""",
            "Index.java": """
                class Index {
                    Joined joined;
                    public int compareTo(Index other) {
                        return joined.toString().compareTo(other.joined.toString());
                    }
                }""",
        },
        ["ALC403 compare the members that make up the text, or keep the text in a field"],
    ),
    "two types of one name answer nothing": (
        {
            "a.rs": "pub struct Shard { pub keys: Vec<u64> }",
            "b.rs": "pub struct Shard { pub keys: Option<u64> }",
            "use.rs": """
                fn copy(shard: &Shard) -> Vec<u64> {
                    let mut out = Vec::new();
                    for key in &shard.keys { out.push(*key); }
                    out
                }""",
        },
        [],
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_others_say(name: str, tmp_path: Path) -> None:
    sources, expected = SOURCES[name]
    targets = [Target(tmp_path / shown, shown, explicit=False) for shown in sources]
    given = {shown: text.encode() for shown, text in sources.items()}
    done = engine.run(targets, Settings(jobs=1), rule.builtin(), lambda done, total: None, sources=given)
    said = [f"{one.code} {one.suggestion.text}" for one in done.findings if one.suggestion is not None]
    assert said == expected
