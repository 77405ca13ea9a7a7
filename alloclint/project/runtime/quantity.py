"""Sizes of memory and numbers of CPUs, as Docker, Kubernetes and systemd write them."""

from __future__ import annotations

import re

from alloclint.project.runtime.unit import Limit
from alloclint.project.token import Token

_NUMBER = re.compile(r"\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]*)\s*")
_POWERS = {letter: number for number, letter in enumerate("kmgtpe", 1)}


def docker_memory(token: Token | None) -> Limit | None:
    """`512m`, `1.5g`, `2GB`, `64 MiB`: always by 1024. None for 0, which is no limit."""
    if token is None or (hit := _NUMBER.fullmatch(token.text)) is None:
        return None
    unit = hit[2].lower().removesuffix("b").removesuffix("i")
    return _limit(token, hit[1], 1024 ** _POWERS[unit] if unit in _POWERS else None if unit else 1)


def kubernetes_quantity(token: Token | None) -> Limit | None:
    """`512Mi` by 1024, `512M` by 1000, `500m` thousandths: of memory in bytes, or of CPUs."""
    if token is None or (hit := _NUMBER.fullmatch(token.text)) is None:
        return None
    unit = hit[2]
    if unit == "m":
        return _limit(token, hit[1], 0.001)
    if unit.endswith("i"):
        power = _POWERS.get(unit[:-1].lower())
        return _limit(token, hit[1], None if power is None else 1024**power)
    power = _POWERS.get(unit.lower()) if unit else 0
    return _limit(token, hit[1], None if power is None else 1000**power)


def systemd_memory(token: Token | None) -> Limit | None:
    """`2G`, by 1024; None for `infinity` and shares of the machine."""
    return None if token is None or "%" in token.text else docker_memory(token)


def cpus(token: Token | None) -> Limit | None:
    """`0.5`, `2`."""
    return _limit(token, token.text, 1) if token is not None else None


def percent_of_cpus(token: Token | None) -> Limit | None:
    """`CPUQuota=250%`: two and a half."""
    if token is None or not token.text.strip().endswith("%"):
        return None
    return _limit(token, token.text.strip()[:-1], 0.01)


def _limit(token: Token, number: str, factor: float | None) -> Limit | None:
    try:
        amount = float(number) * factor if factor is not None else 0.0
    except ValueError:
        return None
    return Limit(amount, token.place) if amount > 0 else None
