"""
What other linters report too, as they come out of the box: nobody wants to read the same complaint twice.

A peer's rule seldom covers all that a rule of ours reports, and two findings for one line are a smaller evil
than none. So a finding is left to a peer only if the peer certainly reports the same code: in each case
(`whole`), or in the case that the rule recognised, and then names in the finding's `also`. What is ours alone
stands in `docs/OVERLAP.md`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, get_args

from alloclint.finding import Finding

Peer = Literal["ruff", "clippy", "pmd", "spotbugs", "sonar", "errorprone"]
PEERS: tuple[str, ...] = get_args(Peer)


@dataclass(frozen=True, slots=True)
class Overlap:
    """
    A rule of a peer that is on by default and reports what our rule `code` reports in a language.

    `case` says in which code; `whole` that this is all our rule reports there.
    """

    code: str
    language: str
    peer: Peer
    rule: str
    case: str
    whole: bool = False

    @property
    def name(self) -> str:
        """The peer and its rule, as they stand in a finding's `also`: `ruff RUF015`."""
        return f"{self.peer} {self.rule}"


#: Sorted by code, language and name. As of ruff 0.17, the clippy of Rust 1.95, the quickstart rules of PMD 7,
#: SpotBugs 4.8, Error Prone 2.49 and the profile "Sonar way".
OVERLAPS = (
    Overlap("ALC104", "java", "sonar", "S6485",
            "`new HashMap<>(n)` and its kin from Java 19 on, not `Hashtable`"),
    Overlap("ALC110", "python", "ruff", "PERF402", "`for x in xs: out.append(x)`"),
    Overlap("ALC111", "java", "sonar", "S6204",
            "`Collectors.toList()` from Java 16 on, the list of the stream's type, only asked by methods"),
    Overlap("ALC111", "rust", "clippy", "extend_with_drain", "`a.extend(b.drain(..))`, both of type `Vec`"),
    Overlap("ALC113", "rust", "clippy", "repeat_vec_with_capacity",
            "`vec![Vec::with_capacity(c); 20]` with a constant number, `repeat(Vec::with_capacity(c))`"),
    Overlap("ALC114", "java", "errorprone", "ComputeIfAbsentAmbiguousReference",
            "`computeIfAbsent(k, ArrayList::new)` on a map of the JDK"),
    Overlap("ALC114", "java", "sonar", "S5329", "`ArrayList::new` and its kin as a `Function` of the JDK"),
    Overlap("ALC115", "rust", "clippy", "reserve_after_initialization",
            "`Vec::new()` of a local, with `reserve(n)` as the next statement"),
    Overlap("ALC115", "rust", "clippy", "same_item_push",
            "`for _ in …` that only pushes one literal to a local"),
    Overlap("ALC115", "rust", "clippy", "slow_vector_initialization",
            "a local with `resize(n, 0)` or `extend(repeat(0).take(n))` as the next statement"),
    Overlap("ALC115", "rust", "clippy", "vec_init_then_push",
            "a run of pushes to a local right after `Vec::new()`, at least four if it grows later"),
    Overlap("ALC204", "python", "ruff", "C419", "`any([…])`, `all([…])`"),
    Overlap("ALC204", "python", "ruff", "FURB129", "`for line in file.readlines()` of a file from `open`"),
    Overlap("ALC204", "python", "ruff", "FURB192", "`sorted(x)[0]`, `sorted(x)[-1]`"),
    Overlap("ALC204", "python", "ruff", "RUF015", "`list(x)[0]`, `tuple(x)[0]`"),
    Overlap("ALC206", "java", "sonar", "S1643", "`s += x` and `s = s + x` in a loop statement"),
    Overlap("ALC206", "java", "spotbugs", "SBSC_USE_STRINGBUFFER_CONCATENATION",
            "`s += x` and `s = s + x` on a local variable in an enhanced `for`, the first of a method"),
    Overlap("ALC209", "rust", "clippy", "useless_vec",
            "a `vec![…]` of at most 12 literals that is only asked what slices know"),
    Overlap("ALC212", "python", "ruff", "RUF017", "`sum(lists, [])`"),
    Overlap("ALC214", "java", "sonar", "S1157", "`a.toLowerCase().equals(b.toLowerCase())` without a locale"),
    Overlap("ALC214", "rust", "clippy", "cmp_owned", "`a.to_string() == b`, `a == String::from(b)`"),
    Overlap("ALC214", "rust", "clippy", "manual_ignore_case_cmp",
            "`a.to_ascii_lowercase() == b.to_ascii_lowercase()`, not `to_lowercase`"),
    Overlap("ALC301", "rust", "clippy", "regex_creation_in_loops",
            "a constant pattern in a `for`, `while` or `loop`, not in a closure"),
    Overlap("ALC304", "java", "sonar", "S5361", "`replaceAll` with a plain string"),
    Overlap("ALC402", "java", "errorprone", "ExpensiveLenientFormatString",
            "a `String.format` of nothing but `%s` in `checkArgument` and other checks of Guava"),
    Overlap("ALC402", "java", "errorprone", "FormatStringShouldUsePlaceholders",
            "a `+` in the message of `checkArgument` and other checks of Guava, without `%s` and commas"),
    Overlap("ALC402", "java", "sonar", "S2629", "`Preconditions.checkState(b, \"…\" + x)`"),
    Overlap("ALC402", "rust", "clippy", "expect_fun_call",
            "`expect(&format!(…))`, `expect(&names.concat())`"),
    Overlap("ALC404", "java", "pmd", "GuardLogStatement",
            "any argument that is neither constant nor variable, in a statement; not on level `config`"),
    Overlap("ALC404", "java", "sonar", "S2629",
            "a `String` that joins variables or calls no getter; SLF4J, Log4j 2 and `java.util.logging`"),
    Overlap("ALC504", "python", "ruff", "B019", "an unbounded cache on a method", whole=True),
)  # fmt: skip


def noted(finding: Finding, language: str) -> Finding:
    """The finding with the rules of peers in `also` that report all that our rule does in a language."""
    whole = _whole().get((finding.code, language), ())
    return replace(finding, also=tuple(dict.fromkeys((*finding.also, *whole)))) if whole else finding


@cache
def _whole() -> dict[tuple[str, str], list[str]]:
    names: dict[tuple[str, str], list[str]] = {}
    for each in OVERLAPS:
        if each.whole:
            names.setdefault((each.code, each.language), []).append(each.name)
    return names


def is_left_to(finding: Finding, peers: Collection[str]) -> bool:
    """Whether one of these peers reports the same, so that this finding is not shown."""
    return any(name.partition(" ")[0] in peers for name in finding.also)
