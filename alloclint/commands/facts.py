"""`alloclint facts`: what the linter sees in a file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from alloclint import terminal
from alloclint.commands.options import add_config, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alloclint.cardinality import Cardinality
    from alloclint.facts import Construction, Function
    from alloclint.facts.walk.scopes import LoopFact
    from alloclint.file import File
    from alloclint.settings import Settings
    from alloclint.size import Bound, Size

SUMMARY = (
    "Print what the linter sees in a file: functions, loops, constructions, sizes; for authors of rules."
)
EXAMPLES = """\
  alloclint facts src/index.rs

Each line begins with LINE:COLUMN. Sizes are as the language writes them; where one is unknown, the reason
is given. Functions without any word that a rule looks for are left out, as they are when linting."""

#: Source text is cut to this many characters.
_WIDTH = 60


def add(parser: ArgumentParser) -> None:
    """Declare the file."""
    parser.add_argument("file", metavar="FILE", help="a file to look at")
    add_config(parser)


def run(arguments: Namespace) -> int:
    """Print the functions of a file with the facts in each, then the annotations and what is damaged."""
    file = _open(arguments.file, settings_of(arguments))
    lines = [f"{file.path} ({file.language.name})", *_damage(file), *_annotations(file)]
    for function in file.facts.functions:
        lines += ["", *_function(function)]
    terminal.show("\n".join(lines))
    return 0


def _open(name: str, settings: Settings) -> File:
    from pathlib import Path

    from alloclint.discover import Target, shown
    from alloclint.engine import Unreadable, open_file, read
    from alloclint.settings import SettingsError

    target = Target(Path(name).absolute(), shown(Path(name).absolute(), Path.cwd()), explicit=True)
    source = read(target, settings)
    if isinstance(source, Unreadable):
        raise SettingsError(f"{source.note.path}: {source.note.message}")
    file = open_file(target, source, settings, None)
    if file is None:
        raise SettingsError(f"{target.shown}: is not in a language that alloclint reads")
    return file


def _damage(file: File) -> Iterator[str]:
    for start, end in file.damaged:
        yield f"  {_at(file, start)} damaged, {end - start:,} bytes"


def _annotations(file: File) -> Iterator[str]:
    found = file.facts.annotations
    for node, cardinality in found.cardinalities:
        code = _code(file, node.start, node.end)
        yield f"  {_at(file, node.start)} {code}: expected {_expected(cardinality)}"
    for problem in found.problems:
        yield f"  {_at(file, problem.start)} {problem.kind} annotation: {problem.message}"


def _function(function: Function) -> Iterator[str]:
    file, declaration = function.file, function.declaration
    yield f"{_at(file, declaration.start)} function {'.'.join(declaration.qualname)}"
    heat = file.facts.heat(function)
    if heat.hot or heat.cold:
        yield f"  {'hot' if heat.hot else 'cold'}: {heat.hot or heat.cold}"
    for loop in function.trace.loops:
        yield f"  {_loop(function, loop)}"
    for built in file.facts.constructions:
        if built.function is function:
            yield f"  {_construction(built)}"
            yield from (f"    {line}" for line in _about(built))


def _loop(function: Function, loop: LoopFact) -> str:
    file = function.file
    trip = function.trips.of(loop)
    turns = _size(trip.size, trip.bound, trip.reason, file.language.name)
    return f"{_at(file, loop.node.start)} loop ({loop.kind}), turns: {turns}"


def _construction(built: Construction) -> str:
    file = built.file
    start, end = built.span
    bound_to = f"{built.binding} {built.name}" if built.name else built.binding
    return f"{_at(file, start)} {built.collection.name} `{_code(file, start, end)}` bound to {bound_to}"


def _about(built: Construction) -> Iterator[str]:
    """What is known of a construction, where there is something."""
    file = built.file
    if built.capacity:
        known = f" = {built.capacity_value:,}" if built.capacity_value is not None else ""
        yield f"capacity: {_code(file, built.capacity.start, built.capacity.end)}{known}"
    if built.source:
        yield f"copied from: {_code(file, built.source.start, built.source.end)}"
    fill = built.fill
    yield f"filled with: {_size(fill.size, fill.bound, fill.reason, file.language.name)}"
    for growth in fill.growths:
        amount = _size(growth.amount, growth.bound, growth.reason, file.language.name)
        yield f"  {_at(file, growth.node.start)} grows by {amount}"
    if built.cardinality:
        yield f"expected: {_expected(built.cardinality)}"
    from alloclint.facts.building.entries import entry_bytes

    entry = entry_bytes(built)
    if entry is not None:
        yield f"entry: {entry} bytes"


def _expected(said: Cardinality) -> str:
    number = f"{said.expect:,} entries" if said.expect is not None else f"`{said.expression or said.metric}`"
    headroom = f", headroom {float(said.headroom):g}" if said.headroom != 1 else ""
    growth = f", growing by {float(said.growth_per_day):,g}/day" if said.growth_per_day else ""
    return f"{number}{headroom}{growth} ({said.source})"


def _size(size: Size | None, bound: Bound, reason: str, language: str) -> str:
    from alloclint.size import Bound, render

    if size is None:
        return f"unknown, {reason}" if reason else "unknown"
    return f"at most {render(size, language)}" if bound is Bound.at_most else render(size, language)


def _at(file: File, offset: int) -> str:
    position = file.position(offset)
    return f"{position.line}:{position.column}"


def _code(file: File, start: int, end: int) -> str:
    text = " ".join(file.text(start, min(end, start + 4 * _WIDTH)).split())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
