"""Find allocation mistakes in Rust, Java and Python, and print the number to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from alloclint.annotations import Cardinality
    from alloclint.finding import Finding
    from alloclint.settings import Settings

__version__ = "0.1.0"
__all__ = ["Cardinality", "__version__", "lint"]


def lint(source: bytes, path: str | os.PathLike[str], settings: Settings | None = None) -> list[Finding]:
    """
    The findings in one source text, as `alloclint check` shows them at these settings, in the order of
    the text.

    The suffix of `path` tells the language, or its name that it is a manifest, such as `Dockerfile`; nothing
    is read from there, and build files are not looked for. Raises ValueError for another name, SettingsError
    for a selection that names no rule, and RuleError for a rule of the user's own that cannot be loaded.
    """
    # The parts that are heavy to import are loaded by the first call, not by whoever imports the package.
    from alloclint import engine, selection
    from alloclint.file import File
    from alloclint.languages import language_of
    from alloclint.project.kinds import kind_of
    from alloclint.project.manifest import ManifestFile
    from alloclint.settings import Settings

    shown = str(path).replace("\\", "/")
    chosen = settings or Settings()
    if language_of(shown) is not None:
        file = File.of(shown, source, chosen.limits)
    elif (kind := kind_of(shown)) is not None:
        file = ManifestFile.written(shown, source, kind)
    else:
        raise ValueError(f"{shown}: the suffix is not one of a language that alloclint reads")
    found = engine.lint_file(file, selection.known(chosen.rules), chosen)
    return [finding for finding in found if finding.severity >= chosen.min_severity]


def __getattr__(name: str) -> object:
    # Annotated programs import this class: they shall load nothing but it.
    if name == "Cardinality":
        from alloclint.annotations import Cardinality

        return Cardinality
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
