"""What is wrong with a setting of an allocator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """
    A stretch `start`..`end` (exclusive, in characters) of a setting that does not do what it says.

    `reason` is a clause that says what the program makes of it, without a full stop. `correction` is what to
    write in place of the stretch, empty to take it out, None where that is not known. `dead` is certain;
    `doubtful` depends on how or which version the allocator was built. `part` tells whether the offsets are
    of the value or of the variable's name.
    """

    start: int
    end: int
    reason: str
    correction: str | None
    weight: Literal["dead", "doubtful"] = "dead"
    part: Literal["value", "name"] = "value"
