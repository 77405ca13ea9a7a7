"""
A variable for the allocator is set when that is already running.

The allocator and the dynamic linker read their variables once, before the first line of the program runs. A
program that sets them for itself changes nothing but what its children will see: with
`os.environ["MALLOC_ARENA_MAX"] = "1"` in its first line, CPython went on with four arenas. A Java system
property is not even part of the environment.

Set the variable where the program is started: in the image, the unit, the start script; or start the program
anew with it.

Silent: files that start processes, by `subprocess`, `exec`, `fork`, `ProcessBuilder`, `Command`, or by the
launchers of Dask, Ray, joblib and torch, for these may well be meant; files that call `mallopt`, which does
take effect; and tests.

```python
import os

os.environ["MALLOC_ARENA_MAX"] = "2"
```

```python
import ctypes

M_ARENA_MAX = -8

ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 2)
```

```rust
fn main() {
    std::env::set_var("MALLOC_ARENA_MAX", "2");
    serve();
}
```

```rust
fn main() {
    std::env::set_var("RUST_LOG", "info");
    serve();
}
```

```java
class Main {
    public static void main(String[] args) {
        System.setProperty("MALLOC_ARENA_MAX", "2");
    }
}
```

```java
class Main {
    public static void main(String[] args) throws java.io.IOException {
        ProcessBuilder server = new ProcessBuilder("bin/server");
        server.environment().put("MALLOC_ARENA_MAX", "2");
        server.start();
    }
}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.facts import Function
from alloclint.facts.native.variables import Setting, settings_in, starts_processes
from alloclint.facts.testcode import file_reason
from alloclint.finding import Finding, Severity, Suggestion

CODE = "ALC619"
SEVERITY = Severity.info
LANGUAGES = ("rust", "java", "python")
_NAMES = re.compile(rb"\b(?:(?:_RJEM_)?MALLOC_[A-Z]|GLIBC_TUNABLES\b|LD_PRELOAD\b|PYTHONMALLOC\b)")
WORDS = {"rust": (_NAMES,), "java": (_NAMES,), "python": (_NAMES,)}
FILES = {"rust": ("set_var",), "java": ("setProperty",), "python": ("environ", "putenv")}


def check(function: Function) -> Iterator[Finding]:
    file = function.file
    if starts_processes(file) or file_reason(file.path, file.source) is not None:
        return
    for setting in settings_in(function):
        yield Finding(
            file.place(*setting.node.span),
            f"`{setting.name}` is read once, when the process starts: this one is not affected any more",
            evidence=_evidence(setting, file.language.name),
            suggestion=Suggestion(_where(setting)),
        )


def _evidence(setting: Setting, language: str) -> str:
    if language == "java":
        return "a system property is no environment variable; no allocator ever sees it"
    if setting.name == "LD_PRELOAD":
        return (
            "the dynamic linker has loaded everything by then; only processes started from here would see it"
        )
    return "the allocator was set up before the program's own code ran; only children would see it"


def _where(setting: Setting) -> str:
    value = setting.value if setting.value is not None and not re.search(r"\s", setting.value) else "…"
    line = f"{setting.name}={value}"
    return (
        f"set it where the program is started: `ENV {line}` in the image, `export {line}` in the start script"
    )
