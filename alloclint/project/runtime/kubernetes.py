"""
Kubernetes manifests: each container of whatever makes pods as a unit, and ConfigMaps as variables.

Any YAML file may be one, so only those with `apiVersion` and `kind` are read at all. Limits, environment and
command are taken from the container; what secrets, fields and other files hold is not seen from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alloclint.finding import Place
from alloclint.project.runtime import purpose, quantity
from alloclint.project.runtime.commandline import Line, is_flag, line
from alloclint.project.runtime.comments import comment_at
from alloclint.project.runtime.environment import Environment, Variable
from alloclint.project.runtime.unit import Import, Unit
from alloclint.project.token import Source, Token
from alloclint.project.yaml import Mapping, Node, Unknown, documents, get, is_template, items, pairs, word

_MANIFEST = re.compile(rb"""(?m)^[ \t-]*["']?apiVersion["']?[ \t]*:""")
_KIND = re.compile(rb"""(?m)^[ \t-]*["']?kind["']?[ \t]*:""")
_TOP = re.compile(rb"""(?m)^kind:[ \t]*["']?(\w*)""")
#: Definitions of new kinds are megabytes of schemas, in which nothing runs.
_SCHEMA = {b"CustomResourceDefinition"}
#: How far below `spec` a pod may stand: in a CronJob it is four levels, in lists of what operators run six.
_DEEPEST = 8
_REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")


def read(source: Source) -> tuple[Unit, ...]:
    """The containers and ConfigMaps of a file; damage is taken down in `source` if it is a manifest."""
    if not (_MANIFEST.search(source.content) and _KIND.search(source.content)):
        return ()
    if {hit[1] for hit in _TOP.finditer(source.content)} == _SCHEMA:
        return ()
    found: list[Unit] = []
    for document in documents(source):
        for one in _objects(document):
            found += _units(source, one)
    return tuple(found)


def _objects(document: Node) -> Iterator[Node]:
    """A document, or the objects of a list of them."""
    listed = items(get(document, "items"))
    kind = word(get(document, "kind"))
    yield from listed if kind is not None and kind.text.endswith("List") else (document,)


def _units(source: Source, node: Node) -> Iterator[Unit]:
    kind, name = word(get(node, "kind")), word(get(node, "metadata", "name"))
    if kind is None or get(node, "apiVersion") is None:
        return
    title = name.text if name is not None else kind.text
    if kind.text == "ConfigMap":
        if name is not None and not is_template(title):
            yield _config_map(source, node, name)
        return
    if kind.text.encode() in _SCHEMA:
        return
    namespace = word(get(node, "metadata", "namespace"))
    meant = purpose.of(source.path, namespace.text if namespace is not None else None)
    for pod in _pods(get(node, "spec")):
        for key in ("initContainers", "containers"):
            for container in items(get(pod, key)):
                if isinstance(container, Mapping):
                    yield _Container(source, container, title, meant, key == "initContainers").unit()


def _pods(spec: Node | None) -> Iterator[Mapping]:
    """The pods below a node: kinds that clusters define keep them wherever they like."""
    seen: set[int] = set()
    waiting = [(spec, 0)]
    while waiting:
        node, deep = waiting.pop()
        if node is None or id(node) in seen or deep > _DEEPEST:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping) and any(get(one, "name") for one in items(get(node, "containers"))):
            yield node
            continue
        below = items(node) if not isinstance(node, Mapping) else tuple(value for _, value in node.pairs)
        waiting += [(one, deep + 1) for one in reversed(below)]


def _config_map(source: Source, node: Node, name: Token) -> Unit:
    entries = (
        Variable(key.text, token, _span(source, key, value), "kubernetes", known=not is_template(token.text))
        for key, value in pairs(get(node, "data"))
        if (token := word(value)) is not None
    )
    environment = Environment(tuple(entries))
    return Unit("variables", f"configmap:{name.text}", source.path, name.place, environment)


def _span(source: Source, key: Token, value: Node) -> Place:
    """From a key to its value; only the key where the value is an alias of something above."""
    start, end = key.place.start.offset, value.place.end.offset
    return source.place(start, end) if value.place.start.offset >= start and end > start else key.place


@dataclass(frozen=True, slots=True)
class _Container:
    source: Source
    node: Mapping
    workload: str
    purpose: str | None
    init: bool

    def unit(self) -> Unit:
        name = word(get(self.node, "name"))
        variables = tuple(self._variables())
        known = {one.name: one.value.text for one in variables if one.known}
        entrypoint, arguments = self._line(("command",), known), self._line(("args",), known)
        started = self._started(entrypoint, arguments, known)
        if entrypoint is not None and started is not None and started.command.form == "shell":
            # The script is among the arguments, so the two cannot be told apart.
            entrypoint, arguments = started, None
        return Unit(
            kind="kubernetes",
            name=f"{self.workload}/{name.text}" if name is not None else self.workload,
            path=self.source.path,
            place=name.place if name is not None else self.node.place,
            environment=Environment((*variables, *(started.variables if started else ()))),
            command=started.command if started else None,
            image=word(get(self.node, "image")),
            memory=quantity.kubernetes_quantity(word(get(self.node, "resources", "limits", "memory"))),
            cpus=quantity.kubernetes_quantity(word(get(self.node, "resources", "limits", "cpu"))),
            purpose=self.purpose,
            starts=started.starts if started else (),
            entrypoint=entrypoint.command if entrypoint else None,
            arguments=arguments.command if arguments else None,
            imports=tuple(self._imports()),
            unseen=self._is_unseen(),
            init=self.init and not self._is_sidecar(),
        )

    def _variables(self) -> Iterator[Variable]:
        known: dict[str, str] = {}
        for item in items(get(self.node, "env")):
            name = word(get(item, "name"))
            if name is None:
                continue
            value = get(item, "value")
            one = self._variable(item, name, value, known)
            if one.known:
                known[one.name] = one.value.text
            yield one

    def _variable(self, item: Node, name: Token, value: Node | None, known: dict[str, str]) -> Variable:
        comment = comment_at(self.source, value.place if value is not None else name.place)
        token = word(value)
        if token is None:
            # Nothing written is the empty value; `valueFrom` and templates are decided elsewhere.
            decided = get(item, "valueFrom") is not None or isinstance(value, Unknown)
            return Variable(
                name.text, Token("", name.place), item.place, "kubernetes", not decided, comment=comment
            )
        expanded, is_known = _expanded(token, known)
        return Variable(name.text, expanded, item.place, "kubernetes", known=is_known, comment=comment)

    def _imports(self) -> Iterator[Import]:
        for one in items(get(self.node, "envFrom")):
            name = word(get(one, "configMapRef", "name"))
            if name is not None and get(one, "prefix") is None:
                yield Import(f"configmap:{name.text}", name.place)
        for item in items(get(self.node, "env")):
            reference = get(item, "valueFrom", "configMapKeyRef")
            name, key, variable = (
                word(get(reference, "name")),
                word(get(reference, "key")),
                word(get(item, "name")),
            )
            if name is not None and key is not None and variable is not None:
                yield Import(f"configmap:{name.text}", name.place, key.text, variable.text)

    def _is_unseen(self) -> bool:
        """Variables of secrets, with a prefix, or of a template."""
        listed = get(self.node, "envFrom")
        plain = (get(one, "configMapRef") is not None and get(one, "prefix") is None for one in items(listed))
        return isinstance(listed, Unknown) or isinstance(get(self.node, "env"), Unknown) or not all(plain)

    def _is_sidecar(self) -> bool:
        """An init container that is always restarted runs beside the others."""
        policy = word(get(self.node, "restartPolicy"))
        return policy is not None and policy.text == "Always"

    def _started(self, entrypoint: Line | None, arguments: Line | None, known: dict[str, str]) -> Line | None:
        """Both together, since a shell in `command` gets its script from `args` as well."""
        if entrypoint is None:
            return arguments if arguments is not None and not is_flag(arguments.command) else None
        return self._line(("command", "args"), known)

    def _line(self, keys: tuple[str, ...], known: dict[str, str]) -> Line | None:
        nodes = [node for key in keys if (node := get(self.node, key)) is not None]
        listed = [token for node in nodes for one in items(node) if (token := word(one)) is not None]
        if not listed:
            return None
        return line(self.source, [_expanded(one, known)[0] for one in listed], nodes[0].place)


def _expanded(token: Token, known: dict[str, str]) -> tuple[Token, bool]:
    """`$(NAME)` replaced by variables that stand above, `$$` by `$`; and whether nothing was left."""
    if is_template(token.text):
        return token, False
    if "$" not in token.text:
        return token, True
    left = False

    def replaced(hit: re.Match[str]) -> str:
        nonlocal left
        if hit[1] is None:
            return "$"
        left = left or hit[1] not in known
        return known.get(hit[1], hit[0])

    text = _REFERENCE.sub(replaced, token.text)
    return Token(text, token.place, token.written), not left
