"""One round of fixes to one text: which findings can be applied together, and what comes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alloclint.finding import Applicability, Edit, Finding
from alloclint.fix.damage import is_worse

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text with the edits of `applied` in it; `left` are all the other findings, in their order."""

    source: bytes
    applied: tuple[Finding, ...]
    left: tuple[Finding, ...]


def fixed(source: bytes, findings: Iterable[Finding], *, unsafe: bool) -> Fixed:
    """
    A text with what its findings suggest, all those that can be applied at once.

    The findings are those of this very text, for their edits count its bytes. Safe edits are applied, with
    `unsafe` also those that may change what the program does. Of findings whose edits meet, the first in the
    text wins: what the others say of the new text, linting it again tells. The same edit in several findings,
    as an import that they all need, is made once. A finding whose edits make the text harder to parse than it
    was is left.
    """
    given = sorted(findings, key=Finding.order)
    chosen = _together(source, [one for one in given if fixable(one, unsafe=unsafe)])
    text = _edited(source, chosen)
    if chosen and is_worse(chosen[0].path, source, text):
        chosen, text = _one_by_one(source, chosen)
    applied = {id(one) for one in chosen}
    return Fixed(text, tuple(chosen), tuple(one for one in given if id(one) not in applied))


def fixable(finding: Finding, *, unsafe: bool) -> bool:
    """Whether a finding carries edits that may be applied."""
    suggestion = finding.suggestion
    if suggestion is None or not suggestion.edits:
        return False
    is_allowed = suggestion.applicability is Applicability.unsafe and unsafe
    return is_allowed or suggestion.applicability is Applicability.safe


def applied(source: bytes, edits: Iterable[Edit]) -> bytes:
    """
    A text with edits that do not overlap, each of which counts the bytes of the text as it was. Of several
    at one place an insertion comes before a replacement, otherwise the order is that given.
    """
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [source[at : edit.start], edit.text.encode()]
        at = edit.end
    return b"".join((*pieces, source[at:]))


def edits_in(source: bytes, finding: Finding) -> tuple[Edit, ...]:
    """The edits of a finding as they suit a text; none where they cannot be made in it."""
    edits = finding.suggestion.edits if finding.suggestion is not None else ()
    fitting = tuple(dict.fromkeys(_fitting(edit, source) for edit in edits))
    ordered = sorted(fitting, key=lambda edit: (edit.start, edit.end))
    is_inside = all(0 <= edit.start <= edit.end <= len(source) for edit in ordered)
    is_apart = all(before.end <= after.start for before, after in pairwise(ordered))
    return fitting if is_inside and is_apart and _can_be_written(fitting, source) else ()


def _edited(source: bytes, findings: Iterable[Finding]) -> bytes:
    edits = dict.fromkeys(edit for one in findings for edit in edits_in(source, one))
    return applied(source, edits)


def _one_by_one(source: bytes, findings: Sequence[Finding]) -> tuple[list[Finding], bytes]:
    """The findings that can be applied without damage, each tried on top of those before it."""
    kept: list[Finding] = []
    text = source
    for one in findings:
        tried = _edited(source, [*kept, one])
        if not is_worse(one.path, source, tried):
            kept, text = [*kept, one], tried
    return kept, text


def _together(source: bytes, findings: Iterable[Finding]) -> list[Finding]:
    """The findings whose edits do not meet those of any before them."""
    chosen, taken = [], set[Edit]()
    for one in findings:
        edits = edits_in(source, one)
        if not edits or any(_meet(edit, other) for edit in edits for other in taken if edit != other):
            continue
        chosen.append(one)
        taken |= set(edits)
    return chosen


def _meet(one: Edit, other: Edit) -> bool:
    """
    Whether two edits of different findings cannot both be made.

    A line that is put somewhere may stand beside others; any other insertion meets whatever ends or begins
    where it stands, for which comes first, nobody has said.
    """
    if _is_part_of_line(one) or _is_part_of_line(other):
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _is_part_of_line(edit: Edit) -> bool:
    is_line = edit.text.startswith(("\n", "\r\n")) or edit.text.rstrip(" \t").endswith("\n")
    return edit.start == edit.end and not is_line


def _fitting(edit: Edit, source: bytes) -> Edit:
    """The edit behind a byte order mark, and with the line ends of the line that it stands on."""
    if source.startswith(_BOM) and edit.start < len(_BOM):
        edit = replace(edit, start=len(_BOM), end=max(len(_BOM), edit.end))
    if "\n" in edit.text and _ends_in_crlf(source, edit.start):
        edit = replace(edit, text=edit.text.replace("\r\n", "\n").replace("\n", "\r\n"))
    return edit


def _ends_in_crlf(source: bytes, at: int) -> bool:
    end = source.find(b"\n", at)
    if end < 0:
        # The last line has no end: the one before it tells.
        end = source.rfind(b"\n", 0, at)
    return end > 0 and source[end - 1 : end] == b"\r"


def _can_be_written(edits: Iterable[Edit], source: bytes) -> bool:
    """In a text that is no UTF-8, letters beyond ASCII would be written in another encoding than its own."""
    if all(edit.text.isascii() for edit in edits):
        return True
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True
