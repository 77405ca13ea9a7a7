"""
The one thread that checks.

The loop that speaks with the editor must never wait for a rule. One thread is enough, since two would only
take turns; and what it alone touches needs no lock. Work that became pointless is abandoned between two
questions to a rule.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from alloclint.finding import Finding
from alloclint.rule import Rule

T = TypeVar("T")

#: Deeply nested sources need a deep stack, and threads get a small one on some systems.
_STACK_BYTES = 64 * 2**20


class Abandoned(BaseException):
    """The work is no longer wanted. No `except Exception` of a rule's caller may keep it going."""


class Ticket:
    """A piece of work that can be called off from another thread."""

    def __init__(self) -> None:
        self._called_off = False

    def call_off(self) -> None:
        self._called_off = True

    def check(self) -> None:
        """Raises Abandoned if the work was called off."""
        if self._called_off:
            raise Abandoned


class Worker:
    """Runs functions one after the other in a thread of its own."""

    def __init__(self) -> None:
        self._ticket = Ticket()
        previous = threading.stack_size(_STACK_BYTES)
        self._pool = ThreadPoolExecutor(1, "alloclint")
        # The thread starts with the first piece of work, and takes the size that holds then.
        self._pool.submit(lambda: None).result()
        threading.stack_size(previous)

    async def run(self, work: Callable[[], T], ticket: Ticket | None = None) -> T:
        """What the work returns. Raises Abandoned if its ticket was called off before it was done."""
        own = ticket or Ticket()

        def do() -> T | Abandoned:
            self._ticket = own
            try:
                own.check()
                return work()
            except Abandoned as abandoned:
                # An executor logs whatever is no Exception and may end with it.
                return abandoned

        try:
            result = await asyncio.get_running_loop().run_in_executor(self._pool, do)
        except asyncio.CancelledError:
            own.call_off()
            raise
        if isinstance(result, Abandoned):
            raise result
        return result

    def interruptible(self, rule: Rule) -> Rule:
        """The same rule, which asks before each fact whether its answer is still wanted."""
        check = rule.check

        def asking(subject: Any) -> Iterator[Finding]:
            self._ticket.check()
            return check(subject)

        return replace(rule, check=asking)

    def stop(self) -> None:
        """Call off what runs, and wait for it."""
        self._ticket.call_off()
        self._pool.shutdown(wait=True, cancel_futures=True)
