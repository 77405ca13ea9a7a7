"""How a pattern is compiled once: the constant that is declared, its name, and what refers to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alloclint.facts.names.naming import constant_name, screaming
from alloclint.facts.names.naming import subject_of as subject_of_name
from alloclint.facts.names.wording import on_one_line
from alloclint.facts.often.escaping import local_of, stays_local
from alloclint.facts.patterns import hoisting
from alloclint.facts.patterns.plain import plain_text
from alloclint.facts.patterns.recompiled import runs_once
from alloclint.facts.patterns.regexes import Compilation, regexes_in
from alloclint.finding import Applicability, Edit, Suggestion
from alloclint.languages.regexes import COMPILING, USING
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alloclint.facts.names.calls import Call
    from alloclint.file import File

_SUFFIX = {"rust": "RE", "java": "PATTERN", "python": "RE"}
#: Names that say what a variable is, not what for.
_GENERIC = re.compile(
    r"_?(?:re|rx|reg|regex|regexp|r|p|pat|patt|pattern|m|matcher|match|exp|expr|x|tmp|compiled|s|str|strs"
    r"|string|strings|text|line|lines|value|values|result|results|res|ret|val|parts|fields|tokens|splits?"
    r"|items?|out|output|name|arr|array)_?\d*",
    re.IGNORECASE,
)
_SHAPES = {
    r"\s+": "whitespace", r"\s*": "whitespace", r"\s": "whitespace", " +": "spaces", r"\d+": "digits",
    r"\d": "digit", r"\r?\n": "line break", r"\R": "line break", r"\W+": "non word", r"\w+": "word",
    "/+": "slashes", r",\s*": "comma", r"\s*,\s*": "comma", r"\s*;\s*": "semicolon", r"\s*=\s*": "equals",
    "[\\s,]+": "comma or whitespace",
}  # fmt: skip
_MARKS = {
    ",": "comma", ";": "semicolon", ":": "colon", "|": "pipe", "/": "slash", "-": "dash", "=": "equals",
    "&": "ampersand", "_": "underscore", "#": "hash", "@": "at", " ": "space", "\n": "newline", "\t": "tab",
    ".": "dot", "\\": "backslash", "*": "star", "+": "plus", "$": "dollar", "\r": "return", '"': "quote",
    "'": "quote", "<": "less", ">": "greater", "(": "paren", ")": "paren", "[": "bracket", "]": "bracket",
    "{": "brace", "}": "brace", "?": "question", "!": "bang", "%": "percent", "~": "tilde", "^": "caret",
}  # fmt: skip
_NO_WORDS = re.compile(r"\\[pP]\{\w+\}|\\x[0-9A-Fa-f]{2}|\\[a-zA-Z]|\(\?[a-zA-Z]*[:)]|\[[^\]]*\]|\{[\d,]*\}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_EITHER_CASE = re.compile(r"\[([A-Za-z])([A-Za-z])\]")
#: Methods of a builder, a `Result` and a pattern in it that return the pattern.
_RETURNING_IT = frozenset({"unwrap", "expect", "build"})
#: How many words of a pattern make a name; more of them tell less than what it is used for.
_FEW_WORDS = 2


@dataclass(frozen=True, slots=True)
class Precompiled:
    """
    A pattern as a constant: its `declaration`, and in words what to do with it; what `refers` to it in the
    place of the call, with the `note` that explains it; and the `edits` that do both, none where it takes
    more than that.
    """

    declaration: str
    refers: str
    edits: tuple[Edit, ...]
    is_safe: bool
    pattern: str
    language: str
    note: str = ""
    made_static: bool = False

    def suggestion(self) -> Suggestion:
        declaration = _shown(self.declaration, self.pattern, self.language)
        refers = on_one_line(self.refers, self.language)
        text = f"{_ADDED[self.language]} `{declaration}`, and write `{refers}`{self.note}"
        if self.made_static:
            text = f"make the field static: `{declaration}`"
        if not self.edits:
            return Suggestion(text)
        applicability = Applicability.safe if self.is_safe else Applicability.unsafe
        return Suggestion(text, None, applicability, self.edits)


#: Where the constant goes.
_ADDED = {"rust": "add", "java": "add the field", "python": "add, outside of the function,"}


def precompiled(compilation: Compilation) -> Precompiled | None:
    """The constant that takes the place of a fixed compilation; None where its text cannot be written."""
    pattern = written_pattern(compilation)
    if pattern is None or not compilation.fixed:
        return None
    return _WRITERS[compilation.call.file.language.name](compilation, pattern)


def written_pattern(compilation: Compilation) -> str | None:
    """The pattern as it may be written anywhere in the file; None if only its function knows a name in it."""
    call, constant, pattern = compilation.call, compilation.constant, compilation.pattern
    if constant is not None and constant.local and isinstance(pattern, m.Name | m.Unary):
        inner = pattern.operand if isinstance(pattern, m.Unary) else pattern
        binding = call.binding(inner.id) if isinstance(inner, m.Name) else None
        pattern = binding.value if binding is not None and binding.value is not None else pattern
        if not isinstance(pattern, m.Literal):
            return None
    elif constant is not None and constant.local:
        return None
    text = call.text(pattern)
    return None if re.search(r"\b(?:self|Self|cls|this)\b", text) and not _stands(compilation) else text


def _stands(compilation: Compilation) -> bool:
    return compilation.constant is not None and compilation.constant.stands


def pattern_name(compilation: Compilation) -> str:
    """
    A name for the constant: after the variable, the text of the pattern, or the function around. Another
    pattern of the file gets another name, the same one the same.
    """
    known: dict[str, str] = compilation.call.file.facts.memo.setdefault("names of patterns", {})
    key = _key(compilation)
    if key not in known:
        for other in _patterns_of(compilation.call.file):
            known.setdefault(_key(other), _named(other, frozenset(known.values())))
    return known.get(key) or _named(compilation, frozenset(known.values()))


def _first_alike(compilation: Compilation) -> Compilation:
    """The first use of the same pattern in the file: a constant above it is there for all of them."""
    key = _key(compilation)
    return next((one for one in _patterns_of(compilation.call.file) if _key(one) == key), compilation)


def _key(compilation: Compilation) -> str:
    """What is compiled, as it is written."""
    call = compilation.call
    return "\0".join(call.text(one) for one in (compilation.pattern, *compilation.settings))


def _patterns_of(file: File) -> Iterator[Compilation]:
    """All fixed patterns of a file that may be worth a constant, in order."""
    language = file.language.name
    for function in file.facts.functions_with((*COMPILING[language], *USING.get(language, ()))):
        for one in regexes_in(function):
            is_kept = one.entry.cached and not one.entry.compiles and one.call.loop is None
            if one.fixed and not is_kept and (one.call.loop is not None or not runs_once(one.call)):
                yield one


def _named(compilation: Compilation, taken: frozenset[str]) -> str:
    call = compilation.call
    declaration = call.function.declaration
    if call.file.facts.modifiers_of_initialiser(declaration) is not None:
        return screaming(declaration.name)
    local = local_of(call)
    variable = local.name if local is not None else _field_name(call)
    known = variable if variable is not None and not _GENERIC.fullmatch(variable) else None
    suffix = _SUFFIX[call.file.language.name]
    if known is not None and re.search(r"(?:re|rx|regex|regexp|pattern)$", known, re.I):
        suffix = ""
    function = subject_of_name(declaration.name.strip("_<>")) if declaration.name != "<init>" else None
    words = words_of(compilation.text)
    # What is assigned is the pattern itself, or what was made with it.
    constant = _constant_of(compilation)
    hints = [known, constant, words, function]
    if not compilation.entry.compiles:
        hints = [constant, words, known, function]
    return constant_name(call.file, hints, suffix, "TEXT", taken)


def _constant_of(compilation: Compilation) -> str | None:
    """The name of the constant that holds the text already: `DIMENSION` of `re.match(_DIMENSION, text)`."""
    pattern = compilation.pattern
    name = pattern.name if isinstance(pattern, m.Field) else getattr(pattern, "id", "")
    if not name.isupper() or _GENERIC.fullmatch(name):
        return None
    # The pattern is not the text: one name cannot mean both.
    return re.sub(r"_?(?:RE|REGEX|REGEXP|PATTERN|STR|STRING)$", "", name).strip("_") or None


def _field_name(call: Call) -> str | None:
    """The field, or the variable, that the value is assigned to or declares."""
    for node in call.parents:
        if isinstance(node, m.Assign):
            target = node.target
            return target.name if isinstance(target, m.Field) else getattr(target, "id", None)
        if isinstance(node, m.Let):
            return node.pattern.name
        if not isinstance(node, m.MayReturn) and getattr(node, "last", "") not in _RETURNING_IT:
            return None
    return None


def words_of(pattern: str | None) -> str | None:
    """What a pattern is about, in a few words; None where its text does not tell."""
    if pattern is None or "\n" in pattern.strip("\r\n"):
        return None
    if pattern in _SHAPES:
        return _SHAPES[pattern]
    found = _WORD.findall(_NO_WORDS.sub(" ", _EITHER_CASE.sub(_one_case, pattern)))
    words = list({word.lower(): word for word in found}.values())
    if sum(map(len, found)) >= 3:
        return " ".join(words) if len(words) <= _FEW_WORDS else None
    text = plain_text(pattern) or ""
    marks = [_MARKS[char] for char in text if char in _MARKS]
    return " ".join(marks[:2]) if marks and len(marks) == len(text) else None


def _one_case(found: re.Match[str]) -> str:
    """`p` of `[pP]`; other classes stay as they are."""
    return found[1] if found[1].lower() == found[2].lower() else found[0]


# ---------------------------------------------------------------- Rust


def _in_rust(compilation: Compilation, pattern: str) -> Precompiled | None:
    call = compilation.call
    name, type_ = pattern_name(compilation), _rust_type(call)
    outer, above = handled(compilation)
    value = _value(compilation, pattern)
    is_handled = isinstance(outer, m.Call) and outer is not compilation.whole
    value += call.file.text(compilation.whole.end, outer.end) if is_handled else ".unwrap()"
    declaration, refers = hoisting.rust_static(call.file, name, type_, value)
    head = hoisting.in_function(call.function, declaration)
    written = _rust_reference(compilation, outer, above, refers)
    is_whole = outer is not compilation.whole and head and written is not None
    edits = (*head, Edit(outer.start, outer.end, written)) if is_whole and written is not None else ()
    return Precompiled(declaration, refers, edits, is_handled, pattern, "rust")


def _value(compilation: Compilation, pattern: str) -> str:
    """The text of the call that compiles, with the pattern as it may be written anywhere."""
    call, whole, old = compilation.call, compilation.whole, compilation.pattern
    return call.file.text(whole.start, old.start) + pattern + call.file.text(old.end, whole.end)


def _rust_type(call: Call) -> str:
    """The compiled type, as the file spells it."""
    segments = call.node.name[:-1]
    if not segments[-1].endswith("Builder"):
        return "::".join(segments)
    built = segments[-1].removesuffix("Builder")
    if len(segments) > 1 or built in call.file.facts.types.imports:
        return "::".join((*segments[:-1], built))
    module = (call.path or "").split("::")[:-2]
    return "::".join((*module, built))


def handled(compilation: Compilation) -> tuple[m.Expr, m.Node | None]:
    """The compiled pattern behind `unwrap()`, `expect(…)` or `?`, and what stands around that."""
    parents = list(compilation.call.parents)
    whole: m.Expr = compilation.whole
    if whole in parents:
        parents = parents[parents.index(whole) + 1 :]
    first = parents[0] if parents else None
    is_unwrapped = (
        isinstance(first, m.Call) and first.receiver is whole and first.last in ("unwrap", "expect")
    )
    if is_unwrapped or isinstance(first, m.MayReturn):
        assert isinstance(first, m.Expr)
        return first, parents[1] if len(parents) > 1 else None
    return whole, first


def _rust_reference(compilation: Compilation, outer: m.Expr, above: m.Node | None, refers: str) -> str | None:
    """What may stand for the compiled pattern where it is used; None where it is moved away."""
    is_called = refers.endswith(")")
    if isinstance(above, m.Call) and above.receiver is outer and above.kind == "method":
        return refers
    if isinstance(above, m.Unary) and above.op == "&":
        return f"*{refers}"
    local = local_of(compilation.call) if compilation.whole is compilation.call.node else None
    is_declared = isinstance(above, m.Let) and above.type is None and above.pattern.name is not None
    if is_declared and local is not None and stays_local(local, compilation.call, "plain"):
        return refers if is_called else f"&*{refers}"
    return None


# ---------------------------------------------------------------- Java

_PATTERN = ("java", "util", "regex", "Pattern")
_MATCHER = ("java", "util", "regex", "Matcher")


def _in_java(compilation: Compilation, pattern: str) -> Precompiled | None:
    call = compilation.call
    if compilation.entry.what == "glob" or compilation.constant is None:
        return None
    name, explicit = pattern_name(compilation), compilation.entry.compiles
    type_ = _java_type(call, explicit)
    value = call.text(call.node) if explicit else f"{type_}.compile({pattern}{_literal(compilation, type_)})"
    if explicit and not _stands(compilation):
        value = _value(compilation, pattern)
    declaration = f"private static final {type_} {name} = {value};"
    refers = name if explicit else _java_use(compilation, name)
    if refers is None:
        return None
    field = call.function.file.facts.modifiers_of_initialiser(call.function.declaration)
    if field is not None:
        edits = _made_static(call, field)
        return Precompiled(declaration, refers, edits, True, pattern, "java", made_static=True)
    imported = _PATTERN if not explicit and type_ == "Pattern" else ()
    head = hoisting.in_class(call.function, declaration, imported)
    is_movable = head and (_stands(compilation) or pattern.startswith('"'))
    edits = (*head, Edit(*call.span, refers)) if is_movable else ()
    shown, note = (refers, "") if explicit else _java_link(compilation, name) or (refers, "")
    return Precompiled(declaration, shown, edits, True, pattern, "java", note)


def _java_link(compilation: Compilation, name: str) -> tuple[str, str] | None:
    """What is written for a link of a chain of such calls, each of which has a suggestion of its own."""
    call = compilation.call
    before = call.node.receiver if call.path is None else None
    if not isinstance(before, m.Call) or before.last not in USING["java"]:
        return None
    written = _java_use(compilation, name, "text")
    return (written, f" with `text` for what stands before `.{call.name}`") if written is not None else None


def _literal(compilation: Compilation, type_: str) -> str:
    return f", {type_}.LITERAL" if compilation.entry.literal else ""


def _java_type(call: Call, explicit: bool) -> str:
    """`Pattern` as it is spelled, or in full where the name means something else, or nothing, in the file."""
    if explicit:
        return call.text(call.node.receiver) if call.node.receiver is not None else "java.util.regex.Pattern"
    known = hoisting.is_imported(call.file, _PATTERN) or hoisting.may_be_imported(call.file, _PATTERN)
    return "Pattern" if known else ".".join(_PATTERN)


def _java_use(compilation: Compilation, name: str, given: str | None = None) -> str | None:
    """
    The call, with a compiled pattern: `NAME.matcher(s).replaceAll(r)` for `s.replaceAll("…", r)`; `given` is
    written for `s`, if it is.
    """
    call, entry = compilation.call, compilation.entry
    texts = [call.text(argument) for argument in call.args]
    if call.name == "useDelimiter":
        return f"{call.text(call.node.receiver)}.useDelimiter({name})" if call.node.receiver else None
    if entry.pattern == 1:
        subject, rest = texts[0], texts[2:]
    elif call.path is not None:
        subject, rest = texts[1] if len(texts) > 1 else "", texts[2:]
    else:
        subject, rest = call.text(call.node.receiver) if call.node.receiver is not None else "", texts[1:]
    subject = given or subject
    if not subject:
        return None
    if call.name in ("split", "splitWithDelimiters"):
        return f"{name}.{call.name}({', '.join((subject, *rest))})"
    replacement = {"replacePattern": "replaceAll", "removeAll": "replaceAll", "removePattern": "replaceAll",
                   "removeFirst": "replaceFirst", "replace": "replaceAll"}  # fmt: skip
    if call.name.startswith("remove"):
        rest = ['""']
    if entry.literal:
        matcher = "Matcher" if hoisting.is_imported(call.file, _MATCHER) else ".".join(_MATCHER)
        rest = [f"{matcher}.quoteReplacement({', '.join(rest)})"]
    return f"{name}.matcher({subject}).{replacement.get(call.name, call.name)}({', '.join(rest)})"


def _made_static(call: Call, modifiers: frozenset[str]) -> tuple[Edit, ...]:
    """The edit that makes a final field of a class static; none where an inner class may not have one."""
    owner = call.function.declaration.owner
    if (
        "final" not in modifiers
        or owner is None
        or owner.kind != "class"
        or len(owner.qualname) > 1 + len(call.file.unit.package)
    ):
        return ()
    at = call.file.source.find(b"final", call.function.declaration.start, call.span[0])
    return (Edit(at, at, "static "),) if at >= 0 else ()


# ---------------------------------------------------------------- Python


def _in_python(compilation: Compilation, pattern: str) -> Precompiled | None:
    call, entry = compilation.call, compilation.entry
    name = pattern_name(compilation)
    module = call.text(call.node.receiver) if call.node.receiver is not None else ""
    spelled = module or (call.path or "re.").partition(".")[0]
    flags = "".join(f", {call.text(one)}" for one in compilation.settings)
    declaration = f"{name} = {spelled}.compile({pattern}{flags})"
    refers = name if entry.compiles else f"{name}.{call.name}({', '.join(_others(compilation))})"
    users = (_first_alike(compilation).call.function, call.function) if module else ()
    heads = (hoisting.in_module(function, declaration, spelled) for function in users)
    head = next((head for head in heads if head), ())
    is_movable = bool(head) and _stands(compilation)
    edits = (*head, Edit(*call.span, refers)) if is_movable else ()
    return Precompiled(declaration, refers, edits, True, pattern, "python")


def _others(compilation: Compilation) -> list[str]:
    """The arguments but for the pattern and the flags, as they are written."""
    call = compilation.call
    gone = {id(compilation.pattern), *(id(one) for one in compilation.settings)}
    kept = []
    for argument in call.args:
        value = argument.value if isinstance(argument, m.Keyword) else argument
        if id(value) not in gone:
            kept.append(call.text(argument))
    return kept


def _shown(declaration: str, pattern: str, language: str) -> str:
    """A declaration for the eye: what goes over several lines is left out, as its line ends may be text."""
    return declaration.replace(pattern, "…") if "\n" in pattern else on_one_line(declaration, language)


_WRITERS = {"rust": _in_rust, "java": _in_java, "python": _in_python}
