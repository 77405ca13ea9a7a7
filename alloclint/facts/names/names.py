"""
What a written name means: which type, collection or declaration, through imports, globs and aliases.

Evidence is a declaration, an import or a full path; a name alone is none. Where there is no evidence the
answer is None, and every caller stays silent. References, boxes and shared pointers are looked through: what
counts here is what a value can do, not who owns it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from alloclint.languages.vocabulary import Collection, Language
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.facts.summary import Project


class Names:
    """The names of one file, with the project's declarations behind them."""

    def __init__(self, unit: m.Unit, language: Language, project: Project | None) -> None:
        self.unit = unit
        self.language = language
        self.project = project
        self._fields: dict[int, tuple[m.TypeDecl, dict[str, m.FieldDecl]]] = {}
        self.imports = {
            item.alias: item.path for item in unit.imports if item.alias != "*" and not item.static
        }
        self.globs = [item.path for item in unit.imports if item.alias == "*" and not item.static]
        self.declared: dict[str, m.TypeDecl] = {}
        for type_ in _all_types(unit.types):
            self.declared.setdefault(type_.name, type_)

    @cached_property
    def statics(self) -> dict[str, m.FieldDecl]:
        return {item.name: item for item in self.unit.fields}

    @cached_property
    def functions(self) -> dict[str, list[m.Function]]:
        found: dict[str, list[m.Function]] = {}
        for function in self.unit.functions:
            found.setdefault(function.name, []).append(function)
        return found

    @property
    def fields(self) -> Iterator[tuple[m.TypeDecl | None, m.FieldDecl]]:
        """Every field and constant of the file, with the type it belongs to."""
        for item in self.unit.fields:
            yield None, item
        for type_ in self.declared.values():
            for item in type_.fields:
                yield type_, item

    def full_path(self, name: tuple[str, ...]) -> tuple[str, ...] | None:
        """The full path a written name stands for, through the file's imports; None if nothing tells."""
        if not name:
            return None
        first = name[0]
        if first in self.imports:
            return (*self.imports[first], *name[1:])
        if len(name) > 1 and first not in self.declared:
            return name
        if first in self.declared:
            return None
        for glob in self.globs:
            if (*glob, *name) in self.language.by_path:
                return (*glob, *name)
        return None

    def collection(self, type_: m.Type | None) -> Collection | None:
        """The collection a type is, by import, full path or because it is built in."""
        type_ = self.plain(type_)
        if type_ is None or type_.kind != "named":
            return None
        return self.collection_named(type_.name)

    def collection_named(self, name: tuple[str, ...]) -> Collection | None:
        path = self.full_path(name)
        if path is not None:
            return self.language.by_path.get(path) or (
                self.language.by_path.get(path[1:]) if path[:1] == ("",) else None
            )
        known = self.language.collections.get(name[0]) if len(name) == 1 else None
        return known if known is not None and known.builtin and name[0] not in self.declared else None

    def plain(self, type_: m.Type | None) -> m.Type | None:
        """The type behind references, smart pointers, `Annotated` and the file's own aliases."""
        for _ in range(8):
            type_ = bare(type_)
            if type_ is None:
                return None
            if type_.last in ("Annotated", "Final", "ClassVar") and type_.args:
                type_ = type_.args[0]
                continue
            if self.language.name == "python" and (inner := _not_none(type_)) is not None:
                type_ = inner
                continue
            alias = self._alias(type_.name)
            if alias is None or alias.aliased is None or alias.type_params:
                return type_
            type_ = alias.aliased
        return None

    def _alias(self, name: tuple[str, ...]) -> m.TypeDecl | None:
        """What may be an alias: a type of this file, or the one `type X = …` of that name in the project."""
        if len(name) != 1:
            return None
        own = self.declared.get(name[0])
        if own is None and self.project is not None and name[0] in self.project.aliases:
            return self.project.declaration(self.language.name, name[0])
        return own

    def known(self, type_: m.Type | None) -> str | None:
        """
        The canonical name of a type whose length can be asked: `Vec`, `slice`, `str`, `List`, `array`,
        `dict`…
        """
        type_ = self.plain(type_)
        if type_ is None:
            return None
        if type_.kind in ("slice", "array"):
            return type_.kind
        if type_.kind != "named" or not type_.name:
            return None
        collection = self.collection_named(type_.name)
        if collection is not None:
            return collection.name
        return self._known_other(type_.name) or self._known_by_base(type_, 0)

    def _known_by_base(self, type_: m.Type, depth: int) -> str | None:
        """
        Java: a class of the project that is a collection or a map; what its own type arguments mean is not
        known.
        """
        declared = self.declaration(type_) if self.language.name == "java" and depth < 6 else None
        for base in declared.bases if declared is not None else ():
            collection = self.collection_named(base.name)
            known = collection.name if collection is not None else self._known_other(base.name)
            if known is not None and known in self.language.lengths:
                is_map = known.endswith("Map") or known == "Hashtable"
                return "AbstractMap" if is_map else "AbstractCollection"
            deeper = self._known_by_base(base, depth + 1)
            if deeper is not None:
                return deeper
        return None

    def _known_other(self, name: tuple[str, ...]) -> str | None:
        path = self.full_path(name)
        last = name[-1]
        if self.language.name == "java":
            return self._known_java(last, path)
        if self.language.name == "rust":
            if path is None:
                return last if last == "str" else None
            roots = {("std", "collections"), ("alloc", "collections"), ("bytes",)}
            return path[-1] if path[:-1] in roots and path[-1] in self.language.lengths else None
        builtin = path is None and len(name) == 1 and last not in self.declared
        typing = path is not None and path[0] in ("typing", "collections")
        return last.lower() if (builtin or typing) and last.lower() in self.language.lengths else None

    def _known_java(self, last: str, path: tuple[str, ...] | None) -> str | None:
        from alloclint.languages.java import INTERFACES

        if last in ("String", "CharSequence"):
            return last if path in (None, ("java", "lang", last)) and last not in self.declared else None
        full = INTERFACES.get(last)
        if full is None or last in self.declared:
            return None
        by_glob = path is None and full[:-1] in self.globs
        return last if path == full or by_glob else None

    def library(self, type_: m.Type | None) -> str | None:
        """
        The full name of a type that this project does not declare: `java.lang.String`, `regex::Regex`,
        `std::option::Option`; of a language's own types the name alone (`str`, `array`, `slice`, `dict`).
        """
        type_ = self.plain(type_)
        if type_ is None:
            return None
        if type_.kind in ("slice", "array"):
            return type_.kind
        path = self.library_path(type_.name) if type_.kind == "named" and type_.name else None
        return self.language.separator.join(path) if path is not None else None

    def library_path(self, owner: tuple[str, ...], rest: tuple[str, ...] = ()) -> tuple[str, ...] | None:
        """
        The full path of a library's type or module `owner`, and of `rest` inside it.

        An import, a glob of the library, a full path or being built in are evidence; None without any.
        """
        if owner[0] in self.declared:
            return None
        builtin = self.language.library.get(owner[0])
        if owner[0] in self.imports:
            path = (*self.imports[owner[0]], *owner[1:])
        elif len(owner) > 1 and (builtin is None or self.language.name != "java"):
            path = owner
        elif builtin is None:
            return None
        elif builtin[:-1] in self.language.prelude or any(
            builtin[: len(glob)] == glob for glob in self.globs
        ):
            path = (*builtin, *owner[1:])
        else:
            return None
        if self.language.name == "rust":
            path = path[1:] if path[0] == "" else path
            path = ("std", *path[1:]) if path[0] in ("alloc", "core") else path
        return (*path, *rest)

    def static_import(self, name: str) -> tuple[str, ...] | None:
        """Java: the full path of a method that a static import brings in, unless the file declares one."""
        if name in self.functions:
            return None
        return next((one.path for one in self.unit.imports if one.static and one.alias == name), None)

    def integer(self, type_: m.Type | None) -> str | None:
        """The name of an integer type a trip count may have."""
        type_ = self.plain(type_)
        if type_ is not None and type_.kind == "named" and type_.last in self.language.integers:
            return type_.last
        return None

    def declaration(self, type_: m.Type | None) -> m.TypeDecl | None:
        """The declaration of a type of this file, or of the project where the name is unambiguous."""
        type_ = self.plain(type_)
        if type_ is None or not type_.name:
            return None
        own = self.declared.get(type_.last)
        if own is not None:
            return own
        found = self.project.declaration(self.language.name, type_.last) if self.project is not None else None
        return found if found is not None and self._is_meant(type_.name, found) else None

    def declaration_named(self, name: str) -> m.TypeDecl | None:
        """The declaration of the type that a bare name means in this file."""
        return self.declaration(m.Type(0, 0, "named", (name,)))

    def _is_meant(self, name: tuple[str, ...], found: m.TypeDecl) -> bool:
        """
        Java: an import says which of the types of one name is meant, `Map.Entry` or the project's own
        `Entry`.
        """
        path = self.imports.get(name[0])
        if self.language.name != "java" or path is None:
            return self.language.name != "java" or name[0] != "java"
        return (*path, *name[1:]) == found.qualname

    def field_of(self, owner: m.TypeDecl | None, name: str) -> m.FieldDecl | None:
        if owner is None:
            return None
        known = self._fields.get(id(owner))
        if known is None or known[0] is not owner:
            # The first of a name wins. The owner is kept, so that its identity cannot be given to another.
            known = owner, {field.name: field for field in reversed(owner.fields)}
            self._fields[id(owner)] = known
        return known[1].get(name)

    def inherited_field(self, owner: m.TypeDecl | None, name: str) -> m.FieldDecl | None:
        """A field of a type or, where the project declares them, of the classes that it extends."""
        found = self.field_of(owner, name)
        for _ in range(8):
            if found is not None or owner is None or not owner.bases:
                return found
            owner = self.declaration(owner.bases[0])
            found = self.field_of(owner, name)
            found = None if found is not None and "private" in found.modifiers else found
        return None

    def around(self, owner: m.TypeDecl | None) -> Iterator[m.TypeDecl]:
        """
        A type of this file and those it is nested in, innermost first: a bare name is looked up in that
        order.
        """
        names = owner.qualname if owner is not None else ()
        if owner is not None:
            yield owner
        while len(names) > 1:
            names = names[:-1]
            outer = self.declared.get(names[-1])
            if outer is None or outer.qualname != names:
                return
            yield outer

    def constant(self, owner: m.TypeDecl | None, name: str) -> int | None:
        """
        The value of an integer constant of this file (Java: of the class `owner`), where it is written as a
        number.
        """
        field = self.field_of(owner, name) or self.statics.get(name)
        if field is None or not isinstance(field.value, m.Literal) or type(field.value.value) is not int:
            return None
        fixed = "const" in field.modifiers or field.modifiers >= {"static", "final"}
        return field.value.value if fixed else None


def own_words(names: Names, source: bytes) -> tuple[str, ...]:
    """The file's own names for collections, and its fields that are collections, sorted."""
    language = names.language
    found = {alias for alias, path in names.imports.items() if path in language.by_path}
    aliases = (type_ for type_ in names.declared.values() if type_.kind == "alias")
    found.update(type_.name for type_ in aliases if names.collection(type_.aliased) is not None)
    found.update(names.project.aliases if names.project is not None else ())
    # The type of a field is only read where a name stands that may mean a collection.
    meant = _meant(language).search
    for _, item in names.fields:
        text = source[item.start : item.end]
        if meant(text) is None and not any(name.encode() in text for name in found):
            continue
        if item.type is not None and names.collection(item.type) is not None:
            found.add(item.name)
    return tuple(sorted(found.difference(language.collections)))


@lru_cache(maxsize=8)
def _meant(language: Language) -> re.Pattern[bytes]:
    """The last segments of all paths that mean a collection."""
    meant = {path[-1] for path in language.by_path} | set(language.collections)
    return re.compile(b"|".join(sorted(name.encode() for name in meant)))


def bare(type_: m.Type | None) -> m.Type | None:
    """The type behind references and smart pointers."""
    while type_ is not None and (
        type_.kind in ("ref", "mutref") or (type_.last in _LOOK_THROUGH and type_.args)
    ):
        type_ = type_.args[-1] if type_.args else None
    return type_


_LOOK_THROUGH = {
    "Box",
    "Rc",
    "Arc",
    "Cow",
    "RefMut",
    "Ref",
    "MutexGuard",
    "RwLockReadGuard",
    "RwLockWriteGuard",
}


def _not_none(type_: m.Type) -> m.Type | None:
    """The one other member of `X | None` and `Optional[X]`."""
    if type_.kind != "union" and type_.last != "Optional":
        return None
    others = [member for member in type_.args if member.last != "None"]
    return others[0] if len(others) == 1 else None


def _all_types(types: list[m.TypeDecl]) -> list[m.TypeDecl]:
    found = []
    for type_ in types:
        found.append(type_)
        found.extend(_all_types(type_.types))
    return found
