"""
Valid code that the grammars do not know, written so that they do.

Where a parse has errors, what stands there may be newer than the grammar, or a corner that it leaves out:
`str![…]` in Rust, `super(x)` after a statement in Java. Such code is written over with as many bytes that
the grammar takes, and parsed again. A rewrite stays only if less is damaged by it. Positions do not change,
and names and literals are read from the source itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import tree_sitter

from alloclint.syntax.reading import OPEN_TO_MACROS, damaged

#: How often the text is looked through: one rewrite may uncover what another is for.
_ROUNDS = 6
#: Rewrites are looked for this many lines above and below the damage, which may begin behind what caused it,
#: and end before it.
_LINES = 2
#: More damage than this is no matter of syntax that a grammar does not know.
_MOST_FAULTS = 1000


class _Mask(NamedTuple):
    """What to write over: all groups of `pattern`, each byte but line breaks becoming `by`."""

    pattern: re.Pattern[bytes]
    by: bytes = b" "


_PRIMITIVE = rb"(?:str|bool|char|[iu](?:8|16|32|64|128|size)|f(?:32|64))"
_ITEM = (
    rb"(?:pub|fn|mod|struct|enum|union|impl|use|const|static|async|unsafe|extern|type|trait|let|macro_rules)"
)
_MANIFEST = re.compile(
    rb"\A(?:\xef\xbb\xbf|\s|#![^\[\n][^\n]*\n)*((-{3,})[^\n-][^\n]*\n(?:[^\n]*\n)*?\2|(-{3,})\n(?:[^\n]*\n)*?\3)[^\S\n]*$",
    re.M,
)
#: An attribute on one line that belongs to no item.
_ATTRIBUTE = re.compile(
    rb"(#\s*\[(?:[^\[\]\"\n]|\"[^\"\n]*\"|\[[^\[\]\n]*\])*\])(?!(?:\s|//[^\n]*\n)*(?:#|%s\b))" % _ITEM
)
_MASKS = {
    "rust": (
        # `str!["…"]`, `try!(…)`, `bool @ Kind::Yes`: names of types and keywords as names.
        _Mask(re.compile(rb"(?<![\w.:])(%s|try)(?=\s*!\s*[\[({])" % _PRIMITIVE), b"_"),
        _Mask(re.compile(rb"(?<![\w.:])(%s|raw)(?=\s*@)" % _PRIMITIVE), b"_"),
        _Mask(re.compile(rb"(?<=<)(raw)(?=>)"), b"_"),
        # A script's manifest: `---`, its lines, `---`.
        _Mask(_MANIFEST),
        # Attributes of the fields of a pattern and of expressions.
        _Mask(_ATTRIBUTE),
        # `f::<>(x)`, `let Pair::<T> { a, b } = …`, `<T as Into::<U>>`, `Range<-5, 5>`.
        _Mask(re.compile(rb"(?<=\w)(::<\s*>)")),
        _Mask(re.compile(rb"(?<=\w)(::<[^;{}()<>]*>)(?=\s*[{(])")),
        _Mask(re.compile(rb"(?<=\w)(::)(?=<[^;{}()]*>)")),
        _Mask(re.compile(rb"(?<=[<,])\s*(-)(?=\d)")),
        # `safe fn` and `type X;` of an extern block, `auto trait`.
        _Mask(re.compile(rb"(?<!\w)(safe)(?=\s+(?:fn|static)\b)")),
        _Mask(re.compile(rb"(?<!\w)((?:pub(?:\([\w: ]*\))?\s+)?type\s+\w+\s*(?:<[^;{}]*>)?\s*;)")),
        _Mask(re.compile(rb"(?<!\w)(auto)(?=\s+trait\b)")),
        # `struct A where T: B;`, `where (): B`, `A: B + C + {`, `dyn 'static + A`.
        _Mask(re.compile(rb"\bstruct\s+\w+(?:<[^;{}]*>)?\s*(?:\([^;{}]*\)\s*)?(where\b[^;{}]*)(?=;)")),
        _Mask(re.compile(rb"(\(\))(?=\s*:(?!:))"), b"_"),
        _Mask(re.compile(rb"(\+)(?=\s*(?:\{|where\b|>))")),
        _Mask(re.compile(rb"\b(?:dyn|impl)\s+('\w+\s*\+)")),
        # `impl const A for B`, `T: ~const A`, `T: [const] A`, `for<'a> |x: &'a u8| …`.
        _Mask(re.compile(rb"\bimpl\b(?:\s*<[^;{}]*>)?\s+(const)\b")),
        _Mask(re.compile(rb"(~\s*const|\[\s*const\s*\])(?=\s+\w)")),
        _Mask(re.compile(rb"(\bfor\s*<[^<>;{}()]*>)(?=\s*(?:move\s*)?\|)")),
        # `x as usize <= y`, which is no list of generic arguments.
        _Mask(re.compile(rb"\bas\s+[\w:\s]+(<)(?==)"), b"="),
        # Escapes may have underscores between their digits.
        _Mask(re.compile(rb"\\u\{([0-9a-fA-F]+_[0-9a-fA-F_]*)(?=\})"), b"0"),
    ),
    "java": (
        _Mask(re.compile(rb"^\s*import\s+(module)(?=\s+\w)", re.M)),
        # A constructor may do something before it calls another.
        _Mask(re.compile(rb"(?<![\w.])(super|this)(?=\s*\()"), b"_"),
        _Mask(re.compile(rb"(?<![\w.])(when)(?=\s*[=;.,!)+\-*/<>&|?:\[])"), b"_"),
    ),
    "python": (
        # The default of a type parameter: `def f[T = int](…)`.
        _Mask(
            re.compile(
                rb"\b(?:def|class|type)\s+\w+\s*\[(?:[^\[\]=\n]|\[[^\[\]\n]*\])*?"
                rb"(=(?:[^,\[\]\n]|\[[^\[\]\n]*\])*)(?=[,\]])"
            )
        ),
    ),
}  # fmt: skip


def mended(tree: tree_sitter.Tree, source: bytes, language: str) -> tree_sitter.Tree:
    """What `source` was parsed to, or what a rewrite of it is parsed to that has fewer errors."""
    masks = _MASKS[language]
    for _ in range(_ROUNDS):
        better = _improved(tree, source, masks)
        if better is None:
            return tree
        tree, source = better
    return tree


def _improved(
    tree: tree_sitter.Tree, source: bytes, masks: Sequence[_Mask]
) -> tuple[tree_sitter.Tree, bytes] | None:
    """The tree and the text after each rewrite that leaves less damaged; None if there is none."""
    parser, before = tree_sitter.Parser(tree.language), source
    spans = damaged(tree.root_node, OPEN_TO_MACROS)
    for mask in masks:
        if not 0 < len(spans) <= _MOST_FAULTS:
            break
        changed = _masked(mask, source, list(_windows(spans, source)))
        if changed == source:
            continue
        other = parser.parse(changed)
        left = damaged(other.root_node, OPEN_TO_MACROS)
        if _severity(left) < _severity(spans):
            tree, source, spans = other, changed, left
    return (tree, source) if source is not before else None


def _severity(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """How much is damaged: how many places, and how many bytes."""
    return len(spans), sum(end - start for start, end in spans)


def _windows(spans: Sequence[tuple[int, int]], source: bytes) -> Iterator[tuple[int, int]]:
    """The whole lines in which rewrites are looked for."""
    for first, last in spans:
        start, end = first, last
        for _ in range(_LINES + 1):
            start = max(source.rfind(b"\n", 0, start), 0)
            below = source.find(b"\n", end + 1)
            end = below if below >= 0 else len(source)
        yield start, end


def _masked(mask: _Mask, source: bytes, windows: list[tuple[int, int]]) -> bytes:
    text = bytearray(source)
    for found in mask.pattern.finditer(source):
        if any(found.start() < end and start < found.end() for start, end in windows):
            start, end = found.span(1)
            text[start:end] = re.sub(rb"[^\r\n]", mask.by, found[1])
    return bytes(text)
