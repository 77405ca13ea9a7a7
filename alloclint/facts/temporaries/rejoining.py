"""How a value that a loop makes longer is written so that nothing is copied, and the edits that do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.facts.temporaries.joining import Join, Joining, join_of, operands
from alloclint.facts.walk.scopes import Use
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File

_LONGEST = 60
#: A plain string literal that begins with a place to be filled in, and goes on.
_PERCENT = re.compile(r"(['\"])(%s)(.+)\1")
_BRACES = re.compile(r"(['\"])(\{\})(.+)\1")


def rejoined(joining: Joining) -> Suggestion:
    """What to write instead of the joins, in the language's own way."""
    text, edits, applicability = _WRITERS[joining.function.file.language.name](joining)
    return Suggestion(text, None, applicability if edits else Applicability.display, edits)


_Written = tuple[str, tuple[Edit, ...], Applicability]


def _added(join: Join, file: File) -> str:
    """What a join adds, as short as it fits on a line."""
    text = " + ".join(file.text(*part.span) for part in join.added)
    value = join.assign.value
    is_sum = join.assign.op == "+=" or (isinstance(value, m.Binary) and value.op == "+")
    is_whole = is_sum or _separator(join, file) is not None
    return text if is_whole and 0 < len(text) <= _LONGEST and "\n" not in text else "…"


def _separator(join: Join, file: File) -> str | None:
    """Python: what `", ".join([s, x])` puts between its two parts."""
    value = join.assign.value
    is_join = isinstance(value, m.Call) and value.last == "join" and len(join.added) == 1
    return (
        file.text(*value.receiver.span) if is_join and isinstance(value, m.Call) and value.receiver else None
    )


# ---------------------------------------------------------------- Java


def _in_java(joining: Joining) -> _Written:
    file, first = joining.function.file, joining.joins[0]
    name = joining.text.removeprefix("this.")
    if first.how == "prepend":
        text = (
            '`parts.add(…)` in the loop, `Collections.reverse(parts)` and `String.join("", parts)` after it'
        )
        return text, (), Applicability.display
    adds = ".".join(f"append({file.text(*part.span)})" for part in _pieces(first, joining))
    adds = adds if len(adds) <= _LONGEST and "\n" not in adds else "append(…)"
    text = (
        f"`StringBuilder {name} = new StringBuilder()` before the loop, `{name}.{adds}` in it, "
        f"`{name}.toString()` after it"
    )
    edits = _builder_edits(joining) if joining.is_local and joining.binding.kind == "local" else ()
    return text, edits, Applicability.unsafe


def _pieces(join: Join, joining: Joining) -> tuple[m.Expr, ...]:
    """The parts to append one by one: those of a sum are, if it begins with text."""
    if len(join.added) > 1 or join.how == "chain":
        return join.added
    parts = tuple(operands(join.added[0]))
    types, trace = joining.function.file.facts.types, joining.function.trace
    first = types.library(types.of(parts[0], trace, join.event.scope, join.event.order))
    return parts if first == "java.lang.String" else join.added


def _builder_edits(joining: Joining) -> tuple[Edit, ...]:
    """
    The local declared as a StringBuilder, each join an append, and its text where it is used afterwards.
    """
    file, binding, trace = joining.function.file, joining.binding, joining.function.trace
    let = binding.node
    declared = _declared_as_builder(let, file) if isinstance(let, m.Let) else None
    if declared is None or not isinstance(let, m.Let) or _shares_its_type(let, joining):
        return ()
    edits = list(declared)
    joins = {id(one.assign): one for one in _all_joins(joining)}
    for use in trace.uses_of(binding):
        edit = _edit_of(use, joining, joins)
        if edit is None:
            return ()
        edits += edit
    return tuple(sorted(set(edits), key=lambda one: one.start))


def _declared_as_builder(let: m.Let, file: File) -> tuple[Edit, Edit] | None:
    value = let.value
    if let.type is None or not isinstance(value, m.Literal) or not isinstance(value.value, str):
        return None
    held = file.text(*value.span) if value.value else ""
    return (
        Edit(let.type.start, let.type.end, "StringBuilder"),
        Edit(value.start, value.end, f"new StringBuilder({held})"),
    )


def _shares_its_type(let: m.Let, joining: Joining) -> bool:
    """`String a = "", b = "";`"""
    lets = (event.node for event in joining.function.trace.lets)
    same = [one for one in lets if isinstance(one, m.Let) and one.type is not None and let.type is not None
            and one.type.start == let.type.start]  # fmt: skip
    return len(same) > 1


def _all_joins(joining: Joining) -> list[Join]:
    """The appends to the local in the whole function, those outside of the loop included."""
    found = (join_of(event, joining.function) for event in joining.function.trace.assigns)
    own = joining.text
    return [
        one
        for one in found
        if one is not None
        and one.how in ("append", "chain")
        and joining.function.file.text(*one.assign.target.span) == own
    ]


def _edit_of(use: Use, joining: Joining, joins: dict[int, Join]) -> list[Edit] | None:
    """The edits for one use; None where it cannot be rewritten."""
    file = joining.function.file
    node = use.around.node if use.around is not None else None
    if use.expr is None or node is None:
        return None
    join = next((one for one in joins.values() if one.assign.start <= use.expr.start < one.assign.end), None)
    if join is not None:
        if any(part.start <= use.expr.start < part.end for part in join.added):
            return None
        adds = "".join(f".append({file.text(*part.span)})" for part in _pieces(join, joining))
        target = file.text(*join.assign.target.span)
        return [Edit(join.assign.start, _end(join.assign), f"{target}{adds}")]
    if isinstance(node, m.Assign) and node.target is use.expr:
        return None
    is_asked = isinstance(node, m.Call) and node.receiver is use.expr and node.last in ("length", "charAt")
    if is_asked:
        return []
    in_loop = joining.loop.start <= use.order <= joining.loop.end
    is_null = isinstance(node, m.Binary) and node.op in ("==", "!=")
    return None if in_loop or is_null else [Edit(use.expr.end, use.expr.end, ".toString()")]


def _end(assign: m.Assign) -> int:
    """The end of an assignment without its semicolon."""
    return assign.value.end


# ---------------------------------------------------------------- Python


def _in_python(joining: Joining) -> _Written:
    file, first, name = joining.function.file, joining.joins[0], joining.text
    if joining.kind == "bytes":
        append = f"`{name} += {_added(first, file)}`"
        text = f"`{name} = bytearray()` before the loop, {append} in it, `bytes({name})` after it"
        return text, (), Applicability.display
    plain = joining.is_local and joining.shared is None
    if plain and first.how in ("chain", "formatted"):
        rest = _rest(first, file)
        if rest is not None:
            start, text = first.assign.target.end, f"{name} += {rest}"
            # The first sum of three may be one of texts where the others are not.
            return (
                f"`{text}`" if len(text) > _LONGEST else text,
                (Edit(start, first.assign.end, f" += {rest}"),),
                Applicability.unsafe,
            )
    added, parts = _added(first, file), _list_name(name)
    is_reversed = all(one.how == "prepend" for one in joining.joins)
    joined = f"reversed({parts})" if is_reversed else parts
    between = _separator(first, file) or '""'
    text = f"`{parts}.append({added})` in the loop, `{between}.join({joined})` after it"
    return text, (), Applicability.display


def _list_name(name: str) -> str:
    word = re.findall(r"\w+", name)[-1] if re.search(r"\w", name) else "parts"
    return "parts" if word in ("s", "r", "result", "res", "ret", "out") or word.isdigit() else f"{word}_parts"


def _rest(join: Join, file: File) -> str | None:
    """What comes after the value itself, where it comes first: `f" {item}"` of `f"{text} {item}"`."""
    value, own = join.assign.value, file.text(*join.assign.target.span)
    if join.how == "chain":
        texts = [file.text(*part.span) for part in join.added]
        return " + ".join(texts) if all("\n" not in text for text in texts) else None
    if isinstance(value, m.Opaque):
        return _rest_of_f_string(file.text(*value.span), own)
    return _rest_of_template(join, file)


def _rest_of_f_string(text: str, own: str) -> str | None:
    found = re.fullmatch(r"([fF])(['\"])\{" + re.escape(own) + r"\}(.+)\2", text)
    if found is None or found[2] in found[3] or re.search(rf"\b{re.escape(own)}\b", found[3]):
        return None
    prefix = found[1] if "{" in found[3] else ""
    return f"{prefix}{found[2]}{found[3]}{found[2]}"


def _rest_of_template(join: Join, file: File) -> str | None:
    """`", %s" % (name,)` of `"%s, %s" % (text, name)`, and the same with `format`."""
    value = join.assign.value
    template = (
        value.left if isinstance(value, m.Binary) else value.receiver if isinstance(value, m.Call) else None
    )
    is_percent = isinstance(value, m.Binary)
    found = (_PERCENT if is_percent else _BRACES).fullmatch(file.text(*template.span) if template else "")
    others = [file.text(*part.span) for part in join.added]
    if found is None or not others or any("\n" in text for text in others):
        return None
    rest = f"{found[1]}{found[3]}{found[1]}"
    if not is_percent:
        return f"{rest}.format({', '.join(others)})"
    return f"{rest} % ({', '.join(others)}{',' if len(others) == 1 else ''})"


# ---------------------------------------------------------------- Rust


def _in_rust(joining: Joining) -> _Written:
    file, first, name = joining.function.file, joining.joins[0], joining.text
    if first.how == "prepend":
        return (
            "`parts.push(…)` in the loop, `parts.into_iter().rev().collect::<String>()` after it",
            (),
            Applicability.display,
        )
    value = first.assign.value
    if isinstance(value, m.Binary) and len(first.added) == 1:
        added = file.text(*first.added[0].span)
        text = f"{name}.push_str({added})"
        return text, (Edit(first.assign.start, value.end, text),), Applicability.unsafe
    rest = _rest_of_format(value, name, file) if isinstance(value, m.Call) else None
    text = (
        f"`let _ = write!({name}, {rest})`"
        if rest is not None
        else f"`write!({name}, …)` or `{name}.push_str(…)`"
    )
    return text, (), Applicability.display


def _rest_of_format(macro: m.Call, name: str, file: File) -> str | None:
    """The arguments of `write!`, where the String itself comes first in what is formatted."""
    literal = file.text(*macro.args[0].span) if macro.args else ""
    others = [file.text(*one.span) for one in macro.args[1:]]
    if literal.startswith(f'"{{{name}}}'):
        literal = '"' + literal[len(name) + 3 :]
    elif literal.startswith('"{}') and others and others[0].lstrip("&") == name:
        literal, others = '"' + literal[3:], others[1:]
    else:
        return None
    written = ", ".join((literal, *others))
    return written if len(written) <= _LONGEST and literal != '""' else None


_WRITERS = {"java": _in_java, "python": _in_python, "rust": _in_rust}
