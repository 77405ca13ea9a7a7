"""
Expected sizes and heat in each language's own annotations, known by what the file imports.

A name alone is no evidence: `@Size` of another package says nothing. `@ExpectedSize` is this linter's own and
counts from any package. What a validator enforces (`@Size(max = …)`) is a bound, not an expectation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from alloclint.capacity.quantity import QuantityError, parse_bytes, parse_count, parse_headroom, parse_rate
from alloclint.cardinality import Cardinality
from alloclint.cardinality.comment import HeatKind, Problem
from alloclint.syntax.model import Attribute, Expr, Import, Keyword, Literal, Name, Unit

N = TypeVar("N", int, Fraction)

_VALUE = "org.checkerframework.common.value.qual"
_SIZES = frozenset({
    "jakarta.validation.constraints.Size", "javax.validation.constraints.Size", "androidx.annotation.Size",
    f"{_VALUE}.ArrayLenRange", f"{_VALUE}.ArrayLen", f"{_VALUE}.MinLen",
})  # fmt: skip
_HEATS: dict[str, HeatKind] = {
    "com.google.errorprone.annotations.NoAllocation": "no-alloc",
    "com.facebook.infer.annotation.NoAllocation": "no-alloc",
    "com.facebook.infer.annotation.PerformanceCritical": "hot",
}
#: Bytes without which a file says nothing in annotations of its language.
MARKS: dict[str, tuple[bytes, ...]] = {
    "rust": (),
    "java": (
        b"ExpectedSize",
        *sorted({name.rpartition(".")[0].encode() for name in (*_SIZES, *_HEATS)}),
    ),
    "python": (b"alloclint",),
}
_JAVA_NAMES = frozenset(name.rpartition(".")[2] for name in (*_SIZES, *_HEATS))
_PYTHON = frozenset({"alloclint.Cardinality", "alloclint.annotations.Cardinality"})
_PARAMETERS = ("expect", "headroom", "growth", "entry")
# A validator that allows what every array can hold bounds nothing.
_LARGEST_JAVA_SIZE = 2**31 - 1


def heat(attribute: Attribute, unit: Unit) -> HeatKind | None:
    """What Java's `@NoAllocation` or `@PerformanceCritical` says about a method or class."""
    if attribute.last not in _JAVA_NAMES:
        return None
    return next((_HEATS[name] for name in _meanings(attribute, unit) if name in _HEATS), None)


def size(attribute: Attribute, unit: Unit, source: bytes, language: str) -> Cardinality | Problem | None:
    """What an annotation says about the size of a field, parameter or local; None where it says nothing."""
    if not attribute.name:
        return None
    if language == "python":
        return _expectation(attribute, source) if _meanings(attribute, unit) & _PYTHON else None
    if language != "java":
        return None
    if attribute.last == "ExpectedSize":
        return _expectation(attribute, source)
    if attribute.last not in _JAVA_NAMES:
        return None
    full = next((name for name in _meanings(attribute, unit) if name in _SIZES), None)
    return _validated(full, attribute, source) if full else None


def python_names(unit: Unit) -> frozenset[str]:
    """The names by which this file can reach the run-time class; empty where it does not import it."""
    return frozenset(found.alias for found in unit.imports if found.path[:1] == ("alloclint",))


def _meanings(attribute: Attribute, unit: Unit) -> frozenset[str]:
    """
    The full dotted names that an annotation's name may stand for.

    A glob import decides only where the file neither imports nor declares the name itself.
    """
    head, rest = attribute.name[0], attribute.name[1:]
    exact = [found.path for found in unit.imports if found.alias == head]
    if exact:
        # `import a.b` binds the name `a` alone, whatever the path says.
        return frozenset(".".join((*path, *rest)) for path in exact) | _bound_package(exact, attribute)
    if rest or any(declared.name == head for declared in unit.types):
        return frozenset({".".join(attribute.name)})
    return frozenset(".".join((*_package(found), head)) for found in unit.imports if found.alias == "*")


def _bound_package(paths: list[tuple[str, ...]], attribute: Attribute) -> frozenset[str]:
    whole = any(path[:1] == attribute.name[:1] for path in paths)
    return frozenset({".".join(attribute.name)}) if whole else frozenset()


def _package(glob: Import) -> tuple[str, ...]:
    return glob.path[:-1] if glob.path and glob.path[-1] == "*" else glob.path


# ---------------------------------------------------------------- arguments


def _arguments(attribute: Attribute, first: str) -> dict[str, Expr]:
    """By name; the unnamed ones in the order of the parameters, the first of which is called `first`."""
    named = {argument.name: argument.value for argument in attribute.args if isinstance(argument, Keyword)}
    plain = [argument for argument in attribute.args if not isinstance(argument, Keyword)]
    return {**dict(zip((first, *_PARAMETERS[1:]), plain, strict=False)), **named}


def _text(expr: Expr, source: bytes) -> str:
    return source[expr.start : expr.end].decode("utf-8", "replace")


def _validated(full: str, attribute: Attribute, source: bytes) -> Cardinality | None:
    arguments = _arguments(attribute, "value")
    simple = full.rpartition(".")[2]
    exact = simple in ("MinLen", "ArrayLen") or (full.startswith("androidx.") and "value" in arguments)
    wanted = arguments.get("value" if exact else "to" if simple == "ArrayLenRange" else "max")
    if wanted is None:
        return None
    if not isinstance(wanted, Literal):
        text = _text(wanted, source)
        unbounded = text.endswith("MAX_VALUE") or not text[:1].isalpha()
        return None if unbounded else Cardinality(expression=text, maximum=not exact)
    if not isinstance(wanted.value, int) or not 0 < wanted.value < _LARGEST_JAVA_SIZE:
        return None
    return Cardinality(wanted.value, maximum=not exact)


def _expectation(attribute: Attribute, source: bytes) -> Cardinality | Problem:
    arguments = _arguments(attribute, "expect")
    if "value" in arguments:
        arguments["expect"] = arguments.pop("value")
    unknown = next((name for name in arguments if name not in _PARAMETERS), None)
    if unknown is not None:
        message = f"`{unknown}` is unknown; the values are {', '.join(_PARAMETERS)}"
        return Problem(*arguments[unknown].span, message)
    if "expect" not in arguments:
        message = f"the expected number of entries is missing; write `{attribute.last}(1_000_000)`"
        return Problem(*attribute.span, message)
    return _built(arguments, source)


def _built(arguments: dict[str, Expr], source: bytes) -> Cardinality | Problem:
    built = Cardinality()
    for key, value in arguments.items():
        try:
            built = _with(built, key, value, _text(value, source))
        except QuantityError as error:
            return Problem(*value.span, f"`{key}`: {error}")
    return built


def _with(built: Cardinality, key: str, value: Expr, written: str) -> Cardinality:
    if not isinstance(value, Literal):
        return _with_expression(built, key, written)
    if value.value is None:
        return built
    text = str(value.value)
    if key == "expect":
        return replace(built, expect=_least(text, parse_count(text), 1))
    if key == "headroom":
        return replace(built, headroom=_least(text, parse_headroom(text), Fraction(1)))
    if key == "growth":
        return replace(built, growth_per_day=parse_rate(text))
    return replace(built, entry_bytes=_least(text, parse_bytes(text), 1))


def _with_expression(built: Cardinality, key: str, written: str) -> Cardinality:
    if key != "expect":
        raise QuantityError(written, 0, "only a literal can be read here")
    # A negated number is an expression to every parser, and no number of entries.
    if written.lstrip("- ").replace("_", "").isdigit():
        raise QuantityError(written, 0, "an expected number of entries is at least 1")
    return replace(built, expression=written)


def _least(text: str, value: N, least: N) -> N:
    if value < least:
        raise QuantityError(text, 0, f"{text} is too small; write at least {least}")
    return value


# ---------------------------------------------------------------- annotations of Java locals


def java_attribute(text: str, start: int) -> Attribute:
    """An annotation with numbers, names and strings, named or not, from its text at the byte `start`."""
    arguments: list[Expr] = []
    opening = text.find("(")
    for part in re.finditer(r"[^,()]+", text[opening:] if opening >= 0 else ""):
        name, equals, value = part[0].partition("=")
        written = value if equals else name
        at = start + opening + part.start() + len(part[0]) - len(written.lstrip())
        expr = _java_value(written.strip(), at)
        arguments.append(Keyword(expr.start, expr.end, name.strip(), expr) if equals else expr)
    name = text[: opening if opening >= 0 else len(text)].strip().lstrip("@")
    return Attribute(start, start + len(text), tuple(name.split(".")), tuple(arguments), text)


def _java_value(text: str, at: int) -> Expr:
    end = at + len(text)
    if re.fullmatch(r"[\d_]+[lL]?", text):
        return Literal(at, end, "int", int(text.rstrip("lL").replace("_", "")))
    if re.fullmatch(r"[\d_]*\.[\d_]+[dfDF]?|[\d_]+[dfDF]", text):
        return Literal(at, end, "float", float(text.rstrip("dfDF").replace("_", "")))
    if re.fullmatch(r'"[^"\\]*"', text):
        return Literal(at, end, "string", text[1:-1])
    return Name(at, end, text)
