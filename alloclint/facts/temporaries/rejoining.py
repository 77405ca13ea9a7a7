"""How a value that a loop makes longer is written so that nothing is copied, and the edits that do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.facts.temporaries.begun import begins_empty, only_joined
from alloclint.facts.temporaries.joining import Join, Joining, join_of, operands
from alloclint.facts.walk.scopes import Use
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File

_LONGEST = 60
_EMPTY = '""'
#: A plain string literal that begins with a place to be filled in, and goes on.
_PERCENT = re.compile(r"(['\"])(%s)(.+)\1")
_BRACES = re.compile(r"(['\"])(\{\})(.+)\1")


def rejoined(joining: Joining) -> Suggestion:
    """What to write instead of the joins, in the language's own way."""
    text, edits, applicability = _WRITERS[joining.function.file.language.name](joining)
    return Suggestion(text, None, applicability if edits else Applicability.display, edits)


_Written = tuple[str, tuple[Edit, ...], Applicability]


def _untaken(joining: Joining, name: str) -> str:
    """The name of a new local, with a number behind it where the function has such a word already."""
    numbered, number = name, 1
    while _is_used(joining, numbered):
        number += 1
        numbered = f"{name}{number}"
    return numbered


def _is_used(joining: Joining, name: str) -> bool:
    """Whether the function has a word outside of its comments, other than as the name of a field."""
    file, span = joining.function.file, joining.function.declaration.span
    words = re.compile(rb"(?<![\w.])%s(?!\w)" % re.escape(name.encode())).finditer(file.source, *span)
    return any(file.unit.comment_at(word.start()) is None for word in words)


def _added(join: Join, file: File) -> str | None:
    """What a join adds, as it is written; None where that is no expression, or too long for a line."""
    text = " + ".join(file.text(*part.span) for part in join.added)
    value = join.assign.value
    is_sum = join.assign.op == "+=" or (isinstance(value, m.Binary) and value.op == "+")
    is_whole = is_sum or _separator(join, file) is not None
    return text if is_whole and 0 < len(text) <= _LONGEST and "\n" not in text else None


def _separator(join: Join, file: File) -> str | None:
    """Python: what `", ".join([s, x])` puts between its two parts."""
    value = join.assign.value
    is_join = isinstance(value, m.Call) and value.last == "join" and len(join.added) == 1
    return (
        file.text(*value.receiver.span) if is_join and isinstance(value, m.Call) and value.receiver else None
    )


# ---------------------------------------------------------------- Java


def _in_java(joining: Joining) -> _Written:
    first = joining.joins[0]
    whole = _whole(joining)
    # One call is all that is left where the loop keeps a separator; otherwise a builder can be edited in.
    if whole is not None and len(operands(first.added[0])) + len(first.added) > 2:
        return whole
    name = joining.text
    if first.how == "prepend":
        return _reversed_list(joining), (), Applicability.display
    edits = _builder_edits(joining) if joining.is_local and joining.binding.kind == "local" else ()
    # Without the edits the String keeps its name: other lines assign it too.
    builder = name if edits else _untaken(joining, f"{name.removeprefix('this.')}Builder")
    held = _literal_of(joining) if edits else "" if begins_empty(joining) else name
    made = f"`StringBuilder {builder} = new StringBuilder({held})` before the loop"
    ends = f"`{name}.toString()` after it" if edits else f"`{name} = {builder}.toString()` after it"
    return f"{made}, {_appended(joining, builder)}, {ends}", edits, Applicability.unsafe


def _literal_of(joining: Joining) -> str:
    """Java: the text that a local is declared with, where the local itself becomes the builder."""
    value = joining.binding.node.value if isinstance(joining.binding.node, m.Let) else None
    is_empty = not isinstance(value, m.Literal) or not value.value
    return "" if is_empty or value is None else joining.function.file.text(*value.span)


def _reversed_list(joining: Joining) -> str:
    """Java: what is put in front, collected in order and turned round."""
    held = "" if begins_empty(joining) else f" + {joining.text}"
    return (
        "`parts.add` in the loop, with `List<String> parts = new ArrayList<>()` before it, "
        f'`Collections.reverse(parts)` and `{joining.text} = String.join("", parts){held}` after it'
    )


def _appended(joining: Joining, builder: str) -> str:
    """Java: the calls that append what the first join adds, in words where they do not fit on a line."""
    file = joining.function.file
    adds = ".".join(f"append({file.text(*part.span)})" for part in _pieces(joining.joins[0], joining))
    if len(joining.joins) > 1 or len(adds) > _LONGEST or "\n" in adds:
        return f"append to `{builder}` what each join adds"
    return f"`{builder}.{adds}` in it"


def _whole(joining: Joining) -> _Written | None:
    """Java and Python: one call, for a loop that does nothing but join what it goes through."""
    found = only_joined(joining)
    if found is None or (joining.function.file.language.name == "java" and not _yields_text(joining)):
        return None
    separator, iterable = found
    is_java = joining.function.file.language.name == "java"
    call = f"String.join({separator}, {iterable})" if is_java else f"{separator}.join({iterable})"
    sign = "=" if begins_empty(joining) else "+="
    return f"`{joining.text} {sign} {call}`, without the loop", (), Applicability.display


def _yields_text(joining: Joining) -> bool:
    """Java: whether a loop goes through Strings."""
    declared = joining.loop.node.item_type if isinstance(joining.loop.node, m.Loop) else None
    return joining.function.file.facts.types.library(declared) == "java.lang.String"


def _pieces(join: Join, joining: Joining) -> tuple[m.Expr, ...]:
    """The parts to append one by one: those of a sum are, if it begins with text."""
    if len(join.added) > 1 or join.how == "chain":
        return join.added
    parts = tuple(operands(join.added[0]))
    types, trace = joining.function.file.facts.types, joining.function.trace
    scope, order = join.event.scope, join.event.order
    # A text in second place makes the first `+` one of texts as well.
    known = (types.library(types.of(part, trace, scope, order)) for part in parts[:2])
    return parts if "java.lang.String" in known else join.added


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
    whole = _whole(joining)
    if whole is not None:
        return whole
    if joining.kind == "bytes":
        return _as_bytearray(joining), (), Applicability.display
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
    return _as_list(joining), (), Applicability.display


def _as_bytearray(joining: Joining) -> str:
    """A `bytearray` under the same name, which `+=` makes longer in place."""
    name, first = joining.text, joining.joins[0]
    before = f"`{name} = bytearray({'' if begins_empty(joining) else name})` before the loop"
    added = _added(first, joining.function.file)
    if first.how == "prepend":
        return (
            f'collect the parts in a list, and `{name} = b"".join(reversed(parts)) + {name}` after the loop'
        )
    inside = f"`{name} += {added}` in it" if added is not None else f"`+=` to `{name}` in it"
    if isinstance(first.assign.target, m.Index):
        # An entry is handed on with all others of its list or dict, where nobody would turn it back.
        return f"{before}, {inside}, `{name} = bytes({name})` after it"
    return f"{before}, {inside}, `bytes({name})` where it is handed on"


def _as_list(joining: Joining) -> str:
    """A list of parts that is joined once, with what is there before the loop as its first."""
    file, first, name = joining.function.file, joining.joins[0], joining.text
    if joining.is_looked_at:
        return _as_local(joining)
    parts, separator = _untaken(joining, _list_name(name)), _separator(first, file)
    is_reversed = all(one.how == "prepend" for one in joining.joins)
    if not is_reversed and any(one.how == "prepend" for one in joining.joins):
        return f"a `collections.deque` with `append` and `appendleft`, and `{name}` joined from it at the end"
    # A separator stands behind an empty first part too.
    held = "" if separator is None and begins_empty(joining) else name
    joined = f"reversed({parts})" if is_reversed else parts
    added = _added(first, file) if len(joining.joins) == 1 else None
    inside = (
        f"`{parts}.append({added})` in it"
        if added is not None
        else f"append to `{parts}` what each join adds"
    )
    whole = f"`{name} = {separator or _EMPTY}.join({joined})` after it"
    return f"`{parts} = [{held}]` before the loop, {inside}, {whole}"


def _as_local(joining: Joining) -> str:
    """Where the loop looks at the text, a list will not do, but a plain local is appended to in place."""
    name = joining.text
    if any(one.how != "append" for one in joining.joins):
        return "collect the parts in a list, and join it where the text is looked at"
    local = _untaken(joining, _list_name(name).removesuffix("_parts").replace("parts", "text"))
    return f"`{local} = {name}` before the loop, `{local}` in it, `{name} = {local}` after it"


def _list_name(name: str) -> str:
    word = re.findall(r"\w+", name)[-1].strip("_") if re.search(r"\w", name) else "parts"
    word = word.lower() if word.isupper() else word
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
        end = "" if begins_empty(joining) else f", which ends with what `{name}` holds before the loop"
        text = (
            "push the parts to a Vec in the loop, and `parts.into_iter().rev().collect::<String>()` after it"
        )
        return f"{text}{end}", (), Applicability.display
    value = first.assign.value
    if isinstance(value, m.Binary) and len(first.added) == 1:
        added = file.text(*first.added[0].span)
        text = f"{name}.push_str({added})"
        return text, (Edit(first.assign.start, value.end, text),), Applicability.unsafe
    rest = _rest_of_format(value, name, file) if isinstance(value, m.Call) else None
    text = (
        f"`let _ = write!({name}, {rest})`"
        if rest is not None
        else f"append to `{name}` with `write!` or `push_str`"
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
