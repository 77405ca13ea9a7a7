"""The languages the linter reads, by the suffix of a file's name."""

from __future__ import annotations

from alloclint.languages.java import JAVA
from alloclint.languages.python import PYTHON
from alloclint.languages.rust import RUST
from alloclint.languages.vocabulary import Adaptor, Collection, Growing, Language

__all__ = ["LANGUAGES", "Adaptor", "Collection", "Growing", "Language", "language_of"]

LANGUAGES = {language.name: language for language in (RUST, JAVA, PYTHON)}
_BY_SUFFIX = {suffix: language for language in LANGUAGES.values() for suffix in language.suffixes}


def language_of(path: str) -> Language | None:
    """The language of a file by its suffix, or None where it is none of ours."""
    dot = path.rfind(".")
    return _BY_SUFFIX.get(path[dot:].lower()) if dot >= 0 else None
