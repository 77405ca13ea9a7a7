"""
Docker Compose files: each service as a unit.

Anchors and merges are resolved by the reader of YAML; `extends` inside of the file, defaults of variables and
the older formats (services at the top, `mem_limit`) here. What other files hold, as `env_file`, is an import,
which `imports.resolved` replaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from alloclint.project.runtime import purpose, quantity
from alloclint.project.runtime.commandline import Line, is_flag, line, split
from alloclint.project.runtime.comments import comment_at
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.interpolation import interpolated
from alloclint.project.runtime.platforms import platform
from alloclint.project.runtime.unit import Build, BuildTarget, Import, Limit, Unit
from alloclint.project.token import Source, Token
from alloclint.project.within import piece
from alloclint.project.yaml import Mapping, Node, Sequence, documents, get, items, pairs, word, words

#: Keys at the top of a file that is no list of services in the format of 2014.
_NO_SERVICES = {"version", "services", "volumes", "networks", "configs", "secrets", "name", "include"}


def read(source: Source) -> tuple[Unit, ...]:
    """The services of a compose file; damage is taken down in `source`."""
    found = documents(source)
    services = _services(found[0]) if found else ()
    nodes = {name.text: node for name, node in services}
    return tuple(
        _Service(source, name, _layers(nodes, name.text)).unit()
        for name, node in services
        if isinstance(node, Mapping)
    )


def _services(document: Node) -> tuple[tuple[Token, Node], ...]:
    services = get(document, "services")
    if services is not None:
        return pairs(services)
    top = tuple(entry for entry in pairs(document) if entry[0].text not in _NO_SERVICES)
    return top if any(get(node, "image") or get(node, "build") for _, node in top) else ()


def _layers(nodes: dict[str, Node], name: str) -> tuple[Node, ...]:
    """A service with the services of this file that it extends, the outermost first."""
    found: list[Node] = []
    seen: set[str] = set()
    while name in nodes and name not in seen:
        seen.add(name)
        found.insert(0, nodes[name])
        path, base = _extended(nodes[name])
        if path is not None or base is None:
            break
        name = base
    return tuple(found)


def _extended(node: Node) -> tuple[str | None, str | None]:
    """The file and the service behind `extends`."""
    extends = get(node, "extends")
    if isinstance(extends, Mapping):
        path, service = word(get(extends, "file")), word(get(extends, "service"))
        return path.text if path else None, service.text if service else None
    plain = word(extends)
    return None, plain.text if plain else None


class _Service:
    """One service; keys of a later layer hold."""

    def __init__(self, source: Source, name: Token, layers: tuple[Node, ...]) -> None:
        self.source, self.name, self.layers = source, name, layers
        self.folder = dirname(source.path)

    def unit(self) -> Unit:
        entrypoint, arguments = self._line("entrypoint"), self._line("command")
        started = self._started(entrypoint, arguments)
        if entrypoint is not None and started is not None and started.command.form == "shell":
            # The script is among the arguments, so the two cannot be told apart.
            entrypoint, arguments = started, None
        variables = (*self._variables(), *(started.variables if started else ()))
        return Unit(
            kind="compose",
            name=self.name.text,
            path=self.source.path,
            place=self.name.place,
            environment=Environment(variables),
            command=started.command if started else None,
            image=self._image(),
            memory=self._memory(),
            cpus=self._cpus(),
            purpose=self._purpose(),
            build=self._build(),
            starts=started.starts if started else (),
            entrypoint=entrypoint.command if entrypoint else None,
            arguments=arguments.command if arguments else None,
            builds=tuple(self._platforms()),
            imports=tuple(self._imports()),
            extends=self._extends(),
            pinned=self._get("cpuset") is not None,
        )

    def _get(self, *keys: str) -> Node | None:
        found = (get(layer, *keys) for layer in reversed(self.layers))
        return next((node for node in found if node is not None), None)

    def _word(self, *keys: str) -> Token | None:
        """A literal value; None where a variable without a default decides it."""
        token = word(self._get(*keys))
        value, known = interpolated(token) if token is not None else (None, False)
        return value if known else None

    def _image(self) -> Token | None:
        token = word(self._get("image"))
        return interpolated(token)[0] if token is not None else None

    def _variables(self) -> Iterator[Variable]:
        for layer in self.layers:
            node = get(layer, "environment")
            for name, value in pairs(node):
                yield self._variable(name, value)
            for token in words(node) if isinstance(node, Sequence) else ():
                yield self._item(token)

    def _variable(self, name: Token, node: Node) -> Variable:
        token = word(node)
        place = self.source.place(name.place.start.offset, node.place.end.offset)
        if token is None:
            # Without a value it is that of whoever starts compose.
            place = place if place.end.offset >= name.place.end.offset else name.place
            return Variable(name.text, Token("", name.place), place, "compose", known=False)
        if token.place.path == name.place.path and token.place.start.offset < name.place.start.offset:
            place = name.place
        value, known = interpolated(token)
        comment = comment_at(self.source, place)
        return Variable(name.text, value, place, "compose", known=known, comment=comment)

    def _item(self, token: Token) -> Variable:
        """`- NAME=value`: quotes behind the sign stay in the value."""
        name, equals, _ = token.text.partition("=")
        comment = comment_at(self.source, token.place)
        if not equals:
            return Variable(name, Token("", token.place), token.place, "compose", known=False)
        value, known = interpolated(piece(token, len(name) + 1, len(token.text)))
        return Variable(name, value, token.place, "compose", known=known, comment=comment)

    def _imports(self) -> Iterator[Import]:
        for layer in self.layers:
            node = get(layer, "env_file")
            listed = items(node) if isinstance(node, Sequence) else (node,)
            for one in listed:
                token = word(get(one, "path")) if isinstance(one, Mapping) else word(one)
                if token is not None:
                    path, known = interpolated(token)
                    origin = normpath(join(self.folder, path.text)) if known else "?"
                    yield Import(f"file:{origin}", token.place)

    def _extends(self) -> tuple[str | None, str] | None:
        path, service = _extended(self.layers[0])
        if path is None or service is None:
            return None
        return normpath(join(self.folder, path)), service

    def _started(self, entrypoint: Line | None, arguments: Line | None) -> Line | None:
        """
        The whole command line. Arguments alone are what runs where the image has no entry point, or one that
        runs what it is given; flags alone are not.
        """
        if entrypoint is None:
            return arguments if arguments is not None and not is_flag(arguments.command) else None
        return self._line("entrypoint", "command")

    def _line(self, *keys: str) -> Line | None:
        nodes = [node for key in keys if (node := self._get(key)) is not None]
        listed = [token for node in nodes for token in _words_of(node)]
        return line(self.source, listed, nodes[0].place) if listed else None

    def _memory(self) -> Limit | None:
        deployed = quantity.docker_memory(self._word("deploy", "resources", "limits", "memory"))
        return deployed or quantity.docker_memory(self._word("mem_limit"))

    def _cpus(self) -> Limit | None:
        deployed = quantity.cpus(self._word("deploy", "resources", "limits", "cpus"))
        return deployed or quantity.cpus(self._word("cpus"))

    def _build(self) -> Build | None:
        node = self._get("build")
        detailed = isinstance(node, Mapping)
        context = self._word("build", "context") if detailed else self._word("build")
        if node is None or get(node, "dockerfile_inline") is not None or (context is None and not detailed):
            return None
        if context is None and get(node, "context") is not None:
            return None
        where = context.text if context is not None else "."
        if "://" in where or where.startswith("git@"):
            return None
        dockerfile, target = self._word("build", "dockerfile"), self._word("build", "target")
        folder = normpath(join(self.folder, where))
        return Build(
            "" if folder == "." else folder,
            dockerfile.text if dockerfile and detailed else None,
            target.text if target and detailed else None,
        )

    def _platforms(self) -> Iterator[BuildTarget]:
        for token in (*words(self._get("platform")), *words(self._get("build", "platforms"))):
            found = platform(token)
            if found is not None:
                yield found

    def _purpose(self) -> str | None:
        if self.source.path.rpartition("/")[2].split(".")[1:2] == ["override"]:
            # Compose reads this file without being asked, on the machines of developers.
            return "dev"
        return purpose.of(self.source.path, *(one.text for one in words(self._get("profiles"))))


def _words_of(node: Node) -> tuple[Token, ...]:
    """A list of words, or one text, which compose splits."""
    if isinstance(node, Sequence):
        return tuple(interpolated(one)[0] for one in words(node))
    token = word(node)
    return split(interpolated(token)[0]) if token is not None else ()
