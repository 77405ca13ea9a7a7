"""
Suppressions written into a text for findings in it: `--add-ignore`, and "ignore this" in an editor.

A comment goes behind the line, or on a line of its own above where the line would be long, has a comment
already, or where the format knows none behind a value. One that is there and speaks for the place is
extended. Whether a comment does what it should is not assumed but tried: the new text is read again, and if
the finding is not hidden, or something else than comments has changed, the next place is tried.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from alloclint import suppress
from alloclint.examine import LINTER
from alloclint.file import File
from alloclint.finding import Edit, Finding
from alloclint.fix.apply import applied
from alloclint.fix.damage import is_worse
from alloclint.languages import language_of
from alloclint.project.kinds import kind_of
from alloclint.project.manifest import ManifestFile
from alloclint.rule import Rule
from alloclint.settings import Limits
from alloclint.suppress import Suppression

#: How wide a line may become by a comment behind it; Python's formatters keep lines shorter.
_WIDTH, _PYTHON_WIDTH = 100, 88
_BOM = b"\xef\xbb\xbf"
_TOML = ("cargo", "cargo-config", "cross", "gradle-catalog", "pyproject")
_YAML = ("compose", "kubernetes", "workflow")
#: Nothing may stand behind a value in the others: it would belong to it, or be passed on.
_BEHIND = ("rust", "java", "python", "gradle", "shell", *_TOML, *_YAML)
#: An instruction over several lines must not be broken up by a comment.
_WHOLE = ("dockerfile", "shell", "systemd", "make")
_SLASHES = ("rust", "java", "gradle")

Where = Literal["extend", "behind", "above"]


@dataclass(frozen=True, slots=True)
class Spot:
    """
    A place for a comment: in an existing one, behind a line that ends at `at`, or above one that begins
    there.
    """

    where: Where
    at: int
    entry: Suppression | None = None


@dataclass(frozen=True, slots=True)
class Silenced:
    """
    A text in which the findings `hidden` are suppressed, each by the one of `comments` at its place in the
    list. `edits` made it and count the bytes of the text as
    it was; `left` are the findings for which no comment can be written.
    """

    source: bytes
    edits: tuple[Edit, ...]
    hidden: tuple[Finding, ...]
    left: tuple[Finding, ...]
    comments: tuple[Edit, ...] = ()

    def commented(self, finding: Finding) -> list[Finding]:
        """The hidden findings whose comment holds the place of a finding in the new text, and names them."""
        offset = finding.place.start.offset
        word = self.source[offset : finding.place.end.offset].decode(errors="replace")
        return [
            one
            for one, edit in zip(self.hidden, self.comments, strict=True)
            if 0 <= offset - _offset(edit.start, self.edits) < len(edit.text.encode()) and one.code == word
        ]


def silenced(
    source: bytes, path: str, findings: Iterable[Finding], rules: Sequence[Rule], reason: str = ""
) -> Silenced:
    """
    A text with suppressions for findings in it, which are those of this very text. `reason` stands behind
    them; it has one line.

    What the linter says of its own comments is left: those are to be mended, not explained by another
    comment.
    """
    given = sorted(findings, key=Finding.order)
    families = {rule.code: rule.family for rule in rules}
    wanted = [one for one in given if families.get(one.code, LINTER) != LINTER]
    writer = _Writer(source, path, rules, " ".join(reason.split()))
    chosen, edits = writer.written(wanted)
    done = tuple(one for one, _ in chosen)
    hidden = {id(one) for one in done}
    left = tuple(one for one in given if id(one) not in hidden)
    comments = tuple(writer.made[spot] for _, spot in chosen)
    return Silenced(applied(source, edits), tuple(edits), done, left, comments)


class _Writer:
    def __init__(self, source: bytes, path: str, rules: Sequence[Rule], reason: str) -> None:
        self.source = source
        self.path = path
        self.rules = rules
        self.codes = frozenset(rule.code for rule in rules)
        self.file = _file(path, source)
        self.kind = self.file.language.name
        # A comment in XML must not hold two hyphens, and none may end before its end.
        text = reason.replace("*/", "* /")
        self.reason = re.sub("-{2,}", "-", text).rstrip("-") if self.kind == "maven" else text
        self.codes_at: dict[int, set[str]] = {}
        self.made: dict[Spot, Edit] = {}
        self.covering = suppress.covering(suppress.find(self.file, rules, self.codes), self.file)

    def written(self, findings: Sequence[Finding]) -> tuple[list[tuple[Finding, Spot]], list[Edit]]:
        """The findings that can be silenced, with the places of their comments, and the edits that do so."""
        for one in findings:
            self.codes_at.setdefault(one.place.start.line, set()).add(one.code)
        trying = [(one, spots) for one in findings if (spots := list(self.spots(one)))]
        while trying:
            chosen = [(one, spots[0]) for one, spots in trying]
            edits = self.edits(chosen)
            failed = self.failed(chosen, edits)
            if not failed:
                return chosen, edits
            trying = [(one, spots[1:] if id(one) in failed else spots) for one, spots in trying]
            trying = [(one, spots) for one, spots in trying if spots]
        return [], []

    # ------------------------------------------------------------ places

    def spots(self, finding: Finding) -> Iterator[Spot]:
        """The places for a comment about a finding, the best first."""
        if self.kind == "cargo-lock" or self.path.endswith(".mvn/jvm.config"):
            # Cargo writes the one anew, and Maven takes each word of the other for an option.
            return
        at = finding.place.start.offset
        for entry in self.covering(at):
            if entry.selectors and entry.form in ("ignore", "ignore-next-line", "noqa"):
                yield Spot("extend", entry.place.end.offset, entry)
        start, end = _line_around(self.source, at)
        statement = suppress.statement_around(self.file, at)
        above = Spot("above", _line_around(self.source, statement[0])[0]) if statement else None
        if above and above.at < start and self.kind in _WHOLE:
            yield above
            return
        if self.has_room_behind(start, end, self.codes_at[finding.place.start.line]):
            yield Spot("behind", end)
        yield from (spot for spot in (Spot("above", start), above) if spot and self.has_room_above(spot.at))

    def has_room_behind(self, start: int, end: int, codes: set[str]) -> bool:
        """Whether a comment may stand behind a line, and the line remains one that fits."""
        line = self.source[start:end]
        if self.kind not in _BEHIND or line.endswith(b"\\") or not line.strip():
            return False
        last = start + len(line.rstrip()) - 1
        if self.file.unit.comment_at(last) is not None:
            return False
        width = len(line.decode(errors="replace").expandtabs(4)) + len(self.comment(codes)) + 2
        return width <= (_PYTHON_WIDTH if self.kind == "python" else _WIDTH)

    def has_room_above(self, start: int) -> bool:
        """Whether a line may stand above another one: the first is not its own, and some are continued."""
        before = self.source[_line_around(self.source, start - 1)[0] : start - 1] if start else b""
        if before.rstrip(b"\r").endswith(b"\\") and self.kind not in ("rust", "java"):
            return False
        return not self.source[start:].removeprefix(_BOM).startswith((b"#!", b"<?xml"))

    # ------------------------------------------------------------ texts

    def comment(self, codes: Iterable[str]) -> str:
        text = f"alloclint: ignore[{', '.join(sorted(codes))}]{self.explained()}"
        if self.kind == "maven":
            return f"<!-- {text} -->"
        return f"// {text}" if self.kind in _SLASHES else f"# {text}"

    def explained(self) -> str:
        dashes = "-" if self.kind == "maven" else "--"
        return f" {dashes} {self.reason}" if self.reason else ""

    def edits(self, chosen: Iterable[tuple[Finding, Spot]]) -> list[Edit]:
        """One edit for each spot, with the codes of all findings there."""
        codes: dict[Spot, set[str]] = {}
        for finding, spot in chosen:
            codes.setdefault(spot, set()).add(finding.code)
        made = {spot: list(self.at(spot, codes[spot])) for spot in sorted(codes, key=lambda one: one.at)}
        # The first names the rules; a reason may follow.
        self.made = {spot: edits[0] for spot, edits in made.items()}
        return [edit for edits in made.values() for edit in edits]

    def at(self, spot: Spot, codes: set[str]) -> Iterator[Edit]:
        if spot.entry is not None:
            yield from self.extended(spot.entry, codes)
        elif spot.where == "behind":
            start, end = _line_around(self.source, spot.at)
            # Blanks at the end of a line would stand before the comment.
            at = start + len(self.source[start:end].rstrip())
            gap = " " if self.kind in _SLASHES else "  "
            yield Edit(at, spot.at, gap + self.comment(codes))
        else:
            at = len(_BOM) if spot.at == 0 and self.source.startswith(_BOM) else spot.at
            yield Edit(at, at, self.indent(spot.at) + self.comment(codes) + self.line_end(spot.at))

    def extended(self, entry: Suppression, codes: set[str]) -> Iterator[Edit]:
        """More rules in a suppression that is there; it keeps its reason, if it has one."""
        text = "".join(f", {code}" for code in sorted(codes))
        reason = self.explained() if entry.reason is None else ""
        end = entry.place.end.offset
        if entry.form == "noqa":
            yield Edit(end, end, text + reason)
            return
        yield Edit(end - 1, end - 1, text)
        if reason:
            yield Edit(end, end, reason)

    def indent(self, start: int) -> str:
        # What a recipe of make begins with a tab is given to the shell, comments too.
        if self.kind == "make":
            return ""
        line = self.source[start : _line_around(self.source, start)[1]].removeprefix(_BOM)
        return line[: len(line) - len(line.lstrip(b" \t"))].decode()

    def line_end(self, start: int) -> str:
        newline = self.source.find(b"\n", start)
        if newline < 0:
            newline = self.source.rfind(b"\n")
        return "\r\n" if newline > 0 and self.source[newline - 1 : newline] == b"\r" else "\n"

    # ------------------------------------------------------------ what came of it

    def failed(self, chosen: Sequence[tuple[Finding, Spot]], edits: Sequence[Edit]) -> set[int]:
        """The findings, by identity, that the edits do not hide, or that they do harm for."""
        text = applied(self.source, edits)
        if self.is_harmed(text):
            alone = {id(one) for one, spot in chosen if self.is_harmed(self.with_only(one, spot))}
            return alone or {id(one) for one, _ in chosen}
        file = _file(self.path, text)
        found = suppress.find(file, self.rules, self.codes)
        moved = [_moved(one, edits) for one, _ in chosen]
        kept, _ = suppress.apply(moved, found, file, self.rules)
        visible = {id(one) for one in kept}
        return {id(one) for (one, _), there in zip(chosen, moved, strict=True) if id(there) in visible}

    def with_only(self, finding: Finding, spot: Spot) -> bytes:
        return applied(self.source, self.edits([(finding, spot)]))

    def is_harmed(self, text: bytes) -> bool:
        """Whether more than comments has changed, or it can no longer be parsed as it could."""
        if _meaning(self.kind, text) != _meaning(self.kind, self.source):
            return True
        return is_worse(self.path, self.source, text)


def _file(path: str, source: bytes) -> File:
    if language_of(path) is not None:
        return File.of(path, source, Limits())
    kind = kind_of(path)
    if kind is None:
        raise ValueError(f"{path}: the suffix is not one of a language that alloclint reads")
    return ManifestFile.written(path, source, kind)


def _line_around(source: bytes, offset: int) -> tuple[int, int]:
    """The bytes of the line around an offset, without its end."""
    start = source.rfind(b"\n", 0, offset) + 1
    end = source.find(b"\n", offset)
    end = len(source) if end < 0 else end
    return start, end - (source[start:end].endswith(b"\r"))


def _moved(finding: Finding, edits: Iterable[Edit]) -> Finding:
    """The finding where it stands after edits, for what asks for offsets only."""
    old = finding.place.start
    # A line that is put above moves what begins with the line, too.
    above = [edit for edit in edits if edit.start < old.offset or edit.text.endswith("\n")]
    start = replace(old, offset=_offset(old.offset + 1, above) - 1)
    return replace(finding, place=replace(finding.place, start=start))


def _offset(offset: int, edits: Iterable[Edit]) -> int:
    """Where an offset is after the edits before it."""
    before = (edit for edit in edits if edit.start < offset)
    return offset + sum(len(edit.text.encode()) - (edit.end - edit.start) for edit in before)


def _meaning(kind: str, source: bytes) -> object:
    """
    What programs read in a manifest, without its comments; None where that cannot be told. In Rust, Java and
    Python, what is a comment is known without that.
    """
    if kind in _TOML:
        return _toml(source)
    if kind in _YAML:
        return _yaml(source)
    return list(_shell(source)) if kind == "shell" else None


def _toml(source: bytes) -> str | None:
    try:
        return repr(tomllib.loads(source.decode()))
    except (ValueError, RecursionError):
        return None


def _yaml(source: bytes) -> list[tuple[str, object]] | None:
    import yaml

    try:
        # Events, because a template or a tag of another program's is no value that could be made.
        return [(type(one).__name__, getattr(one, "value", None)) for one in yaml.parse(source)]
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return None


def _shell(source: bytes) -> Iterator[bytes]:
    """The words of a script: the leaves of its tree, without comments."""
    import tree_sitter
    import tree_sitter_bash

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    waiting = [parser.parse(source).root_node]
    while waiting:
        node = waiting.pop()
        waiting += reversed(node.children)
        # Its parts are named, but the text of a string is in none of them.
        if not node.children or node.type in ("string", "heredoc_body"):
            text = b"" if node.type == "comment" else source[node.start_byte : node.end_byte]
            if text.strip():
                yield text.strip()
