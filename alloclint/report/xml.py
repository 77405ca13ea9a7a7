"""Text in XML 1.0, which has no way to write most control characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
#: Whatever XML 1.0 does not allow, not even as a reference; surrogates are what no encoding takes.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def attributes(values: Mapping[str, object]) -> str:
    """` name="value"` for each of them, ready to stand in a tag."""
    return "".join(f" {name}={quoteattr(_allowed(str(value)))}" for name, value in values.items())


def content(text: str) -> str:
    """A text between two tags."""
    return escape(_allowed(text), {"\r": "&#13;"})


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
