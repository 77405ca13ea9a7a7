"""Rust: what well-known functions and methods do, beside returning something."""

from __future__ import annotations

from functools import partial

from alloclint.languages.vocabulary import Effect, effects

_NONE = Effect()
_SCANS = Effect(cost="linear")
_TEXT = Effect("a String", cost="linear")
_LIST = Effect("a Vec", cost="linear")
_COMPILED = Effect("a compiled Regex", cost="heavy")


_methods = partial(effects, separator="::")

EFFECTS: dict[str, Effect] = {
    # Methods that mean the same wherever they occur.
    **_methods(
        "*",
        _NONE,
        "len",
        "is_empty",
        "as_str",
        "as_bytes",
        "as_ref",
        "as_slice",
        "as_deref",
        "is_some",
        "is_none",
        "is_ok",
        "is_err",
        "borrow",
        "deref",
        "iter",
        "chars",
        "bytes",
        "char_indices",
        "as_path",
        "as_os_str",
        "unwrap",
        "expect",
        "unwrap_or",
        "unwrap_or_default",
        "copied",
        "abs",
        "min",
        "max",
        "saturating_sub",
        "saturating_add",
        "wrapping_add",
        "wrapping_sub",
        "to_bits",
        "first",
        "last",
        "trim",
        "trim_start",
        "trim_end",
        "lines",
        "keys",
        "values",
        "into",
    ),
    **_methods("*", _SCANS, "contains", "starts_with", "ends_with", "find", "rfind", "eq", "cmp", "ne"),
    **_methods(
        "*",
        Effect("a String", cost="linear"),
        "to_string",
        "to_lowercase",
        "to_uppercase",
        "to_ascii_lowercase",
        "to_ascii_uppercase",
        "repeat",
    ),
    **_methods("*", Effect("a copy", cost="linear"), "clone", "to_owned"),
    **_methods("*", _LIST, "to_vec", "collect"),
    **_methods("*", Effect("a path", cost="linear"), "to_path_buf"),
    **_methods("str", _TEXT, "replace", "replacen"),
    **_methods("slice", Effect("a String or a Vec", cost="linear"), "join", "concat"),
    "format!": Effect("a String", cost="heavy"),
    "vec!": _LIST,
    "std::string::String::from": _TEXT,
    "std::string::String::from_utf8_lossy": Effect("a String where the bytes are no UTF-8", cost="linear"),
    "std::string::String::new": _NONE,
    "std::string::String::with_capacity": Effect("a buffer"),
    "std::vec::Vec::new": _NONE,
    "std::vec::Vec::with_capacity": Effect("a buffer"),
    "std::vec::Vec::from": _LIST,
    "std::boxed::Box::new": Effect("a Box"),
    "std::sync::Arc::new": Effect("an Arc"),
    "std::rc::Rc::new": Effect("an Rc"),
    "std::sync::Arc::clone": _NONE,
    "std::rc::Rc::clone": _NONE,
    "std::path::PathBuf::from": Effect("a path", cost="linear"),
    **{
        f"{module}::{kind}::new": _COMPILED
        for module in ("regex", "regex::bytes", "fancy_regex", "regex_lite")
        for kind in ("Regex", "RegexSet", "RegexBuilder", "RegexSetBuilder")
    },
}
