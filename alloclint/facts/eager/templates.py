"""
Messages as templates: text that is joined or formatted, as a constant with placeholders and its arguments.

`"a " + x + " b"`, `String.format("a %s b", x)`, `f"a {x} b"`, `"a %s b" % x` and `"a {} b".format(x)` become
`"a %s b"` and `x`. Only what a placeholder prints in the same way is rewritten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.effects import effect_of
from alloclint.facts.names.strings import constant_string
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call


@dataclass(frozen=True, slots=True)
class Template:
    """`text` is a literal as it is typed, with its quotes; the text of `values` is typed after it."""

    text: str
    values: tuple[m.Expr, ...]

    def typed(self, call: Call) -> str:
        return ", ".join((self.text, *(call.text(one) for one in self.values)))


# ---------------------------------------------------------------- Java


def in_java(expression: m.Expr, call: Call, hole: str) -> Template | None:
    """What `+` or `String.format` makes, with `hole` (`{}` or `%s`) for each value."""
    if isinstance(expression, m.Call):
        return _formatted_in_java(expression, call, hole)
    operands = _operands(expression, call)
    if operands is None:
        return None
    text, values = "", []
    for operand in operands:
        literal = _literal_in_java(operand, call)
        if literal is None:
            text += hole
            values.append(operand)
        elif any(sign in literal for sign in (hole, "%" if hole == "%s" else "{}")):
            return None
        else:
            text += literal
    return Template(f'"{text}"', tuple(values)) if values else None


def _operands(expression: m.Expr, call: Call) -> list[m.Expr] | None:
    """The operands of a chain of `+` that joins text from its first or second one on."""
    found: list[m.Expr] = []
    while isinstance(expression, m.Binary) and expression.op == "+":
        found.append(expression.right)
        expression = expression.left
    found.append(expression)
    found.reverse()
    is_text = [call.file.facts.types.known(call.type_of(one)) == "String" for one in found[:2]]
    return found if len(found) > 1 and any(is_text) else None


def _literal_in_java(operand: m.Expr, call: Call) -> str | None:
    """The inside of a literal as it is written; None for what is a value, and for a block of text."""
    if not isinstance(operand, m.Literal) or operand.kind not in ("string", "char"):
        return None
    written = call.text(operand)
    if written.startswith('"""'):
        return None
    inside = written[1:-1]
    return {"\\'": "'", '"': '\\"'}.get(inside, inside) if operand.kind == "char" else inside


_SPECS_IN_JAVA = re.compile(r"%[a-zA-Z%]|%[^a-zA-Z%]+[a-zA-Z%]")


def _formatted_in_java(node: m.Call, call: Call, hole: str) -> Template | None:
    effect = effect_of(node, call)
    pattern = node.args[0] if node.args and effect is not None and node.last == "format" else None
    if not isinstance(pattern, m.Literal) or not isinstance(pattern.value, str) or len(node.args) < 2:
        return None
    written = call.text(pattern)
    specs = _SPECS_IN_JAVA.findall(written)
    fits = len(specs) == len(node.args) - 1 and all(spec in ("%s", "%d") for spec in specs)
    if not fits or written.startswith('"""') or "{" in written:
        return None
    text = re.sub("%[sd]", lambda _: hole, written)
    return Template(text, node.args[1:])


# ---------------------------------------------------------------- Python


def in_python(expression: m.Expr, call: Call) -> Template | None:
    """What an f-string, `%`, `format` or `+` makes, with `%s` for each value."""
    if isinstance(expression, m.Opaque):
        return _interpolated(expression, call)
    if isinstance(expression, m.Binary) and expression.op == "%":
        return _filled_in(expression, call)
    if isinstance(expression, m.Call) and expression.last == "format":
        return _formatted_in_python(expression, call)
    return _joined_in_python(expression, call)


_OPENING = re.compile(r"""([fFrR]{1,2})("|')(?!\2\2)""")
_FIELD_END = re.compile(r"\s*(?:!([rsa]))?\s*(?::([^{}]*))?\s*\}")
#: Format specifications that mean the same behind a `%`: a number of decimals, a whole number, hexadecimal.
_SPEC = re.compile(r"\.\d+f|d|x|X|e|g")


def _interpolated(node: m.Opaque, call: Call) -> Template | None:
    """An f-string on one line; of several literals in a row, or with fields in fields, nothing is said."""
    written = call.text(node)
    opening = _OPENING.match(written)
    if opening is None or not written.endswith(opening[2]) or "\n" in written:
        return None
    text, at, values = "", opening.end(), _fields(node, call)
    for value in values:
        start, end = _within(node, value, call)
        before, brace, inside = written[at:start].rpartition("{")
        after = _FIELD_END.match(written, end)
        spec = _placeholder(after[1], after[2]) if after is not None else None
        if after is None or spec is None or not brace or inside.strip():
            return None
        text += _plain(before) + spec
        at = after.end()
    rest, quote = written[at:-1], opening[2]
    # A quote in the rest ends the first of several literals in a row.
    if not values or quote in rest or _opens(rest):
        return None
    prefix = "r" if "r" in opening[1].lower() else ""
    return Template(f"{prefix}{quote}{text}{_plain(rest)}{quote}", tuple(values))


def _fields(node: m.Opaque, call: Call) -> list[m.Expr]:
    """The expressions in the braces, in order; one with a format is read together with its braces."""
    found: list[m.Expr] = []
    for part in node.parts:
        braced = isinstance(part, m.Opaque) and call.text(part).startswith("{")
        found.append(part.parts[0] if isinstance(part, m.Opaque) and braced and part.parts else part)
    return sorted(found, key=lambda one: one.start)


def _within(node: m.Expr, part: m.Expr, call: Call) -> tuple[int, int]:
    """Where a part of an expression begins and ends in its text, in characters."""
    source = call.file.source
    start, end = source[node.start : part.start], source[node.start : part.end]
    return len(start.decode("utf-8", "replace")), len(end.decode("utf-8", "replace"))


def _placeholder(conversion: str | None, spec: str | None) -> str | None:
    if not spec:
        return f"%{conversion or 's'}"
    return f"%{spec}" if conversion is None and _SPEC.fullmatch(spec) else None


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}").replace("%", "%%")


def _opens(text: str) -> bool:
    return "{" in text.replace("{{", "").replace("}}", "")


def _filled_in(node: m.Binary, call: Call) -> Template | None:
    """`"…%s" % x`: a tuple's members are arguments of their own; what may be a tuple is left alone."""
    if not isinstance(node.left, m.Literal) or node.left.kind != "string":
        return None
    right = node.right
    if isinstance(right, m.Display) and right.kind == "tuple" and right.items:
        if any(isinstance(one, m.Keyword) for one in right.items):
            return None
        return Template(call.text(node.left), right.items)
    known = call.file.facts.types.known(call.type_of(right)) or call.file.facts.types.integer(
        call.type_of(right)
    )
    single = known in ("str", "int", "list") or isinstance(right, m.Call)
    return Template(call.text(node.left), (right,)) if single else None


def _formatted_in_python(node: m.Call, call: Call) -> Template | None:
    """`"…{}…".format(x)` with plain holes only."""
    pattern = node.receiver
    if not isinstance(pattern, m.Literal) or pattern.kind != "string":
        return None
    written = call.text(pattern)
    holes = written.count("{}")
    plain = written.replace("{}", "")
    if holes != len(node.args) or "{" in plain or "}" in plain or not holes:
        return None
    if any(isinstance(one, m.Keyword) for one in node.args):
        return None
    text = written.replace("%", "%%").replace("{}", "%s")
    return Template(text, node.args)


def _joined_in_python(expression: m.Expr, call: Call) -> Template | None:
    operands: list[m.Expr] = []
    while isinstance(expression, m.Binary) and expression.op == "+":
        operands.append(expression.right)
        expression = expression.left
    operands.append(expression)
    text, values = "", []
    for operand in reversed(operands):
        known = constant_string(operand, call)
        if known is not None and isinstance(operand, m.Literal) and isinstance(known.value, str):
            text += known.value.replace("%", "%%")
        else:
            text += "%s"
            values.append(_asked(operand))
    if len(operands) < 2 or not values or not text.isprintable() or '"' in text or "\\" in text:
        return None
    return Template(f'"{text}"', tuple(values))


def _asked(operand: m.Expr) -> m.Expr:
    """`x` for `str(x)`, which is what `%s` does itself."""
    is_text = isinstance(operand, m.Call) and operand.name == ("str",) and len(operand.args) == 1
    return operand.args[0] if is_text and isinstance(operand, m.Call) else operand
