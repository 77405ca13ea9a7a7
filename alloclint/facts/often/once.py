"""
Code that runs once: at the start, in an initialiser, behind a lock that lets only the first one in.

What it allocates or compiles is paid once in the life of a process, an object or a cache entry, so that
almost nothing is worth changing there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.building.constructions import Function
    from alloclint.facts.walk.scopes import Event

#: Functions that run once in the life of a process.
_ENTRIES = {"rust": {"main"}, "java": {"main", "<static>"}, "python": {"main", "<module>", "<class>"}}
#: Rust: what is given to these runs at most once.
_LAZY_TYPES = {"LazyLock", "LazyCell", "Lazy", "Once", "OnceLock", "OnceCell", "AsyncOnceCell"}
_CELL_METHODS = {"get_or_init", "get_or_try_init", "call_once", "call_once_force"}
_LAZY_METHODS = _CELL_METHODS | {
    "get_or_insert_with",
    "or_insert_with",
    "or_insert_with_key",
    "or_try_insert_with",
    "computeIfAbsent",
}
#: Python: decorators that keep what a function returns.
_CACHING = {"lru_cache", "cache", "cached_property", "memoize", "memoized", "cached", "lazy_property"}
#: Java: what a container calls once for each object that it makes, and the classes of which it makes one.
_STARTING = {
    "PostConstruct",
    "Bean",
    "BeforeAll",
    "BeforeClass",
    "Setup",
    "Startup",
    "AfterAll",
    "PreDestroy",
}
_SINGLETONS = {
    "Component",
    "Service",
    "Singleton",
    "Configuration",
    "Repository",
    "Controller",
    "RestController",
    "ApplicationScoped",
    "SpringBootApplication",
    "ControllerAdvice",
}
#: Java: scopes in which there are many objects of such a class.
_SCOPES = {"Scope", "RequestScope", "SessionScope", "RequestScoped", "SessionScoped", "Dependent"}


def once_only(function: Function, event: Event | None = None) -> str | None:
    """
    Why a function runs once, or the code at an event of it: a few words, or None where nothing says so.
    """
    lazy = _lazy(event) if event is not None else None
    if lazy is not None:
        return f"`{lazy}` runs it at most once"
    declaration, language = function.declaration, function.file.language.name
    field = function.file.facts.modifiers_of_initialiser(declaration)
    if field is not None:
        return "it initialises a static" if language != "java" or "static" in field else None
    entered = entered_once(function)
    if entered is not None:
        return entered
    by_attribute = next((one.last for one in declaration.attributes if one.last in _marks(language)), None)
    if by_attribute is not None:
        return f"`{by_attribute}` says that it runs once"
    return _of_singleton(declaration) if language == "java" else None


def entered_once(function: Function) -> str | None:
    """Why a function runs once in the life of a process, going by its name: `main`, a static initialiser."""
    declaration, language = function.declaration, function.file.language.name
    is_entry = declaration.name in _ENTRIES[language] and _is_outermost(declaration, language)
    return f"`{declaration.name}` runs once" if is_entry else None


def _marks(language: str) -> set[str]:
    return {"java": _STARTING, "python": _CACHING, "rust": {"ctor", "once", "cached"}}[language]


def _is_outermost(declaration: m.Function, language: str) -> bool:
    return len(declaration.qualname) <= (3 if language == "java" else 1) or declaration.name.startswith("<")


def _of_singleton(declaration: m.Function) -> str | None:
    """The constructor of a class of which a container makes one object, or of an enum's constants."""
    owner = declaration.owner
    if owner is None or declaration.name not in (owner.name, "<init>"):
        return None
    if owner.kind == "enum":
        return "an enum's constants are made once"
    mark = singleton_mark(owner)
    return f"one object of a `@{mark}` is made" if mark is not None else None


def singleton_mark(owner: m.TypeDecl) -> str | None:
    """Java: the annotation by which a container makes one object of a class; None where it makes several."""
    names = [one.last for one in owner.attributes]
    if _SCOPES & set(names):
        return None
    return next((name for name in names if name in _SINGLETONS), None)


def is_static_initialiser(function: Function) -> bool:
    """Whether a function stands for what a type, a static or a module is initialised with."""
    modifiers = function.file.facts.modifiers_of_initialiser(function.declaration)
    is_body = function.declaration.name in ("<static>", "<module>", "<class>")
    return is_body or (modifiers is not None and "static" in modifiers)


def runs_at_most_once(event: Event) -> bool:
    """Whether it initialises something lazily, and that is no entry of a map, of which there may be many."""
    lazy = _lazy(event)
    return lazy is not None and ("::" in lazy or lazy in _CELL_METHODS)


def _lazy(event: Event) -> str | None:
    """The lazy cell or map entry whose initialising closure an event stands in."""
    link = event.around
    inner: m.Node | None = None
    while link is not None:
        node = link.node
        if isinstance(node, m.Call) and inner is not None and isinstance(inner, m.Closure | m.MethodRef):
            if node.last in _LAZY_METHODS:
                return node.last
            if len(node.name) > 1 and node.name[-2] in _LAZY_TYPES:
                return "::".join(node.name[-2:])
        inner = node if not isinstance(node, m.Eval | m.Block) else inner
        link = link.up
    return None
