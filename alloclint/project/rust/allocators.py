"""
The allocator statics, configuration strings and mentions of allocator crates in one Rust file.

This reads the tree itself, for the shared shape of programs has no attributes and no macros, and both decide
which allocator a crate is built with. A `cfg_if!` is read as the items in its arms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alloclint.finding import Place
from alloclint.project.cargo import cfg
from alloclint.project.cargo.cfg import Not, Predicate
from alloclint.project.token import Token

if TYPE_CHECKING:
    import tree_sitter

    from alloclint.file import File

#: The names by which code says the crates that replace the allocator.
CRATES = frozenset(
    {
        "dhat",
        "jemalloc_ctl",
        "jemalloc_sys",
        "jemallocator",
        "libmimalloc_sys",
        "mimalloc",
        "mimalloc_safe",
        "rpmalloc",
        "snmalloc_rs",
        "snmalloc_sys",
        "stats_alloc",
        "tcmalloc",
        "tcmalloc_better",
        "tikv_jemalloc_ctl",
        "tikv_jemalloc_sys",
        "tikv_jemallocator",
        "tikv_jemallocator_global",
        "wee_alloc",
    }
)
_WORDS = re.compile(
    rb"global_allocator|malloc_conf|\b(?:%s)\b" % b"|".join(sorted(name.encode() for name in CRATES))
)
_ROOT = re.compile(r"(?:^|/)(?:src/(?:main|lib)|src/bin/(?:[^/]+|[^/]+/main))\.rs$")
_CONFS = {"malloc_conf", "_rjem_malloc_conf"}
#: What starts threads, as an expression over the bytes without comments and strings.
_THREADS = {
    "rayon": re.compile(rb"\brayon\s*::"),
    "threads": re.compile(rb"\bthread\s*::\s*(?:spawn|scope|Builder)\b"),
    "tokio": re.compile(
        rb"#\s*\[\s*(?:tokio|actix_web|rocket)\s*::\s*main\b|\bnew_multi_thread\b|\bRuntime\s*::\s*new\b"
    ),
}
_ONE_THREAD = re.compile(rb"flavor\s*=\s*\"current_thread\"|\bnew_current_thread\b")
_SKIPPED = frozenset(
    {"line_comment", "block_comment", "string_literal", "raw_string_literal", "char_literal"}
)
#: Where items can stand; expressions are not searched.
_HOLDERS = frozenset(
    {"mod_item", "declaration_list", "function_item", "block", "expression_statement", "unsafe_block"}
)


@dataclass(frozen=True, slots=True)
class GlobalAllocator:
    """
    A `#[global_allocator]` static. `predicate` joins all `cfg`s around it inside the file: its own, those
    of enclosing modules, the arm of a `cfg_if!`; None where one cannot be read. `type_path` is the type's
    full path after `use`: `tikv_jemallocator::Jemalloc`, `std::alloc::System`, `self::Counting` for one of
    the crate's own.

    A static whose type's name is imported under several `cfg`s occurs once for each, at the same place.
    """

    predicate: Predicate | None
    type_path: str
    place: Place

    @property
    def crate(self) -> str:
        """The identifier of the crate that the allocator comes from; `self` for one of its own."""
        return self.type_path.partition("::")[0]


@dataclass(frozen=True, slots=True)
class CompileError:
    """A `compile_error!` with the `cfg`s around it: a combination that is refused on purpose."""

    predicate: Predicate | None
    place: Place


@dataclass(frozen=True, slots=True)
class MallocConf:
    """
    A static that jemalloc reads: `malloc_conf` or `_rjem_malloc_conf`, by `export_name` or `no_mangle`.
    `text` is its value without the closing NUL; `closed` tells whether that was there.
    """

    symbol: str
    text: Token
    closed: bool
    place: Place
    predicate: Predicate | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """`mod name;`, with the `cfg`s around it: another file of the same crate. `path` is that of `#[path]`."""

    name: str
    predicate: Predicate | None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class RustSource:
    """
    What one file tells. `predicate` is that of the whole file (`#![cfg(…)]`). `mentions` are the identifiers
    of known allocator crates that occur outside of comments and strings; `threads` names what starts threads
    (`tokio`, `rayon`, `threads`), `current_thread` that a runtime of one thread is asked for.
    """

    path: str
    statics: tuple[GlobalAllocator, ...] = ()
    errors: tuple[CompileError, ...] = ()
    confs: tuple[MallocConf, ...] = ()
    modules: tuple[Module, ...] = ()
    mentions: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    no_std: bool = False
    current_thread: bool = False
    predicate: Predicate | None = cfg.ALWAYS


def is_wanted(path: str, source: bytes) -> bool:
    """Whether a file tells anything: it names an allocator, or is where a crate begins."""
    return _WORDS.search(source) is not None or _ROOT.search(path) is not None


def read(file: File) -> RustSource:
    """What a Rust file tells of allocators."""
    reader = _Reader(file)
    reader.items(file.tree.root_node, _Scope())
    code = reader.code()
    return RustSource(
        path=file.path,
        statics=tuple(reader.registered()),
        errors=tuple(reader.errors),
        confs=tuple(reader.confs),
        modules=tuple(reader.modules),
        mentions=frozenset(word.decode() for word in re.findall(rb"\w+", code)) & CRATES,
        threads=frozenset(name for name, pattern in _THREADS.items() if pattern.search(code)),
        no_std=reader.no_std,
        # The flavour is said by a string, which `code` has blanked.
        current_thread=_ONE_THREAD.search(file.source) is not None,
        predicate=reader.whole,
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds around an item: the predicates so far."""

    predicate: Predicate | None = cfg.ALWAYS

    def under(self, *predicates: Predicate | None) -> _Scope:
        joined = self.predicate
        for predicate in predicates:
            joined = both(joined, predicate)
        return _Scope(joined)


def both(one: Predicate | None, other: Predicate | None) -> Predicate | None:
    """Both hold; None, unknown, where one of them is."""
    return None if one is None or other is None else cfg.both(one, other)


@dataclass(frozen=True, slots=True)
class _Attribute:
    path: str
    #: What stands in the brackets behind it, or the string behind `=`.
    arguments: str
    value: str | None


class _Reader:
    def __init__(self, file: File) -> None:
        self.file = file
        self.statics: list[tuple[GlobalAllocator, str]] = []
        self.errors: list[CompileError] = []
        self.confs: list[MallocConf] = []
        self.modules: list[Module] = []
        #: a name, and what it stands for under which predicate
        self.names: dict[str, list[tuple[str, Predicate | None]]] = {}
        self.no_std = False
        self.whole: Predicate | None = cfg.ALWAYS

    def text(self, node: tree_sitter.Node) -> str:
        return self.file.text(node.start_byte, node.end_byte)

    def place(self, node: tree_sitter.Node) -> Place:
        return self.file.place(node.start_byte, node.end_byte)

    def items(self, parent: tree_sitter.Node, scope: _Scope) -> None:
        """All items below a node, each with the attributes that stand before it."""
        attributes: list[_Attribute] = []
        first: tree_sitter.Node | None = None
        for node in parent.named_children:
            if node.type == "attribute_item":
                attributes.append(self._attribute(node))
                first = first or node
            elif node.type == "inner_attribute_item":
                self._inner(self._attribute(node))
            elif node.type not in ("line_comment", "block_comment"):
                self._item(node, attributes, scope, first or node)
                attributes, first = [], None

    def _item(
        self, node: tree_sitter.Node, attributes: Sequence[_Attribute], scope: _Scope, first: tree_sitter.Node
    ) -> None:
        inner = scope.under(*(self._predicate(one) for one in attributes if one.path == "cfg"))
        if node.type == "static_item":
            self._static(node, attributes, inner, first)
        elif node.type == "mod_item" and node.child_by_field_name("body") is None:
            self._module(node, attributes, inner)
        elif node.type == "use_declaration":
            self._use(node.child_by_field_name("argument"), "", inner)
        elif node.type == "type_item":
            self._alias(node, inner)
        elif node.type == "extern_crate_declaration":
            self._extern(node, inner)
        elif node.type == "macro_invocation":
            self._macro(node, inner)
        elif node.type in _HOLDERS:
            self.items(node, inner)

    def _inner(self, attribute: _Attribute) -> None:
        if attribute.path == "no_std":
            self.no_std = True
        elif attribute.path == "cfg":
            self.whole = both(self.whole, self._predicate(attribute))

    # ------------------------------------------------------------ attributes

    def _attribute(self, node: tree_sitter.Node) -> _Attribute:
        inside = next((child for child in node.named_children if child.type == "attribute"), None)
        if inside is None:
            return _Attribute("", "", None)
        text = self.text(inside)
        path = re.match(r"(?:unsafe\s*\(\s*)?([\w:]+)", text)
        value = re.search(r'=\s*"([^"]*)"', text) if "=" in text else None
        arguments = text.partition("(")[2].rpartition(")")[0]
        return _Attribute(path[1] if path else "", arguments, value[1] if value else None)

    @staticmethod
    def _predicate(attribute: _Attribute) -> Predicate | None:
        return cfg.parse(attribute.arguments)

    @staticmethod
    def _registering(attributes: Sequence[_Attribute]) -> tuple[bool, Predicate | None]:
        """Whether, and under which predicate, the attributes make a static the allocator."""
        for one in attributes:
            if one.path == "global_allocator":
                return True, cfg.ALWAYS
            if one.path == "cfg_attr" and re.search(r",\s*global_allocator\b", one.arguments):
                return True, cfg.parse(one.arguments.rpartition(",")[0])
        return False, None

    # ------------------------------------------------------------ items

    def _static(
        self, node: tree_sitter.Node, attributes: Sequence[_Attribute], scope: _Scope, first: tree_sitter.Node
    ) -> None:
        registers, predicate = self._registering(attributes)
        kind = node.child_by_field_name("type")
        if registers and kind is not None:
            place = self.file.place(first.start_byte, node.end_byte)
            joined = scope.under(predicate).predicate
            self.statics.append((GlobalAllocator(joined, "", place), self._plain(self.text(kind))))
        symbol = self._symbol(node, attributes)
        if symbol in _CONFS:
            self._conf(node, symbol, scope)

    def _symbol(self, node: tree_sitter.Node, attributes: Sequence[_Attribute]) -> str:
        name = node.child_by_field_name("name")
        for one in attributes:
            if "export_name" in one.path and one.value is not None:
                # Rust's escapes in a symbol: a leading \x01 asks for no mangling at all.
                return one.value.removeprefix("\\x01")
            if "no_mangle" in one.path and name is not None:
                return self.text(name)
        return ""

    def _conf(self, node: tree_sitter.Node, symbol: str, scope: _Scope) -> None:
        """The literal in the value, however it is turned into a pointer."""
        value = node.child_by_field_name("value")
        literal = next(_below(value, ("string_literal", "raw_string_literal")), None) if value else None
        if literal is None:
            return
        raw = self.text(literal)
        inside = re.fullmatch(r'(?:[bc]|br|cr|r)?#*"(.*)"#*', raw, re.DOTALL)
        text = inside[1] if inside else ""
        closed = raw.startswith("c") or text.endswith("\\0")
        token = Token(text.removesuffix("\\0"), self.place(literal), raw)
        self.confs.append(MallocConf(symbol, token, closed, self.place(node), scope.predicate))

    def _module(self, node: tree_sitter.Node, attributes: Sequence[_Attribute], scope: _Scope) -> None:
        name = node.child_by_field_name("name")
        path = next((one.value for one in attributes if one.path == "path"), None)
        if name is not None:
            self.modules.append(Module(self.text(name), scope.predicate, path))

    def _use(self, node: tree_sitter.Node | None, prefix: str, scope: _Scope) -> None:
        """The names that a `use` brings, each with its full path."""
        if node is None:
            return
        if node.type == "use_list":
            for child in node.named_children:
                self._use(child, prefix, scope)
        elif node.type == "scoped_use_list":
            path = node.child_by_field_name("path")
            front = f"{prefix}{self._plain(self.text(path))}::" if path is not None else prefix
            self._use(node.child_by_field_name("list"), front, scope)
        elif node.type == "use_as_clause":
            path, alias = node.child_by_field_name("path"), node.child_by_field_name("alias")
            if path is not None and alias is not None:
                self._name(self.text(alias), prefix + self._plain(self.text(path)), scope)
        elif node.type in ("scoped_identifier", "identifier"):
            full = prefix + self._plain(self.text(node))
            self._name(full.rpartition("::")[2], full, scope)

    def _alias(self, node: tree_sitter.Node, scope: _Scope) -> None:
        name, kind = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is not None and kind is not None:
            self._name(self.text(name), self._plain(self.text(kind)), scope)

    def _extern(self, node: tree_sitter.Node, scope: _Scope) -> None:
        name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
        if name is not None and alias is not None:
            self._name(self.text(alias), self.text(name), scope)

    def _name(self, name: str, path: str, scope: _Scope) -> None:
        if name != path:
            self.names.setdefault(name, []).append((path, scope.predicate))

    def _macro(self, node: tree_sitter.Node, scope: _Scope) -> None:
        called = node.child_by_field_name("macro")
        name = self.text(called).rpartition("::")[2] if called is not None else ""
        body = next((child for child in node.named_children if child.type == "token_tree"), None)
        if name == "compile_error":
            self.errors.append(CompileError(scope.predicate, self.place(node)))
        elif body is None:
            return
        elif name == "cfg_if":
            self._arms(body, scope)
        elif "global_allocator" in self.text(body):
            self.statics.append((GlobalAllocator(None, "", self.place(node)), ""))

    def _arms(self, body: tree_sitter.Node, scope: _Scope) -> None:
        """`if #[cfg(a)] { … } else if #[cfg(b)] { … } else { … }`: each arm excludes those before it."""
        before: list[Predicate | None] = []
        own: Predicate | None = cfg.ALWAYS
        for child in body.children:
            text = self.text(child) if child.type == "token_tree" else ""
            if text.startswith("["):
                inside = re.fullmatch(r"\[\s*cfg\s*\((.*)\)\s*\]", text, re.DOTALL)
                own = cfg.parse(inside[1]) if inside else None
            elif text.startswith("{"):
                excluded = (None if one is None else Not(one) for one in before)
                self.items(self._parsed(child), scope.under(*excluded, own))
                before.append(own)
                own = cfg.ALWAYS

    def _parsed(self, arm: tree_sitter.Node) -> tree_sitter.Node:
        """The items of an arm, which the grammar leaves as tokens, at the places where they stand."""
        import tree_sitter

        source, start, end = self.file.source, arm.start_byte + 1, arm.end_byte - 1
        blank = re.sub(rb"[^\n]", b" ", source[:start]) + source[start:end]
        return tree_sitter.Parser(self.file.language.grammar()).parse(blank).root_node

    # ------------------------------------------------------------ what names stand for

    @staticmethod
    def _plain(path: str) -> str:
        """A path without `&`, white space, generics and a leading `::`."""
        return re.sub(r"^&\s*(?:'\w+)?|\s+|<.*", "", path, flags=re.DOTALL).removeprefix("::")

    def registered(self) -> Iterator[GlobalAllocator]:
        """The statics, with the full paths of their types."""
        for static, written in self.statics:
            for path, predicate in self._meant(written, static.predicate, 0):
                yield replace(static, type_path=path, predicate=predicate)

    def _meant(
        self, path: str, predicate: Predicate | None, depth: int
    ) -> Iterator[tuple[str, Predicate | None]]:
        first, _, rest = path.partition("::")
        known = self.names.get(first, []) if depth < 8 else []
        if not known:
            # A plain name that nothing brings in is declared in the crate itself.
            yield (path if rest or not path else f"self::{path}"), predicate
        for full, under in known:
            joined = both(predicate, under)
            yield from self._meant(f"{full}::{rest}" if rest else full, joined, depth + 1)

    def code(self) -> bytes:
        """The source with comments and strings blanked; places stay."""
        content = bytearray(self.file.source)
        for node in _below(self.file.tree.root_node, _SKIPPED):
            length = node.end_byte - node.start_byte
            content[node.start_byte : node.end_byte] = b" " * length
        return bytes(content)


def _below(node: tree_sitter.Node, kinds: Sequence[str] | frozenset[str]) -> Iterator[tree_sitter.Node]:
    """The outermost nodes of some kinds, in the order of the text."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in kinds:
            yield one
        else:
            waiting.extend(reversed(one.children))
