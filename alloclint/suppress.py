"""
What the author of a file does not want to hear: ignore comments, `# noqa` and `@SuppressWarnings`.

Found in comments only (a string that contains the words is data), matched with the findings of the file, and
kept with a mark of what was used, so that rules can report the ones that hide nothing or name no rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from alloclint.finding import Finding, Place
from alloclint.rule import nearest
from alloclint.syntax import model

if TYPE_CHECKING:
    from alloclint.file import File
    from alloclint.rule import Rule

#: A file without this has no suppression and need not be parsed for one.
_CODE = re.compile(rb"ALC\d")
_IGNORE = re.compile(rb"alloclint[ \t]*:[ \t]*(ignore[\w-]*)")
_NOQA = re.compile(rb"#\s*noqa(?!\w)(?:[ \t]*:[ \t]*([A-Z]+[0-9]+(?:[, \t]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_WARNINGS = re.compile(rb"@(?:java\.lang\.)?SuppressWarnings\s*\(")
#: What follows a suppression up to the end of the line. A comment in XML must not hold two hyphens.
_REASON = re.compile(rb"[ \t]+--[ \t]+(\S.*)")
_REASON_IN_XML = re.compile(rb"[ \t]+-[ \t]+(\S.*)")
#: Behind an annotation it stands in a comment.
_REASON_BEHIND = re.compile(rb"[ \t]*(?://|/\*)[ \t]*--[ \t]+(\S.*)")
#: A directive begins its comment, a line of it, or follows another mark: prose that mentions one is none.
_LEAD = re.compile(rb"(?:^(?:<!-+|;)?|[\n#/*])[ \t#/*!]*$")
_JAVA_TOKEN = re.compile(
    rb'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/|[(){}\[\];=]',
    re.DOTALL,
)
Form = Literal["ignore", "ignore-next-line", "ignore-file", "noqa", "annotation"]
_FORMS: dict[bytes, Form] = {
    b"ignore": "ignore",
    b"ignore-next-line": "ignore-next-line",
    b"ignore-file": "ignore-file",
}
_SIMPLE = (model.Let, model.Assign, model.Eval, model.Exit, model.FieldDecl)


@dataclass(frozen=True, slots=True)
class Selector:
    """
    One rule, family or prefix in a suppression's list.

    `judged`: every rule it names has run, so that an unused one is certainly superfluous.
    `nearest` is the valid name an unknown one was most likely meant to be.
    """

    text: str
    place: Place
    known: bool
    judged: bool
    nearest: str | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class Suppression:
    """
    One suppression. Without selectors it hides every rule.

    It hides what begins in the bytes `span`. With `edge`, also what is in a statement that begins (`start`)
    or ends (`end`) there. `reason` is what its author says of it, None if that is nothing.
    """

    place: Place
    form: Form
    span: tuple[int, int]
    selectors: tuple[Selector, ...] = ()
    edge: Literal["start", "end"] | None = None
    judged: bool = False
    used: bool = False
    reason: str | None = None

    @property
    def must_explain(self) -> bool:
        """Whether it is to say why, where reasons are required: all but one that speaks to every linter."""
        return self.form != "noqa" or bool(self.selectors)


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All suppressions of a file, in the order of the text."""

    entries: tuple[Suppression, ...] = ()


def may_be_in(file: File) -> bool:
    """Whether a file can have a suppression, going by its words alone."""
    if file.language.name == "python" and _NOQA.search(file.source) is not None:
        return True
    return is_mentioned(file.source)


def is_mentioned(source: bytes) -> bool:
    """Whether a source names this linter or one of its rules."""
    # The search for plain words is several times faster than that of an expression.
    return b"alloclint" in source or (b"ALC" in source and _CODE.search(source) is not None)


def find(
    file: File,
    rules: Sequence[Rule],
    active: Collection[str],
    unsure: Collection[str] = (),
    *,
    noqa: bool = True,
) -> Suppressions:
    """
    The suppressions of a file. `rules` are all that exist, `active` the codes of those that run, `unsure` of
    those among them that have not seen everything: one that names such a rule is never called superfluous.
    Without `noqa`, what a `# noqa` hides is left to whoever asks.
    """
    reader = _Reader(file, rules, active, unsure)
    entries: list[Suppression] = []
    if is_mentioned(file.source):
        entries += reader.comments()
        entries += reader.annotations() if file.language.name == "java" else ()
    if noqa and file.language.name == "python":
        entries += reader.noqas()
    return Suppressions(tuple(sorted(entries, key=lambda entry: entry.place.start)))


def apply(
    findings: Iterable[Finding], found: Suppressions, file: File, rules: Iterable[Rule]
) -> tuple[list[Finding], Suppressions]:
    """The findings that nothing hides, and the suppressions with those marked that were of use."""
    if not found.entries:
        return list(findings), found
    by_code = {rule.code: rule for rule in rules}
    covering = _Covering(found.entries, file.unit)
    used: set[tuple[int, int]] = set()
    kept = []
    for finding in findings:
        hits = set(_hits(finding, covering, by_code[finding.code]))
        used |= hits
        if not hits:
            kept.append(finding)
    useful = {index for index, _ in used}
    return kept, Suppressions(
        tuple(
            _marked(entry, index, used) if index in useful else entry
            for index, entry in enumerate(found.entries)
        )
    )


def covering(found: Suppressions, file: File) -> Callable[[int], list[Suppression]]:
    """A function from an offset to the suppressions that speak of what begins there."""
    by_place = _Covering(found.entries, file.unit)
    return lambda offset: [by_place.entries[number] for number in by_place.at(offset)]


def statement_around(file: File, offset: int) -> tuple[int, int] | None:
    """The bytes of the statement, or the instruction of a manifest, that one comment speaks for."""
    return _Statements(file.unit).around(offset)


def _hits(finding: Finding, covering: _Covering, rule: Rule) -> Iterator[tuple[int, int]]:
    """Which entries hide a finding, and by which of their selectors (-1: by having none)."""
    for index in covering.at(finding.place.start.offset):
        entry = covering.entries[index]
        # What the linter says of suppressions themselves must be named: a bare one would hide that it is
        # superfluous.
        if not entry.selectors and rule.family != "linter":
            yield index, -1
        for number, selector in enumerate(entry.selectors):
            if rule.answers(selector.text):
                yield index, number


class _Covering:
    """Which suppressions speak of a place. Generated files may have one for each of their findings."""

    def __init__(self, entries: Sequence[Suppression], unit: model.Unit) -> None:
        self.entries = entries
        self._spans = _Spans(entry.span for entry in entries)
        self._statements = _Statements(unit)
        self._edges = any(entry.edge for entry in entries)

    def at(self, offset: int) -> list[int]:
        """The numbers of the entries, in the order of the text."""
        found = set(self._spans.around(offset))
        statement = self._statements.around(offset) if self._edges else None
        if statement:
            found.update(self._with_edge("start", statement[0]))
            found.update(self._with_edge("end", statement[1] - 1))
        return sorted(found)

    def _with_edge(self, edge: str, offset: int) -> Iterator[int]:
        return (index for index in self._spans.around(offset) if self.entries[index].edge == edge)


def _marked(entry: Suppression, index: int, used: set[tuple[int, int]]) -> Suppression:
    selectors = tuple(
        replace(selector, used=(index, number) in used) for number, selector in enumerate(entry.selectors)
    )
    return replace(entry, selectors=selectors, used=True)


class _Reader:
    """Reads the suppressions of one file; it holds what all of the readers below need."""

    def __init__(
        self, file: File, rules: Sequence[Rule], active: Collection[str], unsure: Collection[str]
    ) -> None:
        self.file = file
        self.source = file.source
        self.rules = rules
        self.active = active
        self.unsure = unsure
        self.all_judged = all(rule.code in active for rule in rules)
        self.letters = {rule.code.rstrip("0123456789") for rule in rules}
        self.is_xml = file.language.name == "maven"

    def comments(self) -> Iterator[Suppression]:
        for hit in _IGNORE.finditer(self.source):
            comment = self.comment_at(hit.start())
            if not comment or not _LEAD.search(self.source[comment[0] : hit.start()]):
                continue
            if entry := self.directive(hit, comment):
                yield entry

    def directive(self, hit: re.Match[bytes], comment: tuple[int, int]) -> Suppression | None:
        form = _FORMS.get(hit[1])
        eol = _line_end(self.source, hit.end())
        stop = min(eol, comment[1])
        close = self.source.find(b"]", hit.end(), stop)
        listed = self.source[hit.end() : hit.end() + 1] == b"["
        end = close + 1 if listed and close >= 0 else hit.end()
        selectors = tuple(self.listed(hit.end() + 1, close)) if listed and close >= 0 else ()
        # What cannot be read hides nothing; that it cannot is said where annotations are read.
        if form is None or (listed and not selectors):
            return None
        span, edge = self.reach(form, comment)
        return self.entry(self.file.place(hit.start(), end), form, span, selectors, edge)

    def listed(self, start: int, end: int) -> Iterator[Selector]:
        for word in re.finditer(rb"[^\s,]+", self.source[start:end]):
            yield self.selector(word[0], start + word.start())

    def selector(self, word: bytes, start: int) -> Selector:
        text = word.decode(errors="replace")
        named = [rule.code for rule in self.rules if rule.answers(text)]
        judged = all(code in self.active and code not in self.unsure for code in named)
        near = None if named else nearest(text, self.rules)
        return Selector(text, self.file.place(start, start + len(word)), bool(named), judged, near)

    def entry(
        self,
        place: Place,
        form: Form,
        span: tuple[int, int],
        selectors: tuple[Selector, ...],
        edge: Literal["start", "end"] | None = None,
    ) -> Suppression:
        reason = self.reason(place.end.offset, form)
        return Suppression(place, form, span, selectors, edge, self.all_judged, reason=reason)

    def reason(self, offset: int, form: Form) -> str | None:
        """What stands behind a suppression that ends at an offset, up to the end of its comment's line."""
        rest = self.source[offset : _line_end(self.source, offset)].rstrip()
        rest = rest.removesuffix(b"-->" if self.is_xml else b"*/").rstrip()
        syntax = _REASON_IN_XML if self.is_xml else _REASON
        found = (_REASON_BEHIND if form == "annotation" else syntax).match(rest)
        return found[1].decode(errors="replace") if found else None

    def reach(
        self, form: str, comment: tuple[int, int]
    ) -> tuple[tuple[int, int], Literal["start", "end"] | None]:
        """The bytes that a comment speaks for: the file, the next line of code, or its own line."""
        if form == "ignore-file":
            return (0, len(self.source) + 1), None
        if form == "ignore-next-line" or self.stands_alone(comment):
            return self.next_code(comment[1]), "start"
        return (_line_start(self.source, comment[0]), _line_end(self.source, comment[1])), "end"

    def stands_alone(self, comment: tuple[int, int]) -> bool:
        before = self.source[_line_start(self.source, comment[0]) : comment[0]]
        after = self.source[comment[1] : _line_end(self.source, comment[1])]
        return not before.removeprefix(BOM_UTF8).strip() and not after.strip()

    def next_code(self, offset: int) -> tuple[int, int]:
        """
        The first line below `offset` that is neither blank nor only a comment; an empty span at the end of
        the file.
        """
        while (newline := self.source.find(b"\n", offset)) >= 0:
            start, end = newline + 1, _line_end(self.source, newline + 1)
            text = self.source[start:end].lstrip()
            comment = self.comment_at(end - len(text)) if text else (start, start)
            if comment is None or self.source[comment[1] : _line_end(self.source, comment[1])].strip():
                return start, end
            offset = comment[1]
        return len(self.source), len(self.source)

    def comment_at(self, offset: int) -> tuple[int, int] | None:
        comment = self.file.unit.comment_at(offset)
        # Some grammars count the line's end to the comment.
        if comment and self.source[comment[1] - 1 : comment[1]] == b"\n":
            return comment[0], comment[1] - 1
        return comment

    def noqas(self) -> Iterator[Suppression]:
        for hit in _NOQA.finditer(self.source):
            if not self.comment_at(hit.start()):
                continue
            span = _line_start(self.source, hit.start()), _line_end(self.source, hit.start())
            ours = tuple(self.noqa_codes(hit))
            # A list with codes of other linters only is not meant for us; without a list it is meant for all.
            if ours or not hit[1]:
                yield self.entry(self.file.place(*hit.span()), "noqa", span, ours, "end")

    def noqa_codes(self, hit: re.Match[bytes]) -> Iterator[Selector]:
        for word in re.finditer(rb"[A-Za-z]+[0-9]+", hit[1] or b""):
            if word[0].upper().rstrip(b"0123456789").decode() in self.letters:
                yield self.selector(word[0], hit.start(1) + word.start())

    def annotations(self) -> Iterator[Suppression]:
        for hit in _WARNINGS.finditer(self.source):
            if self.comment_at(hit.start()):
                continue
            close, words = _arguments(self.source, hit.end())
            place = self.file.place(hit.start(), close)
            span = hit.start(), _declaration_end(self.source, close)
            selectors = tuple(
                self.selector(text[10:], start + 10)
                for text, start in words
                if re.match(rb"alloclint[.:]\S", text)
            )
            bare = any(text == b"alloclint" for text, _ in words)
            if bare or selectors:
                yield self.entry(place, "annotation", span, () if bare else selectors)


def _line_start(source: bytes, offset: int) -> int:
    return source.rfind(b"\n", 0, offset) + 1


def _line_end(source: bytes, offset: int) -> int:
    end = source.find(b"\n", offset)
    return len(source) if end < 0 else end


def _arguments(source: bytes, start: int) -> tuple[int, list[tuple[bytes, int]]]:
    """
    The end of an argument list that begins before `start`, and the string literals in it with their offsets.
    """
    words: list[tuple[bytes, int]] = []
    depth = 1
    for token in _JAVA_TOKEN.finditer(source, start):
        if token[0].startswith(b'"'):
            words.append((token[0].strip(b'"'), token.start() + 1))
        depth += (token[0] == b"(") - (token[0] == b")")
        if depth == 0:
            return token.end(), words
    return len(source), []


def _declaration_end(source: bytes, start: int) -> int:
    """
    The end of the Java declaration that follows: a `;` or a closed `{…}` outside of brackets.

    The text is enough: annotations stand before classes, methods, fields, locals and parameters alike, and a
    damaged tree around them changes nothing. A parameter ends with its list.
    """
    depth, assigned = 0, False
    for token in _JAVA_TOKEN.finditer(source, start):
        mark = token[0]
        if mark in (b"(", b"{", b"["):
            depth += 1
        elif mark in (b")", b"}", b"]"):
            depth -= 1
        assigned = assigned or (mark == b"=" and depth == 0)
        if depth < 0 or (depth == 0 and (mark == b";" or (mark == b"}" and not assigned))):
            return token.end()
    return len(source)


# ---------------------------------------------------------------- statements


class _Spans:
    """Which of many stretches, `end` exclusive, are around an offset: by a search, not by a look at each."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        edges = [
            (offset, closing, number)
            for number, span in enumerate(spans)
            for closing, offset in enumerate(span)
        ]
        self._offsets: list[int] = []
        self._open: list[tuple[int, ...]] = []
        # A dictionary, because it keeps the order and forgets at once.
        open_now: dict[int, None] = {}
        for offset, group in groupby(sorted(edges), lambda edge: edge[0]):
            for _, closing, number in group:
                if closing:
                    del open_now[number]
                else:
                    open_now[number] = None
            self._offsets.append(offset)
            self._open.append(tuple(open_now))

    def around(self, offset: int) -> tuple[int, ...]:
        """The numbers of the stretches that hold the offset."""
        index = bisect_right(self._offsets, offset) - 1
        return self._open[index] if index >= 0 else ()


class _Statements:
    """The simple statements and field declarations of a file, found from offsets in them."""

    def __init__(self, unit: model.Unit) -> None:
        self._top = _Level([*unit.fields, *unit.functions, *unit.types])
        self._below: dict[model.Node, _Level] = {}

    def around(self, offset: int) -> tuple[int, int] | None:
        """
        The bytes of the innermost one around an offset.

        The value of a block or closure counts as part of the statement it stands in.
        """
        best: model.Node | None = None
        waiting = self._top.around(offset)
        while waiting:
            node = waiting.pop()
            if isinstance(node, _SIMPLE) and (best is None or _is_closer(node, best)):
                best = node
            waiting += self._level(node).around(offset)
        return best.span if best else None

    def _level(self, node: model.Node) -> _Level:
        if node not in self._below:
            self._below[node] = _Level(list(_parts(node)))
        return self._below[node]


class _Level:
    """The parts of one node."""

    def __init__(self, nodes: list[model.Node]) -> None:
        self._nodes = nodes
        self._spans = _Spans(node.span for node in nodes)

    def around(self, offset: int) -> list[model.Node]:
        return [self._nodes[number] for number in self._spans.around(offset)]


def _is_closer(node: model.Node, best: model.Node) -> bool:
    if _is_tail(node) != _is_tail(best):
        return _is_tail(best)
    return node.end - node.start < best.end - best.start


def _is_tail(node: model.Node) -> bool:
    return isinstance(node, model.Eval) and node.tail


def _parts(node: model.Node) -> Iterator[model.Node]:
    if isinstance(node, model.Function):
        # Its other fields lead back to the type that owns it.
        if node.body:
            yield node.body
        return
    if isinstance(node, model.TypeDecl):
        yield from (*node.fields, *node.functions, *node.types)
        return
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[model.Node]:
    if isinstance(value, model.Node):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _nodes(item)
