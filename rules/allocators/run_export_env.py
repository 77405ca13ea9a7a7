"""
An environment variable is exported in a layer that ends right there.

Every `RUN` of a Dockerfile is a process of its own. What it exports is gone when it ends: neither the next
`RUN` nor the container sees it. A preloaded allocator or a limit of the heap that was set so has never been
set, and nothing says so.

`ENV` sets a variable for all that follows, and for the container.

Silent where a command behind the `export` in the same `RUN` can see it, where `ENV` sets the same, and for
variables that are about neither allocators nor the memory of a runtime.

```dockerfile bad/Dockerfile
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2
RUN export LD_PRELOAD=libjemalloc.so.2
CMD ["server"]
```

```dockerfile good/Dockerfile
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2
ENV LD_PRELOAD=libjemalloc.so.2
CMD ["server"]
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alloclint.finding import Applicability, Edit, Finding, Severity, Suggestion
from alloclint.project.distinct import distinct
from alloclint.project.image.stage import Run, Stage
from alloclint.project.repository import Repository
from alloclint.project.runtime.environment import Variable
from alloclint.project.runtime.lines import line

CODE = "ALC618"
SEVERITY = Severity.warning
LANGUAGES = ("dockerfile",)

_NAMES = re.compile(
    r"LD_PRELOAD|_?(?:RJEM_)?MALLOC_\w+|_RJEM_MALLOC_CONF|MIMALLOC_\w+|TCMALLOC_\w+|GLIBC_TUNABLES"
    r"|_?JAVA_?\w*OPT\w*|J[VD][MK]_\w*OPT\w*|JDK_JAVA_OPTIONS|CATALINA_OPTS|\w+_JAVA_OPTS|\w+_HEAP_OPTS"
    r"|(?:MAVEN|GRADLE|SBT|ANT)_OPTS|NODE_OPTIONS"
    r"|PYTHONMALLOC|PYTHONTRACEMALLOC|ARROW_DEFAULT_MEMORY_POOL"
)
#: A `RUN` of one export and nothing else, which `ENV` can stand for as it is.
_ALONE = re.compile(r"\s*export\s+[^;&|`\n]*\s*;?\s*")


def check(repository: Repository) -> Iterator[Finding]:
    yield from distinct(_findings(repository))


def _findings(repository: Repository) -> Iterator[Finding]:
    for stage in repository.stages:
        for run in stage.runs:
            for variable in _lost(run):
                if not _is_set_anyway(stage, variable):
                    yield _finding(run, variable)


def _lost(run: Run) -> Iterator[Variable]:
    """Of a variable that is added to line by line the last export, which has all of it."""
    last = {variable.name: variable for variable, is_used in run.exports if not is_used}
    return (one for name, one in last.items() if _NAMES.fullmatch(name))


def _is_set_anyway(stage: Stage, variable: Variable) -> bool:
    """Whether `ENV` has the same for the container: then nothing is lost."""
    held = stage.environment.get(variable.name)
    return held is not None and held.value.text == variable.value.text


def _finding(run: Run, variable: Variable) -> Finding:
    edits = tuple(_edits(run, variable))
    value = variable.value.text
    text = f"`{line('image', variable.name, value)}`" if variable.known else "`ENV`"
    applicability = Applicability.unsafe if edits else Applicability.display
    return Finding(
        variable.place,
        f"`{variable.name}` is lost: it is exported in this `RUN` only, where nothing uses it",
        evidence="each `RUN` is a process of its own, and the container another",
        suggestion=Suggestion(text, applicability=applicability, edits=edits),
    )


def _edits(run: Run, variable: Variable) -> Iterator[Edit]:
    """`RUN export` to `ENV`, where that is all that the instruction says."""
    is_alone = len(run.exports) == 1 and _ALONE.fullmatch(run.script) is not None
    if is_alone and variable.known and "=" in run.script:
        text = line("image", variable.name, variable.value.text)
        yield Edit(run.place.start.offset, run.place.end.offset, text)
