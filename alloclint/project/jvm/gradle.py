"""
build.gradle and build.gradle.kts, by the parts that can be read without running them.

A Gradle script is a program: what it computes is unknown. Strings and comments are told apart first, then
blocks are found by their braces, and in them the usual spellings.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from alloclint.project.jvm.module import Artifact, JvmModule, Reference
from alloclint.project.token import Source, Token

#: A comment, or a string with its quotes, three or one of them; what is not closed is left to its line.
_LEXEME = re.compile(
    rb"/\*.*?(?:\*/|\Z)|//[^\n]*"
    rb"|(?P<q>\"\"\"|''')(?:\\.|(?!(?P=q)).)*?(?P=q)"
    rb"|(?P<p>[\"'])(?:\\.|(?!(?P=p))[^\n\\])*(?P=p)",
    re.DOTALL,
)
_BRACE = re.compile(rb"[{}]")
_HEAD = re.compile(rb"\s*([\w.]+|`[\w-]+`)[ \t]*(?:\([^(){}\n]*\))?[ \t]*\Z")
#: What ends the statement before a block's words.
_BREAK = re.compile(rb"[\n;{}]")
#: A statement that names a configuration: `implementation "…"`, `testImplementation(…)`, `"api"(…)`.
_ENTRY = re.compile(
    rb"(?m)^[ \t]*\"?([A-Za-z]\w*)\"?[ \t]*[( \t](?=[^\n=]|\n)|(?<=[;{])[ \t]*([A-Za-z]\w*)[ \t]*[( \t]"
)
_NOTATION = re.compile(r"([\w.\-]+):([\w.\-]+)(?::([^:@]+))?(?::[\w.\-]+)?(?:@\w+)?(?:!!)?")
_NAMED = re.compile(rb"\b(group|name|version|module)\s*[:=]\s*")
_CATALOG = re.compile(rb"(?<![\w.])(?:rootProject\.)?libs\.([A-Za-z][\w.]*)")
_PROJECT = re.compile(rb"(?<![\w.])project\s*\(\s*(?:path\s*[:=]\s*)?(?=[\"'])")
_ACCESSOR = re.compile(rb"(?<![\w.])projects\.([A-Za-z][\w.]*)")
_VARIABLE = re.compile(
    rb"(?m)(?:\b(?:def|val|var|String)\s+|\bext\.|^[ \t]*(?:set\()?)(\w+)(?:\s*:\s*String)?\s*=\s*(?=[\"'])"
)
_PLATFORM = re.compile(rb"\b(?:enforcedPlatform|platform|testFixtures)\s*\(")
_PLUGIN_ID = re.compile(rb"\bid\b\s*\(?\s*(?=[\"'])|\bapply\s*\(?\s*plugin\s*[:=]\s*(?=[\"'])")
_PLUGIN_WORD = re.compile(
    rb"(?m)^[ \t]*(?:`([\w-]+)`|(application|war|java|groovy|scala))[ \t]*$"
    rb"|[{;][ \t]*(application|war)[ \t]*[;}]"
)
_PLUGIN_ALIAS = re.compile(rb"\balias\s*\(\s*libs\.plugins\.([\w.]+)\s*\)")
_UNAPPLIED = re.compile(rb"[^\n;]*\bapply\b[ (]*false")
_MAIN = re.compile(rb"\b(?:mainClass(?:Name)?\s*(?:=|\.set\b|\.convention\b)|mainClass\s*\()|Main-Class")
_RELEASE = re.compile(
    rb"\b(?:release(?:\s*=\s*|\.set\s*\(\s*)|sourceCompatibility\s*(?:=\s*|\(\s*|\s)|JavaLanguageVersion\.of\s*\(\s*"
    rb"|jvmToolchain\s*\(\s*)[\"']?(?:JavaVersion\.)?(?:VERSION_)?[\"']?(?:1[._])?(\d{1,2})\b"
)
#: Plugins that are there to make or start a program.
STARTING = frozenset(
    {
        "application", "org.springframework.boot", "com.google.cloud.tools.jib", "io.quarkus", "war",
        "io.micronaut.application", "io.micronaut.minimal.application", "org.beryx.runtime",
        "org.beryx.jlink", "com.bmuschko.docker-java-application", "org.gretty",
    }
)  # fmt: skip
_SCOPES = {
    "implementation": "compile", "api": "compile", "compile": "compile", "runtime": "runtime",
    "runtimeOnly": "runtime", "compileOnly": "provided", "compileOnlyApi": "provided",
    "providedCompile": "provided", "providedRuntime": "provided", "developmentOnly": "provided",
}  # fmt: skip
_SUFFIX = re.compile(r"(\w*?)(Implementation|Api|Compile|Runtime|RuntimeOnly|CompileOnly)")
#: Blocks whose dependencies are not those of the program.
_NOT_OWN = frozenset(
    {"buildscript", "constraints", "pluginManagement", "dependencies", "project", "configure"}
)
#: How many blocks around a statement are looked at.
_DEPTH = 32
_MAIN_SETS = frozenset({"main", "jvm", "jvmMain", "commonMain"})


def read(source: Source) -> JvmModule | None:
    """A module with what its own script says."""
    script = _Script(source)
    folder = posixpath.dirname(source.path)
    own, below = script.dependencies()
    used, used_below, aliases = script.plugins()
    is_program = bool(used & STARTING) or any(script.code_matches(_MAIN))
    return JvmModule(
        path=source.path,
        folder=folder,
        name=posixpath.basename(folder),
        release=script.release(),
        dependencies=tuple(one for one in own if isinstance(one, Artifact)),
        plugins=used,
        runnable=True if is_program else None,
        place=source.place(0, 0),
        tool="gradle",
        references=(*(one for one in own if isinstance(one, Reference)), *aliases),
        below=below,
        plugins_below=used_below,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """A block's words before its brace, and what stands between its braces."""

    head: str
    start: int
    end: int


class _Script:
    """A script with its comments and strings told apart; all positions are those of the file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        blank = bytearray(source.content)
        self._strings: dict[int, tuple[int, int]] = {}
        for match in _LEXEME.finditer(source.content):
            start, end = match.span()
            quote = match["q"] or match["p"]
            if quote is not None:
                start, end = start + len(quote), end - len(quote)
                self._strings[match.start()] = (start, end)
            blank[start:end] = _blanked(source.content[start:end])
        #: the text with comments and the insides of strings blanked out
        self.code = bytes(blank)
        self._starts = sorted(self._strings)
        self.blocks = sorted(self._find_blocks(), key=lambda one: one.start)
        self._block_starts = [one.start for one in self.blocks]
        self._outer = self._find_outer()
        self.variables = self._find_variables()

    def _find_blocks(self) -> Iterator[_Block]:
        opened: list[int] = []
        for match in _BRACE.finditer(self.code):
            if match[0] == b"{":
                opened.append(match.start())
            elif opened:
                yield self._block(opened.pop(), match.start())
        # A script that is being written: its last blocks are open to the end.
        for start in opened:
            self.source.damaged(start, start + 1, "this block is not closed")
            yield self._block(start, len(self.code))

    def _find_outer(self) -> list[int]:
        """Of each block the number of the one around it, or -1."""
        outer: list[int] = []
        around: list[int] = []
        for number, block in enumerate(self.blocks):
            while around and self.blocks[around[-1]].end < block.end:
                around.pop()
            outer.append(around[-1] if around else -1)
            around.append(number)
        return outer

    def _block(self, start: int, end: int) -> _Block:
        before = self.code[max(start - 120, 0) : start]
        head = _HEAD.fullmatch(_BREAK.split(before)[-1])
        return _Block(head[1].decode("utf-8", "replace") if head is not None else "", start + 1, end)

    def around(self, offset: int) -> list[str]:
        """The heads of the blocks around a point, outermost first; of very many the innermost."""
        found: list[str] = []
        at = bisect_right(self._block_starts, offset) - 1
        while at >= 0 and len(found) < _DEPTH:
            if offset < self.blocks[at].end:
                found.append(self.blocks[at].head)
            at = self._outer[at]
        return found[::-1]

    def code_matches(self, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
        """
        Where a pattern is found in the code; an attribute's name such as `Main-Class` may stand in a string.
        """
        if pattern is _MAIN:
            for start in self._starts:
                if self.source.content.startswith(b"Main-Class", self._strings[start][0]):
                    yield from (
                        one for one in [pattern.search(self.source.content, start)] if one is not None
                    )
        yield from pattern.finditer(self.code)

    # -- strings

    def strings(self, start: int, end: int) -> Iterator[Token]:
        """The strings that begin between two points."""
        first = bisect_right(self._starts, start - 1)
        for at in self._starts[first:]:
            if at >= end:
                return
            yield self._token(at)

    def string_at(self, offset: int) -> Token | None:
        """The string that begins at a point."""
        return self._token(offset) if offset in self._strings else None

    def _token(self, at: int) -> Token:
        start, end = self._strings[at]
        return self.source.token(start, end)

    def _find_variables(self) -> dict[str, str]:
        """`def v = "1"`, `ext.v = "1"`, `val v = "1"`: those that are said once."""
        found: dict[str, set[str]] = {}
        for match in _VARIABLE.finditer(self.code):
            token = self.string_at(match.end())
            if token is not None:
                found.setdefault(match[1].decode(), set()).add(token.text)
        return {name: values.pop() for name, values in found.items() if len(values) == 1}

    def expand(self, text: str) -> str | None:
        """A string with its `$name`s, or None where one is not known."""
        missing = False

        def known(match: re.Match[str]) -> str:
            nonlocal missing
            name = (match[1] or match[2]).rpartition(".")[2]
            missing = missing or name not in self.variables
            return self.variables.get(name, "")

        expanded = re.sub(r"\$\{([\w.]+)\}|\$([\w]+(?:\.\w+)*)", known, text)
        return None if missing or "$" in expanded else expanded

    # -- statements

    def statement_end(self, offset: int) -> int:
        """Where the statement at a point ends: its line, and more while brackets or a comma are open."""
        depth = 1 if self.code[offset - 1 : offset] == b"(" else 0
        for at in range(offset, len(self.code)):
            char = self.code[at : at + 1]
            if char in b"([":
                depth += 1
            elif char in b")]":
                depth -= 1
            elif char == b"}" or (depth <= 0 and self._ends(char, offset, at)):
                return at
        return len(self.code)

    def _ends(self, char: bytes, start: int, at: int) -> bool:
        is_open = self.code[start:at].rstrip().endswith((b",", b"("))
        return char == b"{" or (char in b"\n;" and not is_open)

    def release(self) -> int | None:
        """The Java release, from the first of the usual spellings."""
        match = _RELEASE.search(self.source.content)
        return (
            int(match[1])
            if match is not None and self.code[match.start() : match.start() + 1].strip()
            else None
        )

    # -- dependencies

    def dependencies(self) -> tuple[tuple[Artifact | Reference, ...], tuple[Artifact | Reference, ...]]:
        """Those of the module itself, and those that it states for the modules below it."""
        own: list[Artifact | Reference] = []
        below: list[Artifact | Reference] = []
        for block in self.blocks:
            around = self.around(block.start - 1)
            if block.head != "dependencies" or _NOT_OWN & set(around):
                continue
            found = list(self._entries(block))
            if "subprojects" not in around:
                own += found
            if {"subprojects", "allprojects"} & set(around):
                below += found
        return tuple(own), tuple(below)

    def _entries(self, block: _Block) -> Iterator[Artifact | Reference]:
        for match in _ENTRY.finditer(self.source.content, block.start, block.end):
            at = match.start(1) if match[1] is not None else match.start(2)
            scope = scope_of((match[1] or match[2]).decode("utf-8", "replace"))
            if scope is None or not self._is_in(at, block):
                continue
            end = self.statement_end(match.end())
            if _PLATFORM.search(self.code, match.end() - 1, end) is None:
                yield from self._named(match.end(), end, scope)

    def _is_in(self, at: int, block: _Block) -> bool:
        """Whether a statement is the block's own, and no part of a comment or of a text."""
        is_code = self.code[at : at + 1].strip() != b"" or any(at - 1 == one for one in self._strings)
        heads = self.around(at)
        return is_code and bool(heads) and heads[-1] == "dependencies"

    def _named(self, start: int, end: int, scope: str) -> Iterator[Artifact | Reference]:
        excludes = self._excludes(end)
        for match in _CATALOG.finditer(self.code, start, end):
            name, place = match[1].decode(), self.source.place(*match.span())
            kind: Literal["catalog", "bundle"] = "bundle" if name.startswith("bundles.") else "catalog"
            if not name.startswith(("versions.", "plugins.")):
                yield Reference(kind, name.removeprefix("bundles."), scope, place, excludes)
        for match in _ACCESSOR.finditer(self.code, start, end):
            path = ":" + match[1].decode().replace(".", ":")
            yield Reference("project", path, scope, self.source.place(*match.span()), excludes)
        projects = [match.end() for match in _PROJECT.finditer(self.code, start, end)]
        for at in projects:
            token = self.string_at(at)
            if token is not None:
                yield Reference("project", token.text, scope, token.place, excludes)
        named = {
            match[1].decode(): self.string_at(match.end()) for match in _NAMED.finditer(self.code, start, end)
        }
        group, name_token = named.get("group"), named.get("name")
        if group is not None and name_token is not None:
            version = named.get("version")
            stated = self.expand(version.text) if version is not None else None
            yield Artifact(group.text, name_token.text, stated, scope, name_token.place, excludes)
            return
        for token in self.strings(start, end):
            if token.place.start.offset - 1 not in projects and (
                found := self._notation(token, scope, excludes)
            ):
                yield found

    def _notation(self, token: Token, scope: str, excludes: tuple[str, ...]) -> Artifact | None:
        # A version that is not known must not hide what is meant.
        text = re.sub(r"\$\{[^}]*\}|\$[\w.]+", lambda one: self.expand(one[0]) or "$", token.text)
        match = _NOTATION.fullmatch(text)
        if match is None or "$" in match[1] + match[2]:
            return None
        version = match[3] if match[3] is not None and "$" not in match[3] else None
        return Artifact(match[1], match[2], version, scope, token.place, excludes)

    def _excludes(self, end: int) -> tuple[str, ...]:
        """`{ exclude group: "g", module: "n" }` right behind a dependency."""
        block = next((one for one in self.blocks if one.start - 1 == end), None)
        if block is None:
            gap = re.compile(rb"[\s)]*\{").match(self.code, end)
            block = next((one for one in self.blocks if gap and one.start == gap.end()), None)
        if block is None:
            return ()
        found = []
        for match in re.compile(rb"\bexclude\b").finditer(self.code, block.start, block.end):
            line = self.statement_end(match.end())
            named = {
                one[1].decode(): self.string_at(one.end())
                for one in _NAMED.finditer(self.code, match.end(), line)
            }
            group, name = named.get("group"), named.get("module")
            found.append(f"{group.text if group else '*'}:{name.text if name else '*'}")
        return tuple(found)

    # -- plugins

    def plugins(self) -> tuple[frozenset[str], frozenset[str], tuple[Reference, ...]]:
        """The ids of plugins that are applied here, those for the modules below, and aliases of a catalog."""
        own: set[str] = set()
        below: set[str] = set()
        aliases = []
        for at, end, name in self._plugin_names():
            around = self.around(at)
            if "pluginManagement" in around or _UNAPPLIED.match(self.code, end):
                continue
            if "subprojects" not in around:
                own.add(name)
            if {"subprojects", "allprojects"} & set(around):
                below.add(name)
        for match in self.code_matches(_PLUGIN_ALIAS):
            if not _UNAPPLIED.match(self.code, match.end()):
                place = self.source.place(*match.span())
                aliases.append(Reference("plugin", match[1].decode(), "", place))
        return frozenset(own), frozenset(below), tuple(aliases)

    def _plugin_names(self) -> Iterator[tuple[int, int, str]]:
        for match in self.code_matches(_PLUGIN_ID):
            token = self.string_at(match.end())
            if token is not None:
                yield match.start(), token.place.end.offset, token.text
        for match in self.code_matches(_PLUGIN_WORD):
            if "plugins" in self.around(match.start(match.lastindex or 0)):
                yield (
                    match.start(match.lastindex or 0),
                    match.end(),
                    (match[1] or match[2] or match[3]).decode(),
                )


def scope_of(configuration: str) -> str | None:
    """Maven's word for a Gradle configuration; None for one of which nothing is known."""
    if configuration in _SCOPES:
        return _SCOPES[configuration]
    match = _SUFFIX.fullmatch(configuration)
    if match is None:
        return None
    if re.search("test|jmh|bench|example|mock", match[1], re.IGNORECASE):
        return "test"
    if match[1] not in _MAIN_SETS:
        return None
    return _SCOPES.get(match[2][0].lower() + match[2][1:])


def _blanked(text: bytes) -> bytes:
    """Spaces for everything but line breaks, so that all offsets stay."""
    return re.sub(rb"[^\n]", b" ", text)
