"""
GitHub workflows: each job as a unit, and each step that sets variables or runs a script as another.

A job has the variables of workflow and job, and what it builds for: the platforms of its matrix, its runner,
its actions and commands. A step has those of its job, then its own and what its script exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from alloclint.project.runtime.command import Command
from alloclint.project.runtime.commandline import Line, of_shell
from alloclint.project.runtime.comments import comment_at
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.platforms import mentioned, platform, runner, without_comments
from alloclint.project.runtime.unit import BuildTarget, Unit
from alloclint.project.token import Source, Token
from alloclint.project.yaml import Mapping, Node, documents, get, items, pairs, scalars, word, words

_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_OF_MATRIX = re.compile(r"\blinux/\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
#: `pwsh`, `cmd`, `python`: scripts that are none of a shell.
_SHELLS = {"bash", "sh"}


def read(source: Source) -> tuple[Unit, ...]:
    """The jobs and steps of a workflow; damage is taken down in `source`."""
    found = documents(source)
    if not found:
        return ()
    top = tuple(_variables(source, get(found[0], "env")))
    shell = word(get(found[0], "defaults", "run", "shell"))
    jobs = pairs(get(found[0], "jobs"))
    return tuple(
        unit
        for name, node in jobs
        if isinstance(node, Mapping)
        for unit in _Job(source, name, node, top, shell).units()
    )


def _variables(source: Source, node: Node | None) -> Iterator[Variable]:
    for name, value in pairs(node):
        token = word(value) or Token("", value.place)
        start, end = name.place.start.offset, value.place.end.offset
        place = source.place(start, end) if end > start else name.place
        known = _EXPRESSION.search(token.text) is None
        yield Variable(name.text, token, place, "workflow", known=known, comment=comment_at(source, place))


@dataclass(frozen=True, slots=True)
class _Job:
    source: Source
    name: Token
    node: Mapping
    top: tuple[Variable, ...]
    shell: Token | None

    def units(self) -> Iterator[Unit]:
        environment = Environment((*self.top, *_variables(self.source, get(self.node, "env"))))
        yield Unit(
            kind="workflow",
            name=self.name.text,
            path=self.source.path,
            place=self.name.place,
            environment=environment,
            image=word(get(self.node, "container", "image")) or word(get(self.node, "container")),
            purpose="ci",
            builds=tuple(self._builds()),
        )
        for number, step in enumerate(items(get(self.node, "steps")), 1):
            unit = self._step(step, environment, number)
            if unit is not None:
                yield unit

    def _step(self, step: Node, environment: Environment, number: int) -> Unit | None:
        """A step of its own: None where it adds nothing to the job."""
        own = tuple(_variables(self.source, get(step, "env")))
        line = self._line(step)
        if not own and (line is None or not (line.starts or line.variables)):
            return None
        title = word(get(step, "name")) or word(get(step, "id")) or Token(str(number), step.place)
        return Unit(
            kind="workflow",
            name=f"{self.name.text}/{title.text}",
            path=self.source.path,
            place=title.place,
            environment=environment.then(*own, *(line.variables if line else ())),
            command=line.command if line else None,
            purpose="ci",
            starts=line.starts if line else (),
        )

    def _line(self, step: Node) -> Line | None:
        script = word(get(step, "run"))
        shell = word(get(step, "shell")) or word(get(self.node, "defaults", "run", "shell")) or self.shell
        if script is None or (shell is not None and shell.text.split()[0] not in _SHELLS):
            return None
        line = of_shell(self.source, _without_expressions(script), script.place)
        return _with_expressions(self.source, line) if "${{" in script.text else line

    def _builds(self) -> Iterator[BuildTarget]:
        seen: set[tuple[str, int]] = set()
        for one in self._platforms():
            key = one.evidence.text, one.evidence.place.start.offset
            if key not in seen:
                seen.add(key)
                yield one

    def _platforms(self) -> Iterator[BuildTarget]:
        matrix = [one.token for one in scalars(get(self.node, "strategy", "matrix"))]
        for token in (
            *matrix,
            *words(get(self.node, "runs-on")),
            *words(get(self.node, "runs-on", "labels")),
        ):
            found = runner(token)
            if found is not None:
                yield found
            yield from mentioned(token)
        for step in items(get(self.node, "steps")):
            for key in ("with", "env"):
                for scalar in scalars(get(step, key)):
                    yield from mentioned(_without_comments(scalar.token))
                    yield from self._of_matrix(scalar.token)
            script = word(get(step, "run"))
            if script is not None:
                yield from mentioned(_without_comments(script))
                yield from self._of_matrix(_without_comments(script))
        for node in (get(self.node, "env"), get(self.node, "with")):
            for scalar in scalars(node):
                yield from mentioned(scalar.token)

    def _of_matrix(self, text: Token) -> Iterator[BuildTarget]:
        """`linux/${{ matrix.arch }}`, once for each value that the matrix has."""
        for hit in _OF_MATRIX.finditer(text.text):
            matrix = get(self.node, "strategy", "matrix")
            included = (get(one, hit[1]) for one in items(get(matrix, "include")))
            for value in (get(matrix, hit[1]), *included):
                for one in scalars(value):
                    found = platform(Token(f"linux/{one.token.text}", one.token.place))
                    if found is not None:
                        yield found


def _without_expressions(script: Token) -> Token:
    """
    `${{ … }}` is filled in before the shell sees the script: a variable of the same length stands for it, so
    that all other text stays where it is.
    """

    def named(hit: re.Match[str]) -> str:
        return "$" + "".join("_" if len(one.encode()) == 1 else one for one in hit[0][1:])

    if "${{" not in script.text:
        return script
    return Token(_EXPRESSION.sub(named, script.text), script.place, _EXPRESSION.sub(named, script.written))


def _with_expressions(source: Source, line: Line) -> Line:
    """Words and values as they are written, where a variable stands for an expression."""

    def word_of(token: Token) -> Token:
        start, end = token.place.start.offset, token.place.end.offset
        return source.token(start, end) if "$__" in token.text else token

    def command(one: Command) -> Command:
        return replace(one, words=tuple(map(word_of, one.words)))

    variables = tuple(replace(one, value=word_of(one.value)) for one in line.variables)
    return Line(command(line.command), variables, tuple(map(command, line.starts)))


def _without_comments(script: Token) -> Token:
    if "#" not in script.text:
        return script
    return Token(without_comments(script.text), script.place, without_comments(script.written))
