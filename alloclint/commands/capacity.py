"""`alloclint capacity`: how a collection of a given size stands, and what its next growth costs."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from alloclint import terminal

if TYPE_CHECKING:
    from fractions import Fraction

    from alloclint.capacity import Forecast

SUMMARY = "Forecast a collection: bytes held, the next growth and its cost, the days left, what to write."
EXAMPLES = """\
  alloclint capacity rust HashMap --entries 58_700_000 --entry-bytes 32 --growth 2.5M/day --headroom 3
  alloclint capacity java HashMap --entries 1M --java-release 21
  alloclint capacity python dict --entries 200k --output-format json

Counts take _ and k, M, G (decimal); sizes take B, KiB, MiB, GiB and kB, MB, GB; a growth is COUNT/PERIOD
with the periods s, min, h, d, w, month, y. An entry is what the collection holds of an element: the (K, V)
pair in Rust, the objects that are referred to in Java and Python. Without --entry-bytes, bytes are given
only where they do not depend on it."""


def add(parser: ArgumentParser) -> None:
    """Declare the collection, its size and the machine."""
    parser.add_argument("language", metavar="LANGUAGE", help="rust, java or python")
    parser.add_argument(
        "type", metavar="TYPE", help="the collection as the language names it: HashMap, Vec, dict …"
    )
    size = parser.add_argument_group("size")
    size.add_argument(
        "--entries", required=True, type=_quantity("parse_count"), metavar="N", help="entries held now"
    )
    size.add_argument(
        "--entry-bytes", type=_quantity("parse_bytes"), metavar="SIZE", help="size of one entry"
    )
    size.add_argument(
        "--growth", type=_quantity("parse_rate"), metavar="RATE", help="new entries, such as 2.5M/day"
    )
    size.add_argument(
        "--headroom",
        type=_headroom,
        default=1,
        metavar="X",
        help="room to suggest, default: 1",
    )
    size.add_argument(
        "--capacity",
        type=_quantity("parse_count"),
        metavar="N",
        help="the capacity that the constructor is given now",
    )
    machine = parser.add_argument_group("machine")
    machine.add_argument("--java-release", type=int, metavar="N", help="default: 17")
    machine.add_argument("--no-compressed-oops", action="store_true", help="Java heaps of 32 GB and more")
    machine.add_argument("--python-version", type=_version, metavar="X.Y", help="default: 3.11")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="default: text")


def _quantity(parser: str) -> Callable[[str], Any]:
    """A converter for argparse that loads the parsers only when one is needed."""

    def convert(text: str) -> Any:
        from alloclint.capacity import quantity

        try:
            return getattr(quantity, parser)(text)
        except quantity.QuantityError as error:
            raise ArgumentTypeError(str(error)) from None

    return convert


def _headroom(text: str) -> Fraction:
    value: Fraction = _quantity("parse_headroom")(text)
    # The same holds in annotations.
    if value < 1:
        raise ArgumentTypeError(f"{text} is below 1: less room than there are entries")
    return value


def _version(text: str) -> tuple[int, int]:
    try:
        major, minor = text.split(".")
        return int(major), int(minor)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a version such as 3.11") from None


def run(arguments: Namespace) -> int:
    """Print the forecast."""
    import json

    found = _forecast(arguments)
    if arguments.output_format == "json":
        terminal.show(json.dumps(_fields(found), indent=2))
    else:
        terminal.show(_text(found))
    return 0


def _forecast(arguments: Namespace) -> Forecast:
    from alloclint.capacity import Target, forecast

    assumed = Target()
    target = Target(
        java_release=arguments.java_release or assumed.java_release,
        compressed_oops=not arguments.no_compressed_oops,
        python_version=arguments.python_version or assumed.python_version,
    )
    return forecast(
        arguments.language,
        arguments.type,
        arguments.entries,
        entry_bytes=arguments.entry_bytes,
        growth_per_day=arguments.growth or 0.0,
        headroom=arguments.headroom,
        target=target,
        capacity=arguments.capacity,
    )


def _fields(found: Forecast) -> dict[str, object]:
    return {name: getattr(found, name) for name in type(found).__dataclass_fields__}


def _text(found: Forecast) -> str:
    from alloclint.capacity.quantity import human_bytes, human_count

    def count(value: int | None) -> str:
        return "never" if value is None else human_count(value)

    def size(value: int | None) -> str:
        return "unknown without --entry-bytes" if value is None else f"{human_bytes(value)} ({value:,} bytes)"

    rows = [
        ("entries", human_count(found.entries)),
        ("capacity now", human_count(found.capacity)),
        ("bytes now", size(found.bytes)),
        ("growths so far", human_count(found.reallocations)),
        (
            "grows at",
            "never again" if found.next_growth_at is None else f"entry {count(found.next_growth_at)}",
        ),
    ]
    if found.next_growth_at is not None:
        rows += [
            ("next capacity", count(found.next_capacity)),
            ("bytes then", size(found.next_bytes)),
            ("transient peak", size(found.transient_peak_bytes)),
        ]
    if found.days_left is not None:
        from alloclint.facts.building.expectations import days_in_words

        rows.append(("days left", f"{found.days_left:.3g} ({days_in_words(found.days_left)})"))
    if found.suggestion is not None:
        rows.append(("write", found.suggestion))
    return "\n".join([f"{found.language} {found.type}", *(f"  {name:<16}{value}" for name, value in rows)])
