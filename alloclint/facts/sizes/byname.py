"""
A handful by name: what a reader knows to be few, because of what it is called.

A call has few arguments, a class few annotations, a cluster few replicas, whatever the code could do with
more. The last word that says anything decides: `columnNames`, `roleList` and `argCount` count columns, roles
and arguments, and `column.len()` the entries of one column. Such a name never makes a finding; it only makes
one an `info`.
"""

from __future__ import annotations

from alloclint.facts.names.words import words_of
from alloclint.syntax import model as m

#: What is counted, in the singular.
_FEW = {
    # what calls, types and expressions consist of
    "arg", "argument", "kwarg", "vararg", "param", "parameter", "operand", "expr", "expression", "exp",
    "annotation", "attribute", "attr", "modifier", "constructor", "ctor", "superclass", "supertype",
    "interface", "iface", "type", "generic", "clause", "predicate", "condition", "conjunct", "disjunct",
    "criterion", "join", "agg", "aggregate", "aggregator", "column", "col", "field", "dimension", "dim",
    "axis", "sort", "ordering", "collation", "branch", "option", "restriction", "constraint", "qualifier",
    "cond", "prop", "fk", "scorer", "rule", "suffix", "prefix", "wildcard", "include", "exclude",
    "exclusion", "regex", "pattern",
    # what is configured, registered or given by hand
    "opt", "flag", "config", "configuration", "setting", "property", "preference", "listener",
    "interceptor", "observer", "hook", "plugin", "filter", "extension", "decorator", "provider",
    "resolver", "module", "handler", "converter", "validator", "matcher", "transformer", "customizer",
    "reporter", "appender", "formatter", "serializer", "deserializer", "strategy", "adapter", "driver",
    "processor", "callback", "feature", "capability", "protocol", "scheme", "format", "encoding",
    "charset", "codec", "algorithm", "cipher", "language", "lang", "locale", "profile", "mode", "variant",
    "dialect", "sampler", "bench", "bin", "role", "scope", "permission", "authority", "policy", "grant",
    "context", "lifecycle", "phase", "stage", "tier", "repository", "location", "alias", "picker",
    # what there are few of in a process, a machine or a cluster
    "error", "failure", "exception", "problem", "warning", "violation", "disk", "dir", "directory",
    "volume", "device", "gpu", "screen", "monitor", "host", "hostname", "address", "addr", "socket",
    "port", "certificate", "cert", "replica", "member", "voter", "follower", "learner", "suspect", "seed",
    "server", "broker", "via", "zone", "region", "rack", "datacenter", "dc", "backend", "thread", "channel",
    # what there are few of in a message, a view or a repository
    "header", "template", "parent", "tab", "pane", "split", "remote",
}  # fmt: skip
#: What is called so in the singular, although it may hold several.
_WHOLES = {"argv", "cli", "cfg", "conf", "config", "configuration", "criteria", "opts", "argc"}
#: Words that say nothing of what is counted: where it is kept, how it is counted, what is taken of each.
_SAYS_NOTHING = {
    "list", "set", "map", "array", "arr", "collection", "table", "vec", "dict", "len", "length", "count",
    "cnt", "size", "num", "number", "n", "name", "id", "definition", "def", "descriptor", "info", "class",
    "ref", "spec", "call", "instance", "bean", "proto",
}  # fmt: skip
_IRREGULAR = {"axes": "axis", "indices": "index", "aliases": "alias", "classes": "class"}


def is_few_by_name(name: str) -> bool:
    """Whether what a name counts is a handful by custom: `args`, `roleList`, `columnNames`; not `column`."""
    words = words_of(name)
    plural = False
    while len(words) > 1 and _singular(words[-1]) in _SAYS_NOTHING:
        words.pop()
        plural = True
    if not words:
        return False
    last = _singular(words[-1])
    return words[-1] in _WHOLES or (last in _FEW and (plural or last != words[-1]))


def few_in(expression: m.Expr | None) -> str | None:
    """Why an expression gives a handful, by the name of what it asks; None where no name says so."""
    name = named_by(expression)
    return f"`{name}` is a handful, by its name" if name is not None and is_few_by_name(name) else None


def named_by(expression: m.Expr | None) -> str | None:
    """What an expression is called: `xs` of `&xs`, `getRoles` of `user.getRoles().stream()`."""
    while expression is not None:
        if isinstance(expression, m.MayReturn | m.Cast):
            expression = expression.value
        elif isinstance(expression, m.Unary):
            expression = expression.operand
        elif isinstance(expression, m.Index) or _is_length(expression):
            expression = expression.of  # type: ignore[attr-defined]
        elif isinstance(expression, m.Call) and expression.last in _PASSING_ON:
            expression = expression.receiver
        elif isinstance(expression, m.Call) and expression.last in _WRAPPING and len(expression.args) == 1:
            expression = expression.args[0]
        else:
            break
    if isinstance(expression, m.Call):
        return expression.last
    return getattr(expression, "name" if isinstance(expression, m.Field) else "id", None)


def _is_length(expression: m.Expr) -> bool:
    """Java: `xs.length` of an array."""
    return isinstance(expression, m.Field) and expression.name == "length"


#: Methods of a collection whose result has as many entries as it has, or fewer.
_PASSING_ON = {
    "keySet", "values", "entrySet", "stream", "iter", "iter_mut", "into_iter", "keys", "items", "clone",
    "cloned", "copied", "toArray", "iterator", "values_mut", "as_slice", "to_vec", "sorted", "filter",
    "enumerate", "rev", "as_ref", "unwrap", "toList", "copy", "size", "len", "length",
}  # fmt: skip
#: Functions whose result has as many entries as their only argument.
_WRAPPING = {
    "asList", "list", "copyOf", "of", "unmodifiableList", "unmodifiableSet", "unmodifiableCollection",
    "tuple", "set", "sorted", "reversed", "enumerate", "newArrayList", "newHashSet",
}  # fmt: skip


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
