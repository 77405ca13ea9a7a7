"""
Code in a sentence: what goes over several lines in the source, on one line, without the comments in it.

A line break that becomes a blank would let a `//` take everything behind it along.
"""

from __future__ import annotations

import re

#: So many characters of code fit into a sentence.
_LONGEST = 60
_LITERALS = {
    "java": r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
    "rust": r'\bb?r(?P<hash>\#*)".*?"(?P=hash)|"(?:\\.|[^"\\])*"|\'(?:\\[^\n]{1,8}|[^\'\\\n])\'',
    "python": r'"""(?:\\.|[^\\])*?"""|\'{3}(?:\\.|[^\\])*?\'{3}|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
}
_COMMENTS = {"java": r"//[^\n]*|/\*.*?\*/", "rust": r"//[^\n]*|/\*.*?\*/", "python": r"\#[^\n]*|\\\n"}
_TOKENS = {
    language: re.compile(rf"(?P<literal>{literal})|[^\S\n]*(?:(?:{_COMMENTS[language]}|\n)\s*)+", re.DOTALL)
    for language, literal in _LITERALS.items()
}


def on_one_line(code: str, language: str) -> str:
    """
    Code of a language on one line, comments left out. Only a literal that goes over several lines, whose
    line ends are text, keeps them.
    """

    def closed_up(found: re.Match[str]) -> str:
        if found["literal"] is not None:
            return found[0]
        before, after = code[: found.start()][-1:], code[found.end() :][:1]
        return "" if before in ("", "(", "[") or after in ("", ".", ")", "]", ",", ";") else " "

    return _TOKENS[language].sub(closed_up, code) if "\n" in code or "/*" in code else code


def shortened(code: str) -> str:
    """Code on one line, cut off where it is too long for a sentence."""
    line = " ".join(code.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
