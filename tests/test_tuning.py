"""
Settings of allocators against what the programs themselves answered: jemalloc 5.3.0 and 5.3.1, glibc 2.36,
OpenJDK 17 and 25. `benchmarks/evidence/allocators/` asks them again.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alloclint.project import known
from alloclint.project.tuning import glibc, hotspot, jemalloc

TAKEN = """background_thread:true,narenas:2
prof:true
narenas:-1
narenas:default
narenas:0x2
narenas:010
narenas: 2
narenas:+2
lg_tcache_max:99
dirty_decay_ms:-1
percpu_arena:percpu
thp:always
thp:al
thp:
metadata_thp:auto
m:auto
:auto
dss:primary
junk:alloc
bin_shards:1-128:4|129-256:2
slab_sizes:default
narenas_ratio:0.5
narenas_ratio:.5
hpa_dirty_mult:-1
stats_print_opts:zzz""".splitlines()
#: What is refused, with what to write instead; `-` is nothing.
REFUSED = """background_thread=true > background_thread:true
narenas:2, tcache:false > narenas:2,tcache:false
narenas:2 tcache:false > narenas:2,tcache:false
narenas:2;tcache:false > narenas:2,tcache:false
narenas:2,tcache=false,retain:true > narenas:2,tcache:false,retain:true
"narenas:2" > narenas:2
opt.prof:true > prof:true
background_thread:1 > background_thread:true
background_thread:yes > background_thread:true
background_thread:True > background_thread:true
narenas:0 > -
narenas:08 > narenas:8
tcache_max:1g > tcache_max:1073741824
tcache_max:32k > tcache_max:32768
lg_tcache_nslots_mul:17 > -
dirty_decay_ms:10s > dirty_decay_ms:10000
dirty_decay_ms:-2 > -
dirty_decay_ms:1e3 > -
muzzy_decay_ms:18446744072001 > -
oversize_threshold:99999999999999999999 > -
percpu_arena:true > -
thp:madvise > -
dss:none > -
junk:1 > junk:true
zero_realloc:strict > -
bin_shards:1-128 > -
narenas_ratio:5. > -
hpa_dirty_mult:-2 > -
hpa_hugification_threshold_ratio:1.5 > -
lg_dirty_mult:8 > -
lg_chunk:21,narenas:4 > narenas:4
decay_time:10 > dirty_decay_ms:10000
purge:decay > -
background_threads:true > background_thread:true
narenas > -
,narenas:2 > narenas:2
narenas:2,,tcache:false > narenas:2,tcache:false""".splitlines()


@pytest.mark.parametrize("text", TAKEN)
@pytest.mark.parametrize("version", [(5, 3, 0), (5, 3, 1), None])
def test_jemalloc_takes(text: str, version: known.Version | None) -> None:
    assert jemalloc.faults(text, version, profiling=True) == ()


@pytest.mark.parametrize("line", REFUSED)
def test_jemalloc_refuses(line: str) -> None:
    text, _, right = line.partition(" > ")
    assert [one.weight for one in jemalloc.faults(text)] == ["dead"]
    assert (jemalloc.corrected(text) or "-") == right


def test_what_jemalloc_drops_is_named_from_the_pair_on() -> None:
    (fault,) = jemalloc.faults("narenas:2, tcache:false")
    assert (fault.start, fault.end, fault.correction) == (10, 23, "tcache:false")
    assert "a space" in fault.reason and "everything from here on" in fault.reason
    assert [one.key for one in jemalloc.pairs("narenas:2, tcache:false")] == ["narenas"]


def test_a_fault_covers_the_value_or_the_pair() -> None:
    (value,) = jemalloc.faults("tcache:false,narenas:0")
    assert "tcache:false,narenas:0"[value.start : value.end] == "0"
    (pair,) = jemalloc.faults("tcache:false,lg_chunk:21")
    assert "tcache:false,lg_chunk:21"[pair.start : pair.end] == "lg_chunk:21"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("cache_oblivious:true", ["dead"], []),
        ("prof_bt_max:64", ["dead"], []),
        ("tcache_ncached_max:1-128:4", ["dead"], []),
        ("hpa_sec_bytes_after_flush:1", [], ["dead"]),
        ("experimental_nothing:true", ["doubtful"], ["doubtful"]),
        ("xmalloc:true", ["doubtful"], ["doubtful"]),
        ("log:.", ["doubtful"], ["doubtful"]),
        ("narenas:2,", ["doubtful"], ["doubtful"]),
    ],
)
def test_keys_depend_on_the_version_and_the_build(text: str, before: list[str], after: list[str]) -> None:
    assert [one.weight for one in jemalloc.faults(text, (5, 3, 0), profiling=True)] == before
    assert [one.weight for one in jemalloc.faults(text, (5, 3, 1), profiling=True)] == after


def test_profiles_need_a_build_with_them() -> None:
    assert [one.weight for one in jemalloc.faults("prof:true", profiling=False)] == ["dead"]
    assert jemalloc.faults("prof:true", profiling=None) == ()


@given(st.text(alphabet="narenas:20,= ;'\"._kghptcfuTyo-x\n\\{}", max_size=60))
def test_a_corrected_string_is_taken(text: str) -> None:
    faults = jemalloc.faults(text)
    assert all(0 <= one.start <= one.end <= len(text) for one in faults)
    right = jemalloc.corrected(text)
    if right is not None:
        assert [one for one in jemalloc.faults(right) if one.weight == "dead"] == []
        assert jemalloc.corrected(right) == right
    if not faults and text:
        assert len(jemalloc.pairs(text)) == text.count(",") + 1


@pytest.mark.parametrize("name", known.tables()["glibc"]["dead"])
def test_names_that_glibc_does_not_read(name: str) -> None:
    (fault,) = glibc.faults(name, "2")
    assert (fault.part, fault.weight) == ("name", "dead")
    right = glibc.corrected(name, "2")
    assert right is not None and glibc.is_read(right[0]) and glibc.faults(*right) == ()


@pytest.mark.parametrize(
    ("name", "value", "reason", "right"),
    [
        ("MALLOC_TRIM_THRESHOLD_", "128k", "128 bytes", "131072"),
        ("MALLOC_TOP_PAD_", "64MB", "64 bytes", "67108864"),
        ("MALLOC_MMAP_THRESHOLD_", "1_000", "1 byte", "1000"),
        ("MALLOC_ARENA_MAX", '"2"', "quotes", "2"),
        ("MALLOC_ARENA_MAX", "'2'", "quotes", "2"),
        ("MALLOC_ARENA_MAX", "two", "no number", None),
        ("MALLOC_ARENA_MAX", "0", "out of range", "0"),
    ],
)
def test_values_that_glibc_reads_otherwise(name: str, value: str, reason: str, right: str | None) -> None:
    (fault,) = glibc.faults(name, value)
    assert reason in fault.reason and (fault.start, fault.end) == (0, len(value))
    assert glibc.corrected(name, value) == (None if right is None else (name, right))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MALLOC_ARENA_MAX", "2"),
        ("MALLOC_ARENA_MAX", " 2 "),
        ("MALLOC_TRIM_THRESHOLD_", "-1"),
        ("MALLOC_TRIM_THRESHOLD_", "0"),
        ("MALLOC_MMAP_MAX_", "0x10"),
        ("GLIBC_TUNABLES", "glibc.malloc.arena_max=2:glibc.malloc.trim_threshold=5"),
        ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2:glibc.malloc.arena_max=2"),
        ("MALLOC_CONF", "arena_max"),
    ],
)
def test_values_that_glibc_takes(name: str, value: str) -> None:
    assert glibc.faults(name, value) == ()


@pytest.mark.parametrize(
    ("value", "at", "right"),
    [
        ("malloc.arena_max=2", "malloc.arena_max", "glibc.malloc.arena_max=2"),
        ('"glibc.malloc.arena_max=2"', '"glibc.malloc.arena_max=2"', "glibc.malloc.arena_max=2"),
        (
            "glibc.malloc.trim_threshold=5,glibc.malloc.arena_max=2",
            "glibc.malloc.trim_threshold=5,glibc.malloc.arena_max=2",
            "glibc.malloc.trim_threshold=5:glibc.malloc.arena_max=2",
        ),
        (
            "glibc.malloc.arena_max=2:glibc.malloc.top_pad=5M",
            "5M",
            "glibc.malloc.arena_max=2:glibc.malloc.top_pad=5242880",
        ),
    ],
)
def test_tunables(value: str, at: str, right: str) -> None:
    (fault,) = glibc.faults("GLIBC_TUNABLES", value)
    assert value[fault.start : fault.end] == at
    assert glibc.corrected("GLIBC_TUNABLES", value) == ("GLIBC_TUNABLES", right)


def test_flags_of_a_variable() -> None:
    text = "-Xmx4g '-XX:OnOutOfMemoryError=kill -9 %p' -XX:+UseG1GC -Dx=-Xmx9g -XX:MaxRAMPercentage=75.0"
    found = hotspot.flags(text)
    assert [(one.name, one.value) for one in found] == [
        ("MaxHeapSize", "4g"),
        ("OnOutOfMemoryError", "kill -9 %p"),
        ("UseG1GC", "true"),
        ("MaxRAMPercentage", "75.0"),
    ]
    assert [text[one.start : one.end] for one in found[2:]] == [
        "-XX:+UseG1GC",
        "-XX:MaxRAMPercentage=75.0",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["java", "-cp", "-Xmx9g", "-Xmx1g", "-jar", "a.jar", "-Xmx2g"],
        ["-Xmx1g", "org.example.Main", "-Xmx2g"],
        ["/usr/bin/java", "$JAVA_OPTS", "-Xmx1g", "-m", "server/org.example.Main", "-Xmx2g"],
    ],
)
def test_flags_of_a_command_end_at_the_class(words: list[str]) -> None:
    assert [(one.name, one.value, words[one.word]) for one in hotspot.flags(words)] == [
        ("MaxHeapSize", "1g", "-Xmx1g")
    ]


def test_the_last_flag_wins() -> None:
    flag = hotspot.of(hotspot.flags("-Xmx1g -XX:MaxHeapSize=2g"), "MaxHeapSize")
    assert flag is not None and hotspot.size(flag.value) == 2 * 2**30


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4g", 2**32),
        ("512M", 2**29),
        ("1024", 1024),
        ("0x10k", 2**14),
        ("4gb", None),
        ("0.5g", None),
        ("", None),
    ],
)
def test_sizes(text: str, expected: int | None) -> None:
    assert hotspot.size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("75.0", 75.0), ("0.8", 0.8), ("75%", None), ("101", None), ("", None)]
)
def test_percentages(text: str, expected: float | None) -> None:
    assert hotspot.percentage(text) == expected


def test_flags_that_stop_newer_jvms() -> None:
    (fraction,) = hotspot.flags("-XX:MaxRAMFraction=1")
    assert hotspot.gone(fraction, 17) is None
    flag = hotspot.gone(fraction, 25)
    assert flag is not None and flag.instead == "-XX:MaxRAMPercentage"


def test_features_of_a_version() -> None:
    crate = known.allocator_crates()["mimalloc"]
    assert "v3" in crate.features((0, 1, 48)) and "v2" not in crate.features((0, 1, 48))
    assert "v2" in crate.features((0, 1, 49)) and "v3" not in crate.features((0, 1, 49))
    assert {"v2", "v3"} <= crate.features()
    assert known.jemalloc_of("tikv-jemalloc-sys", known.version("0.6.1+5.3.0-1-ge13ca99")) == (5, 3, 0)
    assert known.jemalloc_of("tikv-jemalloc-sys", (0, 7, 1)) == (5, 3, 1)


def test_every_table_says_where_it_is_from() -> None:
    tables = known.tables()
    assert tables["as_of"]
    for name in ("crates", "mimalloc", "jemalloc", "page_sizes", "glibc", "native", "jvm", "libraries"):
        assert tables[name]["source"] and tables[name]["refresh"], name


def test_a_key_is_what_its_kind_allows() -> None:
    for name, key in known.jemalloc_keys().items():
        right = {"bool": "true", "ratio": "0.5", "ranges": "1-128:4", "text": "x"}.get(key.kind)
        value = right or (key.words[0] if key.kind == "words" else str(max(key.least or 0, 1)))
        dead = [
            one for one in jemalloc.faults(f"{name}:{value}", None, profiling=True) if one.weight == "dead"
        ]
        assert dead == [], name
