"""Patterns that are plain text, and the method of strings that does the same without a pattern."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.strings import constant_string
from alloclint.facts.patterns.plain import Plain, plain, plain_text, split_shorter
from alloclint.facts.walk.nodes import descendants
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.languages.regexes import QUOTING
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.names.calls import Call
    from alloclint.facts.patterns.regexes import Compilation


@dataclass(frozen=True, slots=True)
class Unregexed:
    """What to write instead of the bytes `start`..`end`; safe if it does the same for every text."""

    text: str
    start: int
    end: int
    is_safe: bool

    def suggestion(self) -> Suggestion:
        applicability = Applicability.safe if self.is_safe else Applicability.unsafe
        return Suggestion(self.text, None, applicability, (Edit(self.start, self.end, self.text),))


def unregexed(compilation: Compilation) -> Unregexed | None:
    """The call of a string's method that does what a pattern is used for; None where it takes a pattern."""
    return _WRITERS[compilation.call.file.language.name](compilation)


# ---------------------------------------------------------------- Java


def _in_java(compilation: Compilation) -> Unregexed | None:
    call = compilation.call
    if call.path is not None or call.node.receiver is None:
        return _matches_of_pattern(compilation) if call.path == "java.util.regex.Pattern.matches" else None
    if compilation.entry.literal:
        return _of_chars(compilation, compilation.text)
    if call.name == "replaceAll" and len(call.args) == 2:
        return _replaced(compilation)
    if call.name == "matches" and compilation.text is not None:
        return _matched(compilation, compilation.text)
    if call.name == "split" and compilation.text is not None:
        shorter = split_shorter(compilation.text)
        rest = "".join(f", {call.text(one)}" for one in call.args[1:])
        text = f"split({_java_string(shorter)}{rest})" if shorter is not None else None
        return Unregexed(text, *compilation.span, is_safe=True) if text is not None else None
    return None


def _replaced(compilation: Compilation) -> Unregexed | None:
    """`replace` for `replaceAll` of a plain text, and of one that is quoted."""
    call = compilation.call
    quoted = _quoted(compilation.pattern, call)
    text = plain_text(compilation.text) if compilation.text else None
    if not text and quoted is None:
        return None
    new, is_safe = _replacement(call.args[1], call)
    if new is None:
        return None
    chars = _of_chars(compilation, text) if is_safe else None
    if chars is not None:
        return chars
    release = call.file.limits.java_release
    if release is not None and release < 9:
        return None
    keeps = text is not None and text == compilation.text
    old = call.text(quoted if quoted is not None else compilation.pattern)
    written = old if quoted is not None or keeps or text is None else _java_string(text)
    return Unregexed(f"replace({written}, {new})", *compilation.span, is_safe=is_safe)


def _of_chars(compilation: Compilation, text: str | None) -> Unregexed | None:
    """`replace('a', 'b')`, which no release compiles a pattern for."""
    call = compilation.call
    new = constant_string(call.args[1], call) if len(call.args) == 2 else None
    if new is None or not isinstance(new.value, str) or text is None:
        return None
    if not (_is_char(text) and _is_char(new.value)):
        return None
    written = f"replace({_java_char(text)}, {_java_char(new.value)})"
    return Unregexed(written, *compilation.span, is_safe=True)


def _replacement(argument: m.Expr, call: Call) -> tuple[str | None, bool]:
    """
    The replacement as `replace` takes it, and whether that means the same: `$` and a backslash refer to
    groups in the one and not in the other. None where they do.
    """
    constant = constant_string(argument, call)
    if constant is not None and isinstance(constant.value, str):
        text = _unescaped(constant.value)
        if text is None:
            return None, False
        return call.text(argument) if text == constant.value else _java_string(text), True
    if isinstance(argument, m.Call) and argument.last == "quoteReplacement" and len(argument.args) == 1:
        return call.text(argument.args[0]), True
    return call.text(argument), False


def _unescaped(replacement: str) -> str | None:
    """The text that a replacement stands for, backslashes taken off; None where it refers to a group."""
    bare = re.sub(r"\\(.)", "", replacement, flags=re.DOTALL)
    return None if "$" in bare or "\\" in bare else re.sub(r"\\(.)", r"\1", replacement, flags=re.DOTALL)


def _quoted(pattern: m.Expr, call: Call) -> m.Expr | None:
    """What `Pattern.quote(…)` is given."""
    quotes = isinstance(pattern, m.Call) and pattern.last == "quote" and len(pattern.args) == 1
    if not quotes or not isinstance(pattern, m.Call):
        return None
    from alloclint.facts.names.callees import callee_path

    path = callee_path(pattern, call.file.facts.types, call.event.scope, call.event.order)
    return pattern.args[0] if path in QUOTING["java"] else None


#: The pieces at both ends of a pattern that a whole text has to match, and the method that needs neither.
_ENDS = (((".*", ".*"), "contains"), (("", ".*"), "startsWith"), ((".*", ""), "endsWith"))


def _matched(compilation: Compilation, pattern: str) -> Unregexed | None:
    """`equals` for `matches`; and, but for texts of several lines, `contains`, `startsWith`, `endsWith`."""
    known = plain(pattern)
    if known is not None:
        return Unregexed(f"equals({_java_string(known.text)})", *compilation.span, is_safe=True)
    for (head, tail), method in _ENDS:
        if len(pattern) > len(head) + len(tail) and pattern.startswith(head) and pattern.endswith(tail):
            text = plain_text(pattern[len(head) : len(pattern) - len(tail)])
            if text:
                written = f"{method}({_java_string(text)})"
                return Unregexed(written, *compilation.span, is_safe=False)
    return None


def _matches_of_pattern(compilation: Compilation) -> Unregexed | None:
    call = compilation.call
    known = plain(compilation.text) if compilation.text is not None else None
    subject = call.argument(1)
    is_text = call.file.facts.types.library(call.type_of(subject)) == "java.lang.String"
    if known is None or subject is None or not is_text or not isinstance(subject, m.Name | m.Field | m.Call):
        return None
    return Unregexed(f"{call.text(subject)}.equals({_java_string(known.text)})", *call.span, is_safe=True)


def _java_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _java_char(char: str) -> str:
    return {"'": r"'\''", '"': "'\"'"}.get(char, f"'{json.dumps(char, ensure_ascii=False)[1:-1]}'")


def _is_char(text: str) -> bool:
    return len(text) == 1 and ord(text) <= 0xFFFF


# ---------------------------------------------------------------- Python


def _in_python(compilation: Compilation) -> Unregexed | None:
    value = compilation.constant.value if compilation.constant is not None else None
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    known = plain(text) if text is not None else None
    if known is None or compilation.settings or compilation.entry.compiles:
        return None
    if any(isinstance(one, m.Keyword) and one.name in ("*", "**") for one in compilation.call.args):
        return None
    writer = {"sub": _substituted, "split": _split, "search": _tested, "match": _tested, "fullmatch": _tested}
    return writer[compilation.call.name](compilation, known) if compilation.call.name in writer else None


def _substituted(compilation: Compilation, known: Plain) -> Unregexed | None:
    call = compilation.call
    new, subject = call.argument(1, "repl"), call.argument(2, "string")
    constant = constant_string(new, call)
    if known.where != "anywhere" or constant is None or new is None or subject is None:
        return None
    if ("\\" if isinstance(constant.value, str) else b"\\") in constant.value:  # type: ignore[operator]
        return None
    limit = _limit(call, 3, "count")
    if limit is None:
        return None
    text = f"{_operand(subject, call)}.replace({_python_text(compilation, known)}, {call.text(new)}{limit})"
    return Unregexed(text, *call.span, is_safe=True)


def _split(compilation: Compilation, known: Plain) -> Unregexed | None:
    call = compilation.call
    subject, limit = call.argument(1, "string"), _limit(compilation.call, 2, "maxsplit")
    if known.where != "anywhere" or subject is None or limit is None:
        return None
    text = f"{_operand(subject, call)}.split({_python_text(compilation, known)}{limit})"
    return Unregexed(text, *call.span, is_safe=True)


def _limit(call: Call, number: int, keyword: str) -> str | None:
    """The argument that limits how often; empty without one, None where its value is not known."""
    limit = call.argument(number, keyword)
    if limit is None:
        return ""
    known = isinstance(limit, m.Literal) and isinstance(limit.value, int) and limit.value > 0
    return f", {call.text(limit)}" if known else None


#: What is asked of a text, by the function, where the pattern has to stand, and the method that asks it.
_TESTS = {
    ("search", "anywhere"): "in",
    ("search", "start"): "startswith",
    ("match", "anywhere"): "startswith",
    ("match", "start"): "startswith",
    ("fullmatch", "anywhere"): "==",
    ("fullmatch", "start"): "==",
}


def _tested(compilation: Compilation, known: Plain) -> Unregexed | None:
    """A test of a text for `search`, `match` and `fullmatch`, of which only the truth is asked."""
    call = compilation.call
    method, subject = _TESTS.get((call.name, known.where)), call.argument(1, "string")
    asked = _asked(call)
    if method is None or subject is None or asked is None:
        return None
    node, negated = asked
    plain_ = _python_text(compilation, known)
    text = {
        "in": f"{plain_} {'not ' if negated else ''}in {_operand(subject, call)}",
        "==": f"{_operand(subject, call)} {'!=' if negated else '=='} {plain_}",
        "startswith": f"{'not ' if negated else ''}{_operand(subject, call)}.startswith({plain_})",
    }[method]
    return Unregexed(text, *node.span, is_safe=True)


def _asked(call: Call) -> tuple[m.Expr, bool] | None:
    """The expression of which only the truth is asked, and whether it asks for the contrary; None if more."""
    parents = list(call.parents)
    first = parents[0] if parents else None
    outer, negated = call.node, False
    asked: m.Expr = outer
    if isinstance(first, m.Unary) and first.op == "not":
        asked, negated = first, True
    elif isinstance(first, m.Binary) and first.op in ("is", "is not") and first.left is outer:
        if not isinstance(first.right, m.Literal) or first.right.kind != "null":
            return None
        asked, negated = first, first.op == "is"
    elif isinstance(first, m.Call) and first.last == "bool" and first.kind == "function":
        return outer, False
    elif not _is_truth(outer, parents):
        return None
    above = parents[parents.index(asked) + 1 :] if asked is first else parents
    return (asked, negated) if not above or _is_loose(above[0]) else None


def _is_truth(node: m.Node, parents: list[m.Node]) -> bool:
    """Whether an expression is what an `if`, a loop or a filter asks, alone or as a part."""
    for parent in parents:
        if isinstance(parent, m.Binary) and parent.op in ("and", "or"):
            node = parent
        elif isinstance(parent, m.Unary) and parent.op == "not":
            return True
        else:
            return _is_test(parent, node)
    return False


def _is_loose(parent: m.Node) -> bool:
    """Whether what stands inside needs no parentheses if it is a comparison."""
    if isinstance(parent, m.Binary):
        return parent.op in ("and", "or")
    return not isinstance(parent, m.Unary | m.Field | m.Index) or getattr(parent, "op", "") == "not"


def _is_test(parent: m.Node, node: m.Node) -> bool:
    if isinstance(parent, m.Branch):
        return any(arm.test is node for arm in parent.arms) and parent.kind != "match"
    if isinstance(parent, m.Loop):
        return parent.test is node
    clauses = parent.clauses if isinstance(parent, m.Comprehension) else ()
    return any(one is node for clause in clauses for one in clause.conditions)


def _python_text(compilation: Compilation, known: Plain) -> str:
    """The plain text as a literal; as it is written, where that is the same."""
    constant = compilation.constant
    value = constant.value if constant is not None else ""
    own = value.decode("latin-1") if isinstance(value, bytes) else value
    if own == known.text:
        return compilation.call.text(compilation.pattern)
    quoted = json.dumps(known.text, ensure_ascii=False)
    return f"b{quoted}" if isinstance(value, bytes) else quoted


def _operand(subject: m.Expr, call: Call) -> str:
    text = call.text(subject)
    simple = isinstance(subject, m.Name | m.Field | m.Call | m.Index | m.Literal)
    return text if simple else f"({text})"


# ---------------------------------------------------------------- Rust

#: Methods of a Regex, and the method of a str that does the same for a plain text.
_METHODS = {"replace_all": "replace", "split": "split", "find": "find", "find_iter": "match_indices"}
_ASKS = {"anywhere": "contains", "start": "starts_with", "end": "ends_with"}
_TEXTS = frozenset({"regex::Regex::new", "fancy_regex::Regex::new", "regex_lite::Regex::new"})


def _in_rust(compilation: Compilation) -> Unregexed | None:
    call = compilation.call
    known = plain(compilation.text) if compilation.text is not None and call.path in _TEXTS else None
    if known is None or compilation.settings:
        return None
    from alloclint.facts.patterns.precompiled import handled

    outer, above = handled(compilation)
    if not isinstance(above, m.Call) or above.receiver is not outer or above.last != "is_match":
        return None
    if len(above.args) != 1 or any(isinstance(one, m.MayReturn) for one in descendants(above.args[0])):
        return None
    subject = above.args[0]
    while isinstance(subject, m.Unary) and subject.op == "&":
        subject = subject.operand
    text = json.dumps(known.text, ensure_ascii=False)
    subject_text = _operand(subject, call)
    if known.where == "whole":
        return Unregexed(f"{subject_text} == {text}", *above.span, is_safe=False)
    return Unregexed(f"{subject_text}.{_ASKS[known.where]}({text})", *above.span, is_safe=False)


_WRITERS = {"rust": _in_rust, "java": _in_java, "python": _in_python}
