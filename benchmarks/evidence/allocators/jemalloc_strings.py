"""
What a real jemalloc says to configuration strings, beside what `alloclint.project.tuning.jemalloc` says.

    python jemalloc_strings.py libjemalloc.so.2        Debian's 5.3.0, preloaded
    python jemalloc_strings.py --program ./prefixed    a Rust program, 5.3.1, without profiles

Prints one line per string: what jemalloc complained of, and `DIFFERS` where the module does not agree.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from alloclint.project import known
from alloclint.project.tuning import jemalloc

STRINGS = """background_thread:true,narenas:2
background_thread=true
narenas:2, tcache:false
narenas:2 tcache:false
narenas:2;tcache:false
narenas:2,tcache=false,retain:true
"narenas:2"
'narenas:2'
opt.prof:true
prof:true
background_thread:1
background_thread:yes
background_thread:True
narenas:0
narenas:-1
narenas:default
narenas:0x2
narenas:010
narenas:08
narenas: 2
narenas:+2
tcache_max:1g
tcache_max:32k
lg_tcache_max:99
lg_tcache_nslots_mul:17
dirty_decay_ms:10s
dirty_decay_ms:-1
dirty_decay_ms:-2
dirty_decay_ms:1e3
muzzy_decay_ms:18446744072001
oversize_threshold:99999999999999999999
percpu_arena:percpu
percpu_arena:true
thp:always
thp:al
thp:
thp:madvise
metadata_thp:auto
m:auto
dss:primary
dss:none
junk:alloc
junk:1
zero_realloc:strict
bin_shards:1-128:4|129-256:2
bin_shards:1-128
slab_sizes:default
narenas_ratio:0.5
narenas_ratio:.5
narenas_ratio:5.
hpa_dirty_mult:-1
hpa_dirty_mult:-2
hpa_hugification_threshold_ratio:1.5
stats_print_opts:zzz
lg_dirty_mult:8
lg_chunk:21
decay_time:10
purge:decay
background_threads:true
cache_oblivious:true
experimental_nothing:true
hpa_sec_bytes_after_flush:1
prof_bt_max:64
tcache_ncached_max:1-128:4
xmalloc:true
utrace:false
log:.
lg_san_uaf_align:12
narenas
narenas:2,
,narenas:2
narenas:2,,tcache:false
:x
:auto""".splitlines()


def answers(text: str, program: list[str], variable: str, preload: str | None) -> list[str]:
    """The lines in which jemalloc complains: once each, for it reads malformed strings twice."""
    environment = {**os.environ, variable: text, **({"LD_PRELOAD": preload} if preload else {})}
    run = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)
    lines = (line.removeprefix("<jemalloc>: ") for line in run.stderr.splitlines() if "<jemalloc>" in line)
    # That it cannot have as many arenas is no complaint about the string.
    return list(dict.fromkeys(line for line in lines if not line.startswith("Reducing narenas")))


def main() -> None:
    """Ask about every string; the version is 5.3.1 where a program is given."""
    is_program = sys.argv[1] == "--program"
    program = [sys.argv[2]] if is_program else ["/bin/true"]
    variable, preload = ("_RJEM_MALLOC_CONF", None) if is_program else ("MALLOC_CONF", sys.argv[1])
    version: known.Version = (5, 3, 1) if is_program else (5, 3, 0)
    differing = 0
    for text in STRINGS:
        said = answers(text, program, variable, preload)
        # Debian builds with profiling; a crate does not unless asked.
        ours = jemalloc.faults(text, version, profiling=not is_program)
        agrees = len(said) == len(ours)
        differing += not agrees
        print(f"{'' if agrees else 'DIFFERS '}{text!r}: {said or 'taken'}", *(() if agrees else ours))
        mended = jemalloc.corrected(text, version, profiling=not is_program)
        for line in answers(mended, program, variable, preload) if mended else ():
            # What depends on the build stays in: the authors may have another one.
            print(f"    corrected to {mended!r}: {line}")
    print(f"{len(STRINGS)} strings, {differing} differ")


main()
