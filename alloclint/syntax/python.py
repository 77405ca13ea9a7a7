"""
Python: from a tree-sitter tree to the shapes of `model`.

What the model leaves open, and how it is read here:

- Top-level statements are the body of a Function "<module>", those of a class of a Function "<class>" (the
  first of the class's functions); definitions stand in them as Nested, which hold the very objects that
  `Unit.functions` lists.
- The value of a FieldDecl is the very object that its assignment in "<class>", "<module>" or `__init__` has.
- The metadata of `Annotated[T, …]` is in the `length` of that Type everywhere (a tuple Display if there are
  several), and in the `attributes` of the parameter or field as well, if it is about the whole of it.
- `*args: T` has the type `tuple[T]` and `**kwargs: T` the type `dict[str, T]`.
- `x: T` alone is a Let; `self.x: T` alone is an Assign of an Opaque.
- A target that is no name (`for x[i] in …`, `with … as self.x`) is an Assign of an Opaque before the body.
- Classes and constants in case patterns are evaluated in an Opaque at the start of the arm, the causes of
  `raise … from` and computed bases before their statement, defaults of a lambda in an Opaque around it.
- In broken code, the names inside an error are mentioned by an Opaque after the statement it occurs in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import tree_sitter as ts

from .model import Assign, Function, Let, Nested, TypeDecl, Unit
from .python_code import Code
from .python_imports import imports
from .python_members import declarations, module_fields
from .reading import comment_finder, damaged

_TEST_FRAMEWORKS = frozenset({"pytest", "unittest", "nose"})


def read(tree: ts.Tree, source: bytes) -> Unit:
    """
    The shape of one file, whatever errors it has; `source` is what `tree` was parsed from.

    The bodies of functions are read on first use, but for those that declare fields (`__init__` and such).
    """
    root = tree.root_node
    code = Code(source, damaged=root.has_error)
    module = Function(0, len(source), "<module>", ("<module>",), read_body=lambda: code.block(root))
    unit = Unit(
        0, len(source), imports=imports(root, source), damaged=damaged(root) if root.has_error else ()
    )
    unit.functions = [module]
    _collect(unit, declarations(module.body))
    unit.fields = module_fields(module.body, source)
    unit.comment_at = comment_finder(root, ("comment",))
    unit.is_test = _is_test(unit)
    module.is_test = unit.is_test
    return unit


def _collect(unit: Unit, statements: Iterable[Nested | Assign | Let]) -> None:
    """List the functions and types that are declared, and those declared in the types, in source order."""
    for statement in statements:
        if not isinstance(statement, Nested):
            continue
        if statement.function is not None:
            unit.functions.append(statement.function)
        if statement.type is not None:
            unit.types.append(statement.type)
            unit.functions.extend(statement.type.functions[:1])
            _collect(unit, _members(statement.type))


def _members(decl: TypeDecl) -> Iterator[Nested | Assign | Let]:
    for body in decl.functions[:1]:
        yield from declarations(body.body)


def _is_test(unit: Unit) -> bool:
    """A file that uses a test framework and has tests; its name, which tells more, is not known here."""
    if not any(one.path[:1] and one.path[0] in _TEST_FRAMEWORKS for one in unit.imports):
        return False
    return any(function.is_test for function in unit.functions) or any(decl.is_test for decl in unit.types)
