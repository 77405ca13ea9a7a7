"""Where a program sets variables of allocators for itself, and whether it starts other processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.callees import dotted
from alloclint.facts.names.calls import Call, Site, calls_in
from alloclint.facts.names.strings import constant_string
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.file import File

_VARIABLE = re.compile(r"(?:_RJEM_)?MALLOC_[A-Z_]+|GLIBC_TUNABLES|LD_PRELOAD|PYTHONMALLOC")
#: Words of files that start processes, or that change the allocator in another way.
_STARTING = {
    "rust": re.compile(rb"\bCommand\b|\bexec[vl]|\bfork\b|\bposix_spawn|\bmallopt\b|\bmallctl\b"),
    "java": re.compile(rb"\bProcessBuilder\b|\.exec\s*\("),
    "python": re.compile(
        rb"\b(?:subprocess|multiprocessing|Popen|pexpect|plumbum|joblib|dask|distributed|ray|torch|torchrun"
        rb"|exec[vl]p?e?|posix_spawnp?|spawn[vl]p?e?|fork|forkpty|concurrent|ProcessPoolExecutor|asyncio"
        rb"|mpi4py|pyspark|gunicorn|celery|uvicorn|mallopt|monkeypatch|create_subprocess_\w+)\b|\.system\s*\("
    ),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that is set, the value where it is a constant, and the call or assignment that does it."""

    name: str
    value: str | None
    node: m.Node


def starts_processes(file: File) -> bool:
    """Whether something in a file starts other processes, which would see what it sets."""
    return _STARTING[file.language.name].search(file.source) is not None


def settings_in(function: Function) -> Iterator[Setting]:
    """The variables of allocators that a function sets for its own process."""
    for call in calls_in(function):
        for name, value in _set_by(call):
            yield from _setting(name, value, call, call.node)
    for event in function.trace.assigns:
        node = event.node
        if isinstance(node, m.Assign) and isinstance(node.target, m.Index) and node.op == "=":
            site = Site(function, event)
            if _is_environ(node.target.of, site):
                yield from _setting(node.target.index, node.value, site, node)


def _setting(name: m.Expr, value: m.Expr | None, site: Site, node: m.Node) -> Iterator[Setting]:
    known = constant_string(name, site)
    text = known.value if known is not None else None
    if isinstance(text, str) and _VARIABLE.fullmatch(text):
        stated = constant_string(value, site)
        yield Setting(
            text, stated.value if stated is not None and isinstance(stated.value, str) else None, node
        )


def _set_by(call: Call) -> Iterator[tuple[m.Expr, m.Expr | None]]:
    """The names and values that a call sets."""
    pair = call.argument(0), call.argument(1)
    language = call.file.language.name
    if language == "rust":
        found = call.path == "std::env::set_var"
    elif language == "java":
        found = call.path == "java.lang.System.setProperty"
    else:
        found = call.path == "os.putenv" or (
            call.name == "setdefault" and _is_environ(call.node.receiver, call)
        )
        if call.name == "update" and _is_environ(call.node.receiver, call):
            yield from _updated(call)
    if found and pair[0] is not None:
        yield pair[0], pair[1]


def _updated(call: Call) -> Iterator[tuple[m.Expr, m.Expr | None]]:
    for argument in call.args:
        if isinstance(argument, m.Display) and argument.kind == "dict":
            items = [one for one in argument.items if not isinstance(one, m.Keyword)]
            yield from zip(items[::2], items[1::2], strict=False)
        elif isinstance(argument, m.Keyword):
            yield m.Literal(*argument.span, "string", argument.name), argument.value


def _is_environ(expression: m.Expr | None, site: Site) -> bool:
    """`os.environ`, by whatever import."""
    path = dotted(expression)
    if not path or (path[0] not in site.file.facts.types.imports):
        return False
    return (*site.file.facts.types.imports[path[0]], *path[1:]) == ("os", "environ")
