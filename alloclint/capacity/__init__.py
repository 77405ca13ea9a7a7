"""How Rust, Java and CPython collections grow, and what that costs.

The models are exact for the runtimes they name (rustc 1.95, OpenJDK 17 and 25, CPython 3.6 to 3.13 on
64-bit Linux): every figure is compared with measured rows in ``tests/test_capacity_truth.py``.
"""

from __future__ import annotations

from alloclint.capacity.catalogue import known_types, model_for
from alloclint.capacity.forecast import Forecast, forecast
from alloclint.capacity.model import CapacityError, Model, Saving, State, Target

__all__ = [
    "CapacityError",
    "Forecast",
    "Model",
    "Saving",
    "State",
    "Target",
    "forecast",
    "known_types",
    "model_for",
]
