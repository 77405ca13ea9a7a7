"""Which collection types have a model, by language and name as they stand in source code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from alloclint.capacity.java import JAVA_MODELS, JavaHashMap, JavaStringBuilder, JavaVector
from alloclint.capacity.model import CapacityError, Model, Target
from alloclint.capacity.python import PYTHON_MODELS, PythonDict
from alloclint.capacity.rust import BYTE_STRINGS, RUST_MODELS

_MODELS: dict[str, dict[str, type[Model]]] = {
    "rust": dict(RUST_MODELS),
    "java": dict(JAVA_MODELS),
    "python": dict(PYTHON_MODELS),
}
_OPTIONS: dict[type[Model], frozenset[str]] = {
    JavaHashMap: frozenset({"filled_by", "key_stride"}),
    JavaVector: frozenset({"increment"}),
    JavaStringBuilder: frozenset({"wide_from"}),
}
_WIDTHS = {"StringBuilder": (1, 2), "StringBuffer": (1, 2), "str": (1, 2, 4), "bytearray": (1,)}


def known_types(language: str) -> tuple[str, ...]:
    """The modelled type names of ``language`` ("rust", "java", "python"), sorted; empty for any other."""
    return tuple(sorted(_MODELS.get(language, ())))


def model_for(
    language: str,
    type_name: str,
    entry_bytes: int | None = None,
    target: Target | None = None,
    load_factor: float | None = None,
    **options: int | str,
) -> Model | None:
    """The model of ``type_name``, which may be qualified and have type arguments; None if there is none.

    ``dict[str, ...]`` is a dict whose keys are all str. ``load_factor`` is the second argument of a Java hash
    map's constructor. Further options describe how a Java collection is used, by the names of the model's
    fields: ``filled_by`` ("put" or "compute") and ``key_stride`` of hash maps, ``increment`` of Vector,
    ``wide_from`` of string builders. Raises CapacityError for a negative or impossible entry size or load
    factor, and for options that the type does not have.
    """
    name = simple_name(type_name)
    model = _MODELS.get(language, {}).get(name)
    if model is None:
        return None
    _check_entry(name, entry_bytes)
    if language == "rust" and name in BYTE_STRINGS:
        entry_bytes = 1
    built = model(name, entry_bytes, target or Target())
    if isinstance(built, PythonDict):
        built = replace(built, string_keys=_first_argument(type_name) == "str")
    elif load_factor is not None:
        built = _with_load_factor(built, load_factor)
    return _with_options(built, options) if options else built


def simple_name(type_name: str) -> str:
    """``std::collections::HashMap<u64, u64>`` as ``HashMap``."""
    head = type_name.strip().partition("<")[0].partition("[")[0]
    return head.removesuffix("::").rpartition("::")[2].rpartition(".")[2].strip()


def _first_argument(type_name: str) -> str:
    return type_name.partition("[")[2].partition(",")[0].rstrip("]").strip()


def _check_entry(name: str, entry_bytes: int | None) -> None:
    if entry_bytes is None:
        return
    if entry_bytes < 0:
        raise CapacityError(f"an entry of {entry_bytes} bytes cannot exist; pass 0 or more")
    widths = _WIDTHS.get(name, (entry_bytes,))
    if entry_bytes not in widths:
        allowed = " or ".join(map(str, widths))
        raise CapacityError(f"a character of {name} takes {allowed} bytes, not {entry_bytes}; pass {allowed}")


def _with_load_factor(model: Model, load_factor: float) -> Model:
    if not isinstance(model, JavaHashMap):
        raise CapacityError(f"load factors are not modelled for {model.type_name}; leave it out")
    if not 0 < load_factor < float("inf"):
        raise CapacityError(f"load factor {load_factor} is rejected by the JDK; pass a number above 0")
    return replace(model, load_factor=load_factor)


def _with_options(model: Model, options: dict[str, int | str]) -> Model:
    unknown = sorted(set(options) - _OPTIONS.get(type(model), frozenset()))
    if unknown:
        raise CapacityError(f"{', '.join(unknown)} not modelled for {model.type_name}; leave it out")
    for name, value in options.items():
        _check_option(name, value)
    if options.get("filled_by") == "compute" and options.get("key_stride", 1) != 1:
        raise CapacityError("colliding keys are modelled for put; pass filled_by or key_stride, not both")
    if "wide_from" in options and model.entry_bytes == 2:
        raise CapacityError("wide_from needs a builder that starts as Latin-1; leave out the entry size 2")
    changes: dict[str, Any] = dict(options)
    return replace(model, **changes)


def _check_option(name: str, value: int | str) -> None:
    if name == "filled_by":
        valid, allowed = value in ("put", "compute"), '"put" or "compute"'
    elif name == "key_stride":
        valid, allowed = isinstance(value, int) and value > 0 and value & (value - 1) == 0, "a power of two"
    elif name == "wide_from":
        valid, allowed = isinstance(value, int) and value >= 0, "0 or more"
    else:
        valid, allowed = isinstance(value, int), "an int"
    if not valid:
        raise CapacityError(f"{name} cannot be {value!r}; pass {allowed}")
