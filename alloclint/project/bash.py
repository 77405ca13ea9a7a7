"""
Shell scripts: the variables they set and the commands they run, each with its place and its conditions.

    read(source)                               a whole file
    read(source, content=b"…", start=120)      a stretch of one, as the shell gets it, offset for offset

Nothing is run. A value is known where only literals and variables that were set before go into it; what
depends on a command is decided elsewhere, and says so. The grammar recovers from what it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from alloclint.finding import Place
from alloclint.project.token import Source, Token

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

#: Commands that ask something: what follows them after `&&` stands under a condition.
_TESTS = {"[", "test", "command", "which", "type", "grep", "egrep", "hash", "ls", "stat", "ldconfig"}
#: How deep statements may be nested before the rest is passed over.
_DEPTH = 120
_NO_STATEMENTS = {
    "comment",
    "heredoc_body",
    "word",
    "number",
    "raw_string",
    "string_content",
    "variable_name",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    `NAME=value`, also in `export` and before a command.

    `known` says that the value is made of literals; otherwise its text holds `$NAME` and `$(…)` as written.
    `decided` says that a command's output goes into it. `guards` are the conditions around it. `function` is
    the function it stands in. `exported` holds also where `export NAME` or `set -a` stands elsewhere.
    """

    name: str
    value: Token
    place: Place
    known: bool
    decided: bool
    exported: bool
    guards: tuple[str, ...] = ()
    function: str | None = None
    appended: bool = False


@dataclass(frozen=True, slots=True)
class Simple:
    """
    A simple command. `words` have quotes taken away and variables left as written; `prefix` are the
    assignments that stand before it. `inside` says that it runs in `$(…)`, for its output.
    """

    words: tuple[Token, ...]
    place: Place
    prefix: tuple[Assignment, ...] = ()
    guards: tuple[str, ...] = ()
    function: str | None = None
    inside: bool = False

    @property
    def name(self) -> str:
        """The program without its folder; empty if it is computed."""
        return self.words[0].text.rpartition("/")[2] if self.words else ""


@dataclass(frozen=True, slots=True)
class Script:
    """
    Assignments (without those before commands) and commands, each in the order of the text. `functions` are
    the names that it defines.
    """

    assignments: tuple[Assignment, ...] = ()
    commands: tuple[Simple, ...] = ()
    functions: frozenset[str] = frozenset()

    def exports(self) -> Iterator[Assignment]:
        return (one for one in self.assignments if one.exported)


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    known: bool = True
    decided: bool = False

    def __add__(self, other: _Value) -> _Value:
        return _Value(self.text + other.text, self.known and other.known, self.decided or other.decided)


@dataclass(frozen=True, slots=True)
class _Where:
    guards: tuple[str, ...] = ()
    function: str | None = None
    inside: bool = False

    def under(self, guard: str) -> _Where:
        return replace(self, guards=(*self.guards, guard))


def read(
    source: Source, content: bytes | None = None, start: int = 0, known: Mapping[str, str] | None = None
) -> Script:
    """
    The script in `source`, or in `content`, which begins at byte `start` of it. `known` are variables that
    are set before. No damage is noted: shells read much that the grammar does not know.
    """
    whole = source.content if content is None else content
    root = _parser().parse(whole).root_node
    reader = _Reader(source, whole, start, {name: _Value(text) for name, text in (known or {}).items()})
    # What nests deeper than Python's stack is written by nobody; the statements before it are kept.
    with suppress(RecursionError):
        reader.statements(root, _Where())
    return reader.script()


def comment_above(source: Source, offset: int) -> str:
    """The text of the comment lines directly above the line of a byte, without their `#`."""
    found: list[str] = []
    end = source.content.rfind(b"\n", 0, offset)
    while end > 0:
        start = source.content.rfind(b"\n", 0, end) + 1
        line = source.content[start:end].strip()
        if not line.startswith(b"#"):
            break
        found.append(line.lstrip(b"# ").decode("utf-8", "replace"))
        end = start - 1
    return " ".join(reversed(found))


def comment_beside(source: Source, offset: int) -> str:
    """The comment behind byte `offset` on its line, as a shell reads it, with the lines above."""
    end = source.content.find(b"\n", offset)
    line = source.content[offset : end if end >= 0 else len(source.content)].decode("utf-8", "replace")
    hash_sign = re.search(r"(?:^|\s)#\s*(.*)", line)
    above = comment_above(source, offset)
    return f"{above} {hash_sign[1]}".strip() if hash_sign else above


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


@dataclass
class _Reader:
    source: Source
    content: bytes
    start: int
    values: dict[str, _Value]
    assignments: list[Assignment] = field(default_factory=list)
    commands: list[Simple] = field(default_factory=list)
    exported: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    exports_all: bool = False
    depth: int = 0

    def script(self) -> Script:
        """Exports may stand before or after the assignment."""
        done = tuple(
            replace(one, exported=True) if one.name in self.exported else one for one in self.assignments
        )
        return Script(done, tuple(self.commands), frozenset(self.functions))

    # Statements

    def statements(self, node: Node, where: _Where) -> None:
        for child in node.named_children:
            self.statement(child, where)

    def statement(self, node: Node, where: _Where) -> None:
        kind = node.type
        if self.depth > _DEPTH or kind in _NO_STATEMENTS:
            return
        self.depth += 1
        _HANDLERS.get(kind, _Reader.statements)(self, node, where)
        self.depth -= 1

    def on_error(self, node: Node, where: _Where) -> None:
        """What was not understood may be anything, a condition too."""
        self.statements(node, where.under("?"))

    def on_if_statement(self, node: Node, where: _Where) -> None:
        conditions, guard = node.children_by_field_name("condition"), ""
        for child in node.children:
            if child in conditions:
                self.statement(child, where)
                guard += self.text(child)
            elif child.type in ("elif_clause", "else_clause"):
                self.statements(child, where.under(f"not {guard}"))
            elif child.is_named:
                self.statement(child, where.under(guard))

    def on_while_statement(self, node: Node, where: _Where) -> None:
        for child in node.named_children:
            self.statement(child, where.under("while") if child.type == "do_group" else where)

    def on_for_statement(self, node: Node, where: _Where) -> None:
        variable = node.child_by_field_name("variable")
        if variable is not None:
            self.values.pop(self.text(variable), None)
        for child in node.named_children:
            self.statement(child, where.under("for") if child.type == "do_group" else where)

    def on_c_style_for_statement(self, node: Node, where: _Where) -> None:
        self.statements(node, where.under("for"))

    def on_case_item(self, node: Node, where: _Where) -> None:
        values = node.children_by_field_name("value")
        guard = "case " + "|".join(self.text(one) for one in values)
        for child in node.named_children:
            if child not in values:
                self.statement(child, where.under(guard))

    def on_list(self, node: Node, where: _Where) -> None:
        """
        `a && b || c`. A question makes a condition of all that follows it by `&&`; what follows `||` always
        stands under one, and what comes behind that runs in either case.
        """
        asked: tuple[str, ...] = ()
        before: Node | None = None
        for operator, part in _chain(node):
            inner = where
            if before is not None and operator == "||":
                inner, asked = where.under(f"not {self.text(before)}"), ()
            elif before is not None:
                asked = (*asked, self.text(before)) if _asks(before) else asked
                inner = replace(where, guards=(*where.guards, *asked))
            self.statement(part, inner)
            before = part

    def on_function_definition(self, node: Node, where: _Where) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        called = self.text(name) if name is not None else "?"
        self.functions.add(called)
        if body is not None:
            self.statements(body, replace(where, function=called))

    def on_command_substitution(self, node: Node, where: _Where) -> None:
        self.statements(node, replace(where, inside=True))

    def on_variable_assignment(self, node: Node, where: _Where) -> None:
        self._assign(node, where, exported=self.exports_all)

    def on_declaration_command(self, node: Node, where: _Where) -> None:
        keyword = self.text(node.children[0]) if node.children else ""
        words = [self.text(child) for child in node.named_children if child.type == "word"]
        exported = keyword == "export" or any(word.startswith("-") and "x" in word for word in words)
        if keyword == "export" and "-n" in words:
            return
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._assign(child, where, exported=exported or self.exports_all)
            elif child.type == "variable_name" and exported:
                self.exported.add(self.text(child))
            elif child.type in ("string", "concatenation", "raw_string"):
                self._quoted(child, where, exported)

    def _quoted(self, node: Node, where: _Where, exported: bool) -> None:
        """`export "NAME=value"`."""
        value = self.value(node)
        name, equals, text = value.text.partition("=")
        if equals and _NAME.fullmatch(name):
            whole = self.token(node, value.text)
            self._put(
                Assignment(
                    name,
                    replace(whole, text=text),
                    whole.place,
                    value.known,
                    value.decided,
                    exported,
                    where.guards,
                    where.function,
                )
            )

    def _assign(self, node: Node, where: _Where, exported: bool) -> None:
        one = self.assignment(node, where, exported)
        if one is not None:
            self._put(one)
        self.statements(node, where)

    def _put(self, one: Assignment) -> None:
        self.assignments.append(one)
        if one.guards or one.function is not None or not one.known:
            self.values.pop(one.name, None)
        else:
            self.values[one.name] = _Value(one.value.text)

    def on_command(self, node: Node, where: _Where) -> None:
        name = node.child_by_field_name("name")
        prefix = [child for child in node.named_children if child.type == "variable_assignment"]
        if name is not None and prefix and self._breaks(prefix[-1].end_byte, name.start_byte):
            # The grammar takes two assignments on a line for the beginning of the next line's command.
            for child in prefix:
                self.on_variable_assignment(child, where)
            prefix = []
            if self.text(name) == "export":
                for child in node.children_by_field_name("argument"):
                    self._quoted(child, where, exported=True)
                return
        found = [self.assignment(child, where, True) for child in prefix]
        words = self._words(node)
        first = prefix[0] if prefix else name or node
        self.commands.append(
            Simple(
                words,
                self.place(first.start_byte, node.end_byte),
                tuple(one for one in found if one),
                where.guards,
                where.function,
                where.inside,
            )
        )
        self._set(words)
        for child in node.named_children:
            if child.type != "variable_assignment":
                self._inner(child, where)

    def _inner(self, node: Node, where: _Where) -> None:
        """Commands in `$(…)` among the words."""
        stack = [node]
        while stack:
            one = stack.pop()
            if one.type in ("command_substitution", "process_substitution"):
                self.statement(one, replace(where, inside=True))
            else:
                stack += reversed(one.named_children)

    def _set(self, words: tuple[Token, ...]) -> None:
        texts = [word.text for word in words]
        if texts[:1] == ["set"]:
            texts = texts[: texts.index("--")] if "--" in texts else texts
            if "allexport" in texts or any(re.fullmatch(r"-\w*a\w*", word) for word in texts[1:]):
                self.exports_all = "+o" not in texts
            elif any(re.fullmatch(r"\+\w*a\w*", word) for word in texts[1:]):
                self.exports_all = False
        elif texts[:1] == ["unset"]:
            for name in texts[1:]:
                self.values.pop(name, None)

    def _words(self, node: Node) -> tuple[Token, ...]:
        found = []
        name = node.child_by_field_name("name")
        for child in ([name] if name is not None else []) + node.children_by_field_name("argument"):
            inner = (
                child.named_children[0] if child.type == "command_name" and child.named_children else child
            )
            found.append(self.token(child, self.value(inner, expand=False).text))
        return tuple(found)

    # Values

    def assignment(self, node: Node, where: _Where, exported: bool) -> Assignment | None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or name.type != "variable_name" or (value is not None and value.type == "array"):
            return None
        appended = any(child.type == "+=" for child in node.children)
        meant = self.value(value) if value is not None else _Value("")
        if appended:
            meant = self.values.get(self.text(name), _Value(f"${self.text(name)}", False)) + meant
        end = self.start + node.end_byte
        token = self.token(value, meant.text) if value is not None else self.source.token(end, end, "")
        return Assignment(
            self.text(name),
            token,
            self.place(node.start_byte, node.end_byte),
            meant.known,
            meant.decided,
            exported,
            where.guards,
            where.function,
            appended,
        )

    def value(self, node: Node, expand: bool = True) -> _Value:
        """What a word means; without `expand`, variables and commands stay as written."""
        kind, text = node.type, self.text(node)
        if kind in ("simple_expansion", "expansion"):
            return self._expansion(node, text) if expand else _Value(text, False)
        if kind in ("command_substitution", "process_substitution", "arithmetic_expansion"):
            return _Value(text, False, kind != "arithmetic_expansion")
        if kind == "raw_string":
            return _Value(text[1:-1])
        if kind == "ansi_c_string":
            return _Value(text[2:-1], "\\" not in text)
        if kind == "string":
            return self._parts(node, node.start_byte + 1, node.end_byte - 1, True, expand)
        if kind in ("concatenation", "command_name"):
            return self._parts(node, node.start_byte, node.end_byte, False, expand)
        return _Value(_unescaped(text, quoted=False))

    def _parts(self, node: Node, start: int, end: int, quoted: bool, expand: bool) -> _Value:
        """The children of a string or a concatenation, and the literal text between them."""
        value, at = _Value(""), start
        for child in node.named_children:
            if child.type == "string_content":
                continue
            value += _Value(_unescaped(self.slice(at, child.start_byte), quoted))
            value += self.value(child, expand)
            at = child.end_byte
        return value + _Value(_unescaped(self.slice(at, end), quoted))

    def _expansion(self, node: Node, text: str) -> _Value:
        match = re.fullmatch(r"\$\{?(\w+)(?:(:?[-+=?])(.*))?\}?", text, re.S)
        if match is None:
            return _Value(text, False, "$(" in text or "`" in text)
        held, operator = self.values.get(match[1]), match[2] or ""
        if operator.endswith("+"):
            return self._operand(node) if held is not None and held.text else _Value("")
        if held is not None and (held.text or not operator):
            return held
        if operator.endswith(("-", "=")):
            return self._operand(node)
        return _Value(text, False)

    def _operand(self, node: Node) -> _Value:
        """What stands after `:-`; what was not set before is taken to be unset."""
        operator = node.child_by_field_name("operator")
        if operator is None:
            return _Value("")
        value, at = _Value(""), operator.end_byte
        for child in node.named_children:
            if child.start_byte >= operator.end_byte:
                value += _Value(_unescaped(self.slice(at, child.start_byte), False)) + self.value(child)
                at = child.end_byte
        return value + _Value(_unescaped(self.slice(at, node.end_byte - 1), False))

    # Places

    def text(self, node: Node) -> str:
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        return self.content[start:end].decode("utf-8", "replace")

    def place(self, start: int, end: int) -> Place:
        return self.source.place(self.start + start, self.start + end)

    def token(self, node: Node, text: str) -> Token:
        return self.source.token(self.start + node.start_byte, self.start + node.end_byte, text)

    def _breaks(self, start: int, end: int) -> bool:
        between = self.content[start:end]
        return b"\n" in between.replace(b"\\\r\n", b"").replace(b"\\\n", b"")


def _chain(node: Node) -> list[tuple[str, Node]]:
    """The parts of a list, which nests to the left, each with the operator in front of it."""
    parts: list[tuple[str, Node]] = []
    while node.type == "list" and len(node.named_children) > 1:
        operator = next((child.type for child in node.children if child.type in ("&&", "||")), "&&")
        parts.append((operator, node.named_children[-1]))
        node = node.named_children[0]
    return [("", node), *reversed(parts)]


def _asks(node: Node) -> bool:
    if node.type in ("test_command", "negated_command"):
        return True
    if node.type in ("redirected_statement", "pipeline") and node.named_children:
        return _asks(node.named_children[-1 if node.type == "pipeline" else 0])
    name = node.child_by_field_name("name") if node.type == "command" else None
    return name is not None and name.text is not None and name.text.decode("utf-8", "replace") in _TESTS


def _unescaped(text: str, quoted: bool) -> str:
    if "\\" not in text:
        return text
    text = text.replace("\\\r\n", "").replace("\\\n", "")
    return re.sub(r'\\([$`"\\])' if quoted else r"\\(.)", r"\1", text)


_HANDLERS: dict[str, Callable[[_Reader, Node, _Where], None]] = {
    "ERROR": _Reader.on_error,
    "if_statement": _Reader.on_if_statement,
    "while_statement": _Reader.on_while_statement,
    "for_statement": _Reader.on_for_statement,
    "c_style_for_statement": _Reader.on_c_style_for_statement,
    "case_item": _Reader.on_case_item,
    "list": _Reader.on_list,
    "function_definition": _Reader.on_function_definition,
    "command_substitution": _Reader.on_command_substitution,
    "variable_assignment": _Reader.on_variable_assignment,
    "declaration_command": _Reader.on_declaration_command,
    "command": _Reader.on_command,
}
